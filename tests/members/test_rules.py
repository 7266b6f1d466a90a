from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopconnexion.periods import months_later
from members.enums import ContractNature, DeadlineKind, Situation
from members.rules import (
    alert_due,
    association_deadline,
    holds,
    latest_end,
    months_and_days,
    series_and_ranks,
    situation,
    time_deducted,
    union,
)

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
SUPPORT, EMPLOYMENT = ContractNature.SUPPORT, ContractNature.EMPLOYMENT


@st.composite
def periods(draw):
    starts_on = draw(DAYS)
    return starts_on, starts_on + timedelta(days=draw(st.integers(1, 800)))


# --- months ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "length"),
    [
        (date(2024, 3, 1), date(2025, 3, 1), (12, 0)),
        (date(2024, 3, 1), date(2025, 2, 28), (11, 27)),
        (date(2024, 3, 1), date(2024, 4, 15), (1, 14)),
        (date(2024, 1, 31), date(2024, 2, 29), (1, 0)),
        (date(2024, 2, 29), date(2025, 2, 28), (12, 0)),
        (date(2024, 2, 29), date(2024, 3, 1), (0, 1)),
    ],
)
def test_a_period_is_whole_months_then_days(starts_on, ends_on, length):
    assert months_and_days(starts_on, ends_on) == length


@given(periods())
def test_months_and_days_lead_from_the_start_to_the_end(period):
    starts_on, ends_on = period
    months, days = months_and_days(starts_on, ends_on)
    assert months >= 0
    assert 0 <= days < 31
    assert months_later(starts_on, months) + timedelta(days=days) == ends_on


@given(st.lists(periods(), max_size=6), DAYS)
def test_the_union_covers_the_same_days_with_periods_that_do_not_touch(some, day):
    joined = union(some)
    assert any(holds(period, day) for period in some) == any(holds(period, day) for period in joined)
    assert all(one[1] < other[0] for one, other in pairwise(joined))


# --- the three-year clock --------------------------------------------------------------------------------------------


def test_the_worked_example_of_the_law():
    """CAPE of 12 months, renewed 6 months, then a CESA on 1 September 2025: associate by 1 March 2027."""
    earlier = [(date(2024, 3, 1), date(2025, 3, 1)), (date(2025, 3, 1), date(2025, 9, 1))]
    assert association_deadline(date(2025, 9, 1), earlier) == date(2027, 3, 1)


CESA = date(2025, 9, 1)


@pytest.mark.parametrize(
    ("earlier", "deadline"),
    [
        pytest.param([], date(2028, 9, 1), id="without any earlier contract"),
        pytest.param(
            [(date(2024, 3, 1), date(2025, 3, 1)), (date(2024, 9, 1), date(2025, 9, 1))],
            date(2027, 3, 1),
            id="overlapping contracts count once",
        ),
        pytest.param(
            [(date(2024, 3, 1), date(2024, 9, 1)), (date(2025, 3, 1), date(2025, 9, 1))],
            date(2027, 9, 1),
            id="the gap between two contracts is not deducted",
        ),
        pytest.param(
            [(date(2018, 1, 1), date(2019, 1, 1)), (date(2024, 9, 1), date(2025, 9, 1))],
            date(2026, 9, 1),
            id="contracts of a first series, before leaving and coming back, are deducted too",
        ),
        pytest.param([(date(2025, 3, 1), date(2026, 3, 1))], date(2028, 3, 1), id="up to the clock only"),
        pytest.param([(date(2025, 3, 1), None)], date(2028, 3, 1), id="one without an end counts up to the clock"),
        pytest.param([(date(2025, 9, 1), date(2026, 9, 1))], date(2028, 9, 1), id="what starts with it is not earlier"),
        pytest.param([(date(2020, 1, 1), date(2024, 1, 1))], CESA, id="the delay may be nil, never negative"),
        pytest.param([(date(2024, 3, 1), date(2024, 4, 16))], date(2028, 7, 17), id="months first, then days"),
    ],
)
def test_the_deadline_to_become_an_associate(earlier, deadline):
    assert association_deadline(CESA, earlier) == deadline


def test_a_clock_that_starts_on_a_leap_day_ends_in_february():
    assert association_deadline(date(2024, 2, 29), []) == date(2027, 2, 28)


def test_days_of_several_contracts_add_up():
    earlier = [(date(2024, 1, 1), date(2024, 1, 21)), (date(2024, 3, 1), date(2024, 3, 21))]
    assert time_deducted(CESA, earlier) == (0, 40)


@given(DAYS, st.lists(periods(), max_size=6))
def test_the_deadline_lies_within_three_years_of_the_contract(starts_on, earlier):
    assert starts_on <= association_deadline(starts_on, earlier) <= months_later(starts_on, 36)


@given(DAYS, st.lists(periods(), min_size=1, max_size=6))
def test_a_contract_counted_twice_changes_nothing(starts_on, earlier):
    assert association_deadline(starts_on, [*earlier, *earlier]) == association_deadline(starts_on, earlier)


