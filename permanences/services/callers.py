"""Somebody on the phone or at the desk: staff book for them, or put them on a waiting list."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from coopconnexion.accounts.models import Organisation, Person, User
from coopconnexion.accounts.services import recognise_person
from coopconnexion.territories.models import Territory
from permanences.emails.booking import write_referred
from permanences.enums import Channel
from permanences.models import Booking, Permanence, Slot, WaitingListEntry
from permanences.services.booking import book_slot
from permanences.services.requests import Contact
from permanences.services.waiting import join_waiting_list
from projects.enums import Source
from projects.models import Project
from projects.services import note_referrer, open_project


@dataclass(frozen=True)
class Caller:
    """A known person or the contact of a new one, about one of their projects or a new one; who sent them."""

    person: Person | None
    project: Project | None
    contact: Contact
    referrer: Organisation | None = None


@transaction.atomic
def book_for_caller(*, slot: Slot, caller: Caller, form_token: UUID, booked_by: User, at: datetime) -> Booking:
    """Book for a caller, whose e-mail may be missing; who sent them is noted, and told when the appointment is.

    :raises ValidationError: any refusal of ``book_slot``; nothing is then created
    """
    if known := Booking.objects.filter(form_token=form_token).first():
        return known
    project = recognise_caller(caller=caller, territory=slot.permanence.territory, user=booked_by, at=at)
    booking = book_slot(
        slot=slot,
        person=project.holder,
        project=project,
        form_token=form_token,
        channel=Channel.STAFF,
        booked_by=booked_by,
        message=caller.contact.pitch,
        at=at,
    )
    if caller.referrer:
        write_referred(booking, referrer=caller.referrer, at=at)
    return booking


@transaction.atomic
def wait_for_caller(
    *, permanence: Permanence, caller: Caller, form_token: UUID, added_by: User, at: datetime
) -> WaitingListEntry:
    """Put a caller on the list of a full permanence; without an e-mail, staff phone them when a slot is kept for them.

    :raises ValidationError: any refusal of ``join_waiting_list``; nothing is then created
    """
    if known := WaitingListEntry.objects.filter(form_token=form_token).first():
        return known
    project = recognise_caller(caller=caller, territory=permanence.territory, user=added_by, at=at)
    return join_waiting_list(
        permanence=permanence,
        person=project.holder,
        project=project,
        form_token=form_token,
        message=caller.contact.pitch,
        at=at,
    )


def recognise_caller(*, caller: Caller, territory: Territory, user: User, at: datetime) -> Project:
    """Return the project the caller speaks of, found or made, with its holder."""
    contact, referrer = caller.contact, caller.referrer
    person = caller.person or recognise_person(
        first_name=contact.first_name, last_name=contact.last_name, email=contact.email, phone=contact.phone, at=at
    )
    project = caller.project or open_project(
        holder=person,
        territory=territory,
        title=contact.title,
        pitch=contact.pitch,
        intended_activity=contact.intended_activity,
        themes=contact.themes,
        source=Source.REFERRER if referrer else Source.PHONE,
        opened_by=user,
        referrer=referrer,
        at=at,
    )
    return note_referrer(project=project, referrer=referrer) if referrer else project
