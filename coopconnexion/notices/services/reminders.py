"""Reminders of anything that begins at an instant: laid, held back, fanned out and sent, one row of each kind."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from coopconnexion import jobs
from coopconnexion.db import joined
from coopconnexion.notices.enums import SkipReason
from coopconnexion.notices.models import AbstractReminder, Message
from coopconnexion.notices.rules import reminder_due_at


@joined
def lay_reminders(
    model: type[AbstractReminder], *, starts_at: datetime, minutes: Iterable[int], at: datetime, **subject
) -> None:
    """Lay a reminder of ``subject`` for each number of minutes before; those whose time has passed are not laid."""
    model.objects.bulk_create(
        model(**subject, minutes_before=each, due_at=due_at)
        for each in sorted(set(minutes), reverse=True)
        if (due_at := reminder_due_at(starts_at, each)) > at
    )


@joined
def stop_reminders(reminders: QuerySet, *, at: datetime) -> None:
    """Forget these reminders, and hold back the messages that have not left yet."""
    Message.objects.pending().filter(pk__in=reminders.exclude(message=None).values("message")).update(expired_at=at)
    reminders.delete()


def enqueue_due_reminders(model: type[AbstractReminder], *, task: str, at: datetime, limit: int = 500) -> None:
    """Fan out one ``task`` per due reminder; what does not fit comes with the next beat."""
    for pk in model.objects.due(at).order_by("due_at", "pk").values_list("pk", flat=True)[:limit]:
        jobs.enqueue(task, reminder_id=pk)


@transaction.atomic
def send_due_reminder(
    reminders: QuerySet,
    *,
    reminder_id: int,
    at: datetime,
    skip_reason: Callable[[AbstractReminder, datetime], SkipReason | None],
    write: Callable[..., Message | None],
) -> Message | None:
    """Write the message of a due reminder of ``reminders`` by ``write(reminder, at=at)``, or note why there is none.

    Safe to call twice and by several workers.
    """
    due = reminders.due(at).select_for_update(of=("self",), skip_locked=True)
    reminder = due.filter(pk=reminder_id).first()
    if reminder is None:
        return None
    if reason := skip_reason(reminder, at):
        reminder.skipped_at, reminder.skip_reason = at, reason
        reminder.save(update_fields=["skipped_at", "skip_reason"])
        return None
    reminder.message = write(reminder, at=at)
    reminder.save(update_fields=["message"])
    return reminder.message
