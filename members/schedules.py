"""Beat jobs: find what is due and fan out one task each; see ``CELERY_BEAT_SCHEDULE``."""

from celery import shared_task
from django.utils import timezone

from members import services


@shared_task(name="members.raise_due_alerts")
def raise_due_alerts() -> None:
    services.enqueue_due_alerts(at=timezone.now())


@shared_task(name="members.ask_due_outcomes")
def ask_due_outcomes() -> None:
    services.enqueue_due_inquiries(at=timezone.now())


@shared_task(name="members.discard_stale_imports")
def discard_stale_imports() -> None:
    """Give up the files of statements that were checked, then neither imported nor given up."""
    services.discard_stale_imports(at=timezone.now())
