"""Schedules: created, changed without destroying an appointment, closed for some days."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch, Q
from django.utils import timezone

from coopconnexion.db import constraint_errors
from coopconnexion.periods import months_later
from permanences.enums import Decision
from permanences.models import Booking, Closure, Permanence, Schedule, Slot, SlotOffer, WaitingListEntry
from permanences.rules import LONGEST_SHIFT, PlannedDay
from permanences.services.disruptions import (
    Target,
    cancel_permanence,
    move_permanence,
    shift_slots,
    standing_bookings,
)
from permanences.services.planning import (
    DAY_PLAN_FIELDS,
    SLOT_FIELDS,
    closures_of,
    days_ahead,
    days_of,
    generate_permanences,
    slots_of,
    times_of,
)
from permanences.services.reminders import schedule_reminders

SOFT_FIELDS = tuple(name for name in DAY_PLAN_FIELDS if name not in SLOT_FIELDS)
"""Those that change no slot: they follow the schedule even where people have booked."""


class Effect(StrEnum):
    """What a changed schedule means for one permanence."""

    SAME = "same"
    FOLLOWS = "follows"
    REGENERATED = "regenerated"
    MOVED = "moved"
    DROPPED = "dropped"
    APART = "apart"


@dataclass(frozen=True)
class Change:
    """One permanence to come, and what the new rule gives for its month."""

    permanence: Permanence
    effect: Effect
    day: PlannedDay | None
    target: Target | None
    bookings: list[Booking]
    waiting: list[WaitingListEntry]

    @property
    def is_conflict(self) -> bool:
        """Somebody has an appointment or waits, and the day would not stay as it is."""
        concerned = bool(self.bookings or self.waiting)
        return concerned and self.effect in (Effect.REGENERATED, Effect.MOVED, Effect.DROPPED)

    @property
    def decisions(self) -> list[Decision]:
        """The possible ones, the default first."""
        stays = self.target and (self.target.held_on, self.target.venue) == (
            self.permanence.held_on,
            self.permanence.venue,
        )
        return [
            Decision.KEEP,
            *([Decision.ADAPT] if stays else []),
            *([Decision.MOVE] if self.effect == Effect.MOVED else []),
            *([Decision.CANCEL] if self.effect == Effect.DROPPED else []),
        ]


@dataclass(frozen=True)
class SchedulePlan:
    """What saving a schedule would do."""

    created: list[PlannedDay]
    changes: list[Change] = field(default_factory=list)

    @property
    def conflicts(self) -> list[Change]:
        return [change for change in self.changes if change.is_conflict]

    def quiet(self, effect: Effect) -> list[Change]:
        """Those with this effect that concern nobody."""
        return [change for change in self.changes if change.effect == effect and not change.is_conflict]

    @property
    def regenerated(self) -> list[Change]:
        return self.quiet(Effect.REGENERATED)

    @property
    def moved(self) -> list[Change]:
        return self.quiet(Effect.MOVED)

    @property
    def dropped(self) -> list[Change]:
        return self.quiet(Effect.DROPPED)

    @property
    def apart(self) -> list[Change]:
        return self.quiet(Effect.APART)


def plan_schedule_change(*, schedule: Schedule, changes: Mapping, at: datetime) -> SchedulePlan:
    """Tell what ``changes`` to ``schedule`` would do to its permanences to come; nothing is written."""
    changed = copy(schedule)
    for name, value in changes.items():
        setattr(changed, name, value)
    closures = closures_of(schedule)
    permanences = _permanences_to_come(schedule, at)
    first = timezone.localdate(at) - LONGEST_SHIFT - timedelta(days=31)
    last = max([each.planned_on for each in permanences], default=timezone.localdate(at))
    until = max(months_later(last, 1), months_later(timezone.localdate(at), changed.months_ahead + 1))
    by_month = [
        {_month(day.planned_on): day for day in days_of(each, closures=closures, first=first, until=until)}
        for each in (schedule, changed)
    ]
    rows = [_change(each, schedule, changed, *by_month, at=at) for each in permanences]
    taken = _anchors(schedule, rows)
    ahead = days_ahead(changed, closures=closures, at=at)
    return SchedulePlan([day for day in ahead if day.held_on and day.planned_on not in taken], rows)


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


def _permanences_to_come(schedule: Schedule, at: datetime) -> list[Permanence]:
    bookings = Booking.objects.standing().select_related("person", "slot").order_by("slot__starts_at", "pk")
    waiting = WaitingListEntry.objects.waiting().select_related("person").order_by("joined_at", "pk")
    return list(
        schedule.permanences.filter(held_on__gt=timezone.localdate(at), planned_on__isnull=False)
        .select_related("venue")
        .prefetch_related(
            Prefetch("bookings", bookings, to_attr="standing"), Prefetch("waiting_entries", waiting, to_attr="waiting")
        )
        .order_by("planned_on", "pk")
    )


def _change(permanence: Permanence, schedule: Schedule, changed: Schedule, before, after, *, at: datetime) -> Change:
    month = _month(permanence.planned_on)
    day = after.get(month)
    held_on = day.held_on if day and day.held_on and day.held_on > timezone.localdate(at) else None
    target = Target(held_on, changed.opens_at, changed.venue) if held_on else None
    effect = _effect(permanence, schedule, changed, before.get(month), target)
    return Change(permanence, effect, day, target, permanence.standing, permanence.waiting)


def _effect(
    permanence: Permanence, schedule: Schedule, changed: Schedule, old_day: PlannedDay | None, target: Target | None
) -> Effect:
    given = (old_day and old_day.held_on, schedule.venue_id)
    if permanence.cancelled_at or (permanence.held_on, permanence.venue_id) != given:
        return Effect.APART  # staff cancelled, moved or kept it: the rule does not touch it
    if target is None:
        return Effect.DROPPED
    if target != Target(permanence.held_on, permanence.opens_at, permanence.venue):
        return Effect.MOVED
    if any(getattr(permanence, name) != getattr(changed, name) for name in SLOT_FIELDS):
        return Effect.REGENERATED
    is_same = all(getattr(schedule, name) == getattr(changed, name) for name in SOFT_FIELDS)
    return Effect.SAME if is_same else Effect.FOLLOWS


def _anchors(schedule: Schedule, changes: list[Change]) -> set[date]:
    """Return the planned days that have their permanence once ``changes`` are made; set those to be written.

    A permanence keeps the place of its month, so that a kept one is not generated a second time on the new day.
    """
    staying = {change.permanence.pk for change in changes}
    taken = set(schedule.permanences.exclude(pk__in=staying).values_list("planned_on", flat=True))
    for change in changes:
        anchor = change.day.planned_on if change.day else change.permanence.planned_on
        if anchor in taken:
            anchor = change.permanence.planned_on
        change.permanence.planned_on = anchor
        taken.add(anchor)
    return taken


@transaction.atomic
def create_schedule(*, at: datetime, **values) -> Schedule:
    """Create a schedule and its permanences.

    :raises ValidationError: a constraint of the schedule, no_slot
    """
    with constraint_errors(Schedule):
        schedule = Schedule.objects.create(**values)
    times_of(schedule, timezone.localdate(at))
    generate_permanences(schedule=schedule, at=at)
    return schedule


@transaction.atomic
def change_schedule(
    *,
    schedule: Schedule,
    changes: Mapping,
    decisions: Mapping[int, str],
    at: datetime,
    reason: str = "",
    seen: int | None = None,
) -> SchedulePlan:
    """Save a schedule; its permanences follow, except where somebody has booked: there ``decisions`` says what to do.

    ``decisions`` maps permanences to a ``Decision``. Whatever it does not mention, such as a booking made meanwhile, is
    kept as it is. ``reason`` is what the people of moved and cancelled permanences read; ``seen`` the revision of the
    schedule that the caller saw.

    :raises ValidationError: stale, no_slot, a constraint of the schedule, or a refusal to move or cancel
    """
    schedule = Schedule.objects.select_for_update(of=("self",)).select_related("venue").get(pk=schedule.pk)
    if seen is not None and seen != revision_of(schedule):
        raise ValidationError(
            "Quelqu’un d’autre a modifié ce rythme entre-temps\u202f: rouvrez la page pour partir de ses valeurs.",
            code="stale",
        )
    coming = Q(permanence__schedule=schedule, permanence__held_on__gt=timezone.localdate(at))
    list(Slot.objects.select_for_update(of=("self",)).filter(coming).order_by("pk"))
    plan = plan_schedule_change(schedule=schedule, changes=changes, at=at)
    old = copy(schedule)
    for name, value in changes.items():
        setattr(schedule, name, value)
    with constraint_errors(Schedule):
        schedule.save()
    times_of(schedule, timezone.localdate(at))
    for change in plan.changes:
        _apply(change, old, schedule, decisions.get(change.permanence.pk, Decision.KEEP), reason=reason, at=at)
    generate_permanences(schedule=schedule, at=at)
    return plan


def revision_of(schedule: Schedule) -> int:
    """Return a number that grows with every write to the schedule."""
    return schedule.history.order_by("-pgh_id").values_list("pgh_id", flat=True)[0]


def _apply(change: Change, old: Schedule, new: Schedule, decision: str, *, reason: str, at: datetime) -> None:
    permanence = change.permanence
    permanence.save(update_fields=["planned_on"])
    if change.is_conflict:
        _decide(change, old, new, decision, reason=reason, at=at)
    elif change.effect == Effect.DROPPED:
        drop_permanence(permanence, reason=reason, at=at)
    elif change.effect in (Effect.MOVED, Effect.REGENERATED):
        shift_slots(permanence, change.target)
        permanence.held_on, permanence.venue = change.target.held_on, change.target.venue
        permanence.shift_reason = change.day.shift_reason
        permanence.sequence += change.effect == Effect.MOVED
        permanence.save(update_fields=["held_on", "venue", "shift_reason", "sequence"])
        _adapt(permanence, old, new, at=at)
    elif change.effect == Effect.FOLLOWS:
        _follow(permanence, old, new, SOFT_FIELDS, at=at)


def _decide(change: Change, old: Schedule, new: Schedule, decision: str, *, reason: str, at: datetime) -> None:
    """Do what staff chose; a decision that is not possible any more keeps everything as it is."""
    if decision not in change.decisions:
        return
    permanence = change.permanence
    if decision == Decision.CANCEL:
        cancel_permanence(permanence=permanence, reason=reason, at=at)
    elif decision == Decision.MOVE:
        move_permanence(
            permanence=permanence,
            held_on=change.target.held_on,
            opens_at=change.target.opens_at,
            venue=change.target.venue,
            reason=reason or change.day.shift_reason,
            at=at,
        )
        _adapt(Permanence.objects.get(pk=permanence.pk), old, new, at=at)
    elif decision == Decision.ADAPT:
        _adapt(permanence, old, new, at=at)


def _adapt(permanence: Permanence, old: Schedule, new: Schedule, *, at: datetime) -> None:
    _follow(permanence, old, new, (*SLOT_FIELDS, *SOFT_FIELDS), at=at)
    rebuild_free_slots(permanence, at=at)


def _follow(permanence: Permanence, old: Schedule, new: Schedule, names, *, at: datetime) -> None:
    """Give the permanence the new values, except where staff gave it its own."""
    reminders = permanence.reminder_minutes
    for name in names:
        if name in SLOT_FIELDS or getattr(permanence, name) == getattr(old, name):
            setattr(permanence, name, getattr(new, name))
    with constraint_errors(Permanence):
        permanence.save(update_fields=names)
    if permanence.reminder_minutes != reminders:
        for booking in standing_bookings(permanence):
            schedule_reminders(booking=booking, at=at)


def rebuild_free_slots(permanence: Permanence, *, at: datetime) -> None:
    """Cut the hours of the permanence anew around the slots that are booked, offered or closed by staff.

    Those that no longer fit are deleted, or closed when the trace of an old booking or offer hangs on them.
    """
    booked = set(Booking.objects.standing().filter(permanence=permanence).values_list("slot", flat=True))
    offered = set(SlotOffer.objects.open().filter(slot__permanence=permanence).values_list("slot", flat=True))
    rows = list(permanence.slots.in_order())
    wanted = {(slot.desk, slot.starts_at, slot.ends_at): slot for slot in slots_of(permanence)}
    fixed = [row for row in rows if row.closed_at or row.pk in booked | offered]
    right = [row for row in rows if (row.desk, row.starts_at, row.ends_at) in wanted and row not in fixed]
    right = [row for row in right if not _overlaps(row, fixed)]
    stale = permanence.slots.exclude(pk__in=[row.pk for row in (*fixed, *right)])
    stale.filter(bookings=None, offers=None).delete()
    stale.update(closed_at=at)
    with constraint_errors(Slot):
        Slot.objects.bulk_create(slot for slot in wanted.values() if not _overlaps(slot, (*fixed, *right)))


def _overlaps(slot: Slot, others) -> bool:
    return any(
        slot.desk == other.desk and slot.starts_at < other.ends_at and other.starts_at < slot.ends_at
        for other in others
    )


def drop_permanence(permanence: Permanence, *, reason: str, at: datetime) -> None:
    """Take away a permanence that concerns nobody: without a trace when there is none, else cancelled."""
    if permanence.bookings.exists() or permanence.waiting_entries.exists():
        cancel_permanence(permanence=permanence, reason=reason, at=at)
    else:
        permanence.delete()


def closure_conflicts(*, schedule: Schedule, starts_on: date, ends_on: date, at: datetime) -> list[Permanence]:
    """Return the permanences of these days where people have booked or wait, with ``standing`` and ``waiting``."""
    return [each for each in _held_between(schedule, starts_on, ends_on, at) if each.standing or each.waiting]


def _held_between(schedule: Schedule, starts_on: date, ends_on: date, at: datetime) -> list[Permanence]:
    coming = _permanences_to_come(schedule, at)
    return [each for each in coming if not each.cancelled_at and starts_on <= each.held_on < ends_on]


@transaction.atomic
def add_closure(*, schedule: Schedule, starts_on: date, ends_on: date, reason: str, at: datetime) -> list[Permanence]:
    """Close a schedule for ``[starts_on, ends_on)``; its permanences of these days that concern nobody go.

    Return those that stay because somebody has booked or waits: staff cancel or move them one by one.

    :raises ValidationError: period_empty, closure_overlap
    """
    schedule = Schedule.objects.select_for_update(of=("self",)).get(pk=schedule.pk)
    with constraint_errors(Closure):
        Closure.objects.create(schedule=schedule, starts_on=starts_on, ends_on=ends_on, reason=reason)
    between = Q(permanence__schedule=schedule, permanence__held_on__gte=starts_on, permanence__held_on__lt=ends_on)
    list(Slot.objects.select_for_update(of=("self",)).filter(between).order_by("pk"))
    for permanence in _held_between(schedule, starts_on, ends_on, at):
        if not permanence.standing and not permanence.waiting:
            drop_permanence(permanence, reason=reason, at=at)
    return closure_conflicts(schedule=schedule, starts_on=starts_on, ends_on=ends_on, at=at)


@transaction.atomic
def remove_closure(*, closure: Closure, at: datetime) -> list[Permanence]:
    """Open the days of a closure again; return the permanences that come back."""
    schedule = closure.schedule
    closure.delete()
    return generate_permanences(schedule=schedule, at=at)
