"""The raw table of units: owners are told to who works there, what the services write is read."""

import pytest
from django.urls import reverse

from coopconnexion.accounts.enums import Role
from tests.conftest import page
from tests.factories import TerritoryFactory, UnitFactory

pytestmark = pytest.mark.django_db
OWNER, CONTACT, KEPT = "SCI des Tilleuls", "03 21 00 00 00", "Colonne du fichier"


@pytest.fixture
def unit():
    told = {"owner_name": OWNER, "owner_contact": CONTACT, "extra": {KEPT: "1"}}
    return UnitFactory(territory=TerritoryFactory(), street="rue A", **told)


def pages(client, unit) -> str:
    names = ("admin:premises_unit_change", "admin:premises_unit_history")
    return "".join(page(client, reverse(name, args=[unit.pk])) for name in names)


def test_a_reader_is_told_no_owner_even_by_the_history(client, login_as, unit, time_machine):
    time_machine.move_to("2026-06-15 09:00", tick=False)
    login_as(Role.READER, unit.territory)
    content = pages(client, unit)
    assert "rue A" in content
    assert [word for word in (OWNER, CONTACT, KEPT) if word in content] == []


def test_who_works_there_is_told_the_owner(client, login_as, unit):
    login_as(Role.ADVISOR, unit.territory)
    content = pages(client, unit)
    assert [word for word in (OWNER, CONTACT) if word not in content] == []
    assert reverse("premises_staff:unit", args=[unit.pk]) in content


def test_what_the_services_write_is_not_typed_here(client, login_as, unit):
    login_as(Role.MANAGER)
    form = client.get(reverse("admin:premises_unit_change", args=[unit.pk])).context["adminform"].form
    assert {"state", "vacant_since", "followup", "published_at", "closed_on", "parent"}.isdisjoint(form.fields)


def test_units_are_neither_added_nor_deleted_here(client, login_as, unit):
    login_as(Role.MANAGER)
    assert client.get(reverse("admin:premises_unit_add")).status_code == 403
    delete = reverse("admin:premises_unit_delete", args=[unit.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403


def test_the_unit_of_another_territory_is_not_found(client, login_as, unit):
    login_as(Role.ADVISOR, TerritoryFactory())
    assert client.get(reverse("admin:premises_unit_change", args=[unit.pk])).status_code == 404
