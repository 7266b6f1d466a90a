"""A survey opened, changed, closed and opened again by the office; who is right when the register denies a sight."""

from datetime import date, datetime, timedelta
from threading import Barrier, Thread
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from premises import services
from premises.enums import CampaignOrigin, ClosureReason, Finding, OccupancyState, Settlement, TenureKind
from premises.models import Observation, Occupancy, SurveyCampaign
from tests.factories import (
    CommuneFactory,
    ProjectFactory,
    SurveyCampaignFactory,
    TerritoryFactory,
    UnitFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 15, tzinfo=ZoneInfo("Europe/Paris"))
TODAY = date(2026, 11, 23)


def codes(refusal) -> str:
    errors = refusal.value.error_list if not hasattr(refusal.value, "error_dict") else None
    if errors is None:
        errors = [error for each in refusal.value.error_dict.values() for error in each]
    return " ".join(error.code for error in errors)


@pytest.fixture
def territory(db):
    territory = TerritoryFactory()
    territory.communes.add(CommuneFactory())
    return territory


@pytest.fixture
def campaign(territory):
    return SurveyCampaignFactory(territory=territory, starts_on=TODAY, opened_at=AT - timedelta(hours=6))


def told(territory, **changes) -> dict:
    return {"territory": territory, "commune": CommuneFactory(), "title": "Tour d’hiver", "starts_on": TODAY} | changes


def unit_of(campaign, number=1, **fields):
    fields = {"state": OccupancyState.OCCUPIED} | fields
    return UnitFactory(territory=campaign.territory, commune=campaign.commune, number=number, **fields)


def denied(campaign, unit, *, state=OccupancyState.VACANT, **fields) -> Observation:
    conflict = {"reason": "changed_meanwhile", "state": unit.state, "sign_name": "", "surveyed_on": None}
    fields = {"seen_at": AT - timedelta(hours=2), "conflict": conflict, "state_before": "unknown"} | fields
    return Observation.objects.create(
        campaign=campaign, unit=unit, client_id=uuid4(), finding=Finding.VACANT, state=state, **fields
    )


def seen(campaign, unit, **fields) -> Observation:
    return denied(campaign, unit, conflict=None, **fields)


# --- opening ---------------------------------------------------------------------------------------------------------


def test_a_survey_keeps_its_streets_in_the_order_they_are_walked_each_once(territory):
    streets = ["rue d’Arras", "  Grand’Place ", "Rue d'Arras", "", "rue  du   Beffroi"]
    campaign = services.open_campaign(**told(territory, streets=streets, title=" Tour "), by=UserFactory(), at=AT)
    campaign.refresh_from_db()
    assert (campaign.title, campaign.streets) == ("Tour", ["rue d’Arras", "Grand’Place", "rue du Beffroi"])
    assert (campaign.opened_at, campaign.closed_at, campaign.origin) == (AT, None, CampaignOrigin.WALK)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": "  "}, "title_empty"),
        ({"commune": lambda: CommuneFactory(insee_code="62041", name="Arras")}, "commune_elsewhere"),
    ],
)
def test_a_survey_that_cannot_be_opened_is_refused(territory, changes, code):
    changes = {name: value() if callable(value) else value for name, value in changes.items()}
    with pytest.raises(ValidationError) as refusal:
        services.open_campaign(**told(territory, **changes), by=None, at=AT)
    assert (codes(refusal), SurveyCampaign.objects.count()) == (code, 0)


# --- changing --------------------------------------------------------------------------------------------------------


def change(campaign, **changes):
    now = {"title": "Autre nom", "starts_on": TODAY, "streets": [], "is_exhaustive": True} | changes
    return services.change_campaign(campaign=campaign, by=None, at=AT, **now)


def test_an_open_survey_is_changed(campaign):
    change(campaign, streets=["rue d’Arras"])
    campaign.refresh_from_db()
    assert (campaign.title, campaign.streets, campaign.is_exhaustive) == ("Autre nom", ["rue d’Arras"], True)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"streets": ["Grand’Place"]}, "street_seen"),
        ({"starts_on": TODAY + timedelta(days=1)}, "seen_before"),
        ({"title": ""}, "title_empty"),
    ],
)
def test_what_was_seen_stays_in_the_survey(campaign, changes, code):
    seen(campaign, unit_of(campaign))
    with pytest.raises(ValidationError) as refusal:
        change(campaign, **changes)
    campaign.refresh_from_db()
    assert (codes(refusal), campaign.streets, campaign.starts_on) == (code, [], TODAY)


def test_a_closed_survey_is_not_changed(campaign):
    seen(campaign, unit_of(campaign))
    services.close_campaign(campaign=campaign, by=None, at=AT)
    with pytest.raises(ValidationError) as refusal:
        change(campaign)
    assert codes(refusal) == "campaign_closed"


# --- closing and opening again ---------------------------------------------------------------------------------------


