"""What the slots on offer leave unmet: people without a slot, fill rate, days to wait; read by staff, never written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from statistics import median

from django.db.models import Count, Exists, F, OuterRef
from django.db.models.functions import Coalesce
from django.utils import timezone

from coopconnexion.french import count_words
from coopconnexion.periods import months_later
from permanences.models import Booking, MissedRequest, Permanence, Schedule, Slot, WaitingListEntry

MONTHS = 6
HIGH_DEMAND = 5  # people without a slot in that time: more than one permanence of three hours would serve


@dataclass(frozen=True)
class Demand:
    """One schedule over the last ``MONTHS`` months.

    ``unserved`` people asked in that time and have no slot, on ``short`` permanences; the other figures are of the
    permanences held: ``None`` where there was none.
    """

    schedule: Schedule
    unserved: int
    short: int
    slots: int
    booked: int
    median_days: int | None

    @property
    def fill_rate(self) -> float | None:
        return self.booked / self.slots if self.slots else None

    @property
    def is_high(self) -> bool:
        return self.unserved >= HIGH_DEMAND

    @property
    def figures(self) -> list[str]:
        """What is known, in words: « 92 % des créneaux pris », « 9 personnes sans créneau »…"""
        words = []
        if self.fill_rate is not None:
            words.append(f"{round(100 * self.fill_rate)} % des créneaux pris")
        if self.unserved:
            words.append(f"{count_words(self.unserved, 'personne')} sans créneau")
        if self.median_days is not None:
            words.append(f"{count_words(self.median_days, 'jour')} de la demande au rendez-vous (médiane)")
        return words

    @property
    def suggestion(self) -> str:
        """« 9 personnes sans créneau sur 3 permanences : proposez une seconde plage. », or nothing."""
        if not self.is_high:
            return ""
        people = count_words(self.unserved, "personne")
        return f"{people} sans créneau sur {count_words(self.short, 'permanence')}\u202f: proposez une seconde plage."


def demand_of(*, schedules: Iterable[Schedule], at: datetime) -> list[Demand]:
    """Return the demand of each schedule, in the order given: five queries, however many schedules."""
    schedules = list(schedules)
    today = timezone.localdate(at)
    since = months_later(today, -MONTHS)
    unserved = _unserved(schedules, timezone.make_aware(datetime.combine(since, time.min)))
    held = Permanence.objects.held().filter(schedule__in=schedules, held_on__gte=since, held_on__lt=today)
    slots = _counts(Slot.objects.open().filter(permanence__in=held))
    standing = Booking.objects.standing().filter(permanence__in=held, slot__closed_at=None, project__is_test=False)
    booked = _counts(standing)
    delays = _delays(standing)
    return [
        Demand(
            schedule=schedule,
            unserved=sum(unserved.get(schedule.pk, {}).values()),
            short=len(unserved.get(schedule.pk, {})),
            slots=slots.get(schedule.pk, 0),
            booked=booked.get(schedule.pk, 0),
            median_days=round(median(delays[schedule.pk]) / timedelta(days=1)) if schedule.pk in delays else None,
        )
        for schedule in schedules
    ]


def _unserved(schedules: list[Schedule], since: datetime) -> dict[int, dict[int, int]]:
    """Count the people without a slot, by schedule and permanence; who did both is counted once."""
    booked = Booking.objects.standing().filter(person=OuterRef("person"), permanence=OuterRef("permanence"))
    waiting = (
        WaitingListEntry.objects.filter(~Exists(booked), served_at=None, joined_at__gte=since)
        .exclude(project__is_test=True)
        .filter(permanence__schedule__in=schedules)
        .values_list("permanence__schedule", "permanence")
        .annotate(people=Count("person", distinct=True))
    )
    joined = WaitingListEntry.objects.filter(form_token=OuterRef("form_token"))
    missed = (
        MissedRequest.objects.filter(~Exists(joined), served_at=None, missed_at__gte=since)
        .filter(permanence__schedule__in=schedules)
        .values_list("permanence__schedule", "permanence")
        .annotate(people=Count("pk"))
    )
    counts: dict[int, dict[int, int]] = {}
    for schedule, permanence, people in [*waiting, *missed]:
        of_schedule = counts.setdefault(schedule, {})
        of_schedule[permanence] = of_schedule.get(permanence, 0) + people
    return counts


def _counts(rows) -> dict[int, int]:
    return dict(rows.values_list("permanence__schedule").annotate(number=Count("pk")).order_by())


def _delays(bookings) -> dict[int, list[timedelta]]:
    """Return the times from the request, be it on the waiting list, to the appointment, by schedule."""
    asked = Coalesce("waiting_entry__joined_at", "booked_at")
    rows = bookings.values_list("permanence__schedule", F("slot__starts_at") - asked)
    delays: dict[int, list[timedelta]] = {}
    for schedule, delay in rows:
        delays.setdefault(schedule, []).append(delay)
    return delays
