"""The register: filters in the address, exports of what is filtered, many units at once after a preview."""

import csv
import io
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from premises.enums import Availability, FollowUpStatus, OccupancyState
from premises.models import FollowUp, Unit, UnitPhoto
from tests.conftest import count_queries, page
from tests.factories import TerritoryFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST, CSV = reverse("premises_staff:unit_list"), reverse("premises_staff:units_csv")
OWNER = "SCI des Tilleuls"


@pytest.fixture(autouse=True)
def today(time_machine):
    time_machine.move_to("2026-06-15 09:00", tick=False)


@pytest.fixture
def territory():
    return TerritoryFactory()


@pytest.fixture
def advisor(login_as, territory):
    return login_as(Role.ADVISOR, territory)


def shown(client, **filters) -> list[str]:
    return [unit.address for unit in client.get(LIST, filters).context["units"]]


def vacant(territory, street, since, **told) -> Unit:
    return UnitFactory(
        territory=territory,
        street=street,
        number=1,
        state=OccupancyState.VACANT,
        vacant_since=since,
        vacant_since_precision="day",
        **told,
    )


def test_each_filter_lets_through_what_it_says(client, advisor, territory):
    old = vacant(territory, "rue A", date(2024, 6, 1), floor_area_m2=40, surveyed_on=date(2026, 6, 1))
    young = vacant(territory, "rue B", date(2026, 5, 1), floor_area_m2=120, monthly_rent=900)
    shop = UnitFactory(territory=territory, street="rue C", number=1, state="occupied", sign_name="Chez Élodie")
    gone = UnitFactory(
        territory=territory, street="rue D", number=1, closed_on=date(2026, 1, 1), closed_because="demolished"
    )
    UnitPhoto.objects.create(unit=young, file="p.webp", description="La vitrine")
    a, b, c, d = (each.address for each in (old, young, shop, gone))
    expected = {
        (): [a, b, c],
        ("occupation", "vide"): [a, b],
        ("occupation", "occupied"): [c],
        ("vide_depuis", "24"): [a],
        ("vide_depuis", "3"): [a],
        ("surface_min", "100"): [b],
        ("surface_max", "100"): [a],
        ("loyer_max", "1000"): [b],
        ("a_revoir", "on"): [b, c],
        ("publiee", "oui"): [],
        ("existe", "disparues"): [d],
        ("existe", "toutes"): [a, b, c, d],
        ("q", "chez elodie"): [c],
        ("q", "1 RUE b"): [b],
        ("suivi", "blocked"): [],
        ("disponibilite", "unknown"): [a, b, c],
        ("commune", "bethune"): [a, b, c],
        ("voie", "RUE b"): [b],
        ("photos", "oui"): [b],
        ("photos", "non"): [a, c],
        ("tri", "-adresse"): [c, b, a],
        ("tri", "-surface"): [b, a, c],
    }
    assert {asked: shown(client, **dict([asked] if asked else [])) for asked in expected} == expected


def test_what_cannot_be_read_shows_nothing_and_says_why(client, advisor, territory):
    UnitFactory(territory=territory)
    content = page(client, f"{LIST}?surface_min=grand")
    assert "Un filtre est à revoir" in content
    assert client.get(CSV, {"surface_min": "grand"}).status_code == 302


def test_words_of_a_row_say_derelict_unknown_and_to_look_at_again(client, advisor, territory):
    vacant(territory, "rue A", date(2024, 6, 1), monthly_rent=650)
    content = page(client, LIST)
    assert [word for word in ("friche", "à revoir", "650\u00a0€", "jamais") if word not in content] == []


def test_the_list_takes_the_same_queries_however_many(client, advisor, territory):
    UnitFactory(territory=territory)
    few = count_queries(client, LIST)
    UnitFactory.create_batch(3, territory=territory)
    assert count_queries(client, LIST) == few <= 9


def test_an_empty_register_says_how_to_begin(client, advisor):
    assert "Le registre est vide" in page(client, LIST)
    assert "Aucun local ne répond" in page(client, f"{LIST}?q=rien")


def test_nobody_sees_the_units_of_another_territory(client, advisor, territory):
    UnitFactory(territory=TerritoryFactory(), street="rue Ailleurs")
    assert "rue Ailleurs" not in page(client, LIST)
    assert len(rows(client.get(CSV))) == 1


def rows(response) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def test_the_export_is_what_is_filtered_and_unknown_stays_empty(client, advisor, territory):
    vacant(territory, "rue A", date(2024, 6, 1), owner_name=OWNER, water=False)
    UnitFactory(territory=territory, street="rue B")
    header, line = rows(client.get(CSV, {"occupation": "vide"}))
    told = dict(zip(header, line, strict=True))
    assert (told["Voie"], told["Point d’eau"], told["Extraction"]) == ("rue A", "non", "")
    assert (told["Vide depuis"], told["Propriétaire"]) == ("1er\u00a0juin 2024", OWNER)
    xlsx = client.get(reverse("premises_staff:units_xlsx"))
    assert b"".join(xlsx.streaming_content).startswith(b"PK")