def test_a_survey_is_closed_once(campaign):
    seen(campaign, unit_of(campaign))
    services.close_campaign(campaign=campaign, by=None, at=AT)
    services.close_campaign(campaign=campaign, by=None, at=AT + timedelta(hours=1))
    campaign.refresh_from_db()
    assert campaign.closed_at == AT


def test_a_survey_where_nothing_was_seen_is_not_closed(campaign):
    with pytest.raises(ValidationError) as refusal:
        services.close_campaign(campaign=campaign, by=None, at=AT)
    campaign.refresh_from_db()
    assert (codes(refusal), campaign.closed_at) == ("nothing_seen", None)


def test_a_survey_opened_again_takes_what_phones_kept(campaign):
    unit = unit_of(campaign)
    seen(campaign, unit)
    services.close_campaign(campaign=campaign, by=None, at=AT)
    services.reopen_campaign(campaign=campaign, by=None, at=AT)
    late = {"finding": Finding.VACANT, "seen_at": AT, "state_before": OccupancyState.OCCUPIED}
    services.record_observation(campaign=campaign, unit=unit, client_id=uuid4(), by=None, at=AT, **late)
    assert campaign.observations.count() == 2


def test_what_a_file_told_is_not_opened_again(territory):
    campaign = SurveyCampaignFactory(territory=territory, origin=CampaignOrigin.IMPORT, closed_at=AT)
    with pytest.raises(ValidationError) as refusal:
        services.reopen_campaign(campaign=campaign, by=None, at=AT)
    campaign.refresh_from_db()
    assert (codes(refusal), campaign.closed_at) == ("campaign_of_a_file", AT)


# --- settling --------------------------------------------------------------------------------------------------------


def test_the_register_is_kept(campaign):
    unit, judge = unit_of(campaign), UserFactory()
    observation = denied(campaign, unit)
    services.settle_observation(observation=observation, settlement=Settlement.REGISTER, by=judge, at=AT)
    observation.refresh_from_db()
    unit.refresh_from_db()
    assert (unit.state, unit.surveyed_on) == (OccupancyState.OCCUPIED, None)
    assert (observation.settled_at, observation.settled_by) == (AT, judge)
    assert (observation.conflict["settlement"], observation.conflict["state"]) == ("register", "occupied")


def test_what_was_seen_is_taken_as_of_the_day_it_was_seen(campaign):
    unit = unit_of(campaign, surveyed_on=TODAY)
    observation = denied(campaign, unit, seen_at=AT - timedelta(days=2), sign_name="À louer")
    services.settle_observation(observation=observation, settlement=Settlement.OBSERVATION, by=None, at=AT)
    unit.refresh_from_db()
    assert (unit.state, unit.vacant_since, unit.sign_name) == (OccupancyState.VACANT, date(2026, 11, 21), "À louer")
    assert unit.surveyed_on == TODAY


def test_a_unit_where_a_member_trades_is_not_called_vacant(campaign):
    unit = unit_of(campaign)
    project = ProjectFactory(territory=campaign.territory)
    lease = {"tenure": TenureKind.SHORT_LEASE, "starts_on": date(2026, 1, 1)}
    Occupancy.objects.create(unit=unit, project=project, **lease)
    observation = denied(campaign, unit)
    with pytest.raises(ValidationError) as refusal:
        services.settle_observation(observation=observation, settlement=Settlement.OBSERVATION, by=None, at=AT)
    observation.refresh_from_db()
    assert (codes(refusal), observation.settled_at) == ("occupied_by", None)


def test_what_no_longer_exists_takes_nothing_but_may_be_settled(campaign):
    unit = unit_of(campaign, closed_on=TODAY, closed_because=ClosureReason.DEMOLISHED)
    observation = denied(campaign, unit)
    with pytest.raises(ValidationError) as refusal:
        services.settle_observation(observation=observation, settlement=Settlement.OBSERVATION, by=None, at=AT)
    services.settle_observation(observation=observation, settlement=Settlement.REGISTER, by=None, at=AT)
    assert codes(refusal) == "unit_closed"


def test_what_nobody_denies_has_nothing_to_settle(campaign):
    with pytest.raises(ValidationError) as refusal:
        services.settle_observation(
            observation=seen(campaign, unit_of(campaign)), settlement=Settlement.REGISTER, by=None, at=AT
        )
    assert codes(refusal) == "nothing_to_settle"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_settle_at_once_one_is_told_that_it_is_settled(campaign):
    observation, together, said = denied(campaign, unit_of(campaign)), Barrier(2), []

    def settle(settlement):
        try:
            together.wait(5)
            services.settle_observation(observation=observation, settlement=settlement, by=None, at=AT)
            said.append("done")
        except ValidationError as refusal:
            said.append(refusal.code)
        finally:
            connection.close()

    both = [Thread(target=settle, args=[each]) for each in Settlement]
    for each in both:
        each.start()
    for each in both:
        each.join(20)
    assert sorted(said) == ["done", "settled_already"]
