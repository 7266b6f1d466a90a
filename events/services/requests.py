"""What the public asks for: the person recognised, floods held, then a place."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from coopconnexion.accounts.models import Person, User
from coopconnexion.accounts.services import recognise_person
from coopconnexion.notices.services import may_write_to
from events.emails import registrations as emails
from events.enums import Audience, Channel
from events.models import Event, Registration
from events.services.newsletter import agree_to_newsletter
from events.services.registrations import REGISTRATION_RELATIONS, refuse_unregistrable, register_person
from members.models import Member

REQUESTS_PER_DAY = 5
"""By e-mail or phone; past it a registration gets no place until confirmed."""


@dataclass(frozen=True)
class Attendee:
    """What a visitor typed of themselves."""

    first_name: str
    last_name: str
    email: str
    phone: str = ""
    organisation_name: str = ""
    message: str = ""
    wants_newsletter: bool = False


@dataclass(frozen=True)
class RegistrationAnswer:
    """What became of a request. Without ``registration`` the page says to look at the mail, and nothing else."""

    registration: Registration | None

    @property
    def neutral(self) -> bool:
        return self.registration is None


NEUTRAL = RegistrationAnswer(None)


@transaction.atomic
def request_registration(
    *, event: Event, attendee: Attendee, form_token: UUID, at: datetime, suspicious: bool = False
) -> RegistrationAnswer:
    """Register a visitor: the person is found or made in the same transaction.

    Who is registered already gets that link by mail. Past the limits of an e-mail or a phone, or when the caller finds
    the visit ``suspicious``, no place is given before the address is confirmed. Of an event for members, the answer
    tells nobody who is one: it goes by mail.

    :raises ValidationError: by_invitation, too_many_messages, or any refusal of ``register_person``
    """
    refuse_unregistrable(event, channel=Channel.WEB, at=at)
    if event.audience == Audience.INVITATION:
        raise ValidationError("Cet évènement est sur invitation.", code="by_invitation")
    person = _recognise(attendee, at)
    form_token, known = _known_registration(person, event, form_token)
    if known:
        return _answer_known(known, form_token=form_token, at=at)
    if event.audience == Audience.MEMBERS and not is_member(person):
        emails.write_members_only(event, person=person, at=at)
        return NEUTRAL
    if attendee.wants_newsletter:
        agree_to_newsletter(person=person, through=f"l’inscription à «\u202f{event}\u202f»", at=at)
    held = suspicious or is_flooding(person, at=at)
    registration = register_person(
        event=event,
        person=person,
        form_token=form_token,
        channel=Channel.WEB,
        organisation_name=attendee.organisation_name,
        message=attendee.message,
        held=held,
        at=at,
    )
    return NEUTRAL if held or event.audience == Audience.MEMBERS else RegistrationAnswer(registration)


def _recognise(attendee: Attendee, at: datetime) -> Person:
    """Find or make the person who typed this; their name is locked until the transaction ends.

    :raises ValidationError: too_many_messages, when this address was written to too often today without an answer
    """
    person = recognise_person(
        first_name=attendee.first_name,
        last_name=attendee.last_name,
        email=attendee.email,
        phone=attendee.phone,
        at=at,
    )
    if not may_write_to(email=person.email, kinds=emails.UNSOLICITED_KINDS, at=at):
        raise ValidationError(
            "Nous avons déjà beaucoup écrit à cette adresse aujourd’hui. Ouvrez l’un de nos messages, ou appelez-nous.",
            code="too_many_messages",
        )
    return person


def _known_registration(person: Person, event: Event, form_token: UUID) -> tuple[UUID, Registration | None]:
    """The registration of the same form, else the one that stands at the same event; the person's lock is held.

    A form that was first sent for somebody else or another event gets another token, the same each time.
    """
    known = Registration.objects.select_related(*REGISTRATION_RELATIONS).filter(form_token=form_token).first()
    if known and (known.person_id, known.event_id) != (person.pk, event.pk):
        return _known_registration(person, event, uuid5(form_token, f"{event.pk}:{person.pk}"))
    if known is None or known.left_at:
        standing = Registration.objects.standing().filter(event=event, person=person)
        known = standing.select_related(*REGISTRATION_RELATIONS).first() or known
    return form_token, known


def _answer_known(registration: Registration, *, form_token: UUID, at: datetime) -> RegistrationAnswer:
    if registration.form_token == form_token:  # a double submit: the same answer
        closed = registration.is_held or registration.event.audience == Audience.MEMBERS or registration.left_at
        return NEUTRAL if closed else RegistrationAnswer(registration)
    emails.write_existing(registration, at=at)
    return NEUTRAL


@transaction.atomic
def register_somebody(
    *, event: Event, attendee: Attendee, form_token: UUID, channel: Channel, by: User, at: datetime
) -> Registration:
    """Register somebody for whom staff ask; their e-mail may be missing.

    :raises ValidationError: any refusal of ``register_person``; nothing is then created
    """
    if known := Registration.objects.select_related(*REGISTRATION_RELATIONS).filter(form_token=form_token).first():
        return known
    person = recognise_person(
        first_name=attendee.first_name,
        last_name=attendee.last_name,
        email=attendee.email,
        phone=attendee.phone,
        at=at,
    )
    return register_person(
        event=event,
        person=person,
        form_token=form_token,
        channel=channel,
        registered_by=by,
        organisation_name=attendee.organisation_name,
        at=at,
    )


def is_member(person: Person) -> bool:
    """Tell whether this person, or whoever uses the same address under that name, is a present member."""
    return Member.objects.present().filter(person=person).exists()


def is_flooding(person: Person, *, at: datetime) -> bool:
    """Tell whether this e-mail or phone registered, unconfirmed, more often in a day than people do."""
    same = Q(person__email=person.email)
    if person.phone:
        same |= Q(person__phone=person.phone)
    today = Registration.objects.filter(same, joined_at__gt=at - timedelta(days=1), confirmed_at=None)
    return today.count() >= REQUESTS_PER_DAY


@transaction.atomic
def send_links(*, email: str, at: datetime) -> None:
    """Write to ``email`` the links of its registrations to come: at most once an hour each.

    Who was written to too often today without having asked gets nothing more: the links they have still work.
    """
    coming = (
        Registration.objects.standing()
        .select_related(*REGISTRATION_RELATIONS)
        .filter(person__email__iexact=email.strip(), event__ends_at__gt=at, event__cancelled_at=None)
        .order_by("event__starts_at", "pk")
    )
    if not may_write_to(email=email, kinds=emails.UNSOLICITED_KINDS, at=at):
        return
    for registration in coming[:10]:
        emails.write_link(registration, at=at)
