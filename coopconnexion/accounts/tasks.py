from celery import shared_task
from django.utils import timezone

from coopconnexion.accounts import services


@shared_task(name="accounts.count_flaws")
def count_flaws() -> None:
    services.count_flaws(at=timezone.now())


@shared_task(name="accounts.forget_history")
def forget_history() -> None:
    services.forget_history(at=timezone.now())
