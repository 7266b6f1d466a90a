from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection
from django.utils import timezone

from coopconnexion.recurrence import Nth, Weekday
from permanences.enums import HolidayRule
from permanences.models import Closure, Permanence, Slot
from permanences.services import planning
from permanences.services.planning import add_permanence, generate_all, generate_permanences
from tests.factories import ScheduleFactory, VenueFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)


def held(schedule):
    return list(schedule.permanences.order_by("planned_on").values_list("planned_on", "held_on", "shift_reason"))


def local_starts(permanence):
    slots = permanence.slots.in_order()
    return [f"{timezone.localtime(slot.starts_at):%d/%m %H:%M}" for slot in slots]


def test_a_schedule_gives_its_months_ahead_with_their_slots():
    schedule = ScheduleFactory(months_ahead=3, desks=2, notice_minutes=300, reminder_minutes=[60])
    permanences = generate_permanences(schedule=schedule, at=AT)
    assert held(schedule) == [(day, day, "") for day in (date(2026, 12, 3), date(2027, 1, 7), date(2027, 2, 4))]
    assert {(each.venue, each.notice_minutes, each.reminder_minutes[0]) for each in permanences} == {
        (schedule.venue, 300, 60)
    }
    assert local_starts(permanences[0]) == [
        f"03/12 {start}" for start in ("09:00", "09:45", "10:30", "11:15") for _ in range(2)
    ]


def test_generating_again_gives_nothing_even_after_a_move_or_a_cancellation():
    schedule = ScheduleFactory(months_ahead=3)
    moved, cancelled, _ = generate_permanences(schedule=schedule, at=AT)
    Permanence.objects.filter(pk=moved.pk).update(held_on=date(2026, 12, 17))
    Permanence.objects.filter(pk=cancelled.pk).update(cancelled_at=AT)
    assert generate_permanences(schedule=schedule, at=AT) == []
    assert schedule.permanences.count() == 3


def test_a_month_later_only_the_new_month_is_created():
    schedule = ScheduleFactory(months_ahead=2)
    generate_permanences(schedule=schedule, at=AT)
    (new,) = generate_permanences(schedule=schedule, at=AT + timedelta(days=31))
    assert new.held_on == date(2027, 2, 4)


def test_ascension_2027_moves_a_week_and_says_why():
    schedule = ScheduleFactory(months_ahead=6)
    generate_permanences(schedule=schedule, at=AT)
    assert held(schedule)[5] == (date(2027, 5, 6), date(2027, 5, 13), "Ascension")


def test_a_skipped_holiday_and_a_closure_give_no_permanence():
    schedule = ScheduleFactory(months_ahead=7, holiday_rule=HolidayRule.SKIP)
    Closure.objects.create(
        schedule=schedule, starts_on=date(2027, 2, 1), ends_on=date(2027, 3, 1), reason="Travaux à La Fabrique"
    )
    generate_permanences(schedule=schedule, at=AT)
    assert [day.month for day, _, _ in held(schedule)] == [12, 1, 3, 4, 6]


def test_a_day_shifted_over_the_new_year_is_created_the_next_day_of_work():
    schedule = ScheduleFactory(months_ahead=1, nth=Nth.FIRST)
    (new,) = generate_permanences(schedule=schedule, at=datetime(2026, 1, 2, 8, tzinfo=UTC))[:1]
    assert (new.planned_on, new.held_on, new.shift_reason) == (date(2026, 1, 1), date(2026, 1, 8), "Jour de l’an")


def test_the_validity_of_the_schedule_bounds_its_days():
    schedule = ScheduleFactory(months_ahead=12, starts_on=date(2027, 1, 8), ends_on=date(2027, 4, 1))
    generate_permanences(schedule=schedule, at=AT)
    assert [planned for planned, _, _ in held(schedule)] == [date(2027, 2, 4), date(2027, 3, 4)]


