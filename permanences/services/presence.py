"""Who came, and what staff note of it."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from permanences.enums import Outcome
from permanences.models import Booking
from permanences.rules import EARLIEST_ARRIVAL
from permanences.services.booking import lock_booking
from projects.services import touch


@transaction.atomic
def record_outcome(*, booking: Booking, outcome: Outcome | str, at: datetime) -> Booking:
    """Note whether the person came; an empty ``outcome`` puts the appointment back to « à renseigner ».

    Who arrives early is noted as soon as they are there; absent or excused, only once the hour has come.

    :raises ValidationError: not_begun, booking_over when it was cancelled or released, unknown_outcome
    """
    if outcome not in ("", *Outcome.values):
        raise ValidationError("Cette présence n’existe pas.", code="unknown_outcome")
    booking = lock_booking(booking)
    if not booking.is_standing:
        raise ValidationError("Ce rendez-vous ne tient plus : il a été annulé ou libéré.", code="booking_over")
    if outcome and booking.slot.starts_at > at + (EARLIEST_ARRIVAL if outcome == Outcome.ATTENDED else timedelta(0)):
        raise ValidationError(
            "Une arrivée se note dès la demi-heure qui précède, une absence une fois l’heure venue.", code="not_begun"
        )
    if booking.outcome != outcome:
        booking.outcome, booking.outcome_at = outcome, at if outcome else None
        booking.save(update_fields=["outcome", "outcome_at"])
        touch(booking.project, at)
    return booking


@transaction.atomic
def write_note(*, booking: Booking, note: str) -> Booking:
    """Keep what staff write about the appointment: read by staff alone."""
    booking = lock_booking(booking)
    if booking.staff_note != note:
        booking.staff_note = note
        booking.save(update_fields=["staff_note"])
    return booking
