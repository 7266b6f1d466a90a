"""Messages to the team about a unit that interests a project."""

from datetime import datetime

from django.urls import reverse

from coopconnexion.accounts.models import User
from coopconnexion.notices.models import Message
from coopconnexion.notices.services import absolute_url, write_message
from premises.models import UnitInterest


def write_told(interest: UnitInterest, *, advisor: User, at: datetime) -> Message:
    """Tell who follows the project which unit it wants."""
    project = interest.project
    return write_message(
        key=f"interest:{interest.pk}:told:{advisor.pk}",
        kind="interest-told",
        to_email=advisor.email,
        to_name=str(advisor),
        person=project.holder,
        template="premises/emails/interest_told",
        context={
            "interest": interest,
            "project": project,
            "unit": interest.unit,
            "project_url": absolute_url(reverse("projects_staff:project", args=[project.pk])),
        },
        at=at,
    )
