"""Permanences made ahead from the rule of their schedule, or one by one by staff."""

import logging
from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone

from coopconnexion.db import constraint_errors
from coopconnexion.periods import months_later
from coopconnexion.recurrence import at_wall_time
from permanences.models import Closure, DayPlan, Permanence, Schedule, Slot
from permanences.rules import LONGEST_SHIFT, Closed, PlannedDay, planned_days, slot_times
from premises.models import Venue

logger = logging.getLogger(__name__)

DAY_PLAN_FIELDS = tuple(field.name for field in DayPlan._meta.local_fields)
SLOT_FIELDS = ("opens_at", "closes_at", "break_starts_at", "break_ends_at", "slot_minutes", "desks")
"""Those that decide which slots a day has."""


def days_of(schedule: Schedule, *, closures: list[Closed], first: date, until: date) -> list[PlannedDay]:
    """Return what the rule gives for the days planned in ``[first, until)``, within the schedule's validity."""
    return planned_days(
        nth=schedule.nth,
        weekday=schedule.weekday,
        holiday_rule=schedule.holiday_rule,
        first=max(first, schedule.starts_on),
        until=min(until, schedule.ends_on) if schedule.ends_on else until,
        ends_on=schedule.ends_on,
        closures=closures,
    )


def closures_of(schedule: Schedule) -> list[Closed]:
    if schedule.pk is None:
        return []
    rows = Closure.objects.filter(schedule=schedule).order_by("starts_on", "pk")
    return [Closed(row.starts_on, row.ends_on, row.reason) for row in rows]


def days_ahead(schedule: Schedule, *, closures: list[Closed], at: datetime) -> list[PlannedDay]:
    """Return the days to come as far ahead as the schedule asks: held tomorrow or later, or left out."""
    today = timezone.localdate(at)
    days = days_of(
        schedule,
        closures=closures,
        first=today - LONGEST_SHIFT,  # planned last week, held next week because of a holiday
        until=months_later(today, schedule.months_ahead) + timedelta(days=1),
    )
    return [day for day in days if (day.held_on or day.planned_on) > today]


@transaction.atomic
def generate_permanences(*, schedule: Schedule, at: datetime) -> list[Permanence]:
    """Create the permanences that the schedule lacks, with their slots; return them.

    Safe to call at any time and by several workers: the schedule is locked, and a planned day that has its permanence,
    be it moved or cancelled since, never gets another.
    """
    schedule = Schedule.objects.select_for_update(of=("self",)).get(pk=schedule.pk)
    days = [day for day in days_ahead(schedule, closures=closures_of(schedule), at=at) if day.held_on]
    known = set(schedule.permanences.values_list("planned_on", flat=True))
    with constraint_errors(Permanence, Slot):
        permanences = Permanence.objects.bulk_create(
            permanence_of(schedule, day) for day in days if day.planned_on not in known
        )
        create_slots(permanences)
    return permanences


def permanence_of(schedule: Schedule, day: PlannedDay) -> Permanence:
    """Return the permanence that the schedule gives that day, unsaved."""
    return Permanence(
        schedule=schedule,
        territory_id=schedule.territory_id,
        venue_id=schedule.venue_id,
        planned_on=day.planned_on,
        held_on=day.held_on,
        shift_reason=day.shift_reason,
        **{name: getattr(schedule, name) for name in DAY_PLAN_FIELDS},
    )


def create_slots(permanences: list[Permanence]) -> list[Slot]:
    return Slot.objects.bulk_create(slot for permanence in permanences for slot in slots_of(permanence))


def slots_of(permanence: Permanence) -> list[Slot]:
    """Return the slots that the hours of the permanence give, unsaved: every time, at every desk."""
    times = times_of(permanence, permanence.held_on)
    return [
        Slot(permanence=permanence, desk=desk, starts_at=starts_at, ends_at=ends_at)
        for desk in range(1, permanence.desks + 1)
        for starts_at, ends_at in times
    ]


def times_of(plan: DayPlan, day: date) -> list[tuple[datetime, datetime]]:
    """Return the times that the hours of ``plan`` give on ``day``.

    :raises ValidationError: no_slot
    """
    times = slot_times(
        day=day,
        opens_at=plan.opens_at,
        closes_at=plan.closes_at,
        break_starts_at=plan.break_starts_at,
        break_ends_at=plan.break_ends_at,
        slot_minutes=plan.slot_minutes,
    )
    if not times:
        raise ValidationError(
            "Aucun créneau ne tient dans ces heures\u202f: ouvrez plus longtemps ou raccourcissez les créneaux.",
            code="no_slot",
        )
    return times


def generate_all(*, at: datetime) -> None:
    """Generate for every schedule in force; one that fails is logged and stops no other."""
    today = timezone.localdate(at)
    for schedule in Schedule.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today)).order_by("pk"):
        try:
            generate_permanences(schedule=schedule, at=at)
        except (DatabaseError, ValidationError, ValueError):
            logger.exception("no permanences generated for schedule %s", schedule.pk)


@transaction.atomic
def add_permanence(
    *,
    venue: Venue,
    held_on: date,
    opens_at: time,
    closes_at: time,
    at: datetime,
    **plan,
) -> Permanence:
    """Create one permanence of no schedule, with its slots; ``plan`` holds the other fields of a ``DayPlan``.

    :raises ValidationError: day_past, no_slot, or a constraint of the day's hours
    """
    permanence = Permanence(
        territory_id=venue.territory_id, venue=venue, held_on=held_on, opens_at=opens_at, closes_at=closes_at, **plan
    )
    with constraint_errors(Permanence):
        permanence.save()
    with constraint_errors(Slot):
        Slot.objects.bulk_create(refuse_new_day(permanence=permanence, at=at))
    return permanence


def refuse_new_day(*, permanence: Permanence, at: datetime) -> list[Slot]:
    """Return the slots that a new permanence would have, unsaved.

    :raises ValidationError: day_past, no_slot
    """
    if at_wall_time(permanence.held_on, permanence.opens_at) <= at:
        raise ValidationError("Choisissez une date et une heure à venir.", code="day_past")
    return slots_of(permanence)
