from calendar import monthcalendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopconnexion.periods import months_later
from coopconnexion.recurrence import nth_weekday
from coopconnexion.territories.rules import public_holiday
from permanences.enums import HolidayRule
from permanences.rules import Closed, PlannedDay, planned_days, shifted_wall_times, slot_times

PARIS = ZoneInfo("Europe/Paris")
THURSDAY = 3


def wall(slots):
    return [(f"{start:%H:%M}", f"{end:%H:%M}") for start, end in slots]


def cut(day, opens_at=time(9), closes_at=time(12), pause=(None, None), minutes=45):
    return slot_times(
        day=day,
        opens_at=opens_at,
        closes_at=closes_at,
        break_starts_at=pause[0],
        break_ends_at=pause[1],
        slot_minutes=minutes,
    )


def first_thursdays(first, until, rule=HolidayRule.NEXT_WEEK, **kwargs):
    return planned_days(nth=1, weekday=THURSDAY, holiday_rule=rule, first=first, until=until, **kwargs)


def test_every_weekday_of_every_month_over_twenty_years_agrees_with_the_calendar():
    for year in range(2019, 2039):
        for month in range(1, 13):
            for weekday in range(7):
                days = [week[weekday] for week in monthcalendar(year, month) if week[weekday]]
                expected = [date(year, month, day) for day in (*days[:4], days[-1])]
                assert [nth_weekday(year, month, nth, weekday) for nth in (1, 2, 3, 4, -1)] == expected


def test_the_fourth_thursday_is_not_the_last_in_a_month_of_five():
    assert nth_weekday(2026, 1, 4, THURSDAY) == date(2026, 1, 22)
    assert nth_weekday(2026, 1, -1, THURSDAY) == date(2026, 1, 29)


@pytest.mark.parametrize("nth", [0, 5, -2])
def test_a_weekday_that_not_every_month_has_is_refused(nth):
    with pytest.raises(ValueError, match="no weekday"):
        nth_weekday(2026, 1, nth, THURSDAY)


def test_the_first_thursdays_of_sixteen_years_meet_exactly_these_holidays():
    days = first_thursdays(date(2020, 1, 1), date(2036, 1, 1))
    assert len(days) == 16 * 12
    assert [(day.planned_on, day.holiday, day.held_on) for day in days if day.holiday] == [
        (date(2025, 5, 1), "Fête du Travail", date(2025, 5, 15)),  # the 8th is a holiday too
        (date(2026, 1, 1), "Jour de l’an", date(2026, 1, 8)),
        (date(2027, 5, 6), "Ascension", date(2027, 5, 13)),
        (date(2029, 11, 1), "Toussaint", date(2029, 11, 8)),
        (date(2031, 5, 1), "Fête du Travail", date(2031, 5, 15)),
        (date(2032, 1, 1), "Jour de l’an", date(2032, 1, 8)),
        (date(2032, 5, 6), "Ascension", date(2032, 5, 13)),
        (date(2035, 5, 3), "Ascension", date(2035, 5, 10)),
        (date(2035, 11, 1), "Toussaint", date(2035, 11, 8)),
    ]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (HolidayRule.SKIP, PlannedDay(date(2027, 5, 6), None, "Ascension", no_reason="Ascension")),
        (HolidayRule.KEEP, PlannedDay(date(2027, 5, 6), date(2027, 5, 6), "Ascension")),
        (
            HolidayRule.NEXT_WEEK,
            PlannedDay(date(2027, 5, 6), date(2027, 5, 13), "Ascension", shift_reason="Ascension"),
        ),
    ],
)
def test_ascension_2027_follows_the_rule_of_the_schedule(rule, expected):
    assert first_thursdays(date(2027, 5, 1), date(2027, 6, 1), rule) == [expected]


def test_the_last_thursday_of_2025_goes_over_christmas_and_new_year_into_january():
    days = planned_days(
        nth=-1,
        weekday=THURSDAY,
        holiday_rule=HolidayRule.NEXT_WEEK,
        first=date(2025, 12, 1),
        until=date(2026, 1, 1),
    )
    assert [day.held_on for day in days] == [date(2026, 1, 8)]


def test_a_shift_past_the_end_of_the_schedule_gives_no_permanence():
    (day,) = first_thursdays(date(2027, 5, 1), date(2027, 5, 10), ends_on=date(2027, 5, 10))
    assert (day.held_on, day.no_reason) == (None, "Ascension")


