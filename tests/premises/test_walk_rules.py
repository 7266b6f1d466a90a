"""What a tap on a phone means: the order of the doors, the state that is found, the hour that is true."""

from datetime import UTC, datetime, timedelta

import pytest

from premises.enums import Finding, OccupancyState
from premises.rules.walks import EVEN, ODD, UNNUMBERED, door_key, side_of, state_found, street_key, true_instant

AT = datetime(2026, 6, 15, 9, tzinfo=UTC)
SEEN = AT - timedelta(hours=1)


def test_doors_stand_in_the_order_of_the_walk():
    doors = [(12, "B"), (2, ""), (12, "ter"), (12, ""), (100, ""), (12, "A"), (12, "bis")]
    ordered = sorted(doors, key=lambda door: door_key(*door))
    assert ordered == [(2, ""), (12, ""), (12, "bis"), (12, "ter"), (12, "A"), (12, "B"), (100, "")]
    assert [side_of(number) for number in (3, 12, None)] == [ODD, EVEN, UNNUMBERED]


@pytest.mark.parametrize(
    ("finding", "known", "found"),
    [
        (Finding.UNCHANGED, OccupancyState.PARTLY, OccupancyState.PARTLY),
        (Finding.VACANT, OccupancyState.OCCUPIED, OccupancyState.VACANT),
        (Finding.VACANT, OccupancyState.NEVER, OccupancyState.NEVER),
        (Finding.OPEN, OccupancyState.VACANT, OccupancyState.OCCUPIED),
        (Finding.OPEN, OccupancyState.PARTLY, OccupancyState.PARTLY),
        (Finding.WORKS, OccupancyState.VACANT, OccupancyState.TRANSITION),
    ],
)
def test_a_tap_says_a_state_and_keeps_a_finer_one(finding, known, found):
    assert state_found(finding, known) == found


def test_a_street_is_the_same_however_it_is_written():
    assert street_key("Rue de l’Étain") == street_key("rue de l'etain") != street_key("rue de l’Étang")


def test_the_clock_of_a_phone_is_set_right():
    hour, minute = timedelta(hours=1), timedelta(minutes=1)
    assert true_instant(SEEN + hour, AT + hour, AT) == SEEN
    assert true_instant(SEEN, AT - minute, AT) == SEEN
    assert true_instant(AT + 5 * minute, None, AT) == AT
    assert true_instant(AT + hour, None, AT) == AT + hour
