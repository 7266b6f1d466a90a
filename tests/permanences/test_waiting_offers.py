from datetime import UTC, date, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from coopconnexion.notices.models import Message
from coopconnexion.recurrence import at_wall_time
from permanences import services
from permanences.enums import CancelledBy
from permanences.models import Booking, Slot, SlotOffer
from tests.factories import (
    BookingFactory,
    PermanenceFactory,
    PersonFactory,
    SlotFactory,
    SlotOfferFactory,
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


# --- who is offered what ----------------------------------------------------------------------------------------------


def test_free_slots_go_in_order_of_time_to_people_in_order_of_joining(at):
    late = SlotFactory(starts_at=at + timedelta(days=10, hours=2))
    early = SlotFactory(permanence=late.permanence, starts_at=at + timedelta(days=10))
    first, second, _ = waiting(late.permanence, at=at, people=3)
    offers = offer(late.permanence, at=at)
    assert [(each.entry, each.slot) for each in offers] == [(first, early), (second, late)]
    assert {each.expires_at for each in offers} == {at + 24 * HOUR}
    assert kinds() == ["waiting-offer", "waiting-offer"]


def test_offering_again_offers_nothing_more(at):
    slot = SlotFactory()
    waiting(slot.permanence, at=at, people=2)
    assert [len(offer(slot.permanence, at=at)) for _ in range(3)] == [1, 0, 0]


@pytest.mark.parametrize(
    ("lead", "lifetime"),
    [(169 * HOUR, 24), (49 * HOUR, 12), (25 * HOUR, 4), (7 * HOUR, 1), (6 * HOUR, None), (-HOUR, None)],
)
def test_a_slot_is_kept_for_less_time_as_the_day_comes_near_then_not_at_all(lead, lifetime, at):
    slot = SlotFactory(starts_at=at + lead)
    waiting(slot.permanence, at=at)
    expected = [at + lifetime * HOUR] if lifetime else []
    assert [each.expires_at for each in offer(slot.permanence, at=at)] == expected


def test_a_slot_is_never_kept_past_the_notice_of_its_permanence(at):
    permanence = PermanenceFactory(notice_minutes=48 * 60)
    near = SlotFactory(permanence=permanence, starts_at=at + 50 * HOUR)
    SlotFactory(permanence=permanence, starts_at=at + timedelta(hours=48, minutes=29), desk=2)
    waiting(permanence, at=at, people=2)
    assert [(each.slot, each.expires_at) for each in offer(permanence, at=at)] == [(near, at + 2 * HOUR)]


def test_nobody_has_to_answer_by_night():
    evening = at_wall_time(date(2027, 1, 5), time(21, 30))
    permanence = PermanenceFactory(held_on=date(2027, 1, 7))
    slot = SlotFactory(permanence=permanence, starts_at=at_wall_time(date(2027, 1, 7), time(9)))
    waiting(slot.permanence, at=evening)
    (made,) = offer(slot.permanence, at=evening)
    assert made.expires_at == at_wall_time(date(2027, 1, 6), time(8))


def make_taken(slot, at):
    BookingFactory(slot=slot)


def make_closed(slot, at):
    Slot.objects.filter(pk=slot.pk).update(closed_at=at)


def make_cancelled(slot, at):
    slot.permanence.cancelled_at = at
    slot.permanence.save()


def make_paused(slot, at):
    slot.permanence.booking_paused_message = "Grève."
    slot.permanence.save()


@pytest.mark.parametrize("spoil", [make_taken, make_closed, make_cancelled, make_paused])
def test_a_slot_that_cannot_be_booked_is_not_offered(spoil, at):
    slot = SlotFactory()
    waiting(slot.permanence, at=at)
    spoil(slot, at)
    assert (offer(slot.permanence, at=at), kinds()) == ([], [])


def has_left(entry, at):
    services.leave_waiting_list(entry=entry, at=at)


def has_an_appointment(entry, at):
    BookingFactory(slot=SlotFactory(permanence=entry.permanence), person=entry.person)


def was_offered_today(entry, at):
    SlotOfferFactory(entry=entry, offered_at=at - 23 * HOUR, lapsed_at=at - HOUR)


def was_offered_three_times(entry, at):
    for days in (2, 3, 4):
        SlotOfferFactory(entry=entry, offered_at=at - timedelta(days=days), lapsed_at=at)


def was_offered_this_time(entry, at):
    slot = entry.permanence.slots.get()
    SlotOfferFactory(entry=entry, slot=slot, offered_at=at - timedelta(days=2), declined_at=at - timedelta(days=2))


def cancelled_this_time(entry, at):
    booking = BookingFactory(slot=entry.permanence.slots.get(), person=entry.person)
    services.cancel_booking(booking=booking, by=CancelledBy.CANDIDATE, at=at)


def is_held(entry, at):
    entry.held_at = at
    entry.save()


@pytest.mark.parametrize(
    "spoil",
    [
        has_left,
        has_an_appointment,
        was_offered_today,
        was_offered_three_times,
        was_offered_this_time,
        cancelled_this_time,
        is_held,
    ],
)
def test_who_may_receive_nothing_is_passed_over_for_the_next(spoil, at):
    slot = SlotFactory()
    first, second = waiting(slot.permanence, at=at, people=2)
    spoil(first, at)
    slot_of = {each.slot: each.entry for each in offer(slot.permanence, at=at)}
    assert slot_of[slot] == second
    assert first not in slot_of.values()


def test_the_same_time_with_another_advisor_is_not_offered_to_who_declined_it(at):
    slot = SlotFactory()
    (entry,) = waiting(slot.permanence, at=at)
    SlotOfferFactory(entry=entry, slot=slot, offered_at=at - timedelta(days=2), declined_at=at - timedelta(days=2))
    SlotFactory(permanence=slot.permanence, desk=2, starts_at=slot.starts_at)
    assert offer(slot.permanence, at=at) == []


def test_a_slot_that_suits_nobody_stays_open_to_all(at):
    slot = SlotFactory()
    (entry,) = waiting(slot.permanence, at=at)
    was_offered_today(entry, at)
    assert offer(slot.permanence, at=at) == []
    assert slot in Slot.objects.bookable(at)


def test_a_day_after_an_offer_another_may_come(at):
    slot = SlotFactory()
    (entry,) = waiting(slot.permanence, at=at)
    was_offered_today(entry, at)
    assert [each.entry for each in offer(slot.permanence, at=at + HOUR)] == [entry]


def test_the_third_offer_says_that_it_is_the_last(at):
    slot = SlotFactory()
    (entry,) = waiting(slot.permanence, at=at)
    for days in (2, 3):
        SlotOfferFactory(entry=entry, offered_at=at - timedelta(days=days), lapsed_at=at)
    offer(slot.permanence, at=at)
    assert "troisième et dernière proposition" in Message.objects.get().text


def test_who_has_no_email_is_offered_the_slot_by_phone(at):
    slot = SlotFactory()
    WaitingListEntryFactory(permanence=slot.permanence, person=PersonFactory(email="", phone="+33612345678"))
    offers = offer(slot.permanence, at=at)
    assert (len(offers), kinds()) == (1, [])
    assert list(SlotOffer.objects.to_phone(at)) == offers


def test_offering_costs_the_same_whatever_the_length_of_the_list(at, django_assert_num_queries):
    for people in (1, 3, 10):
        permanence = BookingFactory(slot=SlotFactory(permanence=PermanenceFactory())).permanence
        waiting(permanence, at=at, people=people)
        with django_assert_num_queries(9):  # savepoint, who waits, slots, day, who, offers, bookings, free, release
            offer(permanence, at=at)


# --- the answer -------------------------------------------------------------------------------------------------------


def test_accepting_books_the_slot_and_confirms_the_address(at):
    made = SlotOfferFactory(entry__message="Un local ?")
    booking = services.accept_offer(offer=made, at=at)
    made.refresh_from_db()
    entry = made.entry
    entry.refresh_from_db()
    assert (booking.slot, booking.person, booking.message) == (made.slot, entry.person, "Un local ?")
    assert (entry.booking, entry.served_at, entry.confirmed_at, made.accepted_at) == (booking, at, at, at)
    assert kinds() == ["booking-confirmation"]
    assert "est confirmé" in Message.objects.get().text


def test_accepting_twice_books_once(at):
    made = SlotOfferFactory()
    assert services.accept_offer(offer=made, at=at) == services.accept_offer(offer=made, at=at)
    assert Booking.objects.count() == 1


def test_staff_accept_for_somebody_on_the_phone(at):
    made, advisor = SlotOfferFactory(entry__person__email=""), UserFactory()
    booking = services.accept_offer(offer=made, at=at, booked_by=advisor)
    made.entry.refresh_from_db()
    assert (booking.booked_by, booking.confirmed_at, made.entry.confirmed_at, kinds()) == (advisor, None, None, [])


def past_its_time(made, at):
    return made.expires_at


def after_the_start(made, at):
    SlotOffer.objects.filter(pk=made.pk).update(expires_at=made.slot.starts_at + HOUR)
    return made.slot.starts_at + timedelta(minutes=1)


def declined(made, at):
    services.decline_offer(offer=made, at=at)
    return at


def served_elsewhere(made, at):
    other = SlotFactory(permanence=made.entry.permanence)
    booking = BookingFactory(slot=other, person=made.entry.person)
    services.serve_waiting_entry(booking=booking, at=at)
    return at


def slot_closed(made, at):
    Slot.objects.filter(pk=made.slot_id).update(closed_at=at)
    return at


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (past_its_time, "offer_over"),
        (after_the_start, "slot_past"),
        (declined, "offer_over"),
        (served_elsewhere, "offer_over"),
        (slot_closed, "slot_closed"),
    ],
)
def test_an_offer_that_holds_no_more_is_refused(spoil, code, at):
    made = SlotOfferFactory()
    when = spoil(made, at)
    before = Booking.objects.count()
    with pytest.raises(ValidationError) as refusal:
        services.accept_offer(offer=made, at=when)
    assert (refusal.value.code, Booking.objects.count()) == (code, before)


def test_declining_keeps_the_place_and_gives_the_slot_to_the_next(at):
    slot = SlotFactory()
    first, second = waiting(slot.permanence, at=at, people=2)
    (made,) = offer(slot.permanence, at=at)
    for _ in range(2):
        services.decline_offer(offer=made, at=at)
    services.tend_waiting_list(permanence=slot.permanence, at=at)
    assert list(SlotOffer.objects.open().values_list("entry", flat=True)) == [second.pk]
    first.refresh_from_db()
    assert (first.is_waiting, first.confirmed_at) == (True, at)


def test_what_was_accepted_is_not_declined(at):
    made = SlotOfferFactory()
    services.accept_offer(offer=made, at=at)
    with pytest.raises(ValidationError) as refusal:
        services.decline_offer(offer=made, at=at)
    assert refusal.value.code == "offer_over"
