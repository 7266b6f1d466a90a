"""Register of what does not hold together in the data, though the database lets it be.

An app's ``consistency.py`` registers functions that narrow rows of a model to the faulty ones. They are counted every
night, listed on a page with a link to each row, and asked about a row when it is saved in the back office.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import models
from django.db.models import Count, QuerySet
from django.urls import reverse

from coopconnexion.backoffice.pages import visible

ROWS_SHOWN = 100

Narrow = Callable[[QuerySet], QuerySet]


@dataclass(frozen=True)
class Flaw:
    """A faulty row: what is wrong, in a sentence, and where to put it right."""

    sentence: str
    url: str


@dataclass(frozen=True)
class Check:
    key: str
    label: str
    model: type[models.Model]
    narrow: Narrow
    sentence: str
    related: tuple[str, ...]
    territory: str
    url: Callable[[models.Model], str]
    position: int

    def faulty(self, rows: QuerySet) -> QuerySet:
        return self.narrow(rows).order_by("pk")

    def flaws(self, user) -> list[Flaw]:
        """Return the first faulty rows that ``user`` may see, and one more when there are others."""
        rows = self.faulty(visible(self.model._default_manager.all(), user)).select_related(*self.related)
        return [Flaw(self.say(row), self.url(row)) for row in rows[: ROWS_SHOWN + 1]]

    def say(self, row: models.Model) -> str:
        return self.sentence.format(row=row)

    def counts(self) -> dict[int | None, int]:
        """Return how many rows are faulty in each territory; those of none in particular under ``None``."""
        rows = self.narrow(self.model._default_manager.all()).order_by()
        if not self.territory:
            return {None: rows.count()}
        return dict(rows.values_list(self.territory).annotate(found=Count("pk", distinct=True)))

    def is_for(self, user) -> bool:
        """Tables that are everybody's are put right by who may change them; others by who sees the row."""
        if hasattr(self.model._default_manager.none(), "visible_to"):
            return True
        return user.has_perm(f"{self.model._meta.app_label}.change_{self.model._meta.model_name}")


_checks: dict[str, Check] = {}


def admin_address(row: models.Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def register(
    label: str,
    *,
    model: type[models.Model],
    sentence: str,
    related: tuple[str, ...] = (),
    territory: str = "",
    url: Callable[[models.Model], str] = admin_address,
    position: int = 100,
) -> Callable[[Narrow], Narrow]:
    """Add a check: the decorated function narrows rows of ``model`` to the faulty ones.

    ``sentence`` says what is wrong with ``{row}``; ``related``: the relations that it reads; ``territory``: the path
    from a row to its territory, when it has one; ``url`` is where to put it right, the table of the admin by default.
    """

    def add(narrow: Narrow) -> Narrow:
        key = f"{narrow.__module__}.{narrow.__qualname__}"
        _checks[key] = Check(key, label, model, narrow, sentence, related, territory, url, position)
        return narrow

    return add


def checks() -> list[Check]:
    return sorted(_checks.values(), key=lambda check: (check.position, check.key))


def checks_for(user) -> list[Check]:
    return [check for check in checks() if check.is_for(user)]


def sentences_about(row: models.Model) -> list[str]:
    """Say what is wrong with ``row``: one query per check of its model."""
    rows = type(row)._default_manager.filter(pk=row.pk)
    return [check.say(row) for check in checks() if check.model is type(row) and check.faulty(rows).exists()]
