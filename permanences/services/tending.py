"""Waiting lists kept moving: lapsed offers, unconfirmed bookings released for those who wait, freed slots offered."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from coopconnexion import jobs
from coopconnexion.accounts.models import User
from coopconnexion.accounts.permissions import can_work
from coopconnexion.notices.rules import after_the_night, unconfirmed_grace
from permanences.models import Booking, Permanence
from permanences.services.booking import release_booking
from permanences.services.offers import (
    free_slots,
    lapse_offers,
    lock_slots,
    offer_deadline,
    offer_free_slots,
    takers,
)
from permanences.services.waiting import close_waiting_list


def tend_waiting_lists(*, at: datetime) -> None:
    """Fan out one task per permanence that has people waiting or an offer to end."""
    waiting = Q(waiting_entries__left_at=None, waiting_entries__served_at=None, waiting_entries__isnull=False)
    coming = Permanence.objects.from_day(timezone.localdate(at)).filter(waiting)
    offered = Permanence.objects.filter(
        waiting_entries__offers__expires_at__lte=at,
        waiting_entries__offers__accepted_at=None,
        waiting_entries__offers__declined_at=None,
        waiting_entries__offers__lapsed_at=None,
    )
    due = Permanence.objects.filter(Q(pk__in=coming.values("pk")) | Q(pk__in=offered.values("pk")))
    for pk in due.order_by("held_on", "pk").values_list("pk", flat=True):
        jobs.enqueue("permanences.tend_waiting_list", permanence_id=pk)


@transaction.atomic
def tend_waiting_list(*, permanence: Permanence, at: datetime) -> None:
    """Do all that is due for the waiting list of one permanence; safe to call at any time and by several workers."""
    permanence = lock_slots(permanence)
    lapse_offers(permanence=permanence, at=at)
    if permanence.cancelled_at:
        close_waiting_list(permanence=permanence, at=at)
        return
    _release_for_waiting(permanence, at)
    offer_free_slots(permanence=permanence, at=at)


def _release_for_waiting(permanence: Permanence, at: datetime) -> None:
    """Release as many overdue unconfirmed bookings as people wait beyond the free slots, the oldest first."""
    overdue = _overdue(permanence, at)
    if not overdue or permanence.booking_paused_message:
        return
    entries = takers(permanence, at)
    for slot in free_slots(permanence, at):
        _match(entries, slot)
    for booking in overdue:
        if _match(entries, booking.slot):
            _release(booking, at)


def _overdue(permanence: Permanence, at: datetime) -> list[Booking]:
    """Return the bookings whose grace has passed and whose slot could still be offered."""
    bookings = Booking.objects.unconfirmed().filter(permanence=permanence).select_related("slot")
    return [
        booking
        for booking in bookings.order_by("booked_at", "pk")
        if after_the_night(booking.booked_at + unconfirmed_grace(booking.slot.starts_at - at)) <= at
        and booking.slot.closed_at is None
        and booking.slot.starts_at > at + permanence.notice
        and offer_deadline(permanence, booking.slot, at)
    ]


def _match(entries: list, slot) -> bool:
    """Strike the first person whom ``slot`` would suit; tell whether there was one."""
    entry = next((entry for entry in entries if slot.starts_at not in entry.refused_times), None)
    if entry:
        entries.remove(entry)
    return entry is not None


@transaction.atomic
def release_unconfirmed(*, bookings: Iterable[Booking], user: User, at: datetime) -> list[Booking]:
    """Release those of ``bookings`` that nobody has confirmed and that ``user`` may change; return them.

    Who has confirmed meanwhile, or whose appointment has begun, keeps it.
    """
    ids = [booking.pk for booking in bookings]
    unconfirmed = Booking.objects.unconfirmed().filter(pk__in=ids, slot__starts_at__gt=at)
    allowed = [
        booking
        for booking in unconfirmed.select_related("permanence").order_by("pk")
        if can_work(user, booking.permanence.territory_id)
    ]
    return [booking for booking in allowed if _release(booking, at)]


def _release(booking: Booking, at: datetime) -> bool:
    """Release, unless the person has just confirmed."""
    try:
        return release_booking(booking=booking, at=at).released_at is not None
    except ValidationError:
        return False
