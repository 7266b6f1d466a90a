from celery import shared_task
from django.utils import timezone

from coopconnexion.notices import services


@shared_task(name="notices.sweep_messages")
def sweep_messages() -> None:
    """Give up what is outdated, take up what was left lying."""
    now = timezone.now()
    services.expire_outdated_messages(at=now)
    services.enqueue_due_messages(at=now)


@shared_task(name="notices.forget_secret_messages")
def forget_secret_messages() -> None:
    services.forget_secret_messages(at=timezone.now())


@shared_task(name="notices.review_access")
def review_access() -> None:
    """Once a quarter, ask the direction who should still have access."""
    now = timezone.now()
    services.write_access_reviews(today=timezone.localdate(now), at=now)
