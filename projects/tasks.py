"""Work handed over by services; every task starts from a row and is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from projects import services


@shared_task(name="projects.tend_draft")
def tend_draft(draft_id: int) -> None:
    services.tend_draft(draft_id=draft_id, at=timezone.now())
