"""Inviting partners to an event or to a project: accepted or refused, never both; reminded once, then over."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import DateTimeField, F, Value

from coopconnexion import jobs
from coopconnexion.accounts.models import User
from coopconnexion.accounts.services import recognise_person
from coopconnexion.db import constraint_errors
from coopconnexion.refusals import refusal_at
from events.emails.invitations import write_invitation, write_invitation_reminder
from events.enums import Channel, InvitationRole, LinkRole
from events.models import Event, Invitation, NetworkActor, NetworkLink
from events.services.registrations import register_person
from projects.models import Project

LIFETIME_DAYS = 14
LONGEST_DAYS = 90
GUESTS_AT_ONCE = 100
LINK_ROLES = {
    InvitationRole.PARTICIPANT: LinkRole.PARTICIPANT,
    InvitationRole.ADVISER: LinkRole.ADVISER,
    InvitationRole.OBSERVER: LinkRole.OBSERVER,
}


@dataclass(frozen=True)
class Guest:
    """Whom to write to; ``actor`` when the network knows them."""

    email: str
    name: str = ""
    actor: NetworkActor | None = None


@transaction.atomic
def invite_guests(
    *,
    guests: Iterable[Guest],
    role: InvitationRole,
    by: User,
    at: datetime,
    event: Event | None = None,
    project: Project | None = None,
    message: str = "",
    days: int = LIFETIME_DAYS,
) -> tuple[list[Invitation], list[str]]:
    """Write an invitation to each guest; return the invitations, and the addresses that had one without an answer.

    :raises ValidationError: one_subject, no_guest, too_many_guests, days, event_cancelled, event_past
    """
    _refuse_subject(event, project, at)
    if not 1 <= days <= LONGEST_DAYS:
        raise refusal_at("days", f"Une invitation vaut de 1 à {LONGEST_DAYS} jours.", "days")
    by_address = {guest.email.strip().lower(): guest for guest in guests if guest.email.strip()}
    if not by_address:
        raise ValidationError("Donnez au moins une adresse, ou un acteur qui en a une.", code="no_guest")
    if len(by_address) > GUESTS_AT_ONCE:
        raise ValidationError(f"Au plus {GUESTS_AT_ONCE} personnes à la fois.", code="too_many_guests")
    expires_at = at + timedelta(days=days)
    if event:
        expires_at = min(expires_at, event.ends_at)
    told = {"event": event, "project": project, "role": role, "message": message.strip(), "invited_by": by}
    sent, known = [], []
    for email, guest in by_address.items():
        if _is_invited(event, project, email):
            known.append(email)
            continue
        sent.append(_invite(guest, email=email, expires_at=expires_at, at=at, **told))
    return sent, known


def _refuse_subject(event: Event | None, project: Project | None, at: datetime) -> None:
    if bool(event) == bool(project):
        raise ValidationError("On invite à un évènement ou à un projet.", code="one_subject")
    if event and event.cancelled_at:
        raise ValidationError("Cet évènement est annulé.", code="event_cancelled")
    if event and event.ends_at <= at:
        raise ValidationError("Cet évènement est passé.", code="event_past")


def _is_invited(event: Event | None, project: Project | None, email: str) -> bool:
    return Invitation.objects.unanswered().filter(event=event, project=project, email__iexact=email).exists()


def _invite(guest: Guest, *, email: str, at: datetime, **told) -> Invitation:
    with constraint_errors(Invitation):
        invitation = Invitation.objects.create(
            email=email, name=guest.name.strip()[:200], actor=guest.actor, invited_at=at, **told
        )
    write_invitation(invitation, at=at)
    return invitation


def _lock(invitation: Invitation) -> Invitation:
    Invitation.objects.select_for_update(of=("self",)).only("pk").get(pk=invitation.pk)
    relations = ("event__venue__commune", "event__territory", "project", "actor")
    return Invitation.objects.select_related(*relations).get(pk=invitation.pk)


def _refuse_closed(invitation: Invitation, at: datetime) -> None:
    if invitation.revoked_at:
        raise ValidationError("Cette invitation a été retirée. Une question\u202f? Appelez-nous.", code="revoked")
    if invitation.expires_at <= at:
        raise ValidationError("Le délai de cette invitation est passé. Appelez-nous si vous venez.", code="expired")
    if invitation.event and invitation.event.cancelled_at:
        raise ValidationError("Cet évènement est annulé.", code="event_cancelled")


@transaction.atomic
def accept_invitation(
    *,
    invitation: Invitation,
    first_name: str,
    last_name: str,
    form_token: UUID,
    at: datetime,
    phone: str = "",
) -> Invitation:
    """Take note that the guest comes: a place at the event under the same rules as others, a link for an actor.

    Accepting twice changes nothing more.

    :raises ValidationError: declined, revoked, expired, event_cancelled, or any refusal of ``register_person``
    """
    invitation = _lock(invitation)
    if invitation.accepted_at:
        return invitation
    if invitation.declined_at:
        raise ValidationError("Vous avez décliné cette invitation. Appelez-nous si vous venez.", code="declined")
    _refuse_closed(invitation, at)
    if invitation.event:
        person = recognise_person(
            first_name=first_name, last_name=last_name, email=invitation.email, phone=phone, at=at
        )
        standing = invitation.event.registrations.standing().filter(person=person).first()
        invitation.registration = standing or register_person(
            event=invitation.event,
            person=person,
            form_token=form_token,
            channel=Channel.INVITATION,
            confirmed_at=at,
            at=at,
        )
    invitation.accepted_at = at
    with constraint_errors(Invitation):
        invitation.save(update_fields=["accepted_at", "registration"])
    _link(invitation, at)
    return invitation


def _link(invitation: Invitation, at: datetime) -> None:
    """Note what the actor does from now on; a link noted before stays as it is."""
    if invitation.actor is None:
        return
    NetworkLink.objects.get_or_create(
        actor=invitation.actor,
        event=invitation.event,
        project=invitation.project,
        role=LINK_ROLES[InvitationRole(invitation.role)],
        defaults={"happened_on": at.date(), "noted_by": invitation.invited_by, "noted_at": at},
    )


@transaction.atomic
def decline_invitation(*, invitation: Invitation, at: datetime, reason: str = "") -> Invitation:
    """Take note that the guest does not come; declining twice changes nothing more.

    :raises ValidationError: accepted, revoked, expired, event_cancelled
    """
    invitation = _lock(invitation)
    if invitation.declined_at:
        return invitation
    if invitation.accepted_at:
        raise ValidationError(
            "Vous avez accepté\u202f: pour vous désister, utilisez le lien du message de confirmation.", code="accepted"
        )
    _refuse_closed(invitation, at)
    invitation.declined_at, invitation.decline_reason = at, reason.strip()
    invitation.save(update_fields=["declined_at", "decline_reason"])
    return invitation


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: User, at: datetime) -> Invitation:
    """Take an invitation back while it has no answer; twice changes nothing more.

    :raises ValidationError: answered
    """
    invitation = _lock(invitation)
    if invitation.accepted_at or invitation.declined_at:
        raise ValidationError("Cette invitation a déjà une réponse.", code="answered")
    if invitation.revoked_at is None:
        invitation.revoked_at = at
        invitation.save(update_fields=["revoked_at"])
    return invitation


def enqueue_invitation_reminders(*, at: datetime) -> None:
    """Fan out one task per open invitation that is past half of its time and was never reminded."""
    gone, left = Value(at, DateTimeField()) - F("invited_at"), F("expires_at") - Value(at, DateTimeField())
    due = Invitation.objects.open(at).filter(reminded_at=None, event__cancelled_at=None)
    for pk in due.alias(gone=gone, left=left).filter(gone__gte=F("left")).order_by("pk").values_list("pk", flat=True):
        jobs.enqueue("events.remind_invitation", invitation_id=pk)


@transaction.atomic
def remind_invitation(*, invitation: Invitation, at: datetime) -> None:
    """Write the one reminder of an invitation; safe to call twice and by several workers."""
    invitation = _lock(invitation)
    if invitation.reminded_at or not invitation.is_open(at):
        return
    invitation.reminded_at = at
    invitation.save(update_fields=["reminded_at"])
    write_invitation_reminder(invitation, at=at)
