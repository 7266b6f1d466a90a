"""Who was to come on a day makes the unit occupied on that day, once."""

from datetime import UTC, date, datetime

import pytest

from premises.models import Occupancy, Unit
from premises.schedules import note_arrivals
from premises.services.arrivals import enqueue_arrivals, occupy_unit
from tests.factories import MemberFactory, UnitFactory
from tests.members.test_contracts_races import at_once

pytestmark = pytest.mark.django_db

DAY = date(2026, 7, 1)
ON_THE_DAY = datetime(2026, 7, 1, 4, tzinfo=UTC)
THE_EVE = datetime(2026, 6, 30, 4, tzinfo=UTC)


@pytest.fixture
def unit():
    unit = UnitFactory(state="vacant", vacant_since=date(2025, 1, 1), vacant_since_precision="month")
    Occupancy.objects.create(unit=unit, member=MemberFactory(), tenure="commercial_lease", starts_on=DAY)
    return unit


@pytest.fixture
def sent(monkeypatch):
    """What is handed over to workers, instead of leaving."""
    names = []
    monkeypatch.setattr("coopconnexion.jobs.enqueue", lambda name, **kwargs: names.append((name, kwargs)))
    return names


def known(unit):
    return Unit.objects.values_list("state", "vacant_since").get(pk=unit.pk)


def test_one_task_leaves_for_each_unit_on_the_day_and_none_the_eve(unit, sent):
    enqueue_arrivals(at=THE_EVE)
    assert sent == []
    enqueue_arrivals(at=ON_THE_DAY)
    assert sent == [("premises.occupy_unit", {"unit_id": unit.pk})]


def test_the_unit_is_occupied_since_then_and_nothing_is_left_to_do(unit, sent):
    occupy_unit(unit_id=unit.pk, at=THE_EVE)
    assert known(unit) == ("vacant", date(2025, 1, 1))
    for _ in range(2):
        occupy_unit(unit_id=unit.pk, at=ON_THE_DAY)
        assert known(unit) == ("occupied", None)
    enqueue_arrivals(at=ON_THE_DAY)
    assert sent == []


@pytest.mark.parametrize(
    "fields", [{"closed_on": date(2026, 6, 1), "closed_because": "demolished"}, {"state": "partly"}]
)
def test_a_unit_that_is_no_more_or_not_empty_is_left_as_it_is(unit, sent, fields):
    if "state" in fields:
        fields = fields | {"vacant_since": None, "vacant_since_precision": ""}
    Unit.objects.filter(pk=unit.pk).update(**fields)
    before = known(unit)
    enqueue_arrivals(at=ON_THE_DAY)
    occupy_unit(unit_id=unit.pk, at=ON_THE_DAY)
    assert (sent, known(unit)) == ([], before)


def test_the_schedule_reads_the_clock(unit, sent, time_machine):
    time_machine.move_to(ON_THE_DAY, tick=False)
    note_arrivals()
    assert [name for name, _ in sent] == ["premises.occupy_unit"]


@pytest.mark.django_db(transaction=True)
def test_several_workers_on_one_unit_do_it_once(unit):
    at_once(lambda: occupy_unit(unit_id=unit.pk, at=ON_THE_DAY))
    events = Unit.history.rel.related_model.objects.filter(id=unit.pk, state="occupied")
    assert (known(unit)[0], events.count()) == ("occupied", 1)
