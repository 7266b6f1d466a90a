"""Events that come back by a rule: each date is an event of its own, laid, published and cancelled like the others."""

from copy import copy
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from coopconnexion.accounts.models import User
from coopconnexion.db import constraint_errors
from coopconnexion.refusals import refusal_at
from events.enums import Frequency
from events.models import Event, EventSeries
from events.rules import OCCURRENCES_AT_MOST, series_days
from events.services.moving import cancel_event
from events.services.planning import duplicate_event, publish_event, refuse_cancelled
from events.services.registrations import lock_event


@transaction.atomic
def plan_series(
    *,
    event: Event,
    frequency: Frequency,
    starts_on: date,
    ends_on: date,
    by: User | None,
    at: datetime,
    **rhythm,
) -> list[Event]:
    """Repeat ``event`` on the days that the rule gives in ``[starts_on, ends_on)``; all of them are laid, or none.

    The ``rhythm`` is ``every`` so many weeks, or the ``nth`` ``weekday`` of the month; it ``keeps_holidays`` or not.
    The days are published when ``event`` is. The event itself belongs to the series, so that a second click is refused.

    :raises ValidationError: event_cancelled, in_series, day_past, no_day, too_many_days, rule
    """
    event = lock_event(event)
    series = _series_of(event, frequency, starts_on, ends_on, at=at, **rhythm)
    days, _ = days_of(series, starts_on)
    with constraint_errors(EventSeries):
        series.save()
    own_day = timezone.localdate(event.starts_at)
    event.series = series
    event.planned_on = own_day if own_day in days else None
    event.save(update_fields=["series", "planned_on"])
    return _lay_days(series, event, [day for day in days if day != own_day], by=by, at=at)


def _series_of(
    event: Event,
    frequency: Frequency,
    starts_on: date,
    ends_on: date,
    *,
    at: datetime,
    every: int = 1,
    nth: int | None = None,
    weekday: int | None = None,
    keeps_holidays: bool = False,
) -> EventSeries:
    """Return the rule, written nowhere yet, refused when it cannot be kept."""
    refuse_cancelled(event)
    if event.series_id:
        raise ValidationError("Cet évènement appartient déjà à une série\u202f: prolongez-la.", code="in_series")
    if starts_on < timezone.localdate(at):
        raise refusal_at("starts_on", "Choisissez un premier jour à venir.", "day_past")
    monthly = frequency == Frequency.MONTHLY
    series = EventSeries(
        title=event.title,
        territory=event.territory,
        frequency=frequency,
        every=1 if monthly else every,
        nth=nth if monthly else None,
        weekday=weekday if monthly else None,
        starts_on=starts_on,
        ends_on=ends_on,
        keeps_holidays=keeps_holidays,
    )
    series.validate_constraints()
    return series


def preview_series(
    *, event: Event, frequency: Frequency, starts_on: date, ends_on: date, at: datetime, **rhythm
) -> tuple[list[date], list[date]]:
    """Return the days that ``plan_series`` would lay, and those given up as public holidays; nothing is written.

    :raises ValidationError: as ``plan_series``
    """
    days, given_up = days_of(_series_of(event, frequency, starts_on, ends_on, at=at, **rhythm), starts_on)
    own_day = timezone.localdate(event.starts_at)
    days = [day for day in days if day != own_day]
    _refuse_no_day(days)
    return days, given_up


def days_of(series: EventSeries, since: date) -> tuple[list[date], list[date]]:
    """Return the days from ``since`` on, and those given up as public holidays.

    :raises ValidationError: too_many_days
    """
    try:
        days, given_up = series_days(
            frequency=series.frequency,
            starts_on=series.starts_on,
            ends_on=series.ends_on,
            every=series.every,
            nth=series.nth,
            weekday=series.weekday,
            keeps_holidays=series.keeps_holidays,
        )
    except ValueError:
        raise refusal_at(
            "ends_on",
            f"Cela ferait plus de {OCCURRENCES_AT_MOST} dates\u202f: choisissez une fin plus proche.",
            "too_many_days",
        ) from None
    return [day for day in days if day >= since], [day for day in given_up if day >= since]


def _refuse_no_day(days: list[date]) -> None:
    if not days:
        raise refusal_at("ends_on", "Aucune date n’est à créer\u202f: vérifiez le rythme et la fin.", "no_day")


def _lay_days(series: EventSeries, model: Event, days: list[date], *, by: User | None, at: datetime) -> list[Event]:
    _refuse_no_day(days)
    laid = [duplicate_event(event=model, first_day=day, series=series, planned_on=day, by=by, at=at) for day in days]
    if model.published_at:
        laid = [publish_event(event=each, by=by, at=at) for each in laid]
    return laid


@transaction.atomic
def extend_series(*, series: EventSeries, ends_on: date, by: User | None, at: datetime) -> list[Event]:
    """Lay the days up to ``ends_on``, like the latest event of the series that is held.

    :raises ValidationError: end_earlier, series_over, no_day, too_many_days
    """
    series = EventSeries.objects.select_for_update(of=("self",)).select_related("territory").get(pk=series.pk)
    days, _ = preview_extension(series=series, ends_on=ends_on, at=at)
    model = _latest(series)
    series.ends_on = ends_on
    series.save(update_fields=["ends_on"])
    return _lay_days(series, model, days, by=by, at=at)


def preview_extension(*, series: EventSeries, ends_on: date, at: datetime) -> tuple[list[date], list[date]]:
    """Return the days that ``extend_series`` would lay, and those given up; nothing is written.

    :raises ValidationError: as ``extend_series``
    """
    if ends_on <= series.ends_on:
        raise refusal_at("ends_on", "La nouvelle fin doit venir après la précédente.", "end_earlier")
    if _latest(series) is None:
        raise ValidationError(
            "Tous les évènements de la série sont annulés\u202f: planifiez-en un nouveau.", code="series_over"
        )
    longer = copy(series)
    since, longer.ends_on = max(series.ends_on, timezone.localdate(at)), ends_on
    days, given_up = days_of(longer, since)
    _refuse_no_day(days)
    return days, given_up


def _latest(series: EventSeries) -> Event | None:
    return series.events.filter(cancelled_at=None).select_related("territory", "venue").order_by("starts_at").last()


def rest_of_series(event: Event, *, at: datetime) -> QuerySet[Event]:
    """Return ``event`` and those of its series that come after it, neither cancelled nor over."""
    rest = event.series.events.filter(cancelled_at=None, starts_at__gte=event.starts_at, ends_at__gt=at)
    return rest.select_related("venue__commune", "territory").in_order()


@transaction.atomic
def cancel_rest_of_series(
    *, event: Event, reason: str, by: User | None, at: datetime, notify: bool = True
) -> list[Event]:
    """Cancel ``event`` and those of its series that come after it; the rule gives no more days from then on.

    :raises ValidationError: no_series, event_past
    """
    if event.series_id is None:
        raise ValidationError("Cet évènement n’appartient à aucune série.", code="no_series")
    series = EventSeries.objects.select_for_update(of=("self",)).get(pk=event.series_id)
    cancelled = list(rest_of_series(event, at=at))
    for each in cancelled:
        cancel_event(event=each, reason=reason, by=by, at=at, notify=notify)
    first_day = timezone.localdate(event.starts_at)
    series.ends_on = max(series.starts_on + timedelta(days=1), min(series.ends_on, first_day))
    series.save(update_fields=["ends_on"])
    return cancelled
