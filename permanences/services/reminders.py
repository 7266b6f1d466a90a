"""Reminders of bookings: one row of each kind, due when the appointment says so."""

from datetime import datetime

from coopconnexion.db import joined
from coopconnexion.notices import services as notices
from coopconnexion.notices.enums import SkipReason
from coopconnexion.notices.models import Message
from coopconnexion.notices.rules import reminder_useful_until
from permanences.emails.booking import write_reminder
from permanences.models import Booking, BookingReminder

RELATIONS = ("booking__slot", "booking__person", "booking__project", "booking__permanence__venue__commune")


@joined
def schedule_reminders(*, booking: Booking, at: datetime) -> None:
    """Lay the reminders of ``booking`` anew, after it moved; those whose time has passed at ``at`` are not laid."""
    stop_reminders(bookings=[booking], at=at)
    lay_reminders(booking=booking, at=at)


@joined
def lay_reminders(*, booking: Booking, at: datetime) -> None:
    """Lay the reminders of a new booking; those whose time has passed at ``at`` are not laid."""
    starts_at, minutes = booking.slot.starts_at, booking.permanence.reminder_minutes
    notices.lay_reminders(BookingReminder, starts_at=starts_at, minutes=minutes, at=at, booking=booking)


@joined
def stop_reminders(*, bookings: list[Booking], at: datetime) -> None:
    """Forget the reminders of these bookings, and hold back the messages that have not left yet."""
    notices.stop_reminders(BookingReminder.objects.filter(booking__in=bookings), at=at)


def enqueue_due_reminders(*, at: datetime, limit: int = 500) -> None:
    """Fan out one task per due reminder; what does not fit comes with the next beat."""
    notices.enqueue_due_reminders(BookingReminder, task="permanences.send_reminder", at=at, limit=limit)


def send_reminder(*, reminder_id: int, at: datetime) -> Message | None:
    """Write the message of a due reminder, or note why there is none; safe to call twice and by several workers."""
    reminders = BookingReminder.objects.select_related(*RELATIONS)
    return notices.send_due_reminder(
        reminders, reminder_id=reminder_id, at=at, skip_reason=_skip_reason, write=write_reminder
    )


def _skip_reason(reminder: BookingReminder, at: datetime) -> SkipReason | None:
    booking = reminder.booking
    if not booking.is_standing:
        return SkipReason.NOT_STANDING
    if not booking.person.email:
        return SkipReason.NO_ADDRESS
    if at >= reminder_useful_until(booking.slot.starts_at, reminder.minutes_before):
        return SkipReason.TOO_LATE
    return None
