"""Messages of invitations: the first, and one reminder."""

from datetime import datetime

from django.urls import reverse

from coopconnexion.notices.models import Message
from coopconnexion.notices.services import absolute_url, new_link, write_message
from events.models import Invitation, InvitationLink


def write_invitation(invitation: Invitation, *, at: datetime) -> Message:
    return _write(invitation, "invitation", at=at)


def write_invitation_reminder(invitation: Invitation, *, at: datetime) -> Message:
    return _write(invitation, "invitation_reminder", at=at)


def _write(invitation: Invitation, kind: str, *, at: datetime) -> Message:
    token = new_link(InvitationLink, at=at, expires_at=invitation.expires_at, invitation=invitation)
    person = invitation.actor.person if invitation.actor else None
    return write_message(
        key=f"invitation:{invitation.pk}:{kind}",
        kind=kind.replace("_", "-"),
        to_email=invitation.email,
        to_name=invitation.name,
        person=person,
        template=f"events/emails/{kind}",
        context={
            "invitation": invitation,
            "event": invitation.event,
            "project": invitation.project,
            "answer_url": absolute_url(reverse("events:invitation", kwargs={"token": token})),
        },
        secrets=[token],
        expires_at=invitation.expires_at,
        at=at,
    )
