"""Reminders of registrations: of the first session of each day, due when the event says so."""

from datetime import datetime

from coopconnexion.db import joined
from coopconnexion.notices import services as notices
from coopconnexion.notices.enums import SkipReason
from coopconnexion.notices.models import Message
from coopconnexion.notices.rules import reminder_useful_until
from events.emails.registrations import write_reminder
from events.models import Event, Registration, RegistrationReminder
from events.rules import first_of_days

RELATIONS = ("session__venue__commune", "registration__person", "registration__event__venue__commune")


@joined
def lay_reminders(*, registration: Registration, at: datetime) -> None:
    """Lay the reminders of a place; those whose time has passed at ``at`` are not laid."""
    event = registration.event
    held = {session.starts_at: session for session in event.sessions.filter(cancelled_at=None)}
    for starts_at in first_of_days(held):
        notices.lay_reminders(
            RegistrationReminder,
            starts_at=starts_at,
            minutes=event.reminder_minutes,
            at=at,
            registration=registration,
            session=held[starts_at],
        )


@joined
def stop_reminders(*, registrations: list[Registration], at: datetime) -> None:
    """Forget the reminders of these registrations, and hold back the messages that have not left yet."""
    notices.stop_reminders(RegistrationReminder.objects.filter(registration__in=registrations), at=at)


@joined
def relay_reminders(*, event: Event, at: datetime) -> None:
    """Lay the reminders of everybody anew, after sessions moved."""
    seated = list(event.registrations.seated().select_related("event").order_by("pk"))
    stop_reminders(registrations=seated, at=at)
    for registration in seated:
        lay_reminders(registration=registration, at=at)


def enqueue_due_reminders(*, at: datetime, limit: int = 500) -> None:
    """Fan out one task per due reminder; what does not fit comes with the next beat."""
    notices.enqueue_due_reminders(RegistrationReminder, task="events.send_reminder", at=at, limit=limit)


def send_reminder(*, reminder_id: int, at: datetime) -> Message | None:
    """Write the message of a due reminder, or note why there is none; safe to call twice and by several workers."""
    reminders = RegistrationReminder.objects.select_related(*RELATIONS)
    return notices.send_due_reminder(
        reminders, reminder_id=reminder_id, at=at, skip_reason=_skip_reason, write=write_reminder
    )


def _skip_reason(reminder: RegistrationReminder, at: datetime) -> SkipReason | None:
    registration, session = reminder.registration, reminder.session
    if not registration.is_seated or session.cancelled_at or registration.event.cancelled_at:
        return SkipReason.NOT_STANDING
    if not registration.person.email:
        return SkipReason.NO_ADDRESS
    if at >= reminder_useful_until(session.starts_at, reminder.minutes_before):
        return SkipReason.TOO_LATE
    return None
