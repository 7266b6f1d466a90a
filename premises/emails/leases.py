"""Messages to the team about titles of occupation that end."""

from datetime import datetime

from django.urls import reverse

from coopconnexion.accounts.models import User
from coopconnexion.notices.models import Message
from coopconnexion.notices.services import absolute_url, write_message
from premises.models import OccupancyAlert


def write_due(alert: OccupancyAlert, *, due, user: User, at: datetime) -> Message:
    """Tell ``user`` of an end that comes near; the message belongs to no person, whom it is not for."""
    return write_message(
        key=f"occupancy:{alert.pk}:{user.pk}",
        kind="occupancy-due",
        to_email=user.email,
        to_name=str(user),
        person=None,
        template="premises/emails/occupancy_due",
        context={
            "due": due,
            "unit": due.unit,
            "last_day": due.last_day,
            "unit_url": absolute_url(reverse("premises_staff:unit", args=[due.unit.pk])),
        },
        at=at,
    )
