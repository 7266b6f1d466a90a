"""Messages about a project that its holder writes on the site; only their first name travels."""

from datetime import datetime

from django.urls import reverse

from coopconnexion.accounts.models import Person, User
from coopconnexion.notices.models import Message
from coopconnexion.notices.rules import after_the_night, link_hash
from coopconnexion.notices.services import absolute_url, new_link, write_message
from projects.models import DraftLink, Project, ProjectDraft

UNSOLICITED_KINDS = ("draft-started", "draft-relaunch", "draft-received")


def write_started(draft: ProjectDraft, *, at: datetime) -> Message:
    """The link that opens the project again, on any device."""
    return _write_with_link(draft, "started", at=at)


def write_relaunch(draft: ProjectDraft, *, at: datetime, dropped_on: datetime) -> Message:
    """Once, by day: the project is still there, and until when."""
    return _write_with_link(draft, "relaunch", at=at, due_at=after_the_night(at), dropped_on=dropped_on)


def _write_with_link(draft: ProjectDraft, kind: str, *, at: datetime, due_at: datetime | None = None, **context):
    token = new_link(DraftLink, at=at, expires_at=None, draft=draft)
    return write_message(
        key=f"draft:{draft.pk}:{kind}:{link_hash(token)[:16]}",
        kind=f"draft-{kind}",
        to_email=draft.email,
        to_name="",
        person=None,
        template=f"projects/emails/draft_{kind}",
        context={
            "first_name": draft.first_name,
            "resume_url": absolute_url(reverse("projects:draft_resume", kwargs={"token": token})),
            **context,
        },
        secrets=[token],
        due_at=due_at,
        at=at,
    )


def write_received(draft: ProjectDraft, *, person: Person, at: datetime) -> Message:
    """The project arrived: what comes next."""
    return write_message(
        key=f"draft:{draft.pk}:received",
        kind="draft-received",
        to_email=person.email,
        to_name=str(person),
        person=person,
        template="projects/emails/draft_received",
        context={
            "first_name": person.first_name,
            "space_url": absolute_url(reverse("site:my_space")),
            "list_url": absolute_url(reverse("permanences:permanence_list")),
        },
        at=at,
    )


def write_told(project: Project, *, draft: ProjectDraft, advisor: User, at: datetime) -> Message:
    """Tell an advisor that a project came by the site, and where it is."""
    return write_message(
        key=f"draft:{draft.pk}:told:{advisor.pk}",
        kind="draft-told",
        to_email=advisor.email,
        to_name=str(advisor),
        person=project.holder,
        template="projects/emails/draft_told",
        context={
            "project": project,
            "person": project.holder,
            "project_url": absolute_url(reverse("projects_staff:project", args=[project.pk])),
        },
        at=at,
    )
