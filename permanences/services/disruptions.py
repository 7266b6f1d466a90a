"""Moving, cancelling and closing a permanence that people have booked: everybody concerned hears of it once."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Func

from coopconnexion import jobs
from coopconnexion.db import constraint_errors
from coopconnexion.french import day_words, time_words
from coopconnexion.recurrence import at_wall_time
from coopconnexion.territories.rules import public_holiday
from permanences.emails import booking as booking_emails
from permanences.emails import planning as emails
from permanences.enums import CancelledBy
from permanences.models import Booking, Permanence, Slot, SlotOffer
from permanences.rules import shifted_wall_times
from permanences.services.booking import BOOKING_RELATIONS, cancel_booking
from permanences.services.reminders import schedule_reminders
from permanences.services.waiting import close_waiting_list, tell_waiting_of_move
from premises.models import Venue


class WallTime(Func):
    """Turn an instant into a wall time of Paris, and a wall time into an instant."""

    template = "(%(expressions)s AT TIME ZONE 'Europe/Paris')"
    output_field = models.DateTimeField()


@dataclass(frozen=True)
class Target:
    """Where a permanence goes: its day, opening and place."""

    held_on: date
    opens_at: time
    venue: Venue

    @property
    def starts_at(self) -> datetime:
        return at_wall_time(self.held_on, self.opens_at)


def lock_permanence(permanence: Permanence, *, sequence: int | None = None) -> Permanence:
    """Lock the slots of a permanence, which holds off bookings, and return its row as it is now.

    :raises ValidationError: stale, when the permanence is no longer at the revision ``sequence`` that the caller saw
    """
    list(Slot.objects.select_for_update(of=("self",)).filter(permanence=permanence).order_by("pk"))
    permanence = Permanence.objects.select_related("venue__commune").get(pk=permanence.pk)
    if sequence is not None and sequence != permanence.sequence:
        raise ValidationError(
            "Cette permanence a changé entre-temps\u202f: vérifiez où elle en est, puis recommencez.", code="stale"
        )
    return permanence


def refuse_over(permanence: Permanence, *, at: datetime) -> None:
    """:raises ValidationError: permanence_cancelled, permanence_past"""
    if permanence.cancelled_at:
        raise ValidationError("Cette permanence est déjà annulée.", code="permanence_cancelled")
    if at_wall_time(permanence.held_on, permanence.closes_at) <= at:
        raise ValidationError("Cette permanence est passée.", code="permanence_past")


def standing_bookings(permanence: Permanence) -> models.QuerySet[Booking]:
    """The bookings that a change of the permanence concerns, in order of time."""
    bookings = Booking.objects.standing().filter(permanence=permanence).select_related(*BOOKING_RELATIONS)
    return bookings.order_by("slot__starts_at", "slot__desk", "pk")


def move_warnings(*, permanence: Permanence, target: Target) -> list[str]:
    """Return, in French, what staff should know before moving there; none of it forbids the move."""
    warnings = []
    if holiday := public_holiday(target.held_on):
        warnings.append(f"{day_words(target.held_on).capitalize()} est un jour férié ({holiday}).")
    closes_at = _closing(permanence, target)
    others = Permanence.objects.held().filter(held_on=target.held_on, venue=target.venue).exclude(pk=permanence.pk)
    for other in others.filter(opens_at__lt=closes_at, closes_at__gt=target.opens_at).in_order():
        warnings.append(
            f"Une autre permanence a déjà lieu au même endroit ce jour-là, "
            f"de {time_words(other.opens_at)} à {time_words(other.closes_at)}."
        )
    return warnings


def _closing(permanence: Permanence, target: Target) -> time:
    return _shifted(permanence, target)["closes_at"]


def _shifted(permanence: Permanence, target: Target) -> dict[str, time | None]:
    """:raises ValidationError: past_midnight"""
    names = ("closes_at", "break_starts_at", "break_ends_at")
    try:
        times = shifted_wall_times(
            held_on=permanence.held_on,
            opens_at=permanence.opens_at,
            times=[getattr(permanence, name) for name in names],
            to_day=target.held_on,
            to_opens_at=target.opens_at,
        )
    except ValueError:
        raise ValidationError(
            "À cette heure, la permanence finirait après minuit\u202f: choisissez une ouverture plus tôt.",
            code="past_midnight",
        ) from None
    return dict(zip(names, times, strict=True))


def refuse_move(*, permanence: Permanence, target: Target, at: datetime) -> None:
    """:raises ValidationError: permanence_cancelled, permanence_past, day_past, nothing_changes, past_midnight"""
    refuse_over(permanence, at=at)
    if at_wall_time(permanence.held_on, permanence.opens_at) <= at:
        raise ValidationError("Cette permanence a commencé\u202f: elle ne se déplace plus.", code="permanence_past")
    if target.starts_at <= at:
        raise ValidationError("Choisissez une date et une heure à venir.", code="day_past")
    if target == Target(permanence.held_on, permanence.opens_at, permanence.venue):
        raise ValidationError("La permanence a déjà lieu à ce moment et à cet endroit.", code="nothing_changes")
    _shifted(permanence, target)


@transaction.atomic
def move_permanence(
    *,
    permanence: Permanence,
    held_on: date,
    opens_at: time,
    venue: Venue,
    reason: str,
    at: datetime,
    sequence: int | None = None,
) -> list[Booking]:
    """Move a whole permanence; every standing booking follows, with one message and its updated invitation.

    Slots keep their order and length, and their wall time over a change of hour. Return the bookings that moved: those
    of people without an address are to be phoned.

    :raises ValidationError: stale, slot_overlap, or a refusal of ``refuse_move``
    """
    permanence = lock_permanence(permanence, sequence=sequence)
    target = Target(held_on, opens_at, venue)
    refuse_move(permanence=permanence, target=target, at=at)
    previous = dict(standing_bookings(permanence).values_list("pk", "slot__starts_at"))
    previous_opening, previous_venue = at_wall_time(permanence.held_on, permanence.opens_at), permanence.venue
    shift_slots(permanence, target)
    _place(permanence, target, reason=reason, at=at)
    standing_bookings(permanence).update(sequence=F("sequence") + 1, moved_at=at, move_answered_at=None)
    bookings = list(standing_bookings(permanence))
    for booking in bookings:
        schedule_reminders(booking=booking, at=at)
        booking_emails.renew_links(booking)
        emails.write_permanence_moved(
            booking, previous_start=previous[booking.pk], previous_venue=previous_venue, at=at
        )
    tell_waiting_of_move(permanence=permanence, previous_start=previous_opening, at=at)
    return bookings


def shift_slots(permanence: Permanence, target: Target) -> None:
    by = datetime.combine(target.held_on, target.opens_at) - datetime.combine(permanence.held_on, permanence.opens_at)
    starts_at = WallTime(WallTime(F("starts_at")) + by)
    with constraint_errors(Slot):  # a night when the hour changes
        permanence.slots.update(starts_at=starts_at, ends_at=starts_at + (F("ends_at") - F("starts_at")))


def _place(permanence: Permanence, target: Target, *, reason: str, at: datetime) -> None:
    shifted = _shifted(permanence, target)
    for name, value in shifted.items():
        setattr(permanence, name, value)
    permanence.held_on, permanence.opens_at, permanence.venue = target.held_on, target.opens_at, target.venue
    permanence.shift_reason, permanence.moved_at = reason, at
    permanence.sequence += 1
    permanence.save(update_fields=["held_on", "opens_at", "venue", "shift_reason", "moved_at", "sequence", *shifted])


@transaction.atomic
def record_move_answer(*, booking: Booking, at: datetime) -> Booking:
    """Note that the person, told by phone, keeps the appointment where it has moved.

    :raises ValidationError: booking_over
    """
    booking = Booking.objects.select_for_update(of=("self",)).get(pk=booking.pk)
    if not booking.is_standing:
        raise ValidationError("Ce rendez-vous ne tient plus.", code="booking_over")
    if booking.move_answered_at is None:
        booking.move_answered_at = at
        booking.save(update_fields=["move_answered_at"])
    return booking


@transaction.atomic
def cancel_permanence(
    *, permanence: Permanence, reason: str, at: datetime, sequence: int | None = None
) -> list[Booking]:
    """Cancel a permanence: one message to each person with an appointment to come, and to those who wait.

    Appointments that have begun are left to be noted, and those of people already there.
    Return the bookings that were cancelled.

    :raises ValidationError: stale, permanence_cancelled, permanence_past
    """
    permanence = lock_permanence(permanence, sequence=sequence)
    refuse_over(permanence, at=at)
    permanence.cancelled_at, permanence.cancel_reason = at, reason
    permanence.sequence += 1
    permanence.save(update_fields=["cancelled_at", "cancel_reason", "sequence"])
    # who waits for the lock of a slot reads that slot again, but not its permanence: closed, it is refused
    permanence.slots.open().filter(starts_at__gt=at).update(closed_at=at)
    coming = standing_bookings(permanence).filter(slot__starts_at__gt=at, outcome="")
    bookings = _cancel_bookings(coming, permanence=permanence, reason=reason, at=at)
    close_waiting_list(permanence=permanence, at=at)
    return bookings


def _cancel_bookings(coming, *, permanence: Permanence, reason: str, at: datetime) -> list[Booking]:
    cancelled = [
        cancel_booking(booking=booking, by=CancelledBy.COOP, reason=reason, notify=False, at=at) for booking in coming
    ]
    with_room = emails.next_permanences(permanence, at=at) if cancelled else []
    for booking in cancelled:
        emails.write_permanence_cancelled(booking, next_permanences=with_room, at=at)
    return cancelled


@transaction.atomic
def close_slots(*, permanence: Permanence, slots: list[Slot], reason: str, at: datetime) -> list[Booking]:
    """Close part of a day; who had booked these slots is told and offered the others. Return their bookings.

    :raises ValidationError: permanence_cancelled, permanence_past, no_slot, slot_past
    """
    permanence = lock_permanence(permanence)
    refuse_over(permanence, at=at)
    rows = permanence.slots.open().filter(pk__in=[slot.pk for slot in slots])
    if not rows.exists():
        raise ValidationError("Choisissez au moins un créneau ouvert.", code="no_slot")
    if rows.filter(starts_at__lte=at).exists():
        raise ValidationError("Un de ces créneaux a commencé\u202f: il ne se ferme plus.", code="slot_past")
    if standing_bookings(permanence).exclude(outcome="").filter(slot__in=rows).exists():
        raise ValidationError("Une personne est déjà arrivée pour l’un de ces créneaux.", code="slot_past")
    closed = list(rows.values_list("pk", flat=True))
    rows.update(closed_at=at)
    SlotOffer.objects.open().filter(slot__in=closed).update(lapsed_at=at)
    booked = standing_bookings(permanence).filter(slot__in=closed)
    bookings = _cancel_bookings(booked, permanence=permanence, reason=reason, at=at)
    _tend_waiting_list(permanence)
    return bookings


@transaction.atomic
def reopen_slots(*, permanence: Permanence, slots: list[Slot], at: datetime) -> None:
    """Open closed slots to come again, and offer them to those who wait.

    :raises ValidationError: permanence_cancelled, permanence_past, no_slot, slot_overlap
    """
    permanence = lock_permanence(permanence)
    refuse_over(permanence, at=at)
    rows = permanence.slots.filter(closed_at__isnull=False, starts_at__gt=at, pk__in=[slot.pk for slot in slots])
    with constraint_errors(Slot):
        reopened = rows.update(closed_at=None)
    if not reopened:
        raise ValidationError("Choisissez au moins un créneau fermé à venir.", code="no_slot")
    _tend_waiting_list(permanence)


def _tend_waiting_list(permanence: Permanence) -> None:
    jobs.enqueue("permanences.tend_waiting_list", permanence_id=permanence.pk)


@transaction.atomic
def pause_booking(*, permanence: Permanence, message: str) -> None:
    """Suspend online booking, saying why to the public; appointments stand, staff still book.

    :raises ValidationError: message_missing
    """
    if not message.strip():
        raise ValidationError("Écrivez le message que le public lira.", code="message_missing")
    Permanence.objects.filter(pk=permanence.pk).update(booking_paused_message=message.strip())


@transaction.atomic
def change_online_booking(
    *,
    permanence: Permanence,
    notice_minutes: int,
    booking_opens_days: int,
    booking_paused_message: str,
    shift_reason: str,
) -> None:
    """Set when and whether the public may book one day, and the reason of its date that they read."""
    Permanence.objects.filter(pk=permanence.pk).update(
        notice_minutes=notice_minutes,
        booking_opens_days=booking_opens_days,
        booking_paused_message=booking_paused_message.strip(),
        shift_reason=shift_reason,
    )
    _tend_waiting_list(permanence)


@transaction.atomic
def resume_booking(*, permanence: Permanence) -> None:
    """Open online booking again."""
    Permanence.objects.filter(pk=permanence.pk).update(booking_paused_message="")
