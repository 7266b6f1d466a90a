"""Occupants who follow one another: what an end makes of the unit, whose leases are one chain, which names are read."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from premises import services
from premises.documents.due import dues
from premises.models import Occupancy
from premises.rules.derelict import derelict_on
from tests.conftest import page
from tests.factories import MemberFactory, ProjectFactory, TerritoryFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 6, 15, 8, tzinfo=UTC)
TODAY = date(2026, 6, 15)


@pytest.fixture
def unit():
    return UnitFactory()


@pytest.fixture
def on_the_day(time_machine):
    time_machine.move_to(AT, tick=False)


@pytest.fixture
def by(unit):
    return UserFactory(advisor=True, territory=unit.territory)


@pytest.fixture
def member(unit):
    return MemberFactory(territory=unit.territory)


def enter(unit, by, **told) -> Occupancy:
    told = {"tenure": "commercial_lease"} | told
    if not {"member", "project"} & told.keys():
        told["member"] = MemberFactory(territory=unit.territory)
    return services.move_in(unit=unit, by=by, at=AT, **told)


def refusal_of(act) -> tuple[str, str]:
    with pytest.raises(ValidationError) as refusal:
        act()
    errors = refusal.value.error_dict.values() if hasattr(refusal.value, "error_dict") else [[refusal.value]]
    found = next(iter(errors))[0]
    return found.code, found.messages[0]


# --- one after another -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ends_on", [date(2026, 6, 1), date(2026, 5, 1)])
def test_an_end_leaves_the_unit_to_who_came_after(unit, by, ends_on):
    first = enter(unit, by, starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 1))
    enter(unit, by, starts_on=date(2026, 6, 1))
    services.end_occupancy(occupancy=first, ends_on=ends_on, by=by, at=AT)
    unit.refresh_from_db()
    assert (first.ends_on, unit.state) == (date(2026, 6, 1), "occupied")
    assert Occupancy.objects.get(pk=first.pk).ends_on == ends_on


def test_the_leases_of_a_project_then_of_the_member_it_became_are_one_chain(unit, by, member):
    short, project = {"tenure": "short_lease"}, ProjectFactory(holder=member.person, territory=unit.territory)
    enter(unit, by, **short, project=project, starts_on=date(2023, 6, 1), ends_on=date(2026, 6, 1))
    then = {**short, "starts_on": date(2026, 6, 1), "ends_on": date(2027, 6, 1)}
    assert refusal_of(lambda: enter(unit, by, **then, member=member))[0] == "chain_too_long"
    assert enter(unit, by, **then).pk  # somebody else


def test_an_earlier_lease_noted_later_counts_in_the_chain(unit, by, member):
    short = {"tenure": "short_lease", "member": member}
    enter(unit, by, **short, starts_on=date(2024, 6, 1), ends_on=date(2027, 6, 1))
    earlier = {**short, "starts_on": date(2023, 6, 1), "ends_on": date(2024, 6, 1)}
    assert refusal_of(lambda: enter(unit, by, **earlier))[0] == "chain_too_long"


def test_a_lease_that_the_same_person_goes_on_from_is_not_to_be_decided(unit, by, member):
    short, project = {"tenure": "short_lease"}, ProjectFactory(holder=member.person, territory=unit.territory)
    enter(unit, by, **short, project=project, starts_on=date(2026, 1, 1), ends_on=date(2026, 8, 1))
    enter(unit, by, **short, member=member, starts_on=date(2026, 8, 1), ends_on=date(2026, 11, 1))
    found = [(due.kind, due.on, "31\u00a0décembre 2028" in due.to_do) for due in dues(by, TODAY)]
    assert found == [("occupancy", date(2026, 11, 1), True)]


def test_a_lease_that_another_person_follows_is(unit, by):
    enter(unit, by, starts_on=date(2026, 1, 1), ends_on=date(2026, 8, 1))
    enter(unit, by, starts_on=date(2026, 8, 1))
    assert [due.on for due in dues(by, TODAY)] == [date(2026, 8, 1)]


@pytest.mark.parametrize(
    ("since", "precision", "is_due"),
    [
        (date(2024, 8, 1), "day", True),
        (date(2024, 8, 1), "month", True),
        (date(2024, 12, 15), "day", True),
        (date(2024, 12, 16), "day", False),
        (date(2024, 1, 1), "year", False),
        (date(2024, 6, 15), "day", False),
    ],
)
def test_two_years_of_vacancy_are_told_for_the_day_when_they_are_sure(by, since, precision, is_due, unit):
    fields = {"state": "vacant", "vacant_since": since, "vacant_since_precision": precision}
    UnitFactory(territory=unit.territory, **fields)
    assert [due.on for due in dues(by, TODAY)] == ([derelict_on(since, precision)] if is_due else [])


# --- who may read whose name -----------------------------------------------------------------------------------------


def test_who_overlaps_reads_who_is_there_and_until_when(unit, by, member):
    enter(unit, by, member=member, starts_on=date(2026, 1, 1), ends_on=date(2026, 8, 1))
    code, sentence = refusal_of(lambda: enter(unit, by, starts_on=date(2026, 7, 31)))
    assert (code, str(member) in sentence) == ("occupancy_overlap", True)
    assert "du 1er\u00a0janvier 2026 au 31\u00a0juillet 2026" in sentence


def test_who_may_not_see_the_unit_reads_no_date(unit, by):
    enter(unit, by, starts_on=date(2026, 1, 1))
    other = UserFactory(advisor=True, territory=TerritoryFactory())
    assert refusal_of(lambda: enter(unit, other, starts_on=date(2026, 7, 31))) == (
        "occupancy_overlap",
        "Cette cellule est déjà occupée pendant cette période.",
    )


def test_the_name_of_an_occupant_of_another_territory_is_not_read(client, unit, by):
    elsewhere = MemberFactory(person__last_name="Secretnom")
    today = timezone.localdate()
    row = enter(unit, by, member=elsewhere, starts_on=date(2026, 1, 1))
    Occupancy.objects.filter(pk=row.pk).update(ends_on=today.replace(year=today.year + 1))
    client.force_login(by)
    for name, pk in (("unit", unit.pk), ("occupancy_change", row.pk), ("occupancy_end", row.pk)):
        content = page(client, reverse(f"premises_staff:{name}", args=[pk]))
        assert ("Secretnom" in content, "ccupant d’un autre territoire" in content) == (False, True), name
    sentences = [due.what for due in dues(by, today.replace(year=today.year + 1))]
    assert sentences == ["bail commercial 3-6-9, occupant d’un autre territoire"]
    _, refusal = refusal_of(lambda: enter(unit, by, starts_on=date(2026, 6, 1)))
    assert "Secretnom" not in refusal


@pytest.mark.parametrize(
    "act",
    [
        lambda unit, by: services.set_state(unit=unit, state="vacant", on=TODAY, by=by, at=AT),
        lambda unit, by: services.change_unit(unit=unit, state="vacant", by=by, at=AT),
        lambda unit, by: services.close_unit(unit=unit, on=TODAY, because="demolished", by=by, at=AT),
    ],
)
def test_a_refusal_names_an_occupant_only_to_who_may_see_them(unit, by, act):
    foreign = MemberFactory(territory=TerritoryFactory())
    enter(unit, UserFactory(), member=foreign, starts_on=date(2026, 6, 1))
    code, words = refusal_of(lambda: act(unit, by))
    assert (code, str(foreign) in words, "d’un autre territoire" in words) == ("occupied_by", False, True)
    code, words = refusal_of(lambda: act(unit, UserFactory(manager=True)))
    assert (code, str(foreign) in words) == ("occupied_by", True)


# --- noted by mistake ------------------------------------------------------------------------------------------------


@pytest.fixture
def wrong(unit, by, member):
    return enter(unit, by, member=member, starts_on=date(2026, 6, 1))


def remove(client, occupancy, **told):
    return client.post(reverse("premises_staff:occupancy_remove", args=[occupancy.pk]), told)


@pytest.mark.usefixtures("on_the_day")
def test_an_occupancy_noted_by_mistake_is_removed_and_leaves_a_trace(client, unit, by, member, wrong):
    client.force_login(by)
    asked = page(client, reverse("premises_staff:occupancy_remove", args=[wrong.pk]))
    assert ("Supprimer cette occupation" in asked, Occupancy.objects.count()) == (True, 1)
    assert remove(client, wrong).status_code == 422
    assert remove(client, wrong, state="vacant").status_code == 302
    unit.refresh_from_db()
    assert (Occupancy.objects.count(), unit.state, unit.vacant_since) == (0, "vacant", None)
    content = page(client, reverse("premises_staff:unit", args=[unit.pk]))
    assert ("Occupation supprimée" in content, str(member) in content) == (True, True)
    assert remove(client, wrong, state="vacant").status_code == 404
    enter(unit, by, starts_on=date(2026, 6, 1))


@pytest.mark.usefixtures("on_the_day")
def test_only_who_works_there_removes_an_occupancy(client, unit, wrong):
    client.force_login(UserFactory(reader=True, territory=unit.territory))
    assert remove(client, wrong, state="vacant").status_code == 403
    client.force_login(UserFactory(advisor=True, territory=TerritoryFactory()))
    assert remove(client, wrong, state="vacant").status_code == 404
    assert Occupancy.objects.count() == 1


def test_one_removed_that_was_over_or_to_come_changes_nothing_of_the_unit(unit, by):
    past = enter(unit, by, starts_on=date(2026, 1, 1), ends_on=date(2026, 2, 1))
    enter(unit, by, starts_on=date(2026, 3, 1), ends_on=date(2026, 12, 1))
    later = enter(unit, by, starts_on=date(2026, 12, 1))
    for each in (past, later):
        services.remove_occupancy(occupancy=each, state="vacant", by=by, at=AT)
    unit.refresh_from_db()
    assert (unit.state, Occupancy.objects.count()) == ("occupied", 1)
