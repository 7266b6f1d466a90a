from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from permanences import services
from permanences.demand import Demand, demand_of
from tests.factories import (
    BookingFactory,
    PermanenceFactory,
    ProjectFactory,
    ScheduleFactory,
    SlotFactory,
    WaitingListEntryFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return timezone.now()


def permanence_of(schedule, *, days, **changes):
    held_on = timezone.localdate() + timedelta(days=days)
    return PermanenceFactory(schedule=schedule, planned_on=held_on, held_on=held_on, **changes)


def test_who_tried_for_a_gone_slot_is_counted_once_until_served(at):
    schedule = ScheduleFactory()
    permanence, token = permanence_of(schedule, days=5), uuid4()
    for _ in range(2):
        services.miss_request(permanence=permanence, form_token=token, at=at)
    assert demand_of(schedules=[schedule], at=at)[0].unserved == 1
    for _ in range(2):
        services.serve_missed_request(form_token=token, at=at)
    assert demand_of(schedules=[schedule], at=at)[0].unserved == 0


def test_a_form_that_missed_nothing_is_served_without_a_trace(at):
    services.serve_missed_request(form_token=uuid4(), at=at)


def test_who_missed_a_slot_then_waited_is_one_person_and_none_once_served(at):
    schedule = ScheduleFactory()
    permanence = permanence_of(schedule, days=5)
    entry = WaitingListEntryFactory(permanence=permanence, joined_at=at)
    services.miss_request(permanence=permanence, form_token=entry.form_token, at=at)
    assert demand_of(schedules=[schedule], at=at)[0].unserved == 1
    booking = BookingFactory(slot=SlotFactory(permanence=permanence), person=entry.person)
    services.serve_waiting_entry(booking=booking, at=at)
    assert demand_of(schedules=[schedule], at=at)[0].unserved == 0


def test_who_waited_on_a_test_project_or_long_ago_counts_nowhere(at):
    schedule = ScheduleFactory()
    permanence = permanence_of(schedule, days=5)
    WaitingListEntryFactory(permanence=permanence, project=ProjectFactory(is_test=True))
    WaitingListEntryFactory(permanence=permanence, joined_at=at - timedelta(days=190))
    WaitingListEntryFactory()
    assert demand_of(schedules=[schedule], at=at)[0].unserved == 0


def test_fill_rate_and_days_to_wait_are_those_of_the_permanences_held(at):
    schedule = ScheduleFactory()
    held = permanence_of(schedule, days=-10)
    for days in (3, 7, 20):
        slot = SlotFactory(permanence=held)
        BookingFactory(slot=slot, booked_at=slot.starts_at - timedelta(days=days))
    SlotFactory(permanence=held)
    SlotFactory(permanence=held, closed_at=at)
    BookingFactory(slot=SlotFactory(permanence=permanence_of(schedule, days=10)))
    BookingFactory(slot=SlotFactory(permanence=permanence_of(schedule, days=-200)))
    (demand,) = demand_of(schedules=[schedule], at=at)
    assert (demand.slots, demand.booked, demand.fill_rate, demand.median_days) == (4, 3, 0.75, 7)


def test_who_waited_first_has_waited_since_then(at):
    schedule = ScheduleFactory()
    slot = SlotFactory(permanence=permanence_of(schedule, days=-10))
    booking = BookingFactory(slot=slot, booked_at=slot.starts_at - timedelta(days=1))
    WaitingListEntryFactory(
        permanence=slot.permanence,
        person=booking.person,
        joined_at=slot.starts_at - timedelta(days=12),
        served_at=booking.booked_at,
        booking=booking,
    )
    assert demand_of(schedules=[schedule], at=at)[0].median_days == 12


def test_without_a_permanence_held_there_is_no_rate(at):
    schedule = ScheduleFactory()
    (demand,) = demand_of(schedules=[schedule], at=at)
    assert demand == Demand(schedule=schedule, unserved=0, short=0, slots=0, booked=0, median_days=None)
    assert (demand.fill_rate, demand.suggestion) == (None, "")


def test_high_demand_suggests_a_second_range(at):
    schedule = ScheduleFactory()
    for days, people in ((5, 4), (35, 3), (65, 2)):
        permanence = permanence_of(schedule, days=days)
        WaitingListEntryFactory.create_batch(people, permanence=permanence)
    (demand,) = demand_of(schedules=[schedule], at=at)
    assert demand.suggestion == ("9\xa0personnes sans créneau sur 3\xa0permanences\u202f: proposez une seconde plage.")


def test_a_few_people_without_a_slot_suggest_nothing(at):
    schedule = ScheduleFactory()
    permanence = permanence_of(schedule, days=5)
    for _ in range(4):
        WaitingListEntryFactory(permanence=permanence)
    assert demand_of(schedules=[schedule], at=at)[0].suggestion == ""


def test_demand_costs_the_same_whatever_the_number_of_schedules(at, django_assert_num_queries):
    schedules = []
    for _ in range(3):
        schedule = ScheduleFactory()
        BookingFactory(slot=SlotFactory(permanence=permanence_of(schedule, days=-10)))
        schedules.append(schedule)
        with django_assert_num_queries(5):
            demand_of(schedules=schedules, at=at)


def test_the_figures_are_said_in_words_and_what_is_unknown_is_left_out():
    schedule = ScheduleFactory.build()
    full = Demand(schedule=schedule, unserved=1, short=1, slots=8, booked=7, median_days=12)
    none = Demand(schedule=schedule, unserved=0, short=0, slots=0, booked=0, median_days=None)
    assert full.figures == [
        "88\u202f% des créneaux pris",
        "1\u00a0personne sans créneau",
        "12\u00a0jours de la demande au rendez-vous (médiane)",
    ]
    assert none.figures == []
