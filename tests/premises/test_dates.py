"""Days to the day, to the month or to the year."""

from datetime import date

import pytest

from premises.rules import dates


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("12/03/2026", date(2026, 3, 12), "day"),
        (" 1/3/2026 ", date(2026, 3, 1), "day"),
        ("12.03.2026", date(2026, 3, 12), "day"),
        ("2026-03-12", date(2026, 3, 12), "day"),
        ("05/2026", date(2026, 5, 1), "month"),
        ("5/2026", date(2026, 5, 1), "month"),
        ("2026-05", date(2026, 5, 1), "month"),
        ("1er août 2019", date(2019, 8, 1), "day"),
        ("12\u202fmars 2019", date(2019, 3, 12), "day"),
        ("12 / 03 / 2026", date(2026, 3, 12), "day"),
        ("Mars 2019", date(2019, 3, 1), "month"),
        ("fevrier 2019", date(2019, 2, 1), "month"),
        ("2024", date(2024, 1, 1), "year"),
    ],
)
def test_a_day_is_read_as_precisely_as_it_is_typed(text, day, precision):
    assert dates.read(text) == (day, precision)


@pytest.mark.parametrize(
    "text", ["", "hier", "31/02/2026", "13/2026", "2026-13", "12/03/26", "20261", "31 février 2019", "ju 2019"]
)
def test_what_no_calendar_has_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  # the calendar words it
        dates.read(text)


@pytest.mark.parametrize("text", ["12/03/2026", "05/2026", "2024"])
def test_what_is_typed_comes_back_as_typed(text):
    assert dates.typed(*dates.read(text)) == text


def test_a_day_is_said_as_precisely_as_it_is_known():
    day = date(2026, 3, 1)
    assert [dates.words(day, each) for each in ("day", "month", "year")] == ["1er\u00a0mars 2026", "mars 2026", "2026"]
    assert dates.typed(None, "") == ""


def test_a_day_known_to_the_month_or_the_year_is_its_first():
    day = date(2026, 3, 12)
    assert [dates.as_precise(day, each) for each in ("day", "month", "year")] == [
        day,
        date(2026, 3, 1),
        date(2026, 1, 1),
    ]
