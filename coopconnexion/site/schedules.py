"""Beat jobs that concern every app at once; see ``CELERY_BEAT_SCHEDULE``."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from coopconnexion import uploads

SETTLED = timedelta(days=1)  # a file is stored before its row is committed


@shared_task(name="site.sweep_files")
def sweep_files() -> None:
    """Delete the stored files that no row points to any more."""
    uploads.sweep(stored_before=timezone.now() - SETTLED)
