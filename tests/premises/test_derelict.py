"""When a vacancy makes a derelict shop, though its beginning is not known to the day."""

from datetime import date, timedelta

import pytest

from premises.rules.dates import DAY, MONTH, YEAR, as_precise
from premises.rules.derelict import begun_by, derelict_on, is_derelict, months_empty


@pytest.mark.parametrize(
    ("since", "precision", "expected"),
    [
        (date(2024, 3, 12), DAY, date(2026, 3, 12)),
        (date(2024, 2, 29), DAY, date(2026, 2, 28)),
        (date(2024, 3, 1), MONTH, date(2026, 3, 31)),
        (date(2024, 1, 1), YEAR, date(2026, 12, 31)),
    ],
)
def test_a_unit_is_derelict_two_years_after_the_latest_day_it_may_have_emptied(since, precision, expected):
    assert derelict_on(since, precision) == expected


def test_a_unit_empty_since_nobody_knows_when_is_not_called_derelict():
    assert not is_derelict(None, "", date(2026, 6, 15))


@pytest.mark.parametrize("precision", [DAY, MONTH, YEAR])
@pytest.mark.parametrize("today", [date(2026, 2, 28), date(2026, 4, 30), date(2026, 12, 31), date(2026, 6, 15)])
def test_the_limit_of_the_filter_is_that_of_the_words(today, precision):
    limit = begun_by(today, 24)[precision]
    days = {as_precise(limit + timedelta(days=shift), precision) for shift in range(-800, 800)}
    assert {day for day in days if is_derelict(day, precision, today)} == {day for day in days if day <= limit}


@pytest.mark.parametrize(
    ("since", "precision", "months"),
    [
        (date(2026, 5, 15), DAY, 1),
        (date(2026, 5, 16), DAY, 0),
        (date(2026, 5, 1), MONTH, 0),
        (date(2024, 1, 1), YEAR, 17),
    ],
)
def test_months_are_whole_and_sure(since, precision, months):
    assert months_empty(since, precision, date(2026, 6, 15)) == months
