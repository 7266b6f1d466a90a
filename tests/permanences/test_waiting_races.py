"""Waiting lists on real connections: offers made, answered and ended at the same instant."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from permanences import services
from permanences.enums import Channel
from permanences.models import Booking, Slot, SlotOffer, WaitingListEntry
from permanences.services import Contact
from tests.factories import (
    BookingFactory,
    PermanenceFactory,
    ProjectFactory,
    SlotFactory,
    SlotOfferFactory,
    WaitingListEntryFactory,
)
from tests.permanences.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 3


def book_directly(slot, person):
    slot = Slot.objects.select_related("permanence").get(pk=slot.pk)
    return services.book_slot(
        slot=slot,
        person=person,
        project=ProjectFactory(holder=person, territory=slot.permanence.territory),
        form_token=uuid4(),
        channel=Channel.WEB,
        at=timezone.now(),
    )


def test_six_workers_tending_one_list_make_one_offer_per_slot_and_person():
    permanence = PermanenceFactory()
    for _ in range(2):
        SlotFactory(permanence=permanence)
    for _ in range(3):
        WaitingListEntryFactory(permanence=permanence)
    now = timezone.now()
    at_once([lambda: services.tend_waiting_list(permanence=permanence, at=now)] * 6)
    offers = SlotOffer.objects.all()
    assert (len(offers), len({o.slot_id for o in offers}), len({o.entry_id for o in offers})) == (2, 2, 2)


def test_six_clicks_on_accept_book_once():
    offer, now = SlotOfferFactory(), timezone.now()
    answers = at_once([lambda: services.accept_offer(offer=offer, at=now)] * 6)
    assert set(answers) == {Booking.objects.get()}


@pytest.mark.parametrize("rounds", range(ROUNDS))
def test_an_offer_accepted_while_it_lapses_ends_one_way(rounds):
    offer = SlotOfferFactory()
    answers = at_once(
        [
            lambda: services.accept_offer(offer=offer, at=offer.expires_at - timedelta(seconds=1)),
            lambda: services.tend_waiting_list(permanence=offer.entry.permanence, at=offer.expires_at),
        ]
    )
    offer.refresh_from_db()
    booked = Booking.objects.standing().exists()
    assert booked == (offer.accepted_at is not None) == (answers[0] != "offer_over")
    assert (offer.accepted_at is None) != (offer.lapsed_at is None)


@pytest.mark.parametrize("rounds", range(ROUNDS))
@pytest.mark.parametrize("other", ["decline", "leave"])
def test_an_offer_accepted_while_it_is_given_up_ends_one_way(rounds, other):
    offer, now = SlotOfferFactory(), timezone.now()
    give_up = {
        "decline": lambda: services.decline_offer(offer=offer, at=now),
        "leave": lambda: services.leave_waiting_list(entry=offer.entry, at=now),
    }
    at_once([lambda: services.accept_offer(offer=offer, at=now), give_up[other]])
    offer.refresh_from_db()
    assert Booking.objects.standing().exists() == (offer.accepted_at is not None) == (offer.declined_at is None)


@pytest.mark.parametrize("rounds", range(ROUNDS))
def test_the_slot_kept_for_somebody_is_not_got_by_the_public_at_the_same_instant(rounds):
    offer, now = SlotOfferFactory(), timezone.now()
    contact = Contact("Élodie", "Lefèbvre", "elodie@example.org", "", "Épicerie")
    slot = Slot.objects.select_related("permanence__territory").get(pk=offer.slot_id)
    answers = at_once(
        [
            lambda: services.accept_offer(offer=offer, at=now),
            lambda: services.request_booking(slot=slot, contact=contact, form_token=uuid4(), at=now),
        ]
    )
    assert answers == [Booking.objects.get(), "slot_taken"]


@pytest.mark.parametrize("rounds", range(ROUNDS))
def test_who_accepts_and_books_another_slot_at_once_has_one_appointment(rounds):
    offer, now = SlotOfferFactory(), timezone.now()
    other = SlotFactory(permanence=offer.entry.permanence)
    at_once(
        [
            lambda: services.accept_offer(offer=offer, at=now),
            lambda: book_directly(other, offer.entry.person),
        ]
    )
    booking = Booking.objects.get()
    entry = WaitingListEntry.objects.get()
    assert (entry.booking, SlotOffer.objects.open().count()) == (booking, 0)


@pytest.mark.parametrize("rounds", range(ROUNDS))
def test_a_booking_confirmed_while_it_is_released_for_who_waits_ends_one_way(rounds):
    now = timezone.now()
    booking = BookingFactory(booked_at=now - timedelta(days=5))
    WaitingListEntryFactory(permanence=booking.permanence)
    at_once(
        [
            lambda: services.confirm_booking(booking=booking, at=now),
            lambda: services.tend_waiting_list(permanence=booking.permanence, at=now),
        ]
    )
    booking.refresh_from_db()
    assert (booking.confirmed_at is None) != (booking.released_at is None)
    assert SlotOffer.objects.count() == (1 if booking.released_at else 0)


@pytest.mark.parametrize("rounds", range(ROUNDS))
def test_nothing_is_offered_for_a_permanence_cancelled_at_the_same_instant(rounds):
    entry, now = WaitingListEntryFactory(), timezone.now()
    permanence = entry.permanence
    SlotFactory(permanence=permanence)
    at_once(
        [
            lambda: services.tend_waiting_list(permanence=permanence, at=now),
            lambda: services.cancel_permanence(permanence=permanence, reason="", at=now),
        ]
    )
    services.tend_waiting_list(permanence=permanence, at=now)
    entry.refresh_from_db()
    assert (SlotOffer.objects.open().count(), entry.is_waiting) == (0, False)


def test_a_form_sent_six_times_at_once_joins_once():
    permanence = BookingFactory().permanence
    token, now = uuid4(), timezone.now()
    contact = Contact("Élodie", "Lefèbvre", "elodie@example.org", "", "Épicerie")
    ask = lambda: services.request_waiting(permanence=permanence, contact=contact, form_token=token, at=now)  # noqa: E731
    answers = at_once([ask] * 6)
    assert {answer.entry for answer in answers} == {WaitingListEntry.objects.get()}
