import pytest
from django.core.exceptions import ValidationError

from coopconnexion.territories.forms import CommuneField
from coopconnexion.territories.models import Commune

pytestmark = pytest.mark.django_db


@pytest.fixture
def communes():
    rows = [
        ("62119", "Béthune", ["62400"]),
        ("62498", "Lens", ["62300"]),
        ("62753", "Saint-Hilaire", ["62120"]),
        ("59534", "Saint Hilaire", ["59292"]),
    ]
    Commune.objects.bulk_create(Commune(insee_code=pk, name=name, postal_codes=codes) for pk, name, codes in rows)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Béthune", "62119"),
        ("bethune", "62119"),
        ("Béthune (62400)", "62119"),
        ("62400 BETHUNE", "62119"),
        ("62300", "62498"),
        ("saint hilaire 59292", "59534"),
    ],
)
def test_a_commune_is_found_by_name_or_postal_code(typed, code, communes):
    assert CommuneField().clean(typed).pk == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [("Bétune-sur-Mer", "commune_unknown"), ("Saint-Hilaire", "commune_ambiguous"), ("()", "commune_unknown")],
)
def test_a_commune_that_is_not_one_is_refused(typed, code, communes):
    with pytest.raises(ValidationError) as refusal:
        CommuneField().clean(typed)
    assert refusal.value.code == code


def test_an_empty_commune_is_none():
    assert CommuneField(required=False).clean("") is None


def test_the_form_shows_the_name_of_the_commune(communes):
    assert CommuneField().prepare_value("62119") == "Béthune"
