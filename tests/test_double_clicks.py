"""Every button pressed twice at the same instant, and opposite buttons together: real requests in real threads."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coopconnexion.notices.models import Message
from coopconnexion.notices.services import new_link
from permanences.models import Booking, Slot, WaitingLink
from tests.factories import (
    BookingFactory,
    PermanenceFactory,
    SlotFactory,
    SlotOfferFactory,
    UserFactory,
    WaitingListEntryFactory,
)
from tests.test_attacks import token_of

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 4


def press(*posts: tuple[str, dict], user=None) -> list[int]:
    """Send each post ``TIMES`` times, all at once; return the statuses."""
    waiting = [post for post in posts for _ in range(TIMES)]
    barrier = Barrier(len(waiting))

    def send(post):
        try:
            client = Client(raise_request_exception=False)
            if user:
                client.force_login(user)
            barrier.wait(timeout=20)
            return client.post(*post).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(waiting)) as pool:
        statuses = list(pool.map(send, waiting))
    assert max(statuses) < 500
    return statuses


@pytest.fixture
def permanence():
    permanence = PermanenceFactory()
    SlotFactory.create_batch(4, permanence=permanence)
    return permanence


@pytest.fixture
def booking(permanence):
    return BookingFactory(slot=permanence.slots.in_order()[0])


@pytest.fixture
def manager():
    return UserFactory(manager=True)


def by_link(booking, action: str, **values) -> tuple[str, dict]:
    return reverse(f"permanences:booking_{action}", kwargs={"token": token_of(booking)}), values


def by_staff(booking, action: str, **values) -> tuple[str, dict]:
    return reverse(f"permanences_staff:booking_{action}", args=[booking.pk]), values


def test_confirming_twice_confirms_once(booking):
    press(by_link(booking, "confirm"))
    booking.refresh_from_db()
    assert booking.confirmed_at


def test_cancelling_twice_writes_once(booking):
    press(by_link(booking, "cancel"))
    assert Message.objects.filter(kind="booking-cancellation").count() == 1


def test_moving_twice_moves_once(booking, permanence):
    target = permanence.slots.in_order()[2]
    press(by_link(booking, "move", slot=target.pk))
    booking.refresh_from_db()
    assert (booking.slot, booking.sequence) == (target, 1)


def test_confirming_cancelling_and_moving_at_once_leave_one_state(booking, permanence, manager):
    target = permanence.slots.in_order()[2]
    press(by_link(booking, "confirm"), by_link(booking, "cancel"), by_link(booking, "move", slot=target.pk))
    booking.refresh_from_db()
    assert booking.cancelled_at
    assert Slot.objects.free(timezone.now()).count() == 4


def test_staff_who_end_a_booking_in_three_ways_at_once_end_it_once(booking, manager):
    end = {"by": "candidate"}
    press(
        by_staff(booking, "cancel", **end),
        by_staff(booking, "release"),
        by_staff(booking, "outcome", outcome=""),
        user=manager,
    )
    booking.refresh_from_db()
    assert bool(booking.cancelled_at) != bool(booking.released_at)


@pytest.mark.parametrize("answers", [["accept"], ["decline"], ["accept", "decline"], ["accept", "leave"]])
def test_an_offer_is_answered_once(answers, permanence):
    entry = WaitingListEntryFactory(permanence=permanence)
    offer = SlotOfferFactory(entry=entry, slot=permanence.slots.in_order()[0])
    at = timezone.now()
    token = new_link(WaitingLink, at=at, expires_at=at + timedelta(days=9), entry=entry)
    urls = {
        "accept": reverse("permanences:offer_accept", kwargs={"token": token, "pk": offer.pk}),
        "decline": reverse("permanences:offer_decline", kwargs={"token": token, "pk": offer.pk}),
        "leave": reverse("permanences:waiting_leave", kwargs={"token": token}),
    }
    press(*((urls[name], {}) for name in answers))
    offer.refresh_from_db()
    assert (offer.accepted_at is None) != (offer.declined_at is None)
    assert Booking.objects.standing().count() == (offer.accepted_at is not None)


@pytest.mark.parametrize("names", [["cancel"], ["move"], ["cancel", "move"]])
def test_a_day_is_moved_or_cancelled_once(names, booking, permanence, manager):
    at = {"held_on": permanence.held_on + timedelta(days=1), "opens_at": "10:00", "venue": permanence.venue_id}
    sent = {"sequence": permanence.sequence, "confirmed": "on", **at}
    press(
        *((reverse(f"permanences_staff:permanence_{name}", args=[permanence.pk]), sent) for name in names), user=manager
    )
    permanence.refresh_from_db()
    assert permanence.sequence == 1
    assert Message.objects.filter(person=booking.person).count() == 1


def test_releasing_twice_writes_once(booking, manager):
    press((reverse("permanences_staff:release_unconfirmed"), {}), by_staff(booking, "release"), user=manager)
    assert Message.objects.filter(kind="booking-release").count() == 1


def test_a_stale_page_undoes_nothing_of_a_colleague(booking, permanence, manager, client):
    client.force_login(manager)
    client.post(*by_staff(booking, "cancel", by="candidate"))
    client.post(*by_staff(booking, "outcome", outcome="attended"))
    client.post(*by_staff(booking, "release"))
    client.post(*by_staff(booking, "move", slot=permanence.slots.in_order()[1].pk))
    booking.refresh_from_db()
    assert (booking.outcome, booking.released_at, booking.sequence) == ("", None, 1)
