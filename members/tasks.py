"""Work handed over by services; every task starts from a row and is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from members import services
from members.models import Member


@shared_task(name="members.raise_alerts")
def raise_alerts(member_id: int) -> None:
    member = Member.objects.filter(pk=member_id).first()
    if member:
        services.raise_alerts(member=member, at=timezone.now())


@shared_task(name="members.ask_outcome")
def ask_outcome(inquiry_id: int) -> None:
    services.ask_outcome(inquiry_id=inquiry_id, at=timezone.now())
