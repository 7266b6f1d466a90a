from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from permanences.enums import CancelledBy, Outcome
from permanences.services import (
    cancel_booking,
    cancel_permanence,
    close_slots,
    record_outcome,
    release_booking,
    write_note,
)
from tests.factories import BookingFactory, PermanenceFactory, SlotFactory

pytestmark = pytest.mark.django_db


def past_booking(**traits):
    return BookingFactory(slot=SlotFactory(permanence=PermanenceFactory(past=True)), **traits)


@pytest.mark.parametrize("outcome", Outcome.values)
def test_the_presence_is_noted_with_its_time(outcome):
    booking, at = past_booking(), timezone.now()
    record_outcome(booking=booking, outcome=outcome, at=at)
    booking.refresh_from_db()
    assert (booking.outcome, booking.outcome_at) == (outcome, at)


def test_the_presence_is_noted_from_the_very_start():
    booking = BookingFactory()
    record_outcome(booking=booking, outcome=Outcome.ATTENDED, at=booking.slot.starts_at)
    booking.refresh_from_db()
    assert booking.outcome == Outcome.ATTENDED


def test_who_comes_early_is_noted_as_there():
    booking = BookingFactory()
    record_outcome(booking=booking, outcome=Outcome.ATTENDED, at=booking.slot.starts_at - timedelta(minutes=30))
    booking.refresh_from_db()
    assert booking.outcome == Outcome.ATTENDED


@pytest.mark.parametrize(("outcome", "minutes"), [(Outcome.ATTENDED, 31), (Outcome.NO_SHOW, 1), (Outcome.EXCUSED, 1)])
def test_nobody_is_absent_before_the_hour_nor_there_long_before(outcome, minutes):
    booking = BookingFactory()
    with pytest.raises(ValidationError) as refusal:
        record_outcome(booking=booking, outcome=outcome, at=booking.slot.starts_at - timedelta(minutes=minutes))
    assert refusal.value.code == "not_begun"


def early_arrival():
    booking = BookingFactory()
    at = booking.slot.starts_at - timedelta(minutes=20)
    return record_outcome(booking=booking, outcome=Outcome.ATTENDED, at=at), at


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda booking, at: cancel_booking(booking=booking, by=CancelledBy.CANDIDATE, at=at), "booking_over"),
        (lambda booking, at: release_booking(booking=booking, at=at), "booking_confirmed"),
        (
            lambda booking, at: close_slots(permanence=booking.permanence, slots=[booking.slot], reason="", at=at),
            "slot_past",
        ),
    ],
)
def test_the_appointment_of_who_is_already_there_stands(act, code):
    booking, at = early_arrival()
    with pytest.raises(ValidationError) as refusal:
        act(booking, at)
    booking.refresh_from_db()
    assert (refusal.value.code, booking.is_standing) == (code, True)


def test_a_day_cancelled_while_somebody_is_already_there_leaves_their_appointment():
    booking, at = early_arrival()
    assert cancel_permanence(permanence=booking.permanence, reason="Panne", at=at) == []
    booking.refresh_from_db()
    assert booking.outcome == Outcome.ATTENDED


def test_a_click_too_many_is_taken_back():
    booking = past_booking(no_show=True)
    record_outcome(booking=booking, outcome="", at=timezone.now())
    booking.refresh_from_db()
    assert (booking.outcome, booking.outcome_at) == ("", None)


def test_noting_the_same_twice_keeps_the_first_time():
    booking, at = past_booking(), timezone.now()
    for delay in (timedelta(0), timedelta(hours=1)):
        record_outcome(booking=booking, outcome=Outcome.ATTENDED, at=at + delay)
    booking.refresh_from_db()
    assert booking.outcome_at == at


@pytest.mark.parametrize(
    ("make_booking", "outcome", "code"),
    [
        (BookingFactory, Outcome.ATTENDED, "not_begun"),
        (lambda: past_booking(cancelled=True), Outcome.ATTENDED, "booking_over"),
        (lambda: past_booking(released=True), Outcome.NO_SHOW, "booking_over"),
        (past_booking, "peut-être", "unknown_outcome"),
    ],
)
def test_a_presence_that_cannot_be_noted_is_refused(make_booking, outcome, code):
    booking = make_booking()
    with pytest.raises(ValidationError) as refusal:
        record_outcome(booking=booking, outcome=outcome, at=timezone.now())
    booking.refresh_from_db()
    assert (refusal.value.code, booking.outcome) == (code, "")


def test_a_note_is_kept():
    booking = BookingFactory()
    write_note(booking=booking, note="Rappeler lundi.")
    booking.refresh_from_db()
    assert booking.staff_note == "Rappeler lundi."
