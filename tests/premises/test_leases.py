"""The law of short leases: three years in all from the entry, six months twice for a trial."""

from datetime import date

import pytest

from premises.rules.leases import Stay, chain_of, why_not

JANUARY = date(2024, 1, 1)


def short(start, end) -> Stay:
    return Stay("short_lease", start, end)


def trial(start, end) -> Stay:
    return Stay("trial_shop", start, end)


@pytest.mark.parametrize(
    ("stay", "before", "code"),
    [
        (short(JANUARY, date(2027, 1, 1)), [], None),  # three years to the day
        (short(JANUARY, date(2027, 1, 2)), [], "chain_too_long"),
        (short(JANUARY, None), [], "end_missing"),
        (short(date(2026, 1, 1), date(2027, 1, 1)), [short(JANUARY, date(2026, 1, 1))], None),
        (short(date(2026, 1, 1), date(2027, 1, 2)), [short(JANUARY, date(2026, 1, 1))], "chain_too_long"),
        (
            short(date(2026, 1, 20), date(2027, 1, 21)),
            [short(JANUARY, date(2026, 1, 1))],
            "chain_too_long",
        ),
        (short(date(2026, 1, 20), date(2027, 1, 20)), [short(JANUARY, date(2026, 1, 1))], None),  # 19 days away
        (short(date(2028, 1, 1), date(2031, 1, 1)), [short(JANUARY, date(2026, 1, 1))], "chain_too_long"),
        (short(date(2028, 1, 1), date(2028, 12, 31)), [short(JANUARY, date(2026, 1, 1))], None),  # 365 days are left
        (trial(JANUARY, date(2024, 7, 1)), [], None),
        (trial(JANUARY, date(2024, 7, 2)), [], "trial_too_long"),
        (trial(date(2024, 7, 1), date(2025, 1, 1)), [trial(JANUARY, date(2024, 7, 1))], None),
        (
            trial(date(2025, 1, 1), date(2025, 7, 1)),
            [trial(JANUARY, date(2024, 7, 1)), trial(date(2024, 7, 1), date(2025, 1, 1))],
            "trial_renewed",
        ),
        (short(date(2024, 7, 1), date(2027, 1, 1)), [trial(JANUARY, date(2024, 7, 1))], None),
        (short(date(2024, 7, 1), date(2027, 1, 2)), [trial(JANUARY, date(2024, 7, 1))], "chain_too_long"),
        (Stay("commercial_lease", JANUARY, None), [short(date(2021, 1, 1), JANUARY)], None),
        (Stay("provision", JANUARY, None), [], None),
    ],
)
def test_what_the_law_forbids_is_refused_with_its_date(stay, before, code):
    found = why_not(stay, before)
    assert (found and found[0]) == code
    if code in ("chain_too_long", "trial_too_long"):
        assert "jusqu’au" in found[1]


def test_a_chain_begins_at_the_entry_and_a_commercial_lease_ends_it():
    stays = [short(date(2020, 1, 1), date(2021, 1, 1)), short(JANUARY, date(2025, 1, 1)), trial(date(2025, 1, 1), None)]
    chain = chain_of(stays)
    assert (chain.entered_on, chain.latest_end) == (date(2020, 1, 1), date(2025, 12, 31))
    assert chain_of([*stays, Stay("commercial_lease", date(2026, 1, 1), None)]) is None
    assert chain_of([]) is None


def test_what_is_left_is_counted_in_days_and_the_last_term_is_known():
    chain = chain_of([short(JANUARY, date(2027, 1, 1))])
    assert (chain.days_left(date(2026, 12, 31)), chain.is_last) == (1, True)
    assert chain_of([short(JANUARY, date(2025, 1, 1))]).is_last is False
