"""PostgreSQL as we use it: folded text, half-open periods, constraints heard as refusals, history by triggers."""

from collections.abc import Iterator
from contextlib import contextmanager

import pghistory
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Func, Q
from django.db.models.functions import Lower


def tracked(model=None, *, exclude: tuple[str, ...] = (), in_bulk: bool = False):
    """Class decorator: keep every version of a row in ``<Model>History``, by triggers, whoever writes it.

    ``in_bulk``: once per statement instead of once per row, for a table that thousands of rows enter at once.
    """

    def track(model):
        return pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            exclude=list(exclude) or None,
            level=pghistory.Statement if in_bulk else None,
            obj_field=pghistory.ObjForeignKey(related_name="history", related_query_name="history"),
            model_name=f"{model.__name__}History",
        )(model)

    return track(model) if model else track


def tracked_links(proxy):
    """Class decorator for a proxy of the table behind a many-to-many field: keep what is added and what is taken away.

    The history of the row at either end shows it, from ``through.link_history``.
    """
    through = proxy._meta.concrete_model
    pghistory.track(
        pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None, model_name=f"{proxy.__name__}History"
    )(proxy)
    through.link_history = proxy.pgh_event_models["insert"]
    return proxy


class Unaccent(Func):
    """Strip accents; the IMMUTABLE wrapper of ``unaccent`` that indexes and generated columns may use."""

    function = "immutable_unaccent"
    output_field = models.TextField()


class NameKey(Func):
    """Fold a text to what makes two names the same: case, accents, hyphens and spaces aside."""

    function = "name_key"
    output_field = models.TextField()


def folded(expression) -> Func:
    """Order or search by ``expression`` without case and accents."""
    return Unaccent(Lower(expression))


class DateRange(Func):
    function = "daterange"
    output_field = models.Field()


class TsTzRange(Func):
    function = "tstzrange"
    output_field = models.Field()


def period(start: str, end: str) -> DateRange:
    """Return the half-open range of two date columns, for exclusion constraints."""
    return DateRange(start, end, RangeBoundary())


def span(start: str, end: str) -> TsTzRange:
    """Return the half-open range of two instant columns, for exclusion constraints."""
    return TsTzRange(start, end, RangeBoundary())


OVERLAPS = RangeOperators.OVERLAPS
EQUAL = RangeOperators.EQUAL


def ends_after_start(name: str, *, start: str = "starts_on", end: str = "ends_on") -> models.CheckConstraint:
    """Return the constraint that a half-open period is not empty; an open end passes."""
    return models.CheckConstraint(
        name=name,
        condition=Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gt": F(start)}),
        violation_error_code="period_empty",
        violation_error_message="La fin doit venir après le début.",
    )


class PeriodQuerySet(models.QuerySet):
    """Rows with a half-open period ``[starts_on, ends_on)``, open-ended when ``ends_on`` is null."""

    def on(self, day):
        """In force on ``day``."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day), starts_on__lte=day)


joined = transaction.atomic(savepoint=False)
"""Decorator of services that never refuse: join the caller's transaction, or open one; saves two round trips."""


@contextmanager
def constraint_errors(*model_classes: type[models.Model], savepoint: bool = True) -> Iterator[None]:
    """Turn a violated constraint of these models into its own French refusal, inside a savepoint.

    Without ``savepoint`` the caller lets the refusal end its transaction.

    :raises ValidationError: with the message and code of the violated constraint
    :raises IntegrityError: when the constraint belongs to none of the models
    """
    try:
        with transaction.atomic(savepoint=savepoint):
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        for model in model_classes:
            for constraint in model._meta.constraints:
                if constraint.name == name:
                    raise ValidationError(
                        constraint.get_violation_error_message(), code=constraint.violation_error_code
                    ) from error
        raise


def lock_name(name: str) -> None:
    """Wait until no other transaction holds ``name``, and hold it until ours ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
