"""What an account changed lately, from the histories that the triggers keep."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from django.apps import apps
from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.urls import NoReverseMatch, reverse
from pghistory.models import Context, Event

from coopconnexion.accounts.models import User
from coopconnexion.backoffice.history import ACTS

PER_PAGE = 25  # requests, of one or more writes each
MOST_ROWS = 12  # named of each kind; the rest is counted


@dataclass(frozen=True)
class Deed:
    """The rows of one table that one request made, changed or deleted: pairs (number, address of its history)."""

    act: str
    table: str
    rows: list[tuple[str, str]]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


@dataclass(frozen=True)
class Moment:
    """All that one request wrote."""

    at: datetime
    deeds: list[Deed] = field(default_factory=list)


@cache
def histories() -> list[type[Model]]:
    """Every history of a table, links between tables included."""
    return [model for model in apps.get_models(include_auto_created=True) if issubclass(model, Event)]


def activity_page(user: User, number: str | None) -> Page:
    """Return a page of the :class:`Moment` of ``user``, newest first: three queries, however many rows."""
    contexts = Context.objects.filter(metadata__user=user.pk).order_by("-created_at", "pk")
    page = Paginator(contexts, PER_PAGE).get_page(number)
    by_context = defaultdict(list)
    for table, act, context, key in _events([each.pk for each in page.object_list]):
        by_context[context].append((act, table, key))
    page.object_list = [Moment(each.created_at, _deeds(by_context[each.pk])) for each in page.object_list]
    return page


def _events(contexts: list) -> QuerySet:
    """Return (label of the table, act, context, key of the row) of all that these contexts wrote: one query."""
    parts = []
    for model in histories():
        key = Cast("pgh_obj_id", TextField()) if hasattr(model, "pgh_obj") else Value("", TextField())
        rows = model._base_manager.filter(pgh_context__in=contexts).annotate(
            table_label=Value(model._meta.label, TextField()), row_key=key
        )
        parts.append(rows.values_list("table_label", "pgh_label", "pgh_context", "row_key"))
    first, *others = parts
    return first.union(*others, all=True).order_by("table_label", "pgh_label", "row_key") if contexts else []


def _deeds(events: Iterable[tuple[str, str, str]]) -> list[Deed]:
    grouped = defaultdict(list)
    for act, table, key in events:
        grouped[act, table].append(key)
    return [_deed(act, table, list(dict.fromkeys(keys))) for (act, table), keys in grouped.items()]


def _deed(act: str, table: str, keys: list[str]) -> Deed:
    followed = apps.get_model(table).pgh_tracked_model
    numbers = sorted(filter(None, keys), key=lambda key: (len(key), key))
    rows = [(key, _history_url(followed, key)) for key in numbers[:MOST_ROWS]]
    return Deed(ACTS.get(act, act), _name(followed), rows, len(keys))


def _name(model: type[Model]) -> str:
    """Return what staff call a table; one behind a list of a row is called as the list."""
    owner = model._meta.concrete_model._meta.auto_created
    if not owner:
        return str(model._meta.verbose_name_plural)
    links = {each.remote_field.through: each for each in owner._meta.many_to_many}
    return f"{links[model._meta.concrete_model].verbose_name} ({owner._meta.verbose_name_plural})"


def _history_url(model: type[Model], key: str) -> str:
    if model not in admin.site._registry:
        return ""
    try:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_history", args=[key])
    except NoReverseMatch:
        return ""
