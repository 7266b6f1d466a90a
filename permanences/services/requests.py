"""What the public asks for: the person and project recognised, floods held, then a booking."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q

from coopconnexion.accounts.models import Person
from coopconnexion.accounts.services import recognise_person
from coopconnexion.notices.services import may_write_to
from coopconnexion.territories.models import Territory, Theme
from permanences.emails import booking as emails
from permanences.enums import Channel
from permanences.models import Booking, Slot
from permanences.services.booking import BOOKING_RELATIONS, refuse_unbookable, take_slot
from projects.enums import Source
from projects.models import Project
from projects.services import open_project

HOLD = timedelta(minutes=30)
REQUESTS_PER_DAY = 3  # by e-mail or phone; past it a booking is held until confirmed
STANDING_AT_ONCE = 3


@dataclass(frozen=True)
class Contact:
    """What a visitor typed of themselves and of their project."""

    first_name: str
    last_name: str
    email: str
    phone: str
    title: str
    pitch: str = ""
    intended_activity: str = ""
    themes: Iterable[Theme] = ()


@dataclass(frozen=True)
class BookingAnswer:
    """What became of a request. ``neutral``: the page says to look at the mail, and nothing else."""

    booking: Booking
    neutral: bool


@transaction.atomic
def request_booking(
    *, slot: Slot, contact: Contact, form_token: UUID, at: datetime, suspicious: bool = False
) -> BookingAnswer:
    """Book ``slot`` for a visitor: person and project are found or made in the same transaction.

    Who already has an appointment at this permanence gets its link by mail; past the limits of an e-mail or a phone, or
    when the caller finds the visit ``suspicious``, the booking is held for half an hour until confirmed.

    :raises ValidationError: too_many_messages, or any refusal of ``book_slot``
    """
    refuse_unbookable(slot, channel=Channel.WEB, at=at)
    _refuse_taken(slot, form_token)
    person = recognise_contact(contact=contact, at=at)
    form_token, known = _known_booking(person, slot, form_token)
    if known:
        return _answer_known(known, form_token=form_token, at=at)
    held = suspicious or is_flooding(person, at=at)
    booking = take_slot(
        slot=slot,
        person=person,
        project=recognise_project(
            contact=contact, person=person, territory=slot.permanence.territory, source=Source.PERMANENCE, at=at
        ),
        form_token=form_token,
        channel=Channel.WEB,
        message=contact.pitch,
        held_until=min(at + HOLD, slot.starts_at) if held else None,
        at=at,
    )
    return BookingAnswer(booking, neutral=held)


def _refuse_taken(slot: Slot, form_token: UUID) -> None:
    """Answer the many who come too late for a slot before anything is written or locked for them.

    :raises ValidationError: slot_taken, unless this form booked it
    """
    same_time = Slot.objects.filter(permanence=slot.permanence_id, starts_at=slot.starts_at)
    if not same_time.unbooked().exists() and not Booking.objects.filter(form_token=form_token).exists():
        raise ValidationError("Ce créneau vient d’être réservé.", code="slot_taken")


def _known_booking(person: Person, slot: Slot, form_token: UUID) -> tuple[UUID, Booking | None]:
    """The booking of the same form, else the one that stands at the same permanence; the person's lock is held.

    A form that was first sent for somebody else gets another token, the same each time.
    """
    same_day = Q(person=person, permanence=slot.permanence_id, cancelled_at=None, released_at=None)
    bookings = Booking.objects.select_related(*BOOKING_RELATIONS).filter(Q(form_token=form_token) | same_day)
    known = {booking.form_token: booking for booking in bookings}
    if form_token in known and known[form_token].person_id != person.pk:
        return _known_booking(person, slot, uuid5(form_token, str(person.pk)))
    return form_token, known.get(form_token) or next(iter(known.values()), None)


def _answer_known(booking: Booking, *, form_token: UUID, at: datetime) -> BookingAnswer:
    if booking.form_token == form_token:  # a double submit: the same answer
        return BookingAnswer(booking, neutral=booking.held_until is not None)
    emails.write_existing(booking, at=at)
    return BookingAnswer(booking, neutral=True)


def recognise_request(
    *, contact: Contact, territory: Territory, source: Source, at: datetime
) -> tuple[Person, Project]:
    """Find or make the person and the project of a visitor's request.

    :raises ValidationError: too_many_messages
    """
    person = recognise_contact(contact=contact, at=at)
    return person, recognise_project(contact=contact, person=person, territory=territory, source=source, at=at)


def recognise_contact(*, contact: Contact, at: datetime) -> Person:
    """Find or make the person who typed this; their name is locked until the transaction ends.

    :raises ValidationError: too_many_messages, when this address was written to too often today without an answer
    """
    person = recognise_person(
        first_name=contact.first_name, last_name=contact.last_name, email=contact.email, phone=contact.phone, at=at
    )
    refuse_mail_flood(person.email, at=at)
    return person


def recognise_project(
    *, contact: Contact, person: Person, territory: Territory, source: Source, at: datetime
) -> Project:
    return open_project(
        holder=person,
        territory=territory,
        title=contact.title,
        pitch=contact.pitch,
        intended_activity=contact.intended_activity,
        themes=contact.themes,
        source=source,
        at=at,
    )


def refuse_mail_flood(email: str, *, at: datetime) -> None:
    """Protect an address from somebody who types it again and again.

    :raises ValidationError: too_many_messages
    """
    if not may_write_to(email=email, kinds=emails.UNSOLICITED_KINDS, at=at):
        raise ValidationError(
            "Nous avons déjà beaucoup écrit à cette adresse aujourd’hui. Ouvrez l’un de nos messages, ou appelez-nous.",
            code="too_many_messages",
        )


def is_flooding(person: Person, *, at: datetime) -> bool:
    """Tell whether this e-mail or phone asked more than people do: three times a day, or three standing at once."""
    same = Q(person__email=person.email)
    if person.phone:
        same |= Q(person__phone=person.phone)
    recent = Q(booked_at__gt=at - timedelta(days=1), confirmed_at=None)
    standing = Q(slot__starts_at__gt=at, cancelled_at=None, released_at=None)
    counts = Booking.objects.filter(same).aggregate(
        asked=Count("pk", filter=recent), standing=Count("pk", filter=standing)
    )
    return counts["asked"] >= REQUESTS_PER_DAY or counts["standing"] >= STANDING_AT_ONCE
