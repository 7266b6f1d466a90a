"""Booking for somebody on the phone or at the desk."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from coopconnexion.accounts.models import Person, User
from coopconnexion.accounts.services import recognise_person
from permanences.enums import Channel
from permanences.models import Booking, Slot
from permanences.services.booking import book_slot
from permanences.services.requests import Contact
from projects.enums import Source
from projects.models import Project
from projects.services import open_project


@transaction.atomic
def book_for_caller(
    *,
    slot: Slot,
    person: Person | None,
    project: Project | None,
    contact: Contact,
    form_token: UUID,
    booked_by: User,
    at: datetime,
) -> Booking:
    """Book for a known person or a new one, about one of their projects or a new one; the e-mail may be missing.

    :raises ValidationError: any refusal of ``book_slot``; nothing is then created
    """
    if known := Booking.objects.filter(form_token=form_token).first():
        return known
    person = person or recognise_person(
        first_name=contact.first_name, last_name=contact.last_name, email=contact.email, phone=contact.phone, at=at
    )
    project = project or open_project(
        holder=person,
        territory=slot.permanence.territory,
        title=contact.title,
        pitch=contact.pitch,
        intended_activity=contact.intended_activity,
        themes=contact.themes,
        source=Source.PHONE,
        at=at,
    )
    return book_slot(
        slot=slot,
        person=person,
        project=project,
        form_token=form_token,
        channel=Channel.STAFF,
        booked_by=booked_by,
        message=contact.pitch,
        at=at,
    )
