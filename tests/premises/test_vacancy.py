"""The rates of surveys, counted in the database, and what became of each unit from one survey to the next."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from premises import services
from premises.documents.vacancy import compare, previous_of, rates_of
from premises.enums import Change, ClosureReason, Finding, FollowUpDetail, FollowUpStatus, NoRate, OccupancyState
from premises.models import Observation, Unit
from tests.factories import CommuneFactory, SurveyCampaignFactory, TerritoryFactory, UnitFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 15, tzinfo=ZoneInfo("Europe/Paris"))
VACANT, OPEN, WORKS = OccupancyState.VACANT, OccupancyState.OCCUPIED, OccupancyState.TRANSITION


@pytest.fixture
def territory(db):
    return TerritoryFactory()


def survey(territory, *, days_ago=0, closed=True, **fields):
    opened_at = AT - timedelta(days=days_ago)
    fields = {"is_exhaustive": True, "starts_on": opened_at.date(), "opened_at": opened_at} | fields
    closed_at = opened_at + timedelta(hours=3) if closed else None
    return SurveyCampaignFactory(territory=territory, closed_at=closed_at, **fields)


def units(territory, number, **fields) -> list[Unit]:
    fields = {"created_at": AT - timedelta(days=900), "state": OPEN} | fields
    return [UnitFactory(territory=territory, commune=CommuneFactory(), **fields) for _ in range(number)]


def see(campaign, rows, *states, **fields) -> list[Observation]:
    seen_at = campaign.opened_at + timedelta(hours=1)
    fields = {"finding": Finding.OPEN, "state_before": OccupancyState.UNKNOWN, "seen_at": seen_at} | fields
    return [
        Observation.objects.create(campaign=campaign, unit=unit, state=state, client_id=uuid4(), **fields)
        for unit, state in zip(rows, states, strict=True)
    ]


def numbers(line) -> tuple:
    return (line.name, line.vacant, line.total, line.unseen, line.rate.value or line.rate.refusal)


# --- rates -----------------------------------------------------------------------------------------------------------


def test_rates_by_town_sector_and_street_have_their_numbers(territory):
    place = units(territory, 4, street="Grand’Place", sector="Centre")
    arras = units(territory, 4, street="rue d’Arras", sector="Centre")
    lille = units(territory, 2, street="rue de Lille")
    campaign = survey(territory)
    states = (VACANT, OccupancyState.NEVER, OPEN, WORKS)
    see(campaign, place, *states)
    see(campaign, arras, OPEN, OccupancyState.PARTLY, VACANT, OccupancyState.UNKNOWN)
    see(campaign, lille, VACANT, OPEN)
    [rates] = rates_of([campaign])
    assert numbers(rates.town) == ("Béthune", 4, 9, 0, Decimal("44.4"))
    assert [numbers(line) for line in rates.sectors] == [
        ("Centre", 3, 7, 0, Decimal("42.9")),
        ("", 1, 2, 0, NoRate.TOO_FEW),
    ]
    assert [numbers(line) for line in rates.streets] == [
        ("Grand’Place", 2, 4, 0, Decimal("50.0")),
        ("rue d’Arras", 1, 3, 0, NoRate.TOO_FEW),
        ("rue de Lille", 1, 2, 0, NoRate.TOO_FEW),
    ]


def test_one_street_under_two_spellings_is_one_line(territory):
    rows = [*units(territory, 1, street="rue d’Arras"), *units(territory, 1, street="Rue d'Arras")]
    campaign = survey(territory)
    see(campaign, rows, VACANT, OPEN)
    assert [(line.vacant, line.total) for line in rates_of([campaign])[0].streets] == [(1, 2)]


def test_the_last_sight_of_a_unit_counts(territory):
    [unit] = units(territory, 1)
    campaign = survey(territory, closed=False)
    see(campaign, [unit], VACANT, seen_at=AT + timedelta(minutes=5))
    see(campaign, [unit], OPEN, seen_at=AT + timedelta(minutes=1))  # sent late by a phone without network
    assert rates_of([campaign])[0].town.vacant == 1


def test_a_park_that_was_not_wholly_to_be_seen_has_no_rate(territory):
    campaign = survey(territory, is_exhaustive=False)
    see(campaign, units(territory, 5), *[VACANT] * 5)
    assert numbers(rates_of([campaign])[0].town) == ("Béthune", 5, 5, 0, NoRate.PARTIAL_PARK)


def test_units_that_nobody_saw_are_told_and_take_the_rate_away(territory):
    rows = units(territory, 6)
    campaign = survey(territory, closed=False)
    see(campaign, rows[:5], VACANT, *[OPEN] * 4)
    assert numbers(rates_of([campaign])[0].town) == ("Béthune", 1, 5, 1, NoRate.PARTIAL_PARK)


def test_only_what_stood_in_the_zone_then_was_to_be_seen(territory):
    campaign = survey(territory, days_ago=100, streets=["rue d’Arras"])
    see(campaign, units(territory, 1), OPEN)
    units(territory, 1, street="Grand’Place")
    units(territory, 1, created_at=AT)
    units(territory, 1, closed_on=date(2026, 1, 1), closed_because=ClosureReason.SPLIT)
    units(TerritoryFactory(), 1)
    units(territory, 1, closed_on=date(2026, 11, 1), closed_because=ClosureReason.MISTAKE)
    gone_since = units(territory, 1, closed_on=date(2026, 11, 1), closed_because=ClosureReason.DEMOLISHED)
    assert gone_since
    assert rates_of([campaign])[0].town.unseen == 1


def test_what_was_registered_by_mistake_never_counts(territory):
    campaign = survey(territory)
    see(campaign, units(territory, 1, closed_on=AT.date(), closed_because=ClosureReason.MISTAKE), VACANT)
    assert rates_of([campaign])[0].town.seen == 0


@pytest.mark.parametrize(("settlement", "vacant"), [("register", 0), ("observation", 1), (None, 1)])
def test_a_sight_that_the_office_set_aside_counts_as_the_register_said(territory, settlement, vacant):
    campaign = survey(territory)
    conflict = {"reason": "changed_meanwhile", "state": OPEN, "sign_name": "", "surveyed_on": None}
    settled = {"conflict": conflict | ({"settlement": settlement} if settlement else {})}
    see(campaign, units(territory, 1), VACANT, **settled, settled_at=AT if settlement else None)
    assert rates_of([campaign])[0].town.vacant == vacant


def test_a_survey_where_nothing_was_seen_says_so(territory):
    assert rates_of([survey(territory)])[0].town.rate.refusal == NoRate.NOTHING_SEEN


def test_many_surveys_cost_the_queries_of_one(territory, django_assert_num_queries):
    rows = units(territory, 3)
    campaigns = [survey(territory, days_ago=days) for days in (300, 200, 100)]
    for campaign in campaigns:
        see(campaign, rows, VACANT, OPEN, OPEN)
    with django_assert_num_queries(2):
        rates_of(campaigns[:1])
    with django_assert_num_queries(2):
        found = rates_of(campaigns)
    assert [each.campaign for each in found] == campaigns


# --- from one survey to the next -------------------------------------------------------------------------------------


def test_units_are_compared_with_the_previous_survey(territory):
    rows = units(territory, 7)
    before, now = survey(territory, days_ago=200), survey(territory)
    see(before, rows[:6], OPEN, VACANT, VACANT, OPEN, VACANT, VACANT)
    see(now, [*rows[:4], rows[6]], VACANT, OPEN, VACANT, WORKS, OPEN)
    Unit.objects.filter(pk=rows[5].pk).update(closed_on=date(2026, 10, 1), closed_because=ClosureReason.DEMOLISHED)
    found = compare(now)
    changes = {row.unit.pk: row.change for row in found.rows}
    assert found.previous == before
    assert [changes[unit.pk] for unit in rows] == [
        *(Change.NEWLY_VACANT, Change.LET_AGAIN, Change.STILL_VACANT, Change.WORKS),
        *(Change.UNSEEN, Change.GONE, Change.NEW),
    ]


def test_a_way_out_of_vacancy_is_counted_apart_from_what_was_not_vacant(territory):
    rows = units(territory, 2)
    before, now = survey(territory, days_ago=200), survey(territory)
    see(before, rows, VACANT, VACANT)
    see(now, rows, OPEN, OPEN)
    for unit, detail in zip(rows, (FollowUpDetail.VACANCY_ENDED, FollowUpDetail.WAS_NOT_VACANT), strict=True):
        services.follow_unit(unit=unit, status=FollowUpStatus.DONE, detail=detail, by=None, at=AT)
    assert compare(now).counts == [(Change.LET_AGAIN, 1), (Change.WAS_NOT_VACANT, 1)]


def test_the_first_survey_has_nothing_to_be_compared_with(territory):
    campaign = survey(territory)
    see(campaign, units(territory, 1), OPEN)
    assert (compare(campaign).previous, compare(campaign).counts) == (None, [(Change.NEW, 1)])


@pytest.mark.parametrize(
    ("earlier", "later", "is_previous"),
    [
        ([], [], True),
        ([], ["rue d’Arras"], True),
        (["Rue d'Arras", "Grand’Place"], ["rue d’Arras"], True),
        (["rue d’Arras"], [], False),
        (["rue d’Arras"], ["Grand’Place"], False),
    ],
)
def test_the_previous_survey_went_by_the_whole_zone(territory, earlier, later, is_previous):
    survey(territory, days_ago=900)  # another territory's, or one still open, or a later one, never is
    before = survey(territory, days_ago=200, streets=earlier)
    survey(TerritoryFactory(), days_ago=100)
    survey(territory, days_ago=100, closed=False)
    now = survey(territory, days_ago=50, streets=later)
    survey(territory)
    assert (previous_of(now) == before) is is_previous


def test_comparing_more_units_costs_no_more_queries(territory, django_assert_num_queries):
    before, now = survey(territory, days_ago=200), survey(territory)
    for number in (1, 5):
        rows = units(territory, number)
        see(before, rows, *[OPEN] * number)
        see(now, rows, *[VACANT] * number)
        with django_assert_num_queries(3):
            compare(now)
