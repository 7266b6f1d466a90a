"""Beat jobs: find the rows that are due and fan out one task each; see ``CELERY_BEAT_SCHEDULE``."""

from celery import shared_task
from django.utils import timezone

from events import services


@shared_task(name="events.send_due_reminders")
def send_due_reminders() -> None:
    services.enqueue_due_reminders(at=timezone.now())


@shared_task(name="events.promote_all_waiting")
def promote_all_waiting() -> None:
    services.enqueue_promotions(at=timezone.now())


@shared_task(name="events.remind_invitations")
def remind_invitations() -> None:
    services.enqueue_invitation_reminders(at=timezone.now())
