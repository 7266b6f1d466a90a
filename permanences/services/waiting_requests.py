"""A visitor asks for a place on a waiting list: recognised and held against floods as a booking is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from coopconnexion.accounts.models import Person
from permanences.emails.booking import write_existing
from permanences.emails.waiting import write_link
from permanences.models import Booking, Permanence, WaitingListEntry
from permanences.services.booking import BOOKING_RELATIONS
from permanences.services.requests import REQUESTS_PER_DAY, Contact, is_flooding, recognise_request
from permanences.services.waiting import ENTRY_RELATIONS, join_waiting_list, refuse_no_more_slots, waiting_position
from projects.enums import Source


@dataclass(frozen=True)
class WaitingAnswer:
    """What became of a request; without ``entry`` the page says to look at the mail, and nothing else."""

    entry: WaitingListEntry | None
    position: int = 0


NEUTRAL = WaitingAnswer(None)


@transaction.atomic
def request_waiting(
    *, permanence: Permanence, contact: Contact, form_token: UUID, at: datetime, suspicious: bool = False
) -> WaitingAnswer:
    """Put a visitor on the list: person and project are found or made in the same transaction.

    Who has an appointment there, or waits already, gets that link by mail. Past the limits of an e-mail or a phone, or
    when the caller finds the visit ``suspicious``, nothing is offered before the address is confirmed.

    :raises ValidationError: booking_paused, too_many_messages, or any refusal of ``join_waiting_list``
    """
    refuse_no_more_slots(permanence, at=at)
    _refuse_not_open(permanence, at)
    person, project = recognise_request(
        contact=contact, territory=permanence.territory, source=Source.PERMANENCE, at=at
    )
    form_token = _own_token(form_token, person, permanence)
    same = {"person": person, "permanence": permanence}
    booking = Booking.objects.standing().select_related(*BOOKING_RELATIONS).filter(**same).first()
    if booking:
        write_existing(booking, at=at)
        return NEUTRAL
    known = WaitingListEntry.objects.waiting().select_related(*ENTRY_RELATIONS).filter(**same).first()
    if known and known.form_token != form_token:
        write_link(known, position=waiting_position(known), at=at)
        return NEUTRAL
    entry = join_waiting_list(
        permanence=permanence,
        person=person,
        project=project,
        form_token=form_token,
        message=contact.pitch,
        held=suspicious or is_flooding(person, at=at) or _is_joining_much(person, at),
        at=at,
    )
    return NEUTRAL if entry.is_held else WaitingAnswer(entry, waiting_position(entry))


def _refuse_not_open(permanence: Permanence, at: datetime) -> None:
    if not permanence.is_open_for_booking(at):
        message = permanence.booking_paused_message or "La réservation de cette permanence n’est pas encore ouverte."
        raise ValidationError(message, code="booking_paused")


def _own_token(form_token: UUID, person: Person, permanence: Permanence) -> UUID:
    """Return the token of the form, or another when the form was first sent for somebody else or another day."""
    known = WaitingListEntry.objects.filter(form_token=form_token).first()
    if known is None or (known.person_id, known.permanence_id) == (person.pk, permanence.pk):
        return form_token
    return uuid5(form_token, f"{permanence.pk}:{person.pk}")


def _is_joining_much(person: Person, at: datetime) -> bool:
    """Tell whether this e-mail or phone joined lists as often in a day as the limit of bookings allows."""
    same = Q(person__email=person.email)
    if person.phone:
        same |= Q(person__phone=person.phone)
    today = WaitingListEntry.objects.filter(same, joined_at__gt=at - timedelta(days=1), confirmed_at=None)
    return today.count() >= REQUESTS_PER_DAY
