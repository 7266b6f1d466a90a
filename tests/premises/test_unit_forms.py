"""A unit registered and corrected: unknown is not no, dates as precise as they are known, nothing typed is lost."""

from datetime import date

import pytest
from django.urls import reverse

from coopconnexion.accounts.enums import Role
from premises.models import Unit
from tests.conftest import page
from tests.factories import CommuneFactory, TerritoryFactory, UnitFactory

pytestmark = pytest.mark.django_db
ADD = reverse("premises_staff:unit_add")
BASE = {"state": "vacant", "availability": "unknown", "condition": "unknown", "street": "rue de Lille", "number": "12"}


@pytest.fixture(autouse=True)
def today(time_machine):
    time_machine.move_to("2026-06-15 09:00", tick=False)


@pytest.fixture
def territory():
    territory = TerritoryFactory()
    territory.communes.add(CommuneFactory())
    return territory


@pytest.fixture
def advisor(login_as, territory):
    return login_as(Role.ADVISOR, territory)


def typed(territory, **told) -> dict:
    return BASE | {"territory": territory.pk, "commune": str(territory.communes.get())} | told


def hidden(client, url) -> dict:
    return {field.name: field.value() for field in client.get(url).context["form"].hidden_fields()}


@pytest.mark.parametrize(
    ("since", "day", "precision"),
    [
        ("12/03/2026", date(2026, 3, 12), "day"),
        ("03/2026", date(2026, 3, 1), "month"),
        ("mars 2019", date(2019, 3, 1), "month"),
        ("2024", date(2024, 1, 1), "year"),
        ("", None, ""),
    ],
)
def test_a_unit_is_registered_with_what_is_known(client, advisor, territory, since, day, precision):
    response = client.post(
        ADD, typed(territory, since=since, water="true", extraction="false", floor_area_m2="62,5", naf="4711b")
    )
    assert response.status_code == 422  # no such NAF code in this database
    response = client.post(ADD, typed(territory, since=since, water="true", extraction="false", floor_area_m2="62,5"))
    unit = Unit.objects.get()
    assert response.url == reverse("premises_staff:unit", args=[unit.pk])
    assert (unit.vacant_since, unit.vacant_since_precision) == (day, precision)
    assert (unit.water, unit.extraction, unit.step_free, unit.shop_window) == (True, False, None, None)
    assert (unit.floor_area_m2, unit.monthly_rent, unit.territory) == (62.5, None, territory)


WRONG = [
    ({"street": ""}, "street"),
    ({"commune": "Nulle-Part"}, "commune"),
    ({"number": "douze"}, "number"),
    ({"since": "l’an dernier"}, "since"),
    ({"since": "2090"}, "since"),
    ({"state": "occupied", "since": "2024"}, "since"),
    ({"postal_code": "624"}, "postal_code"),
    ({"floor_area_m2": "grand"}, "floor_area_m2"),
    ({"floor_area_m2": "50", "sales_area_m2": "60"}, ""),
    ({"monthly_rent": "-5"}, "monthly_rent"),
    ({"latitude": "50.5"}, "latitude"),
    ({"latitude": "500", "longitude": "2"}, "latitude"),
    ({"naf": "99.99Z"}, "naf"),
    ({"state": "invented"}, "state"),
]


@pytest.mark.parametrize(("told", "field"), WRONG, ids=str)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(client, advisor, territory, told, field):
    response = client.post(ADD, typed(territory, owner_name="SCI des Tilleuls") | told)
    errors = response.context["form"].errors
    assert (response.status_code, Unit.objects.count()) == (422, 0)
    assert "SCI des Tilleuls" in response.content.decode()
    assert errors if not field else field in errors or "vacant_since" in errors or "__all__" in errors


def test_the_same_address_is_asked_about_once(client, advisor, territory):
    known = UnitFactory(territory=territory, commune=territory.communes.get(), number=12, street="Rue de LILLE")
    response = client.post(ADD, typed(territory, door="arrière"))
    content = response.content.decode()
    assert (response.status_code, reverse("premises_staff:unit", args=[known.pk]) in content) == (422, True)
    sent = hidden_of(response)
    assert client.post(ADD, typed(territory, door="arrière") | sent).status_code == 302
    assert Unit.objects.count() == 2


def hidden_of(response) -> dict:
    return {field.name: field.value() for field in response.context["form"].hidden_fields()}


def test_the_same_address_without_anything_to_tell_apart_is_refused_by_the_register(client, advisor, territory):
    UnitFactory(territory=territory, commune=territory.communes.get(), number=12, street="rue de Lille", reference="")
    response = client.post(ADD, typed(territory, seen_same="1"))
    assert (response.status_code, "précisez l’étage" in response.content.decode()) == (422, True)
    assert Unit.objects.count() == 1


def test_a_unit_is_corrected_and_its_dates_are_shown_as_typed(client, advisor, territory):
    unit = UnitFactory(
        territory=territory,
        commune=territory.communes.get(),
        state="vacant",
        vacant_since=date(2024, 3, 1),
        vacant_since_precision="month",
        water=False,
    )
    url = reverse("premises_staff:unit_change", args=[unit.pk])
    form = client.get(url).context["form"]
    assert (form["since"].value(), form["water"].value()) == ("03/2024", "false")
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    sent |= {"commune": str(unit.commune), "water": "", "monthly_rent": "650"}
    assert client.post(url, sent).status_code == 302
    unit.refresh_from_db()
    assert (unit.water, unit.monthly_rent, unit.vacant_since) == (None, 650, date(2024, 3, 1))


def test_who_saves_second_reads_what_the_first_saved(client, advisor, territory):
    unit = UnitFactory(territory=territory, commune=territory.communes.get(), street="rue de Lille", number=12)
    url = reverse("premises_staff:unit_change", args=[unit.pk])
    version = hidden(client, url)
    assert client.post(url, BASE | version | {"commune": str(unit.commune), "sign_name": "Première"}).status_code == 302
    second = client.post(url, BASE | version | {"commune": str(unit.commune), "sign_name": "Seconde"})
    assert (second.status_code, "Première" in second.content.decode()) == (409, True)
    unit.refresh_from_db()
    assert unit.sign_name == "Première"


def test_a_reader_registers_nothing_and_nobody_corrects_elsewhere(client, login_as, territory):
    login_as(Role.READER, territory)
    assert client.post(ADD, typed(territory)).status_code == 403
    unit = UnitFactory(territory=territory)
    assert client.get(reverse("premises_staff:unit_change", args=[unit.pk])).status_code == 403
    login_as(Role.ADVISOR, TerritoryFactory())
    assert client.get(reverse("premises_staff:unit_change", args=[unit.pk])).status_code == 404


def test_a_territory_where_one_does_not_work_is_refused(client, advisor, territory):
    other = TerritoryFactory()
    response = client.post(ADD, typed(territory) | {"territory": other.pk})
    assert "territory" in response.context["form"].errors
    assert "Enregistrer un local" in page(client, reverse("premises_staff:unit_list"))
