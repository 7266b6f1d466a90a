"""What does not hold together in the data: counted every night, listed with links, told when a row is saved."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts import services
from coopconnexion.accounts.models import FlawCount, Person
from coopconnexion.backoffice import consistency
from tests.conftest import admin_url, count_queries, page, sign_in
from tests.factories import MandateFactory, PersonFactory, ProjectFactory, TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db
FLAWS = reverse("admin:flaws")
CLOSED = "coopconnexion.accounts.consistency.mandates_of_closed_accounts"
UNREACHABLE = "coopconnexion.accounts.consistency.people_without_contact"
NOWHERE = "coopconnexion.territories.consistency.territories_without_commune"


def found():
    return {(each.check_key, each.territory_id): each.found for each in FlawCount.objects.all()}


def test_every_flaw_is_counted_in_its_territory():
    own = TerritoryFactory()
    MandateFactory(user__is_active=False, territory=own)
    MandateFactory(user__is_active=False, territory=own, ends_on=date(2020, 1, 1))
    MandateFactory(territory=own)
    PersonFactory(email="", phone="")
    PersonFactory(email="", phone="+33612345678")
    for _ in range(2):  # the counts of last night give way
        services.count_flaws(at=timezone.now())
    assert found() == {(CLOSED, own.pk): 1, (UNREACHABLE, None): 1, (NOWHERE, own.pk): 1}


def test_who_was_erased_is_no_flaw():
    person = PersonFactory(email="", phone="", first_name="Personne", last_name="effacée")
    assert list(consistency._checks[UNREACHABLE].faulty(Person.objects.filter(pk=person.pk))) == []


def test_the_page_links_to_each_faulty_row(client, manager):
    person = PersonFactory(first_name="Zoé", last_name="Lefèvre", email="", phone="")
    content = page(client, FLAWS)
    assert f'<a href="{admin_url("change", person)}">Zoé Lefèvre n’a ni courriel ni téléphone.</a>' in content


def test_everybody_sees_the_flaws_of_their_own_rows(client):
    own = TerritoryFactory()
    ProjectFactory(territory=own, holder__last_name="Ici", holder__email="", holder__phone="")
    ProjectFactory(holder__last_name="Ailleurs", holder__email="", holder__phone="")
    MandateFactory(user__is_active=False, territory=own)
    sign_in(client, advisor=True, territory=own)
    content = page(client, FLAWS)
    shown = [name in content for name in ("Camille Ici", "Camille Ailleurs", "Mandats de comptes fermés")]
    assert shown == [True, False, False]


def test_the_page_takes_as_many_queries_with_one_flaw_as_with_many(client, manager):
    counts = []
    for rows in (1, 3):
        for _ in range(rows):
            PersonFactory(email="", phone="")
            MandateFactory(user__is_active=False, territory=TerritoryFactory())
        counts.append(count_queries(client, FLAWS))
    assert counts[0] == counts[1]


def test_a_long_list_of_flaws_says_that_there_are_more(client, manager, monkeypatch):
    monkeypatch.setattr(consistency, "ROWS_SHOWN", 2)
    monkeypatch.setattr("coopconnexion.site.flaws.ROWS_SHOWN", 2)
    for _ in range(3):
        PersonFactory(email="", phone="")
    assert "Les 2 premières lignes" in page(client, FLAWS)


def test_the_home_page_tells_the_flaws_of_the_own_territories(client):
    own = TerritoryFactory()
    MandateFactory(user__is_active=False)
    services.count_flaws(at=timezone.now())
    sign_in(client, advisor=True, territory=own)
    assert "anomalie" not in page(client, reverse("admin:index"))
    client.force_login(UserFactory(manager=True))
    assert "anomalies à corriger" in page(client, reverse("admin:index"))


def test_saving_a_row_tells_what_does_not_hold_together(client, manager):
    person = PersonFactory(first_name="Zoé", last_name="Lefèvre")
    form = {"first_name": "Zoé", "last_name": "Lefèvre", "email": "", "phone": ""}
    response = client.post(admin_url("change", person), form, follow=True)
    assert "Zoé Lefèvre n’a ni courriel ni téléphone." in response.content.decode()
