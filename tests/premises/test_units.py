"""The register of units: what staff write of each, and what is refused."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from premises import services
from premises.enums import (
    Availability,
    ClosureReason,
    DatePrecision,
    FollowUpDetail,
    FollowUpStatus,
    OccupancyState,
    TenureKind,
)
from premises.models import FollowUp, Occupancy, Unit
from tests.factories import CommuneFactory, MemberFactory, TerritoryFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 15, 9, tzinfo=UTC)
TODAY = date(2026, 6, 15)


@pytest.fixture
def by(db):
    return UserFactory()


@pytest.fixture
def territory(db):
    territory = TerritoryFactory()
    territory.communes.add(CommuneFactory())
    return territory


def code(refusal) -> str:
    error = refusal.value
    return (error.error_list[0] if hasattr(error, "error_list") else next(iter(error.error_dict.values()))[0]).code


def register(territory, by, **told) -> Unit:
    place = {"commune": territory.communes.get(), "street": " rue Sadi-Carnot "} | told
    return services.register_unit(territory=territory, by=by, at=AT, **place)


def test_what_is_not_told_of_a_unit_is_unknown(territory, by):
    unit = register(territory, by, number=8)
    known = (unit.address, unit.state, unit.availability, unit.step_free, unit.floor_area_m2)
    assert known == ("8 rue Sadi-Carnot", OccupancyState.UNKNOWN, Availability.UNKNOWN, None, None)


def test_a_unit_stands_in_a_commune_of_its_territory(territory, by):
    with pytest.raises(ValidationError) as refusal:
        register(territory, by, commune=CommuneFactory(insee_code="62498", name="Lens"))
    assert (code(refusal), Unit.objects.count()) == ("commune_elsewhere", 0)


def test_a_surface_of_sale_larger_than_the_whole_is_refused(territory, by):
    with pytest.raises(ValidationError) as refusal:
        register(territory, by, floor_area_m2=Decimal(40), sales_area_m2=Decimal(41))
    assert (code(refusal), Unit.objects.count()) == ("area_impossible", 0)


def test_a_vacancy_to_come_is_refused(by):
    unit = UnitFactory(state=OccupancyState.VACANT)
    with pytest.raises(ValidationError) as refusal:
        services.change_unit(
            unit=unit, vacant_since=date(2026, 7, 1), vacant_since_precision=DatePrecision.DAY, by=by, at=AT
        )
    assert code(refusal) == "day_to_come"


def test_an_unknown_field_is_a_mistake_of_ours(by):
    with pytest.raises(TypeError, match="published_at"):
        services.change_unit(unit=UnitFactory(), published_at=AT, by=by, at=AT)


@pytest.mark.parametrize(
    ("before", "since", "seen", "kept"),
    [
        (OccupancyState.OCCUPIED, None, OccupancyState.VACANT, (date(2026, 6, 1), "month")),
        (OccupancyState.UNKNOWN, None, OccupancyState.NEVER, (date(2026, 6, 1), "month")),
        (OccupancyState.VACANT, date(2025, 1, 1), OccupancyState.VACANT, (date(2025, 1, 1), "day")),
        (OccupancyState.VACANT, date(2025, 1, 1), OccupancyState.OCCUPIED, (None, "")),
        (OccupancyState.VACANT, date(2025, 1, 1), OccupancyState.TRANSITION, (None, "")),
        (OccupancyState.VACANT, None, OccupancyState.VACANT, (date(2026, 6, 1), "month")),
    ],
)
def test_a_unit_seen_empty_keeps_since_when(by, before, since, seen, kept):
    unit = UnitFactory(state=before, vacant_since=since, vacant_since_precision="day" if since else "")
    services.set_state(unit=unit, state=seen, on=date(2026, 6, 12), precision=DatePrecision.MONTH, by=by, at=AT)
    unit.refresh_from_db()
    assert (unit.state, unit.vacant_since, unit.vacant_since_precision) == (seen, *kept)
    assert unit.surveyed_on == date(2026, 6, 12)


def test_an_older_survey_leaves_the_date_of_the_newer(by):
    unit = UnitFactory(surveyed_on=TODAY)
    assert (
        services.set_state(unit=unit, state=OccupancyState.OCCUPIED, on=date(2026, 1, 5), by=by, at=AT).surveyed_on
        == TODAY
    )


def test_nobody_sees_tomorrow(by):
    with pytest.raises(ValidationError) as refusal:
        services.set_state(unit=UnitFactory(), state=OccupancyState.VACANT, on=date(2026, 6, 16), by=by, at=AT)
    assert code(refusal) == "day_to_come"


def test_a_unit_where_a_member_trades_is_not_called_empty(by):
    unit = UnitFactory(state=OccupancyState.OCCUPIED)
    Occupancy.objects.create(
        unit=unit, member=MemberFactory(), tenure=TenureKind.SHORT_LEASE, starts_on=date(2026, 1, 1)
    )
    with pytest.raises(ValidationError) as refusal:
        services.change_unit(unit=unit, state=OccupancyState.VACANT, by=by, at=AT)
    assert code(refusal) == "occupied_by"


# --- the public ------------------------------------------------------------------------------------------------------


def test_what_is_to_let_is_published_once_and_withdrawn(by):
    unit = UnitFactory(availability=Availability.YES)
    services.publish_unit(unit=unit, by=by, at=AT)
    services.publish_unit(unit=unit, by=by, at=datetime(2026, 7, 1, tzinfo=UTC))
    assert list(Unit.objects.on_offer().values_list("published_at", flat=True)) == [AT]
    services.withdraw_unit(unit=unit, by=by, at=AT)
    assert list(Unit.objects.on_offer()) == []


@pytest.mark.parametrize("availability", [Availability.NO, Availability.RESERVED, Availability.UNKNOWN])
def test_what_is_not_to_let_is_not_published(by, availability):
    with pytest.raises(ValidationError) as refusal:
        services.publish_unit(unit=UnitFactory(availability=availability), by=by, at=AT)
    assert code(refusal) == "not_to_let"


def test_what_is_let_meanwhile_leaves_the_offer_by_itself(by):
    unit = services.publish_unit(unit=UnitFactory(availability=Availability.YES), by=by, at=AT)
    services.change_unit(unit=unit, availability=Availability.RESERVED, by=by, at=AT)
    assert list(Unit.objects.on_offer()) == []


# --- the end of a unit -----------------------------------------------------------------------------------------------


def test_a_unit_that_is_no_more_changes_no_more(by):
    unit = UnitFactory(availability=Availability.YES)
    services.publish_unit(unit=unit, by=by, at=AT)
    services.close_unit(unit=unit, on=TODAY, because=ClosureReason.DEMOLISHED, by=by, at=AT)
    assert list(Unit.objects.standing()) == list(Unit.objects.on_offer()) == []
    for act in (
        lambda: services.change_unit(unit=unit, sign_name="X", by=by, at=AT),
        lambda: services.set_state(unit=unit, state=OccupancyState.VACANT, on=TODAY, by=by, at=AT),
        lambda: services.publish_unit(unit=unit, by=by, at=AT),
        lambda: services.follow_unit(unit=unit, status=FollowUpStatus.WAITING, by=by, at=AT),
        lambda: services.close_unit(unit=unit, on=TODAY, because=ClosureReason.SPLIT, by=by, at=AT),
    ):
        with pytest.raises(ValidationError) as refusal:
            act()
        assert code(refusal) == "unit_closed"


def test_a_unit_is_not_closed_over_who_trades_there_or_will(by):
    unit = UnitFactory()
    Occupancy.objects.create(
        unit=unit, member=MemberFactory(), tenure=TenureKind.SHORT_LEASE, starts_on=date(2026, 9, 1)
    )
    with pytest.raises(ValidationError) as refusal:
        services.close_unit(unit=unit, on=TODAY, because=ClosureReason.DEMOLISHED, by=by, at=AT)
    assert code(refusal) == "occupied_by"


def test_the_parts_of_a_divided_unit_remember_it(by):
    whole = UnitFactory(number=24, street="Grand’Place", latitude=50.53, longitude=2.64)
    parts = services.split_unit(unit=whole, doors=["A", " B "], on=TODAY, by=by, at=AT)
    whole.refresh_from_db()
    assert (whole.closed_because, [(part.address, part.door, part.parent, part.latitude) for part in parts]) == (
        ClosureReason.SPLIT,
        [("24 Grand’Place", "A", whole, 50.53), ("24 Grand’Place", "B", whole, 50.53)],
    )


@pytest.mark.parametrize("doors", [[], ["A"], ["A", "A"], ["A", " "]])
def test_a_unit_is_divided_in_two_parts_at_least(by, doors):
    unit = UnitFactory()
    with pytest.raises(ValidationError) as refusal:
        services.split_unit(unit=unit, doors=doors, on=TODAY, by=by, at=AT)
    assert (code(refusal), Unit.objects.standing().count()) == ("too_few_parts", 1)


# --- follow-up and notes ---------------------------------------------------------------------------------------------


def test_a_follow_up_is_a_dated_log_and_a_state(by):
    unit = UnitFactory()
    services.follow_unit(unit=unit, status=FollowUpStatus.WAITING, note=" Lettre ", by=by, at=AT)
    services.follow_unit(unit=unit, status=FollowUpStatus.BLOCKED, detail=FollowUpDetail.OWNER_UNWILLING, by=by, at=AT)
    unit.refresh_from_db()
    steps = FollowUp.objects.order_by("pk").values_list("status", "detail", "note", "written_by")
    assert (unit.followup, unit.followup_detail) == ("blocked", "owner_unwilling")
    assert list(steps) == [("waiting", "", "Lettre", by.pk), ("blocked", "owner_unwilling", "", by.pk)]


@pytest.mark.parametrize(
    ("status", "detail"),
    [
        (FollowUpStatus.BLOCKED, ""),
        (FollowUpStatus.DONE, ""),
        (FollowUpStatus.DONE, FollowUpDetail.BUILDING),
        (FollowUpStatus.NONE, FollowUpDetail.VISIT),
    ],
)
def test_a_follow_up_says_a_detail_of_its_own_list(by, status, detail):
    with pytest.raises(ValidationError) as refusal:
        services.follow_unit(unit=UnitFactory(), status=status, detail=detail, by=by, at=AT)
    assert (code(refusal), FollowUp.objects.count()) == ("followup_detail", 0)


def test_an_empty_note_is_refused(by):
    with pytest.raises(ValidationError) as refusal:
        services.write_unit_note(unit=UnitFactory(), text="  ", by=by, at=AT)
    assert code(refusal) == "note_empty"
