"""Alerts before a title ends: three months and one month ahead, each once, to who follows the occupant."""

from datetime import UTC, date, datetime, timedelta

import pytest

from coopconnexion.notices.models import Message
from premises.models import Occupancy, OccupancyAlert, Provision
from premises.services.lease_alerts import give_alerts
from tests.factories import MemberFactory, PartnershipFactory, TerritoryFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db
END = date(2026, 10, 1)


@pytest.fixture
def territory():
    return TerritoryFactory()


@pytest.fixture
def advisor(territory):
    return UserFactory(advisor=True, territory=territory)


@pytest.fixture
def occupancy(territory, advisor):
    return Occupancy.objects.create(
        unit=UnitFactory(territory=territory),
        member=MemberFactory(territory=territory, advisor=advisor),
        tenure="short_lease",
        starts_on=date(2023, 10, 1),
        ends_on=END,
    )


def told_on(day: date) -> list[str]:
    before = set(Message.objects.values_list("pk", flat=True))
    for _ in range(2):  # a job run twice tells once
        give_alerts(at=datetime(day.year, day.month, day.day, 6, tzinfo=UTC))
    return list(Message.objects.exclude(pk__in=before).values_list("to_email", flat=True))


def test_each_alert_is_given_once_on_its_day(occupancy, advisor):
    told = {day: told_on(day) for day in (date(2026, 6, 30), date(2026, 7, 1), date(2026, 8, 31), date(2026, 9, 1))}
    assert list(told.values()) == [[], [advisor.email], [], [advisor.email]]
    assert told_on(END) == []
    text = Message.objects.latest("pk").text
    assert ("bail commercial" in text, "30\u00a0septembre 2026" in text) == (True, True)


def test_one_that_is_late_to_be_told_is_told_the_nearest_only(occupancy, advisor):
    assert told_on(date(2026, 9, 20)) == [advisor.email]
    assert OccupancyAlert.objects.get().kind == "end-1"


def test_a_term_that_moves_is_told_anew(occupancy, advisor):
    assert told_on(date(2026, 7, 1)) == [advisor.email]
    Occupancy.objects.update(ends_on=END + timedelta(days=5))
    assert told_on(date(2026, 7, 6)) == [advisor.email]


def test_the_direction_is_told_when_nobody_follows(occupancy):
    manager = UserFactory(manager=True)
    occupancy.member.advisor = None
    occupancy.member.save()
    assert told_on(date(2026, 7, 1)) == [manager.email]


def test_what_has_no_end_is_told_to_nobody(occupancy):
    Occupancy.objects.update(ends_on=None)
    assert told_on(date(2026, 9, 1)) == []


def test_a_provision_that_ends_is_told_to_the_direction_three_months_and_one_month_ahead(territory):
    manager, unit = UserFactory(manager=True), UnitFactory(territory=territory)
    partnership = PartnershipFactory(territory=territory)
    Provision.objects.create(partnership=partnership, unit=unit, starts_on=date(2026, 1, 1), ends_on=END)
    Provision.objects.create(partnership=partnership, unit=UnitFactory(territory=territory), starts_on=date(2026, 1, 1))
    days = (date(2026, 6, 30), date(2026, 7, 1), date(2026, 8, 31), date(2026, 9, 1), END)
    assert [told_on(day) for day in days] == [[], [manager.email], [], [manager.email], []]
    message = Message.objects.latest("pk")
    assert ("30\u00a0septembre 2026" in message.text, "rendre les clés" in message.text) == (True, True)


def test_units_that_become_derelict_are_told_together_once_a_month(territory):
    manager = UserFactory(manager=True)
    empty = {"territory": territory, "state": "vacant", "vacant_since": date(2024, 10, 1)}
    UnitFactory.create_batch(2, vacant_since_precision="day", **empty)
    UnitFactory(**empty | {"state": "occupied", "vacant_since": None})
    days = (date(2026, 6, 30), date(2026, 7, 1), date(2026, 7, 2), date(2026, 8, 1), END)
    assert [told_on(day) for day in days] == [[], [manager.email], [], [manager.email], []]
    message = Message.objects.latest("pk")
    assert "2\u00a0locaux auront deux ans de vacance" in message.text
