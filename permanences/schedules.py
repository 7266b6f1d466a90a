"""Beat jobs: find the rows that are due and fan out one task each; see ``CELERY_BEAT_SCHEDULE``."""

from celery import shared_task
from django.utils import timezone

from permanences import services


@shared_task(name="permanences.send_due_reminders")
def send_due_reminders() -> None:
    services.enqueue_due_reminders(at=timezone.now())


@shared_task(name="permanences.release_expired_holds")
def release_expired_holds() -> None:
    services.enqueue_expired_holds(at=timezone.now())


@shared_task(name="permanences.tend_waiting_lists")
def tend_waiting_lists() -> None:
    services.tend_waiting_lists(at=timezone.now())


@shared_task(name="permanences.generate_permanences")
def generate_permanences() -> None:
    services.generate_all(at=timezone.now())
