"""Projects, missing activities and units on one another's pages, with the reasons; to each what they may see."""

from datetime import date

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from coopconnexion.territories.models import Activity
from premises.enums import Availability
from premises.models import MissingActivity
from projects.models import PremisesNeed
from tests.conftest import count_queries, page
from tests.factories import ProjectFactory, TerritoryFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def territory():
    return TerritoryFactory()


@pytest.fixture
def activity():
    return Activity.objects.create(key="epicerie-essai", label="Épicerie d’essai")


@pytest.fixture
def project(territory, activity):
    project = ProjectFactory(territory=territory, title="Au Bon Bocal", activity=activity)
    PremisesNeed.objects.create(project=project, min_area_m2=40, max_area_m2=80, max_monthly_rent=700, needs_water=True)
    return project


@pytest.fixture
def unit(territory):
    return UnitFactory(
        territory=territory,
        street="rue Utile",
        floor_area_m2=60,
        monthly_rent=800,
        state="vacant",
        availability=Availability.YES,
        published_at=timezone.now(),
        rent_is_public=True,
    )


@pytest.fixture
def gap(territory, activity, unit):
    return MissingActivity.objects.create(
        territory=territory,
        commune=unit.commune,
        label="Épicerie d’essai",
        activity=activity,
        status="confirmed",
        source="study",
        evidence="Étude",
        observed_on=date(2026, 1, 5),
        review_on=date(2099, 1, 5),
    )


def test_a_project_shows_its_gaps_and_units_with_reasons(client, login_as, territory, project, unit, gap):
    login_as(Role.ADVISOR, territory)
    content = page(client, reverse("projects_staff:project", args=[project.pk]))
    words = ("Épicerie d’essai", "même activité de la liste", "rue Utile", "Ne va pas", "À savoir")
    assert [each for each in words if each not in content] == []


def test_a_unit_and_a_gap_show_the_project(client, login_as, territory, project, unit, gap):
    login_as(Role.ADVISOR, territory)
    for address in (
        reverse("premises_staff:unit", args=[unit.pk]),
        reverse("gaps_staff:gap", args=[gap.pk]),
    ):
        assert "Au Bon Bocal" in page(client, address)
    assert "rue Utile" in page(client, reverse("gaps_staff:gap", args=[gap.pk]))


def test_who_works_elsewhere_is_matched_with_nothing_of_here(client, login_as, project, unit, gap):
    elsewhere = TerritoryFactory()
    login_as(Role.ADVISOR, elsewhere)
    own = UnitFactory(territory=elsewhere, floor_area_m2=60, state="vacant")
    assert "Au Bon Bocal" not in page(client, reverse("premises_staff:unit", args=[own.pk]))


def test_the_panels_take_the_same_queries_however_many(client, login_as, territory, activity, project, unit, gap):
    login_as(Role.ADVISOR, territory)
    addresses = [
        reverse("projects_staff:project", args=[project.pk]),
        reverse("premises_staff:unit", args=[unit.pk]),
        reverse("gaps_staff:gap", args=[gap.pk]),
    ]
    few = [count_queries(client, address) for address in addresses]
    for number in range(3):
        other = ProjectFactory(territory=territory, activity=activity)
        PremisesNeed.objects.create(project=other, min_area_m2=30)
        UnitFactory(territory=territory, commune=unit.commune, street=f"rue {number}", state="vacant", floor_area_m2=50)
    assert [count_queries(client, address) for address in addresses] == few


def test_who_holds_a_project_reads_what_is_public_only(client, territory, project, unit, gap):
    hidden = UnitFactory(territory=territory, street="rue Cachée", floor_area_m2=60, state="vacant")
    user = UserFactory(email=project.holder.email)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client.force_login(user)
    content = page(client, reverse("site:my_space"))
    assert ("Pour votre projet" in content, "Épicerie d’essai" in content) == (True, True)
    assert hidden.street not in content
    MissingActivity.objects.update(status="suspected")
    assert "Épicerie d’essai" not in page(client, reverse("site:my_space"))