def test_a_closure_leaves_out_its_days_its_end_excluded():
    august = Closed(date(2026, 7, 2), date(2026, 8, 6), "Congés")
    days = first_thursdays(date(2026, 7, 1), date(2026, 9, 1), closures=[august])
    assert [(day.held_on, day.no_reason) for day in days] == [(None, "Congés"), (date(2026, 8, 6), "")]


def test_a_shift_into_a_closure_gives_no_permanence():
    works = Closed(date(2027, 5, 13), date(2027, 5, 14), "Travaux")
    (day,) = first_thursdays(date(2027, 5, 1), date(2027, 6, 1), closures=[works])
    assert (day.held_on, day.no_reason) == (None, "Travaux")


@given(
    nth=st.sampled_from([1, 2, 3, 4, -1]),
    weekday=st.integers(0, 6),
    first=st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    months=st.integers(1, 36),
)
def test_no_two_permanences_of_a_rule_fall_on_one_day_nor_on_a_holiday(nth, weekday, first, months):
    days = planned_days(
        nth=nth,
        weekday=weekday,
        holiday_rule=HolidayRule.NEXT_WEEK,
        first=first,
        until=months_later(first, months),
    )
    held = [day.held_on for day in days if day.held_on]
    assert held == sorted(set(held))
    assert not any(map(public_holiday, held))


def test_a_morning_is_cut_into_slots_that_fit():
    assert wall(cut(date(2026, 11, 5))) == [
        ("09:00", "09:45"),
        ("09:45", "10:30"),
        ("10:30", "11:15"),
        ("11:15", "12:00"),
    ]


def test_a_slot_that_would_run_into_the_break_or_past_closing_is_not_made():
    slots = cut(date(2026, 11, 5), time(9), time(15), pause=(time(12, 15), time(13, 30)), minutes=60)
    assert wall(slots) == [("09:00", "10:00"), ("10:00", "11:00"), ("11:00", "12:00"), ("13:30", "14:30")]


@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2027, 4, 1), date(2027, 10, 31), date(2027, 11, 4)])
def test_a_morning_keeps_its_wall_time_around_the_changes_of_hour(day):
    assert wall(cut(day))[0] == ("09:00", "09:45")
    assert cut(day)[0][0].utcoffset() == timedelta(hours=2 if 4 <= day.month < 10 or day.day == 28 else 1)


def test_a_night_in_march_loses_the_hour_that_does_not_exist():
    slots = cut(date(2027, 3, 28), time(1), time(4), minutes=60)
    assert wall(slots) == [("01:00", "03:00"), ("03:00", "04:00")]
    assert {end - start.astimezone(UTC) for start, end in slots} == {timedelta(hours=1)}


def test_a_night_in_october_has_the_hour_twice():
    slots = cut(date(2027, 10, 31), time(1), time(4), minutes=60)
    assert [start.astimezone(UTC).hour for start, _ in slots] == [23, 0, 1, 2]
    assert wall(slots)[-1] == ("03:00", "04:00")


def test_an_opening_in_the_hour_that_does_not_exist_is_an_hour_later():
    assert cut(date(2027, 3, 28), time(2, 30), time(5), minutes=60)[0][0] == datetime(2027, 3, 28, 3, 30, tzinfo=PARIS)


def test_the_first_hour_after_the_change_is_cut_like_any_other():
    assert wall(cut(date(2027, 3, 28), time(3), time(4), minutes=30)) == [("03:00", "03:30"), ("03:30", "04:00")]


def test_wall_times_follow_the_opening():
    assert shifted_wall_times(
        held_on=date(2026, 11, 5),
        opens_at=time(9),
        times=[time(12), None],
        to_day=date(2026, 11, 12),
        to_opens_at=time(14, 30),
    ) == [time(17, 30), None]


def test_a_day_that_would_run_past_midnight_is_refused():
    with pytest.raises(ValueError, match="midnight"):
        shifted_wall_times(
            held_on=date(2026, 11, 5),
            opens_at=time(9),
            times=[time(12)],
            to_day=date(2026, 11, 5),
            to_opens_at=time(22),
        )


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 2, 28), 36, date(2029, 2, 28)),
    ],
)
def test_months_later_stays_in_the_month(day, months, later):
    assert months_later(day, months) == later
