from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from permanences.enums import Outcome
from permanences.services import record_outcome, write_note
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
