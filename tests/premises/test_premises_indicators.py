"""What the indicators of premises leave out; that each counts and keeps to its scope is tested with all the others."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from coopconnexion.partnerships import indicators
from coopconnexion.partnerships.indicators import Scope
from premises.enums import FollowUpDetail, FollowUpStatus
from premises.models import FollowUp
from tests.factories import TerritoryFactory, UnitFactory
from tests.premises.story import survey

pytestmark = pytest.mark.django_db
AT = datetime(2027, 5, 6, 9, tzinfo=UTC)


def value(key, territory):
    period = Scope(date(2027, 1, 1), date(2028, 1, 1), territory_ids=frozenset({territory.pk}))
    return indicators.get(f"premises.{key}").value(period)


def units(territory, number):
    return [UnitFactory(territory=territory, created_at=AT - timedelta(days=9)) for _ in range(number)]


def test_the_rate_is_that_of_whole_surveys():
    territory = TerritoryFactory()
    survey(territory, units(territory, 8), AT)
    assert (value("vacancy_rate", territory), value("vacant", territory)) == (Decimal("12.5"), 1)


@pytest.mark.parametrize(
    ("seen", "unseen", "fields"),
    [
        (3, 0, {}),
        (8, 1, {}),
        (8, 0, {"is_exhaustive": False}),
        (8, 0, {"streets": ["rue d’Arras"]}),
        (8, 0, {"closed_at": None}),
    ],
)
def test_a_survey_that_does_not_know_its_park_gives_no_rate(seen, unseen, fields):
    territory = TerritoryFactory()
    rows = units(territory, seen + unseen)
    survey(territory, rows[:seen], AT, **fields)
    assert value("vacancy_rate", territory) is None


def test_one_unit_of_ten_may_be_missing():
    territory = TerritoryFactory()
    survey(territory, units(territory, 10)[:9], AT)
    assert value("vacancy_rate", territory) == Decimal("11.1")


def test_a_unit_counts_once_in_a_period():
    territory = TerritoryFactory()
    rows = units(territory, 4)
    survey(territory, rows, AT)
    survey(territory, rows, AT + timedelta(days=90))
    assert (value("surveyed", territory), value("vacant", territory)) == (4, 1)


def test_what_was_not_vacant_is_no_way_out_of_vacancy():
    territory = TerritoryFactory()
    [unit] = units(territory, 1)
    for detail in (FollowUpDetail.WAS_NOT_VACANT, FollowUpDetail.GONE):
        FollowUp.objects.create(unit=unit, status=FollowUpStatus.DONE, detail=detail, written_at=AT)
    assert value("vacancy_ended", territory) == 0
