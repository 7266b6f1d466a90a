"""What a holder reads when nobody follows their project any more: no reason, an open door."""

from datetime import datetime

from django.urls import reverse

from coopconnexion.notices.models import Message
from coopconnexion.notices.services import absolute_url, write_message
from projects.models import Project, StageChange


def write_over(project: Project, *, change: StageChange, at: datetime) -> Message:
    """Once for each end; the team says why on the phone, not here.

    :raises ValidationError: no_address
    """
    return write_message(
        key=f"project-over:{change.pk}",
        kind="project-over",
        to_email=project.holder.email,
        to_name=str(project.holder),
        person=project.holder,
        template="projects/emails/over",
        context={
            "first_name": project.holder.first_name,
            "title": project.title,
            "list_url": absolute_url(reverse("permanences:permanence_list")),
        },
        at=at,
    )
