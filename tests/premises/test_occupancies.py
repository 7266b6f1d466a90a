"""Who trades where: two never at once, short leases within the law, the unit follows; races end in one answer."""

from datetime import UTC, date, datetime
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from premises import services
from premises.documents.due import dues
from premises.models import Occupancy, Provision, Unit, UnitInterest
from tests.conftest import count_queries, page
from tests.factories import (
    MemberFactory,
    PartnershipFactory,
    ProjectFactory,
    TerritoryFactory,
    UnitFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 15, 9, tzinfo=UTC)
TODAY = date(2026, 6, 15)


@pytest.fixture(autouse=True)
def today(time_machine):
    time_machine.move_to("2026-06-15 09:00", tick=False)


@pytest.fixture
def territory():
    return TerritoryFactory()


@pytest.fixture
def advisor(login_as, territory):
    return login_as(Role.ADVISOR, territory)


@pytest.fixture
def unit(territory):
    return UnitFactory(territory=territory, state="vacant", vacant_since=date(2026, 1, 1), vacant_since_precision="day")


@pytest.fixture
def member(territory):
    return MemberFactory(territory=territory)


def moved(unit, **told) -> Occupancy:
    base = {"tenure": "short_lease", "starts_on": date(2026, 6, 1), "ends_on": date(2027, 6, 1)}
    return services.move_in(unit=unit, by=UserFactory(), at=AT, **base | told)


def refused(act) -> dict | list:
    with pytest.raises(ValidationError) as refusal:
        act()
    errors = getattr(refusal.value, "error_dict", None)
    return (
        {name: each[0].code for name, each in errors.items()} if errors else [e.code for e in refusal.value.error_list]
    )


def test_who_moves_in_today_occupies_the_unit_and_later_not_yet(unit, member):
    moved(unit, member=member)
    unit.refresh_from_db()
    assert (unit.state, unit.vacant_since) == ("occupied", None)
    other = UnitFactory(territory=unit.territory, state="vacant")
    moved(other, member=member, starts_on=date(2026, 9, 1))
    other.refresh_from_db()
    assert other.state == "vacant"


def test_two_occupants_never_overlap_members_and_projects_alike(unit, member, territory):
    moved(unit, member=member)
    project = ProjectFactory(territory=territory)
    late = {"starts_on": date(2027, 5, 31), "ends_on": date(2027, 12, 1)}
    assert "occupancy_overlap" in str(refused(lambda: moved(unit, project=project, **late)))
    moved(unit, project=project, starts_on=date(2027, 6, 1), ends_on=date(2027, 12, 1))
    assert Occupancy.objects.count() == 2


def test_short_leases_of_one_occupant_end_after_three_years_and_another_begins_anew(unit, member, territory):
    first = moved(unit, member=member, starts_on=date(2024, 1, 1), ends_on=date(2026, 1, 1))
    assert first.pk
    too_long = {"starts_on": date(2026, 1, 1), "ends_on": date(2027, 2, 1)}
    assert refused(lambda: moved(unit, member=member, **too_long)) == {"ends_on": "chain_too_long"}
    moved(unit, member=MemberFactory(territory=territory), **too_long)
    assert refused(lambda: moved(UnitFactory(), member=member, ends_on=None)) == {"ends_on": "end_missing"}


def test_a_unit_that_is_no_more_takes_nobody(unit, member):
    Unit.objects.update(closed_on=date(2026, 1, 1), closed_because="demolished")
    assert refused(lambda: moved(unit, member=member)) == ["unit_closed"]


def test_an_end_leaves_the_unit_vacant_unless_told_otherwise(unit, member):
    occupancy = moved(unit, member=member)
    user = UserFactory()
    assert refused(lambda: services.end_occupancy(occupancy=occupancy, ends_on=date(2026, 6, 1), by=user, at=AT)) == {
        "ends_on": "end_before_start"
    }
    services.end_occupancy(occupancy=occupancy, ends_on=date(2026, 6, 10), by=user, at=AT)
    unit.refresh_from_db()
    assert (unit.state, unit.vacant_since) == ("vacant", date(2026, 6, 10))
    assert refused(lambda: services.end_occupancy(occupancy=occupancy, ends_on=date(2026, 6, 12), by=user, at=AT)) == {
        "ends_on": "occupancy_over"
    }


