"""Somebody books while staff move or cancel the day: nobody is left with an appointment they were not told about."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from threading import Event
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from coopconnexion.notices.models import Message
from permanences.enums import Channel
from permanences.models import Booking
from permanences.services import book_slot, cancel_permanence, change_schedule, generate_permanences, move_permanence
from tests.factories import PermanenceFactory, ProjectFactory, ScheduleFactory, SlotFactory

pytestmark = pytest.mark.django_db(transaction=True)

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = date(2026, 12, 3)


def race(staff, slot):
    """Let ``staff`` work, and somebody ask for ``slot`` before that is committed; return the refusal, if any."""
    worked, project = Event(), ProjectFactory()

    def work():
        try:
            with transaction.atomic():
                staff()
                worked.set()
                connection.cursor().execute("SELECT pg_sleep(0.4)")  # the booking now waits for our locks
        finally:
            connection.close()

    def book():
        worked.wait(10)
        try:
            book_slot(slot=slot, person=project.holder, project=project, form_token=uuid4(), channel=Channel.WEB, at=AT)
        except ValidationError as refusal:
            return refusal.code
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(2) as pool:
        working, booking = pool.submit(work), pool.submit(book)
        working.result()
        return booking.result()


@pytest.fixture
def slot():
    return SlotFactory(permanence=PermanenceFactory(held_on=DAY))


def test_a_slot_of_a_day_being_cancelled_is_not_booked(slot):
    refusal = race(lambda: cancel_permanence(permanence=slot.permanence, reason="", at=AT), slot)
    assert (refusal, Booking.objects.count()) == ("slot_closed", 0)


def test_a_slot_of_a_day_being_moved_is_not_booked_at_the_old_hour(slot):
    def move():
        permanence = slot.permanence
        move_permanence(
            permanence=permanence,
            held_on=DAY + timedelta(days=7),
            opens_at=time(14),
            venue=permanence.venue,
            reason="",
            at=AT,
        )

    assert race(move, slot) is not None
    assert Booking.objects.count() == 0


def test_a_slot_being_cut_anew_is_not_booked():
    schedule = ScheduleFactory(months_ahead=1)
    (permanence,) = generate_permanences(schedule=schedule, at=AT)
    slot = permanence.slots.in_order()[1]
    changes = {"slot_minutes": 30}
    refusal = race(lambda: change_schedule(schedule=schedule, changes=changes, decisions={}, at=AT), slot)
    assert refusal is not None
    assert (Booking.objects.count(), Message.objects.count()) == (0, 0)
