"""Panels that an app adds to a page standing below it: « Mes rendez-vous » in « mon espace », say.

An app's ``panels.py`` registers functions ``(request, subject) -> Panel | None``; the page writes
``{% panels "my_space" subject %}`` and never names the app.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Count, Window
from django.http import HttpRequest
from django.utils.module_loading import autodiscover_modules

PLACES = frozenset(
    {"home", "my_space", "staff_home", "person", "project", "member", "unit", "gap", "idea", "offer", "event"}
)


@dataclass(frozen=True)
class Panel:
    """A template and what it shows."""

    template: str
    context: dict = field(default_factory=dict)


SHOWN = 8  # rows of a list; the rest is counted


def listed(rows, shown: int = SHOWN) -> dict:
    """The first ``rows``, how many there are and how many more: one query, however many there are."""
    first = list(rows.annotate(listed_total=Window(Count("pk")))[:shown])
    total = first[0].listed_total if first else 0
    return {"rows": first, "total": total, "more": max(0, total - shown)}


Builder = Callable[[HttpRequest, object], Panel | None]


@dataclass(frozen=True)
class Entry:
    build: Builder
    audience: Callable[[object], bool]
    position: int

    @property
    def rank(self) -> tuple[int, str]:
        return self.position, f"{self.build.__module__}.{self.build.__qualname__}"


_entries: dict[str, list[Entry]] = defaultdict(list)


def anyone(user) -> bool:
    return True


def signed_in(user) -> bool:
    return user.is_authenticated


def staff(user) -> bool:
    return user.is_authenticated and user.is_staff


def register(place: str, audience: Callable[[object], bool], position: int = 100) -> Callable[[Builder], Builder]:
    """Add the decorated function's panel to ``place`` for the users of ``audience``, lowest ``position`` first.

    :raises ValueError: when no page has this place
    """
    if place not in PLACES:
        raise ValueError(f"No page has a place named {place!r}.")

    def add(build: Builder) -> Builder:
        _entries[place].append(Entry(build, audience, position))
        return build

    return add


def panels_for(place: str, request: HttpRequest, subject: object = None) -> list[Panel]:
    """Return the panels of ``place`` for the user of ``request``, in order; ``subject`` is what the page is about."""
    if place not in PLACES:
        raise ValueError(f"No page has a place named {place!r}.")
    entries = sorted(_entries[place], key=lambda entry: entry.rank)
    built = [entry.build(request, subject) for entry in entries if entry.audience(request.user)]
    return [panel for panel in built if panel is not None]


def discover() -> None:
    """Load the ``panels.py`` of every app."""
    autodiscover_modules("panels")
