"""The weekly message of an advisor."""

from datetime import date, datetime, timedelta

from django.urls import reverse

from coopconnexion.accounts.models import User
from coopconnexion.notices.models import Message
from coopconnexion.notices.services import absolute_url, write_message
from projects.documents.to_do import Silence
from projects.models import Project

WORTH_SENDING = timedelta(days=4)


def write_digest(
    user: User, *, key: str, steps: list[Project], silences: list[Silence], today: date, at: datetime
) -> Message:
    """One message for everything; it names projects, not people: it belongs to no person."""
    return write_message(
        key=key,
        kind="projects-digest",
        to_email=user.email,
        to_name=str(user),
        person=None,
        template="projects/emails/digest",
        context={
            "late": [linked(each) for each in steps if each.next_step_on < today],
            "coming": [linked(each) for each in steps if each.next_step_on >= today],
            "silences": [(linked(each.project), each) for each in silences],
            "home_url": absolute_url(reverse("admin:index")),
        },
        at=at,
        expires_at=at + WORTH_SENDING,
    )


def linked(project: Project) -> tuple[Project, str]:
    return project, absolute_url(reverse("projects_staff:project", args=[project.pk]))