@given(DAYS, st.lists(periods(), max_size=6), st.randoms())
def test_the_order_in_which_contracts_were_typed_changes_nothing(starts_on, earlier, random):
    shuffled = random.sample(earlier, len(earlier))
    assert association_deadline(starts_on, shuffled) == association_deadline(starts_on, earlier)


@given(periods(), st.integers(0, 800))
def test_cutting_a_contract_in_two_changes_nothing(period, days):
    starts_on, ends_on = period
    cut = min(starts_on + timedelta(days=days), ends_on)
    halves = [each for each in ((starts_on, cut), (cut, ends_on)) if each[0] < each[1]]
    assert association_deadline(ends_on, halves) == association_deadline(ends_on, [period])


# --- limits and renewals ---------------------------------------------------------------------------------------------


def test_twelve_months_from_the_first_of_march_end_before_the_first_of_march():
    assert (latest_end(date(2024, 3, 1), 12), latest_end(date(2024, 3, 1), None)) == (date(2025, 3, 1), None)


FIRST, SECOND, LATER = (
    (date(2024, 1, 1), date(2024, 7, 1)),
    (date(2024, 7, 1), date(2025, 1, 1)),
    (date(2025, 6, 1), date(2025, 12, 1)),
)


@pytest.mark.parametrize(
    ("contracts", "departures", "nature", "ranks"),
    [
        ([], [], SUPPORT, []),
        ([FIRST, SECOND], [], SUPPORT, [(1, 0), (1, 1)]),
        ([FIRST, SECOND, LATER], [], SUPPORT, [(1, 0), (1, 1), (1, 2)]),
        ([FIRST, SECOND, LATER], [], EMPLOYMENT, [(1, 0), (1, 1), (2, 0)]),
        ([FIRST, LATER], [(date(2024, 7, 1), date(2025, 6, 1))], SUPPORT, [(1, 0), (2, 0)]),
        ([FIRST, LATER], [(date(2024, 7, 1), None)], SUPPORT, [(1, 0), (2, 0)]),
        ([FIRST, LATER], [(date(2026, 1, 1), None)], SUPPORT, [(1, 0), (1, 1)]),
        ([FIRST, LATER], [(date(2023, 1, 1), date(2024, 1, 1))], SUPPORT, [(1, 0), (1, 1)]),
    ],
)
def test_a_contract_renews_the_one_before_unless_the_member_left(contracts, departures, nature, ranks):
    assert series_and_ranks(contracts, departures, nature) == ranks


# --- the situation ---------------------------------------------------------------------------------------------------

LIFE = [
    (SUPPORT, date(2024, 3, 1), date(2025, 3, 1)),
    (EMPLOYMENT, date(2025, 6, 1), None),
]
AWAY = [(date(2027, 1, 1), date(2027, 6, 1))]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2024, 2, 29), Situation.CANDIDATE),
        (date(2024, 3, 1), Situation.SUPPORTED),
        (date(2025, 2, 28), Situation.SUPPORTED),
        (date(2025, 3, 1), Situation.BETWEEN),
        (date(2025, 6, 1), Situation.EMPLOYED),
        (date(2026, 5, 31), Situation.EMPLOYED),
        (date(2026, 6, 1), Situation.ASSOCIATE),
        (date(2027, 1, 1), Situation.LEFT),
        (date(2027, 6, 1), Situation.ASSOCIATE),
    ],
)
def test_the_situation_follows_from_contracts_association_and_departures(day, expected):
    assert situation(day, LIFE, AWAY, associated_on=date(2026, 6, 1)) == expected


# --- alerts ----------------------------------------------------------------------------------------------------------

END = date(2025, 2, 28)


@pytest.mark.parametrize(
    ("today", "raised", "due"),
    [
        (date(2024, 8, 27), [], None),
        (date(2024, 8, 28), [], 6),
        (date(2024, 8, 28), [6], None),
        (date(2024, 11, 28), [6], 3),
        (date(2024, 11, 28), [], 3),
        (date(2024, 12, 1), [3], None),
        (date(2025, 1, 28), [6, 3], 1),
        (date(2025, 3, 28), [6, 3], 1),
        (date(2025, 3, 29), [6, 3], None),
        (date(2025, 2, 1), [6, 3, 1], None),
    ],
)
def test_one_alert_at_six_three_and_one_month_each_once(today, raised, due):
    start = date(2024, 3, 1)
    found = alert_due(today, kind=DeadlineKind.CONTRACT_END, deadline_on=END, starts_on=start, raised=raised)
    assert found == due


def test_a_short_contract_is_not_announced_to_end_when_it_begins():
    start, last = date(2024, 3, 1), date(2024, 5, 31)
    due = {
        day: alert_due(day, kind=DeadlineKind.CONTRACT_END, deadline_on=last, starts_on=start)
        for day in (start, date(2024, 4, 29), date(2024, 4, 30))
    }
    assert due == {start: None, date(2024, 4, 29): None, date(2024, 4, 30): 1}


def test_a_delay_that_is_nil_is_said_at_once():
    assert alert_due(CESA, kind=DeadlineKind.ASSOCIATION, deadline_on=CESA, starts_on=CESA) == 1
