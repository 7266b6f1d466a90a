"""When a rate of vacancy may be given, how Procos reads it, and what became of a unit between two surveys."""

from decimal import Decimal

import pytest

from premises.enums import Band, Change, NoRate
from premises.rules.vacancy import VacancyRate, change_of, is_whole


@pytest.mark.parametrize(
    ("vacant", "total", "is_whole_park", "why"),
    [
        (0, 0, True, NoRate.NOTHING_SEEN),
        (0, 0, False, NoRate.NOTHING_SEEN),
        (12, 12, False, NoRate.PARTIAL_PARK),
        (1, 3, True, NoRate.TOO_FEW),
        (1, 3, False, NoRate.PARTIAL_PARK),
        (1, 4, True, None),
    ],
)
def test_a_rate_is_given_of_a_whole_park_of_four_units_at_least(vacant, total, is_whole_park, why):
    rate = VacancyRate(vacant, total, is_whole_park)
    assert (rate.refusal, rate.value is None, rate.band is None) == (why, why is not None, why is not None)


@pytest.mark.parametrize(
    ("vacant", "total", "value", "band"),
    [
        (0, 4, "0.0", Band.LOW),
        (49, 1000, "4.9", Band.LOW),
        (4999, 100_000, "5.0", Band.LOW),
        (5, 100, "5.0", Band.MODERATE),
        (74, 1000, "7.4", Band.MODERATE),
        (75, 1000, "7.5", Band.HIGH),
        (10, 100, "10.0", Band.HIGH),
        (1001, 10_000, "10.0", Band.VERY_HIGH),
        (1, 8, "12.5", Band.VERY_HIGH),
        (4, 4, "100.0", Band.VERY_HIGH),
    ],
)
def test_a_rate_is_read_before_it_is_rounded(vacant, total, value, band):
    rate = VacancyRate(vacant, total, is_whole_park=True)
    assert (rate.value, rate.band) == (Decimal(value), band)


@pytest.mark.parametrize(
    ("is_exhaustive", "seen", "unseen", "whole"),
    [(True, 9, 1, True), (True, 8, 1, False), (True, 10, 0, True), (False, 10, 0, False), (True, 0, 0, True)],
)
def test_a_park_is_whole_when_nine_units_of_ten_were_seen(is_exhaustive, seen, unseen, whole):
    assert is_whole(is_exhaustive=is_exhaustive, seen=seen, unseen=unseen) is whole


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ("occupied", "vacant", Change.NEWLY_VACANT),
        ("transition", "vacant", Change.NEWLY_VACANT),
        ("never", "vacant", Change.STILL_VACANT),
        ("unknown", "vacant", Change.UNKNOWN),
        ("vacant", "occupied", Change.LET_AGAIN),
        ("never", "partly", Change.LET_AGAIN),
        ("partly", "occupied", Change.STILL_OPEN),
        ("transition", "occupied", Change.OPENED),
        ("unknown", "occupied", Change.UNKNOWN),
        ("vacant", "transition", Change.WORKS),
        ("vacant", "unknown", Change.UNKNOWN),
        (None, "vacant", Change.NEW),
        ("vacant", None, Change.UNSEEN),
        (None, None, Change.UNSEEN),
    ],
)
def test_what_became_of_a_unit(before, now, change):
    assert change_of(before, now) == change


def test_what_was_not_vacant_is_no_way_out_of_vacancy():
    assert change_of("vacant", "occupied", was_not_vacant=True) == Change.WAS_NOT_VACANT
    assert change_of("occupied", "occupied", was_not_vacant=True) == Change.STILL_OPEN


def test_what_is_gone_is_not_unseen():
    assert change_of("vacant", None, is_gone=True) == Change.GONE
