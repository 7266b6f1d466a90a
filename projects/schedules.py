"""Beat jobs: find the rows that are due and fan out one task each; see ``CELERY_BEAT_SCHEDULE``."""

from celery import shared_task
from django.utils import timezone

from projects import services


@shared_task(name="projects.tend_drafts")
def tend_drafts() -> None:
    services.enqueue_idle_drafts(at=timezone.now())


@shared_task(name="projects.assign_owners")
def assign_owners() -> None:
    services.assign_owners(at=timezone.now())


@shared_task(name="projects.send_digests")
def send_digests() -> None:
    services.enqueue_digests(at=timezone.now())


@shared_task(name="projects.archive_quiet")
def archive_quiet() -> None:
    services.archive_quiet_projects(at=timezone.now())
