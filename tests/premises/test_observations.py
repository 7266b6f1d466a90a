"""What phones send from the street: written once, never against somebody's later word, and undone by its author."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from threading import Barrier
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection

from coopconnexion.accounts.enums import Role
from premises import services
from premises.enums import ClosureReason, DatePrecision, Finding, OccupancyState, TenureKind
from premises.models import CampaignPass, Observation, Occupancy, Unit
from tests.factories import (
    CommuneFactory,
    MemberFactory,
    SurveyCampaignFactory,
    TerritoryFactory,
    UnitFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 15, 9, tzinfo=UTC)
SEEN = AT - timedelta(hours=1)
TODAY = date(2026, 6, 15)
FIRST_INSTANT = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
"""Which no other zone can write."""


@pytest.fixture
def campaign(db):
    territory = TerritoryFactory()
    territory.communes.add(CommuneFactory())
    return SurveyCampaignFactory(territory=territory, starts_on=date(2026, 6, 10), opened_at=AT - timedelta(days=5))


@pytest.fixture
def by(campaign):
    return UserFactory(role=Role.ADVISOR, territory=campaign.territory, name="Alix Martin")


def a_unit(campaign, **told) -> Unit:
    return UnitFactory(territory=campaign.territory, commune=campaign.commune, **told)


def see(campaign, unit, by, finding=Finding.VACANT, **told) -> Observation:
    sent = {"client_id": uuid4(), "seen_at": SEEN, "at": AT} | told
    return services.record_observation(campaign=campaign, unit=unit, finding=finding, by=by, **sent)


def find(campaign, by, **told) -> Observation:
    seen = {"client_id": uuid4(), "seen_at": SEEN, "at": AT, "finding": Finding.OPEN, "street": "rue d’Arras"}
    return services.record_found_unit(campaign=campaign, by=by, **(seen | {"number": 12} | told))


def code(refusal) -> str:
    error = refusal.value
    return (error.error_list[0] if hasattr(error, "error_list") else next(iter(error.error_dict.values()))[0]).code


def register(unit) -> tuple:
    unit.refresh_from_db()
    return unit.state, unit.vacant_since, unit.surveyed_on, unit.sign_name


# --- what is seen ----------------------------------------------------------------------------------------------------


def test_a_unit_seen_vacant_is_vacant_since_that_day(campaign, by):
    unit = a_unit(campaign, state=OccupancyState.OCCUPIED)
    seen = see(campaign, unit, by, sign_name=" Chez Lucie ", note=" Volet baissé ", photo=ContentFile(b"x", name="x"))
    assert register(unit) == (OccupancyState.VACANT, TODAY, TODAY, "Chez Lucie")
    assert (seen.state_before, seen.state, seen.note, seen.conflict) == ("occupied", "vacant", "Volet baissé", None)
    assert seen.photo.name.startswith("premises.observation/")


def test_what_is_unchanged_is_known_as_of_today_and_nothing_more(campaign, by):
    unit = a_unit(campaign, state=OccupancyState.VACANT, sign_name="Le Fournil", surveyed_on=date(2025, 1, 1))
    see(campaign, unit, by, Finding.UNCHANGED)
    assert register(unit) == (OccupancyState.VACANT, None, TODAY, "Le Fournil")


def test_seeing_again_that_it_is_vacant_keeps_since_when(campaign, by):
    since = {"vacant_since": date(2024, 1, 1), "vacant_since_precision": DatePrecision.YEAR}
    unit = a_unit(campaign, state=OccupancyState.VACANT, **since)
    see(campaign, unit, by, Finding.VACANT)
    assert register(unit)[:3] == (OccupancyState.VACANT, date(2024, 1, 1), TODAY)


def test_what_is_sent_twice_is_written_once(campaign, by):
    unit, client_id = a_unit(campaign), uuid4()
    first = see(campaign, unit, by, client_id=client_id, note="Volet")
    again = see(campaign, unit, by, client_id=client_id, note="Volet", at=AT + timedelta(hours=3))
    assert (first, Observation.objects.count()) == (again, 1)


def test_what_is_sent_twice_by_a_phone_whose_clock_is_wrong_is_written_once(campaign, by):
    unit, client_id, late = a_unit(campaign), uuid4(), timedelta(days=40)
    sent = {"client_id": client_id, "seen_at": SEEN - late}
    first = see(campaign, unit, by, sent_at=AT - late, **sent)
    later = timedelta(minutes=50)
    again = see(campaign, unit, by, sent_at=AT - late + later, **sent | {"at": AT + later + timedelta(seconds=9)})
    assert (first.seen_at, again) == (SEEN, first)


@pytest.mark.parametrize(
    "other", [{"note": "Autre"}, {"finding": Finding.OPEN}, {"seen_at": SEEN - timedelta(hours=1)}]
)
def test_the_same_sending_with_another_content_is_refused(other, campaign, by):
    unit, client_id = a_unit(campaign), uuid4()
    see(campaign, unit, by, client_id=client_id)
    with pytest.raises(ValidationError) as refusal:
        see(campaign, unit, by, **{"client_id": client_id} | other)
    assert (code(refusal), Observation.objects.count()) == ("client_id_taken", 1)


def test_a_second_look_is_another_row_and_corrects_the_first(campaign, by):
    unit = a_unit(campaign, state=OccupancyState.OCCUPIED)
    see(campaign, unit, by, state_before=OccupancyState.OCCUPIED)
    second = see(campaign, unit, by, Finding.OPEN, state_before=OccupancyState.OCCUPIED, seen_at=AT)
    assert (register(unit)[0], second.conflict, Observation.objects.count()) == (OccupancyState.OCCUPIED, None, 2)


def test_a_clock_a_little_ahead_is_now(campaign, by):
    assert see(campaign, a_unit(campaign), by, seen_at=AT + timedelta(minutes=4)).seen_at == AT


# --- conflicts -------------------------------------------------------------------------------------------------------


def test_what_changed_meanwhile_stays_and_the_observation_too(campaign, by):
    unit = a_unit(campaign, state=OccupancyState.TRANSITION, sign_name="Optique")
    seen = see(campaign, unit, by, state_before=OccupancyState.OCCUPIED)
    assert register(unit)[0] == OccupancyState.TRANSITION
    assert (seen.state, seen.conflict) == (
        OccupancyState.VACANT,
        {"reason": "changed_meanwhile", "state": "transition", "sign_name": "Optique", "surveyed_on": None},
    )


def test_who_says_the_same_as_the_register_is_in_no_conflict(campaign, by):
    unit = a_unit(campaign, state=OccupancyState.VACANT)
    assert see(campaign, unit, by, state_before=OccupancyState.OCCUPIED).conflict is None


def test_unchanged_since_something_else_is_a_conflict(campaign, by):
    unit = a_unit(campaign, state=OccupancyState.VACANT)
    seen = see(campaign, unit, by, Finding.UNCHANGED, state_before=OccupancyState.OCCUPIED)
    assert (seen.state, seen.conflict["reason"]) == (OccupancyState.OCCUPIED, "changed_meanwhile")


def test_two_phones_that_disagree_are_a_conflict(campaign, by):
    unit, other = a_unit(campaign, state=OccupancyState.OCCUPIED), UserFactory(advisor=True)
    see(campaign, unit, by, state_before=OccupancyState.OCCUPIED)
    late = see(campaign, unit, other, Finding.WORKS, state_before=OccupancyState.OCCUPIED, seen_at=AT)
    assert (register(unit)[0], late.conflict["reason"]) == (OccupancyState.VACANT, "changed_meanwhile")


def test_what_was_seen_before_somebody_looked_again_is_a_conflict(campaign, by):
    unit, other = a_unit(campaign, state=OccupancyState.OCCUPIED), UserFactory(advisor=True)
    see(campaign, unit, other, Finding.UNCHANGED, seen_at=AT)
    late = see(campaign, unit, by, state_before=OccupancyState.OCCUPIED)
    assert (register(unit)[0], late.conflict["reason"]) == (OccupancyState.OCCUPIED, "seen_later")


def test_a_unit_surveyed_since_by_other_means_is_a_conflict(campaign, by):
    unit = a_unit(campaign, state=OccupancyState.OCCUPIED, surveyed_on=TODAY)
    late = see(campaign, unit, by, seen_at=SEEN - timedelta(days=2))
    assert late.conflict == {"reason": "seen_later", "state": "occupied", "sign_name": "", "surveyed_on": "2026-06-15"}


def test_a_shop_of_the_coop_that_looks_vacant_is_a_conflict(campaign, by):
    unit = a_unit(campaign, state=OccupancyState.OCCUPIED)
    Occupancy.objects.create(
        unit=unit, member=MemberFactory(), tenure=TenureKind.SHORT_LEASE, starts_on=date(2026, 1, 1)
    )
    assert see(campaign, unit, by).conflict["reason"] == "occupied"
    assert register(unit)[0] == OccupancyState.OCCUPIED


# --- refusals --------------------------------------------------------------------------------------------------------


def test_a_survey_that_is_over_takes_nothing(campaign, by):
    unit = a_unit(campaign)
    campaign.closed_at = AT
    campaign.save()
    for act in (
        lambda: see(campaign, unit, by),
        lambda: find(campaign, by),
        lambda: services.issue_pass(campaign=campaign, user=by, at=AT),
        lambda: services.take_back(campaign=campaign, client_id=uuid4(), by=by, at=AT),
    ):
        with pytest.raises(ValidationError) as refusal:
            act()
        assert code(refusal) == "campaign_closed"
    assert not Observation.objects.exists()


def test_a_unit_of_elsewhere_is_refused(campaign, by):
    campaign.streets = ["Rue d'Arras"]
    campaign.save()
    here = a_unit(campaign, street="rue d’Arras")
    others = [
        a_unit(campaign, street="rue de Lens"),
        UnitFactory(commune=campaign.commune),
        UnitFactory(territory=campaign.territory, commune=CommuneFactory(insee_code="62498", name="Lens")),
    ]
    for unit in others:
        with pytest.raises(ValidationError) as refusal:
            see(campaign, unit, by)
        assert code(refusal) == "outside_zone"
    assert see(campaign, here, by).unit == here


def test_a_unit_that_is_no_more_is_refused(campaign, by):
    unit = a_unit(campaign, closed_on=TODAY, closed_because=ClosureReason.DEMOLISHED)
    with pytest.raises(ValidationError) as refusal:
        see(campaign, unit, by)
    assert code(refusal) == "unit_closed"


@pytest.mark.parametrize(
    ("seen_at", "refused"),
    [
        (AT + timedelta(hours=2), "seen_to_come"),
        (datetime(2026, 6, 1, tzinfo=UTC), "seen_too_early"),
        (FIRST_INSTANT, "seen_too_early"),
    ],
)
def test_an_impossible_hour_is_refused(seen_at, refused, campaign, by):
    with pytest.raises(ValidationError) as refusal:
        see(campaign, a_unit(campaign), by, seen_at=seen_at)
    assert code(refusal) == refused


def test_nothing_is_unchanged_when_nothing_was_known(campaign, by):
    with pytest.raises(ValidationError) as refusal:
        see(campaign, a_unit(campaign), by, Finding.UNCHANGED)
    assert code(refusal) == "nothing_known"


# --- undoing ---------------------------------------------------------------------------------------------------------


def test_a_tap_is_undone_and_the_register_says_what_it_said(campaign, by):
    since = {"vacant_since": date(2024, 3, 1), "vacant_since_precision": DatePrecision.MONTH}
    unit = a_unit(campaign, state=OccupancyState.VACANT, sign_name="Optique", surveyed_on=date(2025, 5, 2), **since)
    known = register(unit)
    seen = see(campaign, unit, by, Finding.OPEN, sign_name="Chez Lucie", photo=ContentFile(b"x", name="x"))
    assert register(unit) != known
    services.take_back(campaign=campaign, client_id=seen.client_id, by=by, at=AT)
    assert (register(unit), unit.vacant_since_precision, Observation.objects.count()) == (known, "month", 0)
    assert services.take_back(campaign=campaign, client_id=seen.client_id, by=by, at=AT) is None


def test_undoing_what_was_in_conflict_leaves_the_register_alone(campaign, by):
    unit = a_unit(campaign, state=OccupancyState.TRANSITION)
    seen = see(campaign, unit, by, state_before=OccupancyState.OCCUPIED)
    services.take_back(campaign=campaign, client_id=seen.client_id, by=by, at=AT)
    assert (register(unit)[0], Observation.objects.count()) == (OccupancyState.TRANSITION, 0)


def test_what_changed_since_or_is_not_yours_is_not_undone(campaign, by):
    unit, other = a_unit(campaign), UserFactory(advisor=True)
    seen = see(campaign, unit, by)
    with pytest.raises(ValidationError) as refusal:
        services.take_back(campaign=campaign, client_id=seen.client_id, by=other, at=AT)
    assert code(refusal) == "not_yours"
    services.set_state(unit=unit, state=OccupancyState.OCCUPIED, on=TODAY, by=other, at=AT)
    with pytest.raises(ValidationError) as refusal:
        services.take_back(campaign=campaign, client_id=seen.client_id, by=by, at=AT)
    assert (code(refusal), Observation.objects.count()) == ("changed_since", 1)


# --- a unit that nobody knew -----------------------------------------------------------------------------------------


def test_a_unit_found_in_the_street_is_registered_and_seen(campaign, by):
    seen = find(campaign, by, repetition="bis", sign_name="Le Vrac", note="Neuf")
    unit = Unit.objects.get()
    assert (str(unit), unit.territory, unit.commune) == ("12 bis rue d’Arras", campaign.territory, campaign.commune)
    assert register(unit) == (OccupancyState.OCCUPIED, None, TODAY, "Le Vrac")
    assert (seen.state_before, seen.note) == (OccupancyState.UNKNOWN, "Neuf")


def test_a_unit_found_twice_is_registered_once(campaign, by):
    client_id = uuid4()
    first, again = find(campaign, by, client_id=client_id), find(campaign, by, client_id=client_id)
    other_phone = find(campaign, UserFactory(advisor=True), street="Rue d'Arras")
    assert (first, first.unit) == (again, other_phone.unit)
    assert (Unit.objects.count(), Observation.objects.count()) == (1, 2)


def test_undoing_a_unit_that_was_found_takes_it_off_the_register(campaign, by):
    seen = find(campaign, by)
    unit = services.take_back(campaign=campaign, client_id=seen.client_id, by=by, at=AT)
    assert (unit.pk, register(unit)[0]) == (seen.unit_id, OccupancyState.OCCUPIED)
    assert (unit.closed_on, unit.closed_because) == (TODAY, ClosureReason.MISTAKE)


def test_a_unit_of_a_street_of_elsewhere_is_not_registered(campaign, by):
    campaign.streets = ["rue d’Arras"]
    campaign.save()
    with pytest.raises(ValidationError) as refusal:
        find(campaign, by, street="rue de Lens")
    assert (code(refusal), Unit.objects.count()) == ("street_outside_zone", 0)


# --- passes ----------------------------------------------------------------------------------------------------------


def test_a_pass_opens_its_survey_for_a_week_and_is_kept_as_a_hash(campaign, by):
    token = services.issue_pass(campaign=campaign, user=by, at=AT)
    row = CampaignPass.objects.get()
    assert services.holder_of(token, campaign_id=campaign.pk, at=AT) == row
    assert (row.user, row.expires_at, token in row.token_hash) == (by, AT + timedelta(days=7), False)


def test_a_sixth_phone_takes_the_place_of_the_first(campaign, by):
    tokens = [services.issue_pass(campaign=campaign, user=by, at=AT + timedelta(minutes=n)) for n in range(6)]
    with pytest.raises(ValidationError) as refusal:
        services.holder_of(tokens[0], campaign_id=campaign.pk, at=AT)
    assert (code(refusal), CampaignPass.objects.valid(AT).count()) == ("pass_revoked", 5)


def test_a_pass_that_opens_nothing_says_why(campaign, by):
    token, week = services.issue_pass(campaign=campaign, user=by, at=AT), timedelta(days=7)

    def refused(token=token, campaign_id=campaign.pk, at=AT):
        with pytest.raises(ValidationError) as refusal:
            services.holder_of(token, campaign_id=campaign_id, at=at)
        return code(refusal)

    assert refused(token="x") == refused(campaign_id=campaign.pk + 1) == refused(token="") == "pass_unknown"
    assert refused(at=AT + week) == "pass_expired"
    by.mandates.all().delete()
    assert refused() == "pass_no_right"
    services.revoke_pass(campaign_pass=CampaignPass.objects.get(), at=AT)
    assert refused() == "pass_revoked"


# --- at the same instant ---------------------------------------------------------------------------------------------


def at_once(*acts) -> list:
    barrier = Barrier(len(acts))

    def run(act):
        barrier.wait(timeout=20)
        try:
            return act()
        except ValidationError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.django_db(transaction=True)
def test_one_sending_in_eight_threads_is_one_row(campaign, by):
    unit, client_id = a_unit(campaign, state=OccupancyState.OCCUPIED), uuid4()
    rows = at_once(*[lambda: see(campaign, unit, by, client_id=client_id) for _ in range(8)])
    assert ({row.pk for row in rows}, Observation.objects.count()) == ({Observation.objects.get().pk}, 1)


@pytest.mark.django_db(transaction=True)
def test_eight_phones_that_disagree_lose_nothing(campaign):
    unit = a_unit(campaign, state=OccupancyState.OCCUPIED)
    walkers = [UserFactory(advisor=True) for _ in range(8)]
    findings = [Finding.VACANT, Finding.WORKS] * 4
    known = {"state_before": OccupancyState.OCCUPIED}
    rows = at_once(
        *[lambda a=each: see(campaign, unit, a[0], a[1], **known) for each in zip(walkers, findings, strict=True)]
    )
    unit.refresh_from_db()
    agree = [row for row in rows if row.conflict is None]
    assert (len(rows), Observation.objects.count(), {row.state for row in agree}) == (8, 8, {unit.state})
    assert len(agree) == 4


@pytest.mark.django_db(transaction=True)
def test_eight_phones_that_find_the_same_door_register_it_once(campaign):
    walkers = [UserFactory(advisor=True) for _ in range(8)]
    at_once(*[lambda a=each: find(campaign, a) for each in walkers])
    assert (Unit.objects.count(), Observation.objects.count()) == (1, 8)
