"""Offers that lapse, bookings released for those who wait, and the tasks that see to it."""

from datetime import UTC, date, time, timedelta

import pytest
from django.utils import timezone

from coopconnexion.notices.models import Message
from coopconnexion.recurrence import at_wall_time
from permanences import services, tasks
from permanences.models import Booking, Slot, SlotOffer
from tests.factories import (
    BookingFactory,
    PermanenceFactory,
    SlotFactory,
    SlotOfferFactory,
    TerritoryFactory,
    UserFactory,
    WaitingListEntryFactory,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def at():
    """Ten in the morning: no deadline of less than a day falls in the night."""
    return at_wall_time(timezone.localdate(), time(10)).astimezone(UTC)


def waiting(permanence, *, at, people=1):
    return [
        WaitingListEntryFactory(permanence=permanence, joined_at=at - timedelta(days=5, minutes=-n))
        for n in range(people)
    ]


def offer(permanence, *, at):
    return services.offer_free_slots(permanence=permanence, at=at)


def kinds():
    return list(Message.objects.order_by("pk").values_list("kind", flat=True))


def slot_closed(made, at):
    Slot.objects.filter(pk=made.slot_id).update(closed_at=at)
    return at


# --- tending ----------------------------------------------------------------------------------------------------------


def test_an_offer_past_its_time_lapses_and_the_next_is_asked(at):
    slot = SlotFactory()
    _, second = waiting(slot.permanence, at=at, people=2)
    (made,) = offer(slot.permanence, at=at)
    services.tend_waiting_list(permanence=slot.permanence, at=made.expires_at)
    made.refresh_from_db()
    assert made.lapsed_at == made.expires_at
    assert SlotOffer.objects.open().get().entry == second


def test_an_offer_of_a_slot_that_staff_close_ends(at):
    made = SlotOfferFactory()
    slot_closed(made, at)
    services.tend_waiting_list(permanence=made.entry.permanence, at=at)
    assert not SlotOffer.objects.open().exists()


def unconfirmed(permanence, at, *, hours):
    return BookingFactory(slot=SlotFactory(permanence=permanence), booked_at=at - hours * HOUR)


def test_an_unconfirmed_booking_is_released_for_who_waits_once_its_grace_has_passed(at):
    permanence = PermanenceFactory()
    overdue, recent = unconfirmed(permanence, at, hours=49), unconfirmed(permanence, at, hours=47)
    (entry,) = waiting(permanence, at=at)
    services.tend_waiting_list(permanence=permanence, at=at)
    assert list(Booking.objects.standing()) == [recent]
    made = SlotOffer.objects.get()
    assert (made.entry, made.slot) == (entry, overdue.slot)
    assert kinds() == ["booking-release", "waiting-offer"]


def test_who_booked_late_in_the_evening_has_the_night_to_confirm():
    booked_at = at_wall_time(date(2027, 1, 6), time(22))
    permanence = PermanenceFactory(held_on=date(2027, 1, 7))
    slot = SlotFactory(permanence=permanence, starts_at=at_wall_time(date(2027, 1, 7), time(16)))
    booking = BookingFactory(slot=slot, booked_at=booked_at)
    waiting(permanence, at=booked_at)
    services.tend_waiting_list(permanence=permanence, at=at_wall_time(date(2027, 1, 7), time(7, 59)))
    assert booking in Booking.objects.standing()
    services.tend_waiting_list(permanence=permanence, at=at_wall_time(date(2027, 1, 7), time(8)))
    assert booking not in Booking.objects.standing()


def test_no_more_bookings_are_released_than_people_wait_beyond_the_free_slots(at):
    permanence = PermanenceFactory()
    SlotFactory(permanence=permanence)
    oldest = unconfirmed(permanence, at, hours=60)
    kept = unconfirmed(permanence, at, hours=50)
    waiting(permanence, at=at, people=2)
    services.tend_waiting_list(permanence=permanence, at=at)
    assert list(Booking.objects.standing()) == [kept]
    assert oldest.slot in [made.slot for made in SlotOffer.objects.all()]


def test_without_anybody_waiting_nothing_is_released(at):
    booking = unconfirmed(PermanenceFactory(), at, hours=100)
    services.tend_waiting_list(permanence=booking.permanence, at=at)
    assert booking in Booking.objects.standing()


@pytest.mark.parametrize("changes", [{"confirmed": True}, {"channel": "staff"}, {"channel": "waiting_list"}])
def test_a_booking_that_is_confirmed_or_not_from_the_web_is_never_released(changes, at):
    booking = BookingFactory(booked_at=at - 100 * HOUR, **changes)
    waiting(booking.permanence, at=at)
    services.tend_waiting_list(permanence=booking.permanence, at=at)
    assert booking in Booking.objects.standing()


def test_a_booking_too_near_to_be_offered_is_not_released(at):
    slot = SlotFactory(starts_at=at + 5 * HOUR)
    booking = BookingFactory(slot=slot, booked_at=at - 100 * HOUR)
    waiting(booking.permanence, at=at)
    services.tend_waiting_list(permanence=booking.permanence, at=at)
    assert booking in Booking.objects.standing()


def test_the_lists_to_tend_are_those_with_somebody_waiting_or_an_offer_to_end(at, monkeypatch):
    asked = []
    monkeypatch.setattr("coopconnexion.jobs._send", lambda name, kwargs: asked.append((name, kwargs["permanence_id"])))
    coming = WaitingListEntryFactory().permanence
    past = SlotOfferFactory(
        entry__permanence=PermanenceFactory(past=True), entry__left_at=at, expires_at=at - HOUR
    ).entry.permanence
    WaitingListEntryFactory(left_at=at)
    WaitingListEntryFactory(permanence=PermanenceFactory(past=True))
    SlotFactory()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("coopconnexion.jobs.transaction.on_commit", lambda call: call())
        services.tend_waiting_lists(at=at)
    assert sorted(asked) == sorted(("permanences.tend_waiting_list", each.pk) for each in (coming, past))


def test_the_task_of_a_list_offers_its_free_slots_and_passes_over_a_permanence_that_is_gone():
    entry = WaitingListEntryFactory()
    SlotFactory(permanence=entry.permanence)
    for _ in range(2):
        tasks.tend_waiting_list(permanence_id=entry.permanence_id)
    tasks.tend_waiting_list(permanence_id=0)
    assert SlotOffer.objects.open().get().entry == entry


def test_staff_release_the_unconfirmed_of_their_territories_one_or_all(at):
    mine = BookingFactory()
    confirmed = BookingFactory(slot=SlotFactory(permanence=mine.permanence), confirmed=True)
    begun = BookingFactory(slot=SlotFactory(permanence=mine.permanence, starts_at=at))
    elsewhere = BookingFactory(permanence__territory=TerritoryFactory())
    advisor = UserFactory(advisor=True, territory=mine.permanence.territory)
    bookings = [mine, confirmed, begun, elsewhere]
    assert services.release_unconfirmed(bookings=bookings, user=advisor, at=at) == [mine]
    assert set(Booking.objects.standing()) == {confirmed, begun, elsewhere}
    assert kinds() == ["booking-release"]
