"""Work handed over by services; every task starts from a row and is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from events import services
from events.models import Event, Invitation


@shared_task(name="events.send_reminder")
def send_reminder(reminder_id: int) -> None:
    services.send_reminder(reminder_id=reminder_id, at=timezone.now())


@shared_task(name="events.promote_waiting")
def promote_waiting(event_id: int) -> None:
    event = Event.objects.filter(pk=event_id).first()
    if event:
        services.promote_waiting(event=event, at=timezone.now())


@shared_task(name="events.remind_invitation")
def remind_invitation(invitation_id: int) -> None:
    invitation = Invitation.objects.filter(pk=invitation_id).first()
    if invitation:
        services.remind_invitation(invitation=invitation, at=timezone.now())
