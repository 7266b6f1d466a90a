"""The waiting list of a full permanence: joining, leaving, and being served by a booking."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from coopconnexion import jobs
from coopconnexion.accounts.models import Person
from coopconnexion.db import constraint_errors, joined
from permanences.emails import waiting as emails
from permanences.models import Booking, Permanence, SlotOffer, WaitingListEntry
from permanences.services.missed import serve_missed_request
from projects.models import Project

ENTRY_RELATIONS = ("permanence__venue__commune", "person", "project")


@transaction.atomic
def join_waiting_list(
    *,
    permanence: Permanence,
    person: Person,
    project: Project,
    form_token: UUID,
    at: datetime,
    message: str = "",
    held: bool = False,
) -> WaitingListEntry:
    """Put the person at the end of the list and write the link of their place to them.

    A ``form_token`` seen before returns its entry unchanged. Who is ``held`` receives no offer before they have
    confirmed their address.

    :raises ValidationError: permanence_cancelled, permanence_past, already_booked, already_waiting
    """
    refuse_no_more_slots(permanence, at=at)
    if Booking.objects.standing().filter(person=person, permanence=permanence).exists():
        raise ValidationError("Cette personne a déjà un rendez-vous à cette permanence.", code="already_booked")
    with constraint_errors(WaitingListEntry):
        entry, is_new = WaitingListEntry.objects.select_related(*ENTRY_RELATIONS).get_or_create(
            form_token=form_token,
            defaults={
                "permanence": permanence,
                "person": person,
                "project": project,
                "message": message,
                "joined_at": at,
                "held_at": at if held else None,
            },
        )
    if is_new:
        emails.write_joined(entry, position=waiting_position(entry), at=at)
        tend_soon(permanence)
    return entry


def refuse_no_more_slots(permanence: Permanence, *, at: datetime) -> None:
    """Refuse a list on which nothing can be offered any more.

    :raises ValidationError: permanence_cancelled, permanence_past
    """
    if permanence.cancelled_at:
        raise ValidationError(
            "Cette permanence est annulée\u202f: choisissez une autre date.", code="permanence_cancelled"
        )
    if not permanence.slots.open().filter(starts_at__gt=at + permanence.notice).exists():
        raise ValidationError(
            "Il est trop tard pour cette permanence\u202f: choisissez une autre date.", code="permanence_past"
        )


def waiting_position(entry: WaitingListEntry) -> int:
    """Return the rank of the entry among those who wait for the same permanence, from 1."""
    waiting = entry.permanence.waiting_entries.in_line()
    before = waiting.filter(joined_at__lt=entry.joined_at) | waiting.filter(joined_at=entry.joined_at, pk__lt=entry.pk)
    return before.count() + 1


@transaction.atomic
def confirm_waiting(*, entry: WaitingListEntry, at: datetime) -> WaitingListEntry:
    """Take note that the person used a link from a message; a held entry takes its place in line.

    :raises ValidationError: waiting_over
    """
    entry = lock_entry(entry)
    if not entry.is_waiting:
        raise ValidationError("Vous n’êtes plus sur cette liste d’attente.", code="waiting_over")
    was_held = entry.is_held
    mark_confirmed(entry, at)
    if was_held:
        tend_soon(entry.permanence)
    return entry


@transaction.atomic
def leave_waiting_list(*, entry: WaitingListEntry, at: datetime) -> WaitingListEntry:
    """Take the person off the list; a slot kept for them goes to the next. Leaving twice changes nothing more.

    :raises ValidationError: already_served, when they have their appointment meanwhile
    """
    entry = lock_entry(entry)
    if entry.served_at:
        raise ValidationError(
            "Vous avez obtenu un rendez-vous\u202f: annulez-le depuis son message de confirmation.",
            code="already_served",
        )
    if entry.left_at:
        return entry
    entry.left_at = at
    entry.save(update_fields=["left_at"])
    entry.offers.open().update(declined_at=at)
    tend_soon(entry.permanence)
    return entry


@joined
def serve_waiting_entry(*, booking: Booking, at: datetime) -> WaitingListEntry | None:
    """Take the person of ``booking`` off the list of its permanence, however they got the slot.

    An offer for that slot is accepted by it, one for another slot is declined. A booking held until confirmed serves
    nobody yet: call again once it stands.
    """
    if booking.held_until:
        return None
    waiting = WaitingListEntry.objects.waiting().filter(person=booking.person_id, permanence=booking.permanence_id)
    entry = waiting.select_for_update(of=("self",), no_key=True).select_related(*ENTRY_RELATIONS).first()
    if entry is None:
        return None
    if WaitingListEntry.objects.filter(booking=booking).exists():  # got on another list, then moved here
        entry.left_at = at
    else:
        entry.served_at, entry.booking = at, booking
    entry.save(update_fields=["left_at", "served_at", "booking"])
    serve_missed_request(form_token=entry.form_token, at=at)
    entry.offers.open().filter(slot=booking.slot_id).update(accepted_at=at)
    if entry.offers.open().update(declined_at=at):
        tend_soon(entry.permanence)
    return entry


@transaction.atomic
def close_waiting_list(*, permanence: Permanence, at: datetime) -> None:
    """Take everybody off the list of a cancelled permanence, with a message that names the next dates."""
    entries = WaitingListEntry.objects.waiting().filter(permanence=permanence).in_order()
    for entry in entries.select_for_update(of=("self",), no_key=True).select_related(*ENTRY_RELATIONS):
        entry.left_at = at
        entry.save(update_fields=["left_at"])
        emails.write_cancelled(entry, at=at)
    SlotOffer.objects.open().filter(entry__permanence=permanence).update(lapsed_at=at)


@transaction.atomic
def tell_waiting_of_move(*, permanence: Permanence, previous_start: datetime, at: datetime) -> None:
    """Tell those who wait that the permanence has moved; offers made for the old hours end, new ones follow."""
    SlotOffer.objects.open().filter(entry__permanence=permanence).update(lapsed_at=at)
    for entry in WaitingListEntry.objects.waiting().filter(permanence=permanence).select_related(*ENTRY_RELATIONS):
        emails.write_moved(entry, previous_start=previous_start, at=at)
    tend_soon(permanence)


@transaction.atomic
def send_waiting_links(*, email: str, at: datetime) -> None:
    """Write to ``email`` the links of its places on waiting lists: at most once an hour each."""
    entries = WaitingListEntry.objects.waiting().filter(person__email__iexact=email.strip()).in_order()
    for entry in entries.select_related(*ENTRY_RELATIONS)[:10]:
        emails.write_link(entry, position=waiting_position(entry), at=at)


def lock_entry(entry: WaitingListEntry) -> WaitingListEntry:
    """Return the row as it is now, locked until the end of the transaction."""
    entries = WaitingListEntry.objects.select_for_update(of=("self",), no_key=True)
    return entries.select_related(*ENTRY_RELATIONS).get(pk=entry.pk)


def mark_confirmed(entry: WaitingListEntry, at: datetime) -> None:
    """Note that a link from a message was used."""
    if entry.confirmed_at is None:
        entry.confirmed_at = at
        entry.save(update_fields=["confirmed_at"])


def tend_soon(permanence: Permanence) -> None:
    jobs.enqueue("permanences.tend_waiting_list", permanence_id=permanence.pk)
