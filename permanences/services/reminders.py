"""Reminders of bookings: one row of each kind, due when the appointment says so."""

from datetime import datetime

from django.db import transaction

from coopconnexion import jobs
from coopconnexion.db import joined
from coopconnexion.notices.enums import SkipReason
from coopconnexion.notices.models import Message
from coopconnexion.notices.rules import reminder_due_at, reminder_useful_until
from permanences.emails.booking import write_reminder
from permanences.models import Booking, BookingReminder


@joined
def schedule_reminders(*, booking: Booking, at: datetime) -> None:
    """Lay the reminders of ``booking`` anew, after it moved; those whose time has passed at ``at`` are not laid."""
    stop_reminders(bookings=[booking], at=at)
    lay_reminders(booking=booking, at=at)


@joined
def lay_reminders(*, booking: Booking, at: datetime) -> None:
    """Lay the reminders of a new booking; those whose time has passed at ``at`` are not laid."""
    BookingReminder.objects.bulk_create(
        BookingReminder(booking=booking, minutes_before=minutes, due_at=due_at)
        for minutes in sorted(set(booking.permanence.reminder_minutes), reverse=True)
        if (due_at := reminder_due_at(booking.slot.starts_at, minutes)) > at
    )


@joined
def stop_reminders(*, bookings: list[Booking], at: datetime) -> None:
    """Forget the reminders of these bookings, and hold back the messages that have not left yet."""
    reminders = BookingReminder.objects.filter(booking__in=bookings)
    Message.objects.pending().filter(pk__in=reminders.exclude(message=None).values("message")).update(expired_at=at)
    reminders.delete()


def enqueue_due_reminders(*, at: datetime, limit: int = 500) -> None:
    """Fan out one task per due reminder; what does not fit comes with the next beat."""
    for pk in BookingReminder.objects.due(at).order_by("due_at", "pk").values_list("pk", flat=True)[:limit]:
        jobs.enqueue("permanences.send_reminder", reminder_id=pk)


@transaction.atomic
def send_reminder(*, reminder_id: int, at: datetime) -> Message | None:
    """Write the message of a due reminder, or note why there is none; safe to call twice and by several workers."""
    reminder = (
        BookingReminder.objects.due(at)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("booking__slot", "booking__person", "booking__project", "booking__permanence__venue__commune")
        .filter(pk=reminder_id)
        .first()
    )
    if reminder is None:
        return None
    if reason := _skip_reason(reminder, at):
        reminder.skipped_at, reminder.skip_reason = at, reason
        reminder.save(update_fields=["skipped_at", "skip_reason"])
        return None
    reminder.message = write_reminder(reminder, at=at)
    reminder.save(update_fields=["message"])
    return reminder.message


def _skip_reason(reminder: BookingReminder, at: datetime) -> SkipReason | None:
    booking = reminder.booking
    if not booking.is_standing:
        return SkipReason.NOT_STANDING
    if not booking.person.email:
        return SkipReason.NO_ADDRESS
    if at >= reminder_useful_until(booking.slot.starts_at, reminder.minutes_before):
        return SkipReason.TOO_LATE
    return None
