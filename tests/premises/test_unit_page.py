"""The page of a unit in the back office: what is known, in words, and what each may read."""

import pytest
from django.urls import reverse

from coopconnexion.accounts.enums import Role
from tests.conftest import page
from tests.factories import UnitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return UnitFactory(owner_name="SCI des Tilleuls", owner_contact="06 11 22 33 44", extra={"Gérant": "Paul Rémy"})


def address(unit):
    return reverse("premises_staff:unit", args=[unit.pk])


def test_what_nobody_noted_is_unknown_and_not_no(client, login_as, unit):
    login_as(Role.ADVISOR, unit.territory)
    unit.water = False
    unit.save()
    content = page(client, address(unit))
    assert "<dt>Point d’eau</dt><dd>non</dd>" in content
    assert "<dt>Extraction</dt><dd>inconnu</dd>" in content