def test_the_present_day_is_not_generated_any_more():
    schedule = ScheduleFactory(months_ahead=1)
    generate_permanences(schedule=schedule, at=datetime(2026, 12, 3, 5, tzinfo=UTC))
    assert [planned for planned, _, _ in held(schedule)] == []


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2027, 3, 20, tzinfo=UTC), date(2027, 3, 28)),
        (datetime(2027, 10, 20, tzinfo=UTC), date(2027, 10, 31)),
    ],
)
def test_slots_keep_their_wall_time_on_the_days_the_hour_changes(at, day):
    schedule = ScheduleFactory(
        months_ahead=1, nth=Nth.LAST, weekday=Weekday.SUNDAY, opens_at=time(3), closes_at=time(6)
    )
    permanence = generate_permanences(schedule=schedule, at=at)[0]
    assert permanence.held_on == day
    assert [start[6:] for start in local_starts(permanence)] == ["03:00", "03:45", "04:30", "05:15"]


def test_the_beat_just_before_and_after_the_lost_hour_generates_once():
    schedule = ScheduleFactory(months_ahead=3)
    generate_all(at=datetime(2027, 3, 28, 0, 59, tzinfo=UTC))
    generate_all(at=datetime(2027, 3, 28, 1, 0, tzinfo=UTC))
    assert [planned.month for planned, _, _ in held(schedule)] == [4, 5, 6]


def test_the_number_of_queries_does_not_grow_with_the_months(django_assert_num_queries):
    short, long = ScheduleFactory(months_ahead=1), ScheduleFactory(months_ahead=36)
    for schedule in (short, long):
        with django_assert_num_queries(9):
            generate_permanences(schedule=schedule, at=AT)
    assert long.permanences.count() == 36


def test_one_schedule_that_fails_stops_no_other(monkeypatch, caplog):
    broken, sound, over = ScheduleFactory(), ScheduleFactory(), ScheduleFactory(ends_on=date(2026, 1, 1))
    real = planning.generate_permanences

    def fail_once(*, schedule, at):
        if schedule == broken:
            raise DatabaseError
        return real(schedule=schedule, at=at)

    monkeypatch.setattr(planning, "generate_permanences", fail_once)
    generate_all(at=AT)
    assert [each.permanences.count() for each in (broken, sound, over)] == [0, 12, 0]
    assert f"schedule {broken.pk}" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_generate_once():
    schedule = ScheduleFactory(months_ahead=6)
    barrier = Barrier(6)

    def beat(_):
        try:
            barrier.wait()
            return len(generate_permanences(schedule=schedule, at=AT))
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        created = sorted(pool.map(beat, range(6)))
    assert created == [0] * 5 + [6]
    assert (schedule.permanences.count(), Slot.objects.count()) == (6, 24)


def test_staff_add_a_permanence_of_no_schedule():
    venue = VenueFactory()
    permanence = add_permanence(
        venue=venue, held_on=date(2026, 12, 9), opens_at=time(14), closes_at=time(16), slot_minutes=60, at=AT
    )
    assert (permanence.schedule, permanence.planned_on, permanence.territory) == (None, None, venue.territory)
    assert local_starts(permanence) == ["09/12 14:00", "09/12 15:00"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"held_on": date(2026, 11, 22)}, "day_past"),
        ({"closes_at": time(14, 30)}, "no_slot"),
        ({"closes_at": time(13)}, "hours"),
        ({"break_starts_at": time(15)}, "break"),
        ({"desks": 0}, "sizes"),
    ],
)
def test_a_day_that_makes_no_sense_is_refused(changes, code):
    plan = {"held_on": date(2026, 12, 9), "opens_at": time(14), "closes_at": time(16)} | changes
    with pytest.raises(ValidationError) as refusal:
        add_permanence(venue=VenueFactory(), at=AT, **plan)
    assert (refusal.value.code, Permanence.objects.count()) == (code, 0)
