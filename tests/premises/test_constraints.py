"""What the database itself refuses about units, occupancies, surveys, counts and gaps; each constraint by its name."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, transaction

from coopconnexion.db import constraint_errors
from premises.enums import ClosureReason, FollowUpDetail, FollowUpStatus, GapSource, GapStatus, TenureKind
from premises.models import (
    CountSet,
    EstablishmentCount,
    FollowUp,
    MissingActivity,
    Occupancy,
    SurveyCampaign,
    Unit,
    UnitInterest,
    UnitNote,
    UnitSource,
)
from tests.factories import CommuneFactory, MemberFactory, ProjectFactory, TerritoryFactory, UnitFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 1, 9, tzinfo=UTC)


def refused(model, make) -> str:
    """Return the code of the constraint that refuses what ``make`` writes."""
    with pytest.raises(ValidationError) as refusal, constraint_errors(model):
        make()
    return refusal.value.code


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"floor_area_m2": 40, "sales_area_m2": 41}, "area_impossible"),
        ({"floor_area_m2": 0}, "area_impossible"),
        ({"sales_area_m2": 0}, "area_impossible"),
        ({"monthly_rent": -1}, "amount_negative"),
        ({"monthly_charges": -1}, "amount_negative"),
        ({"rental_value": -1}, "amount_negative"),
        ({"frontage_m": -1}, "amount_negative"),
        ({"state": "vacant", "vacant_since": date(2026, 5, 1)}, "vacant_since_impossible"),
        ({"state": "vacant", "vacant_since_precision": "day"}, "vacant_since_impossible"),
        (
            {"state": "occupied", "vacant_since": date(2026, 5, 1), "vacant_since_precision": "day"},
            "vacant_since_impossible",
        ),
        (
            {"state": "vacant", "vacant_since": date(2026, 5, 2), "vacant_since_precision": "month"},
            "vacant_since_impossible",
        ),
        (
            {"state": "vacant", "vacant_since": date(2026, 5, 1), "vacant_since_precision": "year"},
            "vacant_since_impossible",
        ),
        ({"latitude": 50.5}, "position_impossible"),
        ({"latitude": 91, "longitude": 2}, "position_impossible"),
        ({"latitude": 50.5, "longitude": -181}, "position_impossible"),
        ({"followup": FollowUpStatus.BLOCKED}, "followup_detail"),
        ({"followup": FollowUpStatus.DONE}, "followup_detail"),
        ({"followup": FollowUpStatus.NONE, "followup_detail": FollowUpDetail.VISIT}, "followup_detail"),
        ({"followup": FollowUpStatus.BLOCKED, "followup_detail": FollowUpDetail.VISIT}, "followup_detail"),
        ({"closed_on": date(2026, 5, 1)}, "closure_incomplete"),
        ({"closed_because": ClosureReason.SPLIT}, "closure_incomplete"),
    ],
)
def test_an_impossible_unit_is_refused(fields, code):
    assert refused(Unit, lambda: UnitFactory(**fields)) == code


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"floor_area_m2": 40, "sales_area_m2": 40, "monthly_rent": 0},
        {"state": "vacant", "vacant_since": date(2026, 5, 2), "vacant_since_precision": "day"},
        {"state": "never", "vacant_since": date(2026, 5, 1), "vacant_since_precision": "month"},
        {"state": "unknown", "vacant_since": date(2026, 1, 1), "vacant_since_precision": "year"},
        {"latitude": 50.5, "longitude": -73.5},
        {"followup": FollowUpStatus.ONGOING},
        {"followup": FollowUpStatus.ONGOING, "followup_detail": FollowUpDetail.VISIT},
        {"followup": FollowUpStatus.BLOCKED, "followup_detail": FollowUpDetail.THIRD_PARTY},
        {"closed_on": date(2026, 5, 1), "closed_because": ClosureReason.SPLIT},
    ],
)
def test_a_possible_unit_is_taken(fields):
    assert UnitFactory(**fields).pk


def test_a_reference_names_one_unit_of_a_commune():
    first = UnitFactory(reference="B12")
    assert refused(Unit, lambda: UnitFactory(commune=first.commune, reference="B12")) == "reference_taken"
    assert UnitFactory(commune=CommuneFactory(insee_code="62498", name="Lens"), reference="B12").pk


def test_two_units_without_reference_differ_by_floor_or_door():
    first = UnitFactory(street="rue du Faubourg-d’Arras", number=12)
    same = {"commune": first.commune, "street": "RUE DU FAUBOURG D'ARRAS", "number": 12}
    assert refused(Unit, lambda: UnitFactory(**same)) == "address_taken"
    assert UnitFactory(**same, door="2").pk
    assert UnitFactory(**same, repetition="bis").pk
    assert UnitFactory(**same, reference="B13").pk


def test_what_was_demolished_leaves_its_address():
    first = UnitFactory(closed_on=date(2026, 1, 1), closed_because=ClosureReason.DEMOLISHED)
    assert UnitFactory(commune=first.commune, number=first.number).pk


@pytest.mark.parametrize("occupant", ["member", "project"])
def test_two_occupancies_of_a_unit_never_overlap(occupant):
    unit, who = UnitFactory(), {"member": MemberFactory} if occupant == "member" else {"project": ProjectFactory}
    taken = {"unit": unit, "tenure": TenureKind.SHORT_LEASE, "starts_on": date(2026, 1, 1)}
    Occupancy.objects.create(**taken, ends_on=date(2026, 7, 1), member=MemberFactory())
    then = taken | {"starts_on": date(2026, 6, 30)} | {name: make() for name, make in who.items()}
    assert refused(Occupancy, lambda: Occupancy.objects.create(**then)) == "occupancy_overlap"
    assert Occupancy.objects.create(**then | {"starts_on": date(2026, 7, 1)}).pk


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "one_occupant"),
        ({"member": True, "project": True}, "one_occupant"),
        ({"member": True, "ends_on": date(2026, 1, 1)}, "period_empty"),
        ({"member": True, "monthly_rent": -1}, "rent_negative"),
    ],
)
def test_an_impossible_occupancy_is_refused(fields, code):
    makers = {"member": MemberFactory, "project": ProjectFactory}
    given = {name: makers[name]() if name in makers else value for name, value in fields.items()}
    base = {"unit": UnitFactory(), "tenure": TenureKind.PROVISION, "starts_on": date(2026, 1, 1)}
    assert refused(Occupancy, lambda: Occupancy.objects.create(**base | given)) == code


def test_a_project_wants_a_unit_once_until_it_takes_it_back():
    wanted = {"project": ProjectFactory(), "unit": UnitFactory(), "origin": "staff"}
    first = UnitInterest.objects.create(**wanted)
    assert refused(UnitInterest, lambda: UnitInterest.objects.create(**wanted)) == "interest_exists"
    UnitInterest.objects.filter(pk=first.pk).update(withdrawn_at=AT)
    assert UnitInterest.objects.create(**wanted).pk


@pytest.mark.parametrize(
    "make",
    [
        lambda unit: UnitNote.objects.create(unit=unit, text="Vu ce matin."),
        lambda unit: FollowUp.objects.create(unit=unit, status=FollowUpStatus.WAITING),
    ],
)
def test_what_is_written_about_a_unit_is_never_changed(make):
    entry = make(UnitFactory())
    with pytest.raises(ProgrammingError, match="Cannot update rows"), transaction.atomic():
        type(entry).objects.filter(pk=entry.pk).update(written_at=AT)


def test_a_source_of_a_territory_has_one_name():
    source = UnitSource.objects.create(territory=TerritoryFactory(), name="Relevé de la ville")
    again = {"territory": source.territory, "name": source.name}
    assert refused(UnitSource, lambda: UnitSource.objects.create(**again)) == "source_exists"


def test_an_observation_without_conflict_has_nothing_to_settle():
    unit = UnitFactory()
    walk = SurveyCampaign.objects.create(
        territory=unit.territory, commune=unit.commune, title="Octobre", starts_on=date(2026, 10, 1)
    )
    seen = {"unit": unit, "client_id": "1e7f2c1c-2f0e-4d3b-9f35-0a2a6f7d8b11", "finding": "vacant"}
    seen |= {"state_before": "occupied", "state": "vacant", "seen_at": AT, "settled_at": AT}
    observations = walk.observations
    assert refused(observations.model, lambda: observations.create(**seen)) == "nothing_to_settle"


def count_set(**fields) -> CountSet:
    return CountSet.objects.create(
        **{"kind": "bpe", "vintage": 2020, "label": "BPE", "filename": "bpe.csv", "sha256": "0" * 64} | fields
    )


def test_a_set_of_counts_holds_each_count_once():
    first = count_set()
    assert refused(CountSet, count_set) == "count_set_exists"
    assert count_set(vintage=2024).pk
    held = {"count_set": first, "commune": CommuneFactory(), "code": "B203", "number": 18}
    EstablishmentCount.objects.create(**held)
    assert refused(EstablishmentCount, lambda: EstablishmentCount.objects.create(**held)) == "count_twice"


def gap(**fields) -> MissingActivity:
    base = {
        "territory": TerritoryFactory(),
        "commune": CommuneFactory(),
        "label": "Épicerie",
        "source": GapSource.STUDY,
        "observed_on": date(2026, 1, 5),
        "review_on": date(2027, 1, 5),
    }
    return MissingActivity.objects.create(**base | fields)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"review_on": date(2026, 1, 5)}, "review_too_early"),
        ({"status": GapStatus.CONFIRMED}, "evidence_missing"),
        ({"status": GapStatus.IN_PROGRESS, "evidence": "Étude"}, "status_unexplained"),
        ({"status": GapStatus.FILLED, "status_note": "Ouverte"}, "filled_incomplete"),
        ({"status": GapStatus.FILLED, "filled_on": date(2026, 3, 1)}, "status_unexplained"),
        ({"status": GapStatus.DISMISSED}, "status_unexplained"),
        ({"filled_on": date(2026, 3, 1)}, "filled_incomplete"),
    ],
)
def test_an_unproved_or_unexplained_gap_is_refused(fields, code):
    assert refused(MissingActivity, lambda: gap(**fields)) == code