def test_a_term_is_prolonged_within_the_law(unit, member):
    occupancy = moved(unit, member=member)
    user = UserFactory()
    services.correct_occupancy(occupancy=occupancy, ends_on=date(2029, 6, 1), by=user, at=AT)
    assert refused(
        lambda: services.correct_occupancy(occupancy=occupancy, ends_on=date(2029, 6, 2), by=user, at=AT)
    ) == {"ends_on": "chain_too_long"}


@pytest.mark.django_db(transaction=True)
def test_ten_who_move_in_at_once_are_one():
    unit = UnitFactory()
    members = [MemberFactory(territory=unit.territory) for _ in range(10)]
    user, start, answers = UserFactory(), Barrier(10), []

    def act(member):
        start.wait()
        try:
            told = {"tenure": "provision", "starts_on": date(2026, 6, 1)}
            services.move_in(unit=unit, member=member, by=user, at=AT, **told)
            answers.append("in")
        except ValidationError as refusal:
            answers.append(str(refusal.messages))
        finally:
            connection.close()

    threads = [Thread(target=act, args=[member]) for member in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (answers.count("in"), Occupancy.objects.count()) == (1, 1)
    assert all("déjà occupée" in each for each in answers if each != "in")


# --- pages -----------------------------------------------------------------------------------------------------------


def post(client, name, row, **told):
    return client.post(reverse(f"premises_staff:{name}", args=[row.pk]), told)


def hidden(client, name, row) -> dict:
    form = client.get(reverse(f"premises_staff:{name}", args=[row.pk])).context["form"]
    return {field.name: field.value() for field in form.hidden_fields()}


def test_staff_note_prolong_and_end_an_occupancy(client, advisor, unit, member):
    told = {"member": member.pk, "tenure": "trial_shop", "starts_on": "2026-06-01", "ends_on": "2026-11-30"}
    assert post(client, "occupancy_add", unit, **told).status_code == 302
    occupancy = Occupancy.objects.get()
    assert occupancy.ends_on == date(2026, 12, 1)
    content = page(client, reverse("premises_staff:unit", args=[unit.pk]))
    assert [each for each in ("boutique à l’essai", str(member), "31\u00a0mai 2027") if each not in content] == []
    assert "Son local" in page(client, reverse("members_staff:member", args=[member.pk]))

    longer = told | {"tenure": "short_lease", "ends_on": "2028-05-31"} | hidden(client, "occupancy_change", occupancy)
    assert post(client, "occupancy_change", occupancy, **longer).status_code == 302
    ended = {"ends_on": "2026-06-14", "is_empty": "on"} | hidden(client, "occupancy_end", occupancy)
    assert post(client, "occupancy_end", occupancy, **ended).status_code == 302
    unit.refresh_from_db()
    assert unit.state == "vacant"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"ends_on": "2030-01-01"}, "trois ans"),
        ({"ends_on": ""}, "terme"),
        ({"tenure": "trial_shop", "ends_on": "2027-05-31"}, "six mois"),
        ({"starts_on": "2026-07-01", "ends_on": "2026-06-01"}, "après"),
        ({"member": ""}, "l’un des deux"),
        ({"monthly_rent": "-3"}, "0"),
    ],
)
def test_what_is_refused_keeps_what_was_typed(client, advisor, unit, member, told, words):
    base = {"member": member.pk, "tenure": "short_lease", "starts_on": "2026-06-01", "ends_on": "2027-05-31"}
    response = post(client, "occupancy_add", unit, **base | {"note": "Clés chez le voisin"} | told)
    content = response.content.decode()
    assert (response.status_code, words in content, "Clés chez le voisin" in content) == (422, True, True)
    assert not Occupancy.objects.exists()


