"""Beat jobs: find the rows that are due and fan out one task each; see ``CELERY_BEAT_SCHEDULE``."""

from celery import shared_task
from django.utils import timezone

from projects import services


@shared_task(name="projects.tend_drafts")
def tend_drafts() -> None:
    services.enqueue_idle_drafts(at=timezone.now())
