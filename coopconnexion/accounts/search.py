"""Register of what can be found from the back office's search box: each app contributes, scoped to the user."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Q, Value
from django.urls import reverse

from coopconnexion.accounts.models import Person, User
from coopconnexion.db import NameKey
from coopconnexion.french import phone_words

SHORTEST_QUERY = 2
SHORTEST_PHONE = 4  # digits


@dataclass(frozen=True)
class Found:
    """A row that answers a search; ``kind`` in French, ``detail`` tells two namesakes apart."""

    kind: str
    label: str
    detail: str
    url: str


Finder = Callable[[User, str, int], Iterable[Found]]
_finders: list[tuple[int, str, Finder]] = []


def register(*, position: int) -> Callable[[Finder], Finder]:
    """Add what the decorated function finds for ``(user, query, limit)``, lowest ``position`` first."""

    def add(finder: Finder) -> Finder:
        _finders.append((position, f"{finder.__module__}.{finder.__qualname__}", finder))
        return finder

    return add


def find(user: User, query: str, limit: int = 20) -> list[Found]:
    """Return at most ``limit`` rows of each kind that this user may see and that answer ``query``."""
    words = " ".join(query.split())
    if len(words) < SHORTEST_QUERY:
        return []
    return [found for _, _, finder in sorted(_finders) for found in finder(user, words, limit)]


NOTHING = Q(pk__in=[])


def named(query: str, path: str = "name_key") -> Q:
    """Match rows whose folded name at ``path`` holds every word of ``query``, or a word much like it."""
    words = [word for word in query.split() if any(letter.isalnum() for letter in word)]
    if not words:
        return NOTHING
    every_word = Q()
    for word in words:
        every_word &= Q(**{f"{path}__contains": NameKey(Value(word))})
    return every_word | Q(**{f"{path}__trigram_word_similar": NameKey(Value(query))})


def phoned(query: str, path: str = "phone") -> Q:
    """Match rows whose phone at ``path`` holds the digits typed, in whatever format; nothing when they are too few."""
    typed_as_phone = re.fullmatch(r"[\d\s.+\-()/]+", query)
    digits = re.sub(r"^(0033|33(?=\d{9})|0)", "", re.sub(r"\D", "", query))
    if not typed_as_phone or len(digits) < SHORTEST_PHONE:
        return NOTHING
    return Q(**{f"{path}__contains": digits})


@register(position=10)
def people(user: User, query: str, limit: int) -> list[Found]:
    matches = Q(email__icontains=query) | phoned(query) | named(query)
    rows = Person.objects.visible_to(user).filter(matches).order_by("name_key", "pk")[:limit]
    return [
        Found(
            kind="personne",
            label=str(person),
            detail=" · ".join(filter(None, [phone_words(person.phone), person.email])),
            url=reverse("admin:accounts_person_change", args=[person.pk]),
        )
        for person in rows
    ]
