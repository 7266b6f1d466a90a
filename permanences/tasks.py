"""Work handed over by services; every task starts from a row and is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from permanences import services
from permanences.models import Booking, Permanence


@shared_task(name="permanences.send_reminder")
def send_reminder(reminder_id: int) -> None:
    services.send_reminder(reminder_id=reminder_id, at=timezone.now())


@shared_task(name="permanences.release_expired_hold")
def release_expired_hold(booking_id: int) -> None:
    booking = Booking.objects.filter(pk=booking_id).first()
    if booking:
        services.release_expired_hold(booking=booking, at=timezone.now())


@shared_task(name="permanences.tend_waiting_list")
def tend_waiting_list(permanence_id: int) -> None:
    permanence = Permanence.objects.filter(pk=permanence_id).first()
    if permanence:
        services.tend_waiting_list(permanence=permanence, at=timezone.now())
