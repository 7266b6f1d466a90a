"""Offering freed slots to those who wait: one at a time, in order of joining, for a limited time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from coopconnexion.accounts.models import User
from coopconnexion.notices.rules import after_the_night, offer_lifetime
from permanences.emails import waiting as emails
from permanences.enums import Channel
from permanences.models import Booking, Permanence, Slot, SlotOffer, WaitingListEntry
from permanences.services.booking import BOOKING_RELATIONS, book_slot
from permanences.services.waiting import ENTRY_RELATIONS, lock_entry, mark_confirmed, tend_soon

OFFERS_AT_MOST = 3  # to one person for one permanence
OFFER_EVERY = timedelta(days=1)  # at most one message a day, as the messages promise
SHORTEST_OFFER = timedelta(minutes=30)  # what is left until the notice of the permanence; less is no use to anybody


@transaction.atomic
def offer_free_slots(*, permanence: Permanence, at: datetime) -> list[SlotOffer]:
    """Keep each free slot, in order of time, for the first waiting person who may receive it; write to them.

    Nobody is offered more than ``OFFERS_AT_MOST`` slots in all, nor two within ``OFFER_EVERY``, nor a time they were
    offered or have given up. A slot for which it is too late, or that fits nobody, stays open to all. Safe to call at
    any time and by several workers at once.
    """
    if not permanence.waiting_entries.in_line().exists():
        return []
    permanence = lock_slots(permanence)
    if permanence.cancelled_at or permanence.booking_paused_message:
        return []
    offers = []
    entries = takers(permanence, at)
    for slot in free_slots(permanence, at):
        entry = next((entry for entry in entries if slot.starts_at not in entry.refused_times), None)
        if entry:
            entries.remove(entry)
            offers.append(_offer(slot, entry, at))
    return offers


def lock_slots(permanence: Permanence, **only) -> Permanence:
    """Lock the slots of a permanence, in order: whoever books, offers or accepts waits for its turn.

    Return the permanence as it is now: staff may have cancelled or moved it meanwhile.
    """
    list(Slot.objects.select_for_update(of=("self",)).filter(permanence=permanence, **only).order_by("pk"))
    return Permanence.objects.get(pk=permanence.pk)


def free_slots(permanence: Permanence, at: datetime) -> list[Slot]:
    """Return the slots that may be offered at ``at``, in order of time."""
    slots = Slot.objects.filter(permanence=permanence).bookable(at).in_order()
    return [slot for slot in slots if offer_deadline(permanence, slot, at)]


def offer_deadline(permanence: Permanence, slot: Slot, at: datetime) -> datetime | None:
    """Return until when ``slot`` would be kept, never past the notice of its permanence; ``None``: too late.

    Nobody has to answer by night: such a deadline waits for the morning.
    """
    lifetime = offer_lifetime(slot.starts_at - at)
    if lifetime is None:
        return None
    deadline = min(after_the_night(at + lifetime), slot.starts_at - permanence.notice)
    return deadline if deadline - at >= SHORTEST_OFFER else None


def takers(permanence: Permanence, at: datetime) -> list[WaitingListEntry]:
    """Return, locked and in order of joining, those who may receive an offer, each with its ``refused_times``.

    Those are the times they were offered before, or whose booking they cancelled or let go.
    """
    entries = permanence.waiting_entries.in_line().in_order()
    entries = entries.select_for_update(of=("self",), no_key=True).select_related(*ENTRY_RELATIONS)
    known = {entry.pk: entry for entry in entries.prefetch_related("offers__slot")}
    ended, booked = _bookings_of(permanence, known.values())
    able = []
    for entry in known.values():
        entry.past_offers = list(entry.offers.all())
        entry.refused_times = {offer.slot.starts_at for offer in entry.past_offers} | ended.get(entry.person_id, set())
        if entry.person_id not in booked and _may_receive(entry.past_offers, at):
            able.append(entry)
    return able


def _may_receive(offers: list[SlotOffer], at: datetime) -> bool:
    return len(offers) < OFFERS_AT_MOST and not any(
        offer.is_open or offer.offered_at > at - OFFER_EVERY for offer in offers
    )


def _bookings_of(
    permanence: Permanence, entries: Iterable[WaitingListEntry]
) -> tuple[dict[int, set[datetime]], set[int]]:
    """Return the times given up, by person, and the people who have a standing booking."""
    ended: dict[int, set[datetime]] = {}
    booked = set()
    people = [entry.person_id for entry in entries]
    for booking in Booking.objects.filter(permanence=permanence, person__in=people).select_related("slot"):
        if booking.is_standing:
            booked.add(booking.person_id)
        else:
            ended.setdefault(booking.person_id, set()).add(booking.slot.starts_at)
    return ended, booked


def _offer(slot: Slot, entry: WaitingListEntry, at: datetime) -> SlotOffer:
    offer = SlotOffer.objects.create(
        entry=entry, slot=slot, offered_at=at, expires_at=offer_deadline(entry.permanence, slot, at)
    )
    emails.write_offer(offer, at=at, is_last=len(entry.past_offers) + 1 == OFFERS_AT_MOST)
    return offer


@transaction.atomic
def accept_offer(*, offer: SlotOffer, at: datetime, booked_by: User | None = None) -> Booking:
    """Book the slot that was kept; accepting twice returns the same booking.

    By the link of a message the address is thereby confirmed; staff who accept for somebody give ``booked_by``.

    :raises ValidationError: offer_over when it was declined or its time has passed, or any refusal of ``book_slot``
    """
    lock_slots(offer.entry.permanence, starts_at=offer.slot.starts_at)
    offer, entry = _reread(offer)
    if offer.accepted_at and entry.booking_id:
        return Booking.objects.select_related(*BOOKING_RELATIONS).get(pk=entry.booking_id)
    _refuse_over(entry, offer, at)
    booking = book_slot(
        slot=offer.slot,
        person=entry.person,
        project=entry.project,
        form_token=uuid5(entry.form_token, f"offer:{offer.pk}"),
        channel=Channel.WAITING_LIST,
        message=entry.message,
        booked_by=booked_by,
        confirmed_at=None if booked_by else at,
        at=at,
    )
    offer, entry = _reread(offer)
    if (
        offer.accepted_at is None
    ):  # declined or left at the same instant: rows of the list are locked after the booking's
        _refuse_over(entry, offer, at)
    if booked_by is None:
        mark_confirmed(entry, at)
    return booking


def _reread(offer: SlotOffer) -> tuple[SlotOffer, WaitingListEntry]:
    relations = ("slot__permanence", "entry__person", "entry__project")
    offer = SlotOffer.objects.select_related(*relations).get(pk=offer.pk)
    return offer, offer.entry


def _refuse_over(entry: WaitingListEntry, offer: SlotOffer, at: datetime) -> None:
    if offer.is_open and offer.expires_at > at and entry.is_waiting:
        return
    if entry.served_at:
        message = "Vous avez déjà un rendez-vous à cette permanence."
    elif offer.declined_at:
        message = "Vous avez répondu non à cette proposition. Réservez un autre créneau libre, s’il en reste."
    else:
        message = (
            "Ce créneau n’est plus gardé pour vous\u202f: le délai est passé. "
            "S’il est encore libre, réservez-le sur la page de la permanence."
        )
    raise ValidationError(message, code="offer_over")


@transaction.atomic
def decline_offer(*, offer: SlotOffer, at: datetime, declined_by: User | None = None) -> SlotOffer:
    """Give the slot up for the next; the person stays on the list. Declining twice changes nothing more.

    By the link of a message the address is thereby confirmed; staff who decline for somebody give ``declined_by``.

    :raises ValidationError: offer_over, when it was accepted
    """
    entry = lock_entry(offer.entry)
    offer = _lock_offer(offer)
    if offer.accepted_at:
        raise ValidationError(
            "Vous avez accepté ce créneau\u202f: pour y renoncer, annulez depuis le message de confirmation.",
            code="offer_over",
        )
    if offer.is_open:
        offer.declined_at = at
        offer.save(update_fields=["declined_at"])
        if declined_by is None:
            mark_confirmed(entry, at)
        tend_soon(entry.permanence)
    return offer


def _lock_offer(offer: SlotOffer) -> SlotOffer:
    offers = SlotOffer.objects.select_for_update(of=("self",)).select_related("slot")
    return offers.get(pk=offer.pk)


@transaction.atomic
def lapse_offers(*, permanence: Permanence, at: datetime) -> int:
    """End the offers past their time, and those whose slot was closed; return how many."""
    over = Q(expires_at__lte=at) | Q(slot__closed_at__isnull=False)
    ids = SlotOffer.objects.open().filter(over, entry__permanence=permanence).values_list("pk", flat=True)
    locked = SlotOffer.objects.open().filter(pk__in=list(ids)).select_for_update(of=("self",)).order_by("pk")
    return SlotOffer.objects.filter(pk__in=[offer.pk for offer in locked]).update(lapsed_at=at)
