"""The day of a permanence as staff read it: its rows, its figures, the sheet to print."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.contrib.staticfiles import finders
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.template.loader import render_to_string

from coopconnexion.pdf import render_pdf
from permanences.enums import Channel
from permanences.models import Booking, Permanence, Slot, SlotOffer, WaitingListEntry
from permanences.rules import EARLIEST_ARRIVAL

LAST_VISITS = 3


@dataclass
class Appointment:
    """A booking with what staff want to know at a glance."""

    booking: Booking
    at: datetime
    visits: list[Booking] = field(default_factory=list)

    @property
    def has_begun(self) -> bool:
        """Its hour has come, or the person is already there."""
        return self.booking.slot.starts_at <= self.at or bool(self.booking.outcome)

    @property
    def may_arrive(self) -> bool:
        """It is time to expect the person, who may come early."""
        return not self.has_begun and self.booking.slot.starts_at <= self.at + EARLIEST_ARRIVAL

    @property
    def is_unrecorded(self) -> bool:
        return self.has_begun and self.booking.is_standing and not self.booking.outcome

    @property
    def is_unconfirmed(self) -> bool:
        booking = self.booking
        unheard = booking.confirmed_at is None and booking.channel == Channel.WEB
        return unheard and booking.is_standing and not self.has_begun

    @property
    def lacks_answer(self) -> bool:
        """Moved by the coop, and the person has not said whether the new time suits."""
        booking = self.booking
        return booking.is_standing and booking.moved_at is not None and booking.move_answered_at is None

    @property
    def last_visits(self) -> list[Booking]:
        return self.visits[:LAST_VISITS]


@dataclass
class Row:
    """A slot of the day, with its appointment or the person it is kept for."""

    slot: Slot
    at: datetime
    appointment: Appointment | None = None
    offer: SlotOffer | None = None

    @property
    def is_free(self) -> bool:
        return not (self.appointment or self.offer or self.slot.closed_at)

    @property
    def is_past(self) -> bool:
        return self.slot.starts_at <= self.at


@dataclass
class Day:
    """A whole permanence: its slots in order, then the appointments that no longer stand."""

    permanence: Permanence
    rows: list[Row]
    ended: list[Appointment]
    at: datetime

    @property
    def has_desks(self) -> bool:
        return any(row.slot.desk > 1 for row in self.rows)

    @property
    def has_free(self) -> bool:
        """Somebody who calls could still be booked."""
        return any(row.is_free and not row.is_past for row in self.rows)

    @property
    def appointments(self) -> list[Appointment]:
        return [row.appointment for row in self.rows if row.appointment]

    @property
    def open_count(self) -> int:
        return sum(1 for row in self.rows if row.appointment or not row.slot.closed_at)

    @property
    def unconfirmed_count(self) -> int:
        return sum(1 for each in self.appointments if each.is_unconfirmed)

    @property
    def unrecorded_count(self) -> int:
        return sum(1 for each in self.appointments if each.is_unrecorded)

    @property
    def is_over(self) -> bool:
        return all(row.is_past for row in self.rows)


def day_of(permanence: Permanence, *, user, at: datetime) -> Day:
    """Read the day in a number of queries that does not depend on its slots nor on its bookings."""
    bookings = list(
        permanence.bookings.select_related("slot", "person", "project", "booked_by")
        .prefetch_related("project__themes")
        .order_by("slot__starts_at", "slot__desk", "pk")
    )
    visits = past_visits([booking.person_id for booking in bookings], besides=permanence, user=user, at=at)
    appointments = [Appointment(each, at, visits.get(each.person_id, [])) for each in bookings]
    standing = {each.booking.slot_id: each for each in appointments if each.booking.is_standing}
    offers = SlotOffer.objects.open().filter(slot__permanence=permanence, expires_at__gt=at)
    kept = {offer.slot_id: offer for offer in offers.select_related("entry__person")}
    rows = [
        Row(slot, at, standing.get(slot.pk), kept.get(slot.pk))
        for slot in permanence.slots.in_order()
        if slot.pk in standing or not slot.closed_at or slot.starts_at > at
    ]
    ended = [each for each in appointments if not each.booking.is_standing]
    return Day(permanence, rows, ended, at)


def past_visits(people: list[int], *, besides: Permanence, user, at: datetime) -> dict[int, list[Booking]]:
    """The earlier appointments of these people that stood, latest first, by person: one query."""
    earlier = (
        Booking.objects.visible_to(user)
        .standing()
        .filter(person__in=people, slot__starts_at__lt=at)
        .exclude(permanence=besides)
        .select_related("slot")
        .order_by("-slot__starts_at", "-pk")
    )
    visits = defaultdict(list)
    for booking in earlier:
        visits[booking.person_id].append(booking)
    return visits


def with_figures(permanences: QuerySet[Permanence], *, at: datetime) -> QuerySet[Permanence]:
    """Annotate how many slots, standing bookings, people waiting and appointments « à renseigner »: no more query."""
    standing = Booking.objects.standing()
    return permanences.annotate(
        slot_count=_count(Slot.objects.open()),
        booking_count=_count(standing),
        waiting_count=_count(WaitingListEntry.objects.in_line()),
        unrecorded_count=_count(standing.filter(outcome="", slot__starts_at__lte=at)),
    )


def _count(rows: QuerySet) -> Coalesce:
    per_permanence = rows.filter(permanence=OuterRef("pk")).order_by().values("permanence")
    return Coalesce(Subquery(per_permanence.annotate(number=Count("pk")).values("number")), 0)


def times_for_staff(permanences: list[Permanence], *, at: datetime) -> dict[int, list[Slot]]:
    """One free slot per time still to come, by permanence; the notice binds the public only: one query."""
    free = Slot.objects.free(at).filter(permanence__in=permanences, starts_at__gt=at).in_order()
    times = defaultdict(dict)
    for slot in free:
        times[slot.permanence_id].setdefault(slot.starts_at, slot)
    return {pk: list(slots.values()) for pk, slots in times.items()}


def waiting_for(permanence: Permanence) -> list[WaitingListEntry]:
    """Who waits, in the order in which freed slots are offered."""
    waiting = permanence.waiting_entries.in_line().select_related("person", "project")
    return list(waiting.order_by("joined_at", "pk"))


def unrecorded(user, *, at: datetime) -> QuerySet[Booking]:
    """Past appointments of the user's territories whose presence nobody noted."""
    past = Q(outcome="", slot__starts_at__lte=at, permanence__cancelled_at=None)
    return Booking.objects.visible_to(user).standing().filter(past)


def sheet_html(day: Day, *, waiting: list[WaitingListEntry], is_pdf: bool = False) -> str:
    """The sheet of the day as a page; notes of the team are left out."""
    context = {"day": day, "permanence": day.permanence, "waiting": waiting, "is_pdf": is_pdf}
    return render_to_string("permanences/agenda/sheet.html", context)


def sheet_pdf(day: Day, *, waiting: list[WaitingListEntry]) -> bytes:
    """The same, as a PDF.

    :raises PdfUnavailableError: when Pango is not installed
    """
    css = Path(finders.find("css/sheet.css")).read_text()
    return render_pdf(sheet_html(day, waiting=waiting, is_pdf=True), css=css)
