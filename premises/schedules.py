"""Beat jobs: find what is due and fan out one task each; see ``CELERY_BEAT_SCHEDULE``."""

from celery import shared_task
from django.utils import timezone

from premises.services import arrivals, count_imports, imports, lease_alerts


@shared_task(name="premises.discard_stale_units")
def discard_stale_units() -> None:
    """Give up the files of units that were brought, then neither imported nor given up."""
    imports.discard_stale_units(at=timezone.now())


@shared_task(name="premises.resume_units")
def resume_units() -> None:
    """Ask for another worker for the files that wait for one too long."""
    imports.resume_units(at=timezone.now())


@shared_task(name="premises.resume_counts")
def resume_counts() -> None:
    """Ask for another worker for the statistics that wait for one too long."""
    count_imports.resume_counts(at=timezone.now())


@shared_task(name="premises.give_lease_alerts")
def give_lease_alerts() -> None:
    """Tell of the titles of occupation that end in three months or one."""
    lease_alerts.give_alerts(at=timezone.now())


@shared_task(name="premises.note_arrivals")
def note_arrivals() -> None:
    """Call occupied the units whose occupant came on the day that was said."""
    arrivals.enqueue_arrivals(at=timezone.now())
