from celery import shared_task
from django.utils import timezone

from coopconnexion.notices import rules, services


# the worker is ended before its claim goes stale, however slow the server
@shared_task(name="notices.send_message", time_limit=rules.CLAIM_LIFETIME.total_seconds() - 10)
def send_message(message_id: int) -> None:
    services.deliver_message(message_id=message_id, at=timezone.now())