def test_a_reader_takes_no_owner_away(client, login_as, territory):
    login_as(Role.READER, territory)
    UnitFactory(territory=territory, owner_name=OWNER)
    response = client.get(CSV)
    assert OWNER not in str(rows(response))


# --- many at once ----------------------------------------------------------------------------------------------------


def act(client, name, units, **told):
    return client.post(reverse(f"premises_staff:{name}"), {"row": [unit.pk for unit in units], **told}, follow=True)


def test_units_are_followed_together_after_a_preview(client, advisor, territory):
    units = [vacant(territory, f"rue {letter}", date(2026, 1, 1)) for letter in "AB"]
    assert "non suivie" in act(client, "units_follow", units).content.decode()
    assert not FollowUp.objects.exists()
    done = act(client, "units_follow", units, confirm="1", step="waiting:owner_written", note="Même courrier")
    assert "2\u00a0locaux" in done.content.decode()
    assert set(Unit.objects.values_list("followup", flat=True)) == {FollowUpStatus.WAITING}
    refused = act(client, "units_follow", units, confirm="1", step="done:vacancy_ended", note="")
    assert "notée vacante" in refused.content.decode()
    assert set(Unit.objects.values_list("followup", flat=True)) == {FollowUpStatus.WAITING}


def test_only_what_is_to_let_is_published_and_all_or_none(client, advisor, territory):
    one, other = (UnitFactory(territory=territory, street=f"rue {letter}") for letter in "AB")
    Unit.objects.filter(pk=one.pk).update(availability=Availability.YES)
    refused = act(client, "units_publish", [one, other], confirm="1").content.decode()
    assert "pas à louer" in refused
    assert not Unit.objects.exclude(published_at=None).exists()
    act(client, "units_publish", [one], confirm="1")
    assert Unit.objects.get(pk=one.pk).published_at == timezone.now()
    act(client, "units_withdraw", [one], confirm="1")
    assert Unit.objects.get(pk=one.pk).published_at is None


def test_a_forged_id_of_elsewhere_is_not_touched(client, advisor, territory):
    foreign = UnitFactory(territory=TerritoryFactory(), availability=Availability.YES)
    act(client, "units_publish", [foreign], confirm="1")
    foreign.refresh_from_db()
    assert foreign.published_at is None


def test_a_reader_changes_none(client, login_as, territory):
    login_as(Role.READER, territory)
    unit = UnitFactory(territory=territory)
    assert "Publier" not in page(client, LIST)
    assert act(client, "units_publish", [unit], confirm="1").status_code == 403


def test_the_export_ends_with_the_kind_of_public_place_the_stretch_of_shops_and_the_parcel(client, advisor, territory):
    UnitFactory(territory=territory, erp_type="N", street_section="Grand-Place, côté pair", parcel="62119000AC0606")
    header, line = b"".join(client.get(CSV).streaming_content).decode("utf-8-sig").splitlines()
    start = header.split(";").index("Type d’ERP")
    assert header.split(";")[start : start + 3] == ["Type d’ERP", "Linéaire", "Parcelle"]
    label = str(Unit.objects.get().get_erp_type_display())
    assert line.split(";")[start : start + 3] == [label, "Grand-Place, côté pair", "62119000AC0606"]


def test_a_long_export_waits_for_a_worker(client, advisor, territory, monkeypatch):
    monkeypatch.setattr("coopconnexion.backoffice.exports.AT_ONCE", 1)
    UnitFactory.create_batch(2, territory=territory)
    assert client.get(CSV).url == reverse("site:export_list")


def test_the_search_finds_units_by_street_number_and_sign(client, advisor, territory):
    UnitFactory(territory=territory, number=57, street="rue Sadi-Carnot", sign_name="Le Fil d’Ariane")
    UnitFactory(territory=territory, number=58, street="rue Sadi-Carnot")
    UnitFactory(territory=TerritoryFactory(), number=59, street="rue Sadi-Carnot")
    search = reverse("admin:search")
    found = page(client, f"{search}?q=sadi+carnot")
    assert ["57 rue" in found, "58 rue" in found, "59 rue" in found] == [True, True, False]
    assert "58 rue Sadi-Carnot" not in page(client, f"{search}?q=57+rue+sadi+carnot")
    assert "57 rue Sadi-Carnot" in page(client, f"{search}?q=fil+ariane")
    client.force_login(UserFactory(advisor=True, territory=TerritoryFactory()))
    assert "57 rue Sadi-Carnot" not in page(client, f"{search}?q=sadi+carnot")