def test_a_member_of_elsewhere_is_no_choice_and_a_foreign_occupancy_a_404(client, advisor, unit):
    foreign = MemberFactory(territory=TerritoryFactory())
    told = {"member": foreign.pk, "tenure": "provision", "starts_on": "2026-06-01"}
    assert "member" in post(client, "occupancy_add", unit, **told).context["form"].errors
    there = moved(UnitFactory(territory=foreign.territory), member=foreign)
    assert client.get(reverse("premises_staff:occupancy_end", args=[there.pk])).status_code == 404


def test_an_interest_is_noted_then_withdrawn(client, advisor, unit, territory):
    project = ProjectFactory(territory=territory)
    assert post(client, "interest_add", unit, project=project.pk, message="La vitrine").status_code == 302
    assert post(client, "interest_add", unit, project=project.pk).status_code == 422
    interest = UnitInterest.objects.get()
    for _ in range(2):
        assert post(client, "interest_withdraw", interest).status_code == 302
    interest.refresh_from_db()
    assert interest.withdrawn_at == timezone.now()


# --- what comes to an end --------------------------------------------------------------------------------------------


def test_the_list_says_what_ends_and_what_to_do(client, advisor, unit, member, territory):
    moved(unit, member=member, starts_on=date(2023, 7, 1), ends_on=date(2026, 7, 1))
    lent = UnitFactory(territory=territory)
    partnership = PartnershipFactory(territory=territory)
    Provision.objects.create(partnership=partnership, unit=lent, starts_on=date(2026, 1, 1), ends_on=date(2026, 10, 1))
    UnitFactory(territory=territory, state="vacant", vacant_since=date(2024, 9, 1), vacant_since_precision="day")
    UnitFactory(
        territory=TerritoryFactory(), state="vacant", vacant_since=date(2024, 9, 1), vacant_since_precision="day"
    )
    found = dues(advisor, TODAY)
    assert [(due.kind, due.on) for due in found] == [
        ("occupancy", date(2026, 7, 1)),
        ("derelict", date(2026, 9, 1)),
        ("provision", date(2026, 10, 1)),
    ]
    content = page(client, reverse("premises_staff:due_list"))
    words = ("30\u00a0juin 2026", "bail commercial", "rendre les clés", "taxe sur les friches")
    assert [each for each in words if each not in content] == []
    rows = b"".join(client.get(reverse("premises_staff:due_list"), {"format": "csv"}).streaming_content)
    assert rows.decode("utf-8-sig").count("\r\n") == 4


def test_the_list_and_its_file_are_of_the_territory_asked_for(client, unit, member, territory):
    other = UnitFactory(territory=TerritoryFactory(), street="rue d’Ailleurs")
    Unit.objects.filter(pk=unit.pk).update(street="rue d’Ici")
    moved(unit, member=member, ends_on=date(2026, 9, 1))
    moved(other, member=MemberFactory(territory=other.territory), ends_on=date(2026, 9, 1))
    partnership = PartnershipFactory(territory=other.territory)
    Provision.objects.create(partnership=partnership, unit=other, starts_on=TODAY, ends_on=date(2026, 10, 1))
    client.force_login(UserFactory(manager=True))
    url = reverse("premises_staff:due_list")

    def shown(**asked):
        content = client.get(url, asked).content.decode()
        return "rue d’Ici" in content, "rue d’Ailleurs" in content

    assert (shown(), shown(territoire=territory.pk)) == ((True, True), (True, False))
    assert f"format=csv&amp;territoire={territory.pk}" in client.get(url, {"territoire": territory.pk}).content.decode()
    rows = b"".join(client.get(url, {"territoire": other.territory_id, "format": "csv"}).streaming_content)
    assert rows.decode("utf-8-sig").count("\r\n") == 3
    client.force_login(UserFactory(advisor=True, territory=territory))
    assert shown(territoire=other.territory_id) == (True, False)


def test_the_list_takes_the_same_queries_however_many(client, advisor, territory):
    url = reverse("premises_staff:due_list")

    def fill():
        moved(UnitFactory(territory=territory), member=MemberFactory(territory=territory), ends_on=date(2026, 9, 1))

    fill()
    few = count_queries(client, url)
    fill()
    fill()
    assert count_queries(client, url) == few
