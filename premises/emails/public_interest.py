"""The answer to who said on the site that a unit interests them; only their first name travels."""

from datetime import datetime

from django.urls import reverse

from coopconnexion.notices.models import Message
from coopconnexion.notices.services import absolute_url, write_message
from premises.models import UnitInterest

UNSOLICITED_KINDS = ("interest-received",)


def write_received(interest: UnitInterest, *, at: datetime) -> Message:
    """It is noted: what comes next."""
    person = interest.project.holder
    return write_message(
        key=f"interest:{interest.pk}:received",
        kind="interest-received",
        to_email=person.email,
        to_name=str(person),
        person=person,
        template="premises/emails/interest_received",
        context={
            "first_name": person.first_name,
            "unit": interest.unit,
            "unit_url": absolute_url(reverse("premises:offer", args=[interest.unit_id])),
            "list_url": absolute_url(reverse("permanences:permanence_list")),
        },
        at=at,
    )
