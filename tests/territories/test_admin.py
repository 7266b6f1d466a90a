import pytest
from django.urls import reverse

from coopconnexion.territories.models import Territory
from tests.factories import CommuneFactory, ThemeFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_the_direction_adds_a_territory_with_its_communes(client):
    client.force_login(UserFactory(manager=True))
    commune = CommuneFactory()
    data = {"name": "Béthune", "slug": "bethune", "communes": [commune.pk]}
    assert client.post(reverse("admin:territories_territory_add"), data).status_code == 302
    assert list(Territory.objects.get(slug="bethune").communes.all()) == [commune]


def test_a_theme_is_retired_and_never_deleted(client):
    client.force_login(UserFactory(manager=True))
    theme = ThemeFactory()
    assert client.post(reverse("admin:territories_theme_delete", args=[theme.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("query", ["béthune", "BETHUNE", "62119"])
def test_a_commune_is_found_without_accents_or_by_code(client, query):
    client.force_login(UserFactory(manager=True))
    commune = CommuneFactory()
    CommuneFactory(insee_code="62498", name="Lens")
    page = client.get(reverse("admin:territories_commune_changelist"), {"q": query})
    assert list(page.context["cl"].result_list) == [commune]
