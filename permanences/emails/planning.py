"""Messages when a whole permanence, or part of it, moves or is cancelled."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from coopconnexion.notices.models import Message
from coopconnexion.notices.services import absolute_url
from permanences.emails.booking import write_about
from permanences.models import Booking, Permanence, Slot
from premises.models import Venue


def write_permanence_moved(
    booking: Booking, *, previous_start: datetime, previous_venue: Venue, at: datetime
) -> Message | None:
    """The coop moved the day, the hour or the place: from where to where, and the person's choice."""
    return write_about(
        booking,
        "permanence_moved",
        at=at,
        method="REQUEST",
        suffix=f":{booking.sequence}",
        previous_start=previous_start,
        previous_venue=previous_venue,
    )


def write_permanence_cancelled(booking: Booking, *, next_permanences: list[Permanence], at: datetime) -> Message | None:
    """The coop cancelled the appointment, with its day or alone: here is where there is room."""
    return write_about(
        booking,
        "permanence_cancelled",
        at=at,
        method="CANCEL",
        next_permanences=[
            (each, absolute_url(reverse("permanences:permanence", kwargs={"pk": each.pk}))) for each in next_permanences
        ],
    )


def next_permanences(permanence: Permanence, *, at: datetime, limit: int = 3) -> list[Permanence]:
    """Return the first permanences of the same territory where the public can book now, this one included."""
    coming = (
        Permanence.objects.held()
        .from_day(timezone.localdate(at))
        .filter(territory=permanence.territory_id, booking_paused_message="")
        .select_related("venue")
        .in_order()
    )
    coming = [each for each in coming[: 4 * limit] if each.is_open_for_booking(at)]
    free = Slot.objects.count_bookable(coming, at)
    return [each for each in coming if each.pk in free][:limit]
