"""Several people at once, on real connections."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from coopconnexion.accounts.models import Person
from permanences import services
from permanences.enums import CancelledBy
from permanences.models import Booking, Slot
from permanences.services import Contact
from tests.factories import BookingFactory, PermanenceFactory, SlotFactory

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(calls):
    """Run the calls on as many threads, started together; return results, a refusal as its code."""
    barrier = Barrier(len(calls))

    def run(call):
        try:
            barrier.wait()
            return call()
        except ValidationError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def request(slot, n, *, token=None):
    contact = Contact(f"Camille{n}", "Dupont", f"camille{n}@example.org", "", "Projet")
    slot = Slot.objects.select_related("permanence__territory").get(pk=slot.pk)
    return services.request_booking(slot=slot, contact=contact, form_token=token or uuid4(), at=timezone.now())


def test_twelve_people_on_one_slot_one_booking_eleven_refusals():
    slot = SlotFactory()
    answers = at_once([lambda n=n: request(slot, n) for n in range(12)])
    assert answers.count("slot_taken") == 11
    assert (Booking.objects.standing().count(), Person.objects.count()) == (1, 1)


def test_twelve_people_on_four_slots_of_one_time_four_bookings():
    first = SlotFactory()
    for desk in (2, 3, 4):
        SlotFactory(permanence=first.permanence, desk=desk, starts_at=first.starts_at)
    slots = list(Slot.objects.order_by("pk"))
    answers = at_once([lambda n=n: request(slots[n % 4], n) for n in range(12)])
    assert answers.count("slot_taken") == 8
    assert Booking.objects.standing().values("slot").distinct().count() == 4


def test_one_person_sending_a_form_six_times_at_once_books_once():
    slot, token = SlotFactory(), uuid4()
    answers = at_once([lambda: request(slot, 1, token=token) for _ in range(6)])
    assert {answer.booking.pk for answer in answers} == {Booking.objects.get().pk}
    assert Person.objects.count() == 1


def test_one_person_on_two_slots_at_once_gets_one():
    slot = SlotFactory()
    other = SlotFactory(permanence=slot.permanence)
    at_once([lambda: request(slot, 1), lambda: request(other, 1)])
    assert Booking.objects.standing().count() == 1


def test_a_move_and_a_booking_for_one_slot_never_both_get_it():
    for _ in range(5):
        booking = BookingFactory()
        target = SlotFactory(permanence=booking.permanence)
        at_once(
            [
                lambda b=booking, t=target: services.move_booking(
                    booking=b, slot=t, by=CancelledBy.CANDIDATE, at=timezone.now()
                ),
                lambda t=target: request(t, uuid4().hex),
            ]
        )
        assert Booking.objects.standing().filter(slot=target).count() == 1
        booking.refresh_from_db()
        assert booking.is_standing


def test_two_bookings_that_swap_their_slots_do_not_lock_each_other():
    one = BookingFactory()
    two = BookingFactory(slot=SlotFactory(permanence=one.permanence))
    now = timezone.now()
    answers = at_once(
        [
            lambda: services.move_booking(booking=one, slot=two.slot, by=CancelledBy.CANDIDATE, at=now),
            lambda: services.move_booking(booking=two, slot=one.slot, by=CancelledBy.CANDIDATE, at=now),
        ]
    )
    assert answers == ["slot_taken", "slot_taken"]
    assert Booking.objects.standing().count() == 2


def test_a_booking_cancelled_while_somebody_takes_its_slot_leaves_at_most_one_standing():
    for _ in range(5):
        booking = BookingFactory(slot=SlotFactory(permanence=PermanenceFactory()))
        slot = booking.slot
        at_once(
            [
                lambda b=booking: services.cancel_booking(booking=b, by=CancelledBy.CANDIDATE, at=timezone.now()),
                lambda s=slot: request(s, uuid4().hex),
            ]
        )
        assert Booking.objects.standing().filter(slot=slot).count() <= 1
        booking.refresh_from_db()
        assert booking.cancelled_at is not None
