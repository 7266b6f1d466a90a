"""Messages of members: alerts to staff before legal ends, questions to those who left."""

from datetime import datetime, timedelta

from django.urls import reverse

from coopconnexion.accounts.models import User
from coopconnexion.notices.models import Message
from coopconnexion.notices.services import absolute_url, new_link, write_message
from members.careers import Deadline
from members.models import DeadlineAlert, OutcomeInquiry, OutcomeLink

LINK_LIFETIME = timedelta(days=120)


def short_name(person) -> str:
    """« Camille D. »: enough for a colleague in a message that others may see."""
    return f"{person.first_name} {person.last_name[:1]}."


def write_deadline_alert(alert: DeadlineAlert, *, deadline: Deadline, user: User, at: datetime) -> Message:
    """Tell ``user`` of a legal end that comes near; the message belongs to no person, whom it is not for."""
    member = deadline.member
    return write_message(
        key=f"deadline:{alert.pk}:{user.pk}",
        kind="member-deadline",
        to_email=user.email,
        to_name=str(user),
        person=None,
        template="members/emails/deadline",
        context={
            "deadline": deadline,
            "alert": alert,
            "name": short_name(member.person),
            "member": member,
            "list_url": absolute_url(reverse("members_staff:deadline_list")),
        },
        at=at,
    )


def write_outcome_question(inquiry: OutcomeInquiry, *, at: datetime) -> Message:
    """Ask somebody who left what became of them, with a link that needs no account."""
    person = inquiry.departure.member.person
    token = new_link(OutcomeLink, at=at, expires_at=at + LINK_LIFETIME, inquiry=inquiry)
    return write_message(
        key=f"outcome:{inquiry.pk}",
        kind="member-outcome",
        to_email=person.email,
        to_name=str(person),
        person=person,
        template="members/emails/outcome",
        context={
            "inquiry": inquiry,
            "person": person,
            "answer_url": absolute_url(reverse("members:outcome", kwargs={"token": token})),
        },
        secrets=[token],
        expires_at=at + LINK_LIFETIME,
        at=at,
    )
