from celery import shared_task
from django.utils import timezone

from coopconnexion.accounts import services

MINUTES = 60


@shared_task(name="accounts.write_export", time_limit=9 * MINUTES)  # less than what tells a dead worker
def write_export(export_id: int) -> None:
    services.write_export(export_id=export_id, at=timezone.now())


@shared_task(name="accounts.tend_exports")
def tend_exports() -> None:
    services.tend_exports(at=timezone.now())


@shared_task(name="accounts.count_flaws")
def count_flaws() -> None:
    services.count_flaws(at=timezone.now())


@shared_task(name="accounts.forget_history")
def forget_history() -> None:
    services.forget_history(at=timezone.now())


@shared_task(name="accounts.discard_stale_rows")
def discard_stale_rows() -> None:
    services.discard_stale_rows(at=timezone.now())
