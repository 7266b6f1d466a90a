"""Work handed over by services; every task starts from a row and is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from coopconnexion.accounts.models import User
from projects import services


@shared_task(name="projects.tend_draft")
def tend_draft(draft_id: int) -> None:
    services.tend_draft(draft_id=draft_id, at=timezone.now())


@shared_task(name="projects.write_digest")
def write_digest(user_id: int) -> None:
    user = User.objects.filter(pk=user_id).first()
    if user:
        services.write_digest(user=user, at=timezone.now())
