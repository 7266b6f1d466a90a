"""What the long tables of staff share: filters and order kept in the address, rows laid out at little cost.

A row of Django's template language costs four times what it costs in Jinja; a list of fifty shows it (ADR 0011). The
page stays a Django template, its rows come ready from ``laid_out``.
"""

from collections.abc import Callable
from functools import cache

from django import forms
from django.db.models import F, Func, QuerySet, Value
from django.forms.renderers import Jinja2
from django.http import HttpRequest
from django.template.loader import get_template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from coopconnexion.db import folded

LEAN = Jinja2()


class FilterForm(forms.Form):
    """The form of a ``FilterSet``: its fields are laid out by Jinja, without the colon of other forms."""

    default_renderer = LEAN

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"label_suffix": ""} | kwargs)


def options(**named: tuple[QuerySet, F | Func]) -> dict[str, list[tuple[int, str]]]:
    """Return the rows that several filters offer, as pairs (id, words) in the order of their words: one query.

    Each filter's name comes with its rows and with the expression that words them.
    """
    found: dict[str, list[tuple[int, str]]] = {name: [] for name in named}
    parts = [
        rows.order_by()
        .annotate(offered_by=Value(name), words=words, rank=folded(words))
        .values_list("offered_by", "pk", "words", "rank")
        for name, (rows, words) in named.items()
    ]
    for name, pk, words, _ in parts[0].union(*parts[1:], all=True).order_by("rank", "pk"):
        found[name].append((pk, words))
    return found


class InAddress:
    """Mixin of the pages whose filters and order stand in the address; ``self.filters`` is their ``FilterSet``.

    ``columns`` are pairs (key, label); one without key does not sort. ``newest_on_top`` are the keys that sort
    backwards first.
    """

    columns: tuple[tuple[str, str], ...] = ()
    newest_on_top: frozenset[str] = frozenset()
    folded: tuple[str, ...] = ()
    """Filters that are unfolded once they are used."""

    request: HttpRequest

    def query(self, **changes) -> str:
        """Return the filters of the address with these changed; empty ones go."""
        query = self.request.GET.copy()
        for name, value in ({"page": ""} | changes).items():
            query[name] = value
        for name in [name for name, value in query.items() if not value]:
            del query[name]
        return query.urlencode()

    @property
    def is_narrow(self) -> bool:
        return any(self.request.GET.get(name) for name in self.folded)

    def headings(self) -> list[dict]:
        """The columns, each with the address that sorts by it, or the other way once it does."""
        return [self.heading(key, label) for key, label in self.columns]

    def heading(self, key: str, label: str) -> dict:
        if not key:
            return {"label": label}
        now, first = self.filters.sort, f"-{key}" if key in self.newest_on_top else key
        then = {key: f"-{key}", f"-{key}": key}.get(now, first)
        order = {key: "ascending", f"-{key}": "descending"}.get(now, "")
        return {"label": label, "query": self.query(tri=then), "order": order}


@cache
def addresses(name: str) -> Callable[[int], str]:
    """Return the function from a row's id to the address of its page, resolved once for all rows."""
    before, after = reverse(name, args=[987654321]).split("987654321")
    return lambda pk: f"{before}{pk}{after}"


def laid_out(template: str, **context) -> SafeString:
    """Render the rows of a table from a Jinja template, where everything is escaped."""
    return mark_safe(get_template(template, using="jinja").render(context))
