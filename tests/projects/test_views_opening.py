"""Staff open a project: somebody who looks the same is asked about once, nothing typed is lost."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Person
from projects.enums import Source, Stage
from projects.models import Project, StageChange
from tests.conftest import page
from tests.factories import PersonFactory, ProjectFactory, TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db

ADD = reverse("projects_staff:project_add")


@pytest.fixture
def territory():
    return TerritoryFactory()


@pytest.fixture
def advisor(login_as, territory):
    return login_as(Role.ADVISOR, territory)


@pytest.fixture
def typed(advisor, territory):
    return {
        "first_name": "Zoé",
        "last_name": "Lévêque",
        "email": "zoe@exemple.org",
        "phone": "06 12 34 56 78",
        "title": "Épicerie du port",
        "source": "city",
        "territory": territory.pk,
        "advisor": advisor.pk,
        "next_step": "Premier entretien",
        "next_step_on": (timezone.localdate() + timedelta(days=7)).isoformat(),
    }


def known(territory, **fields):
    """Somebody whom the advisor's territory knows."""
    person = PersonFactory(**fields)
    ProjectFactory(holder=person, territory=territory, title="Ancien projet")
    return person


def opened():
    return Project.objects.exclude(title="Ancien projet")


def test_a_project_is_opened_for_a_new_person(client, typed, advisor):
    response = client.post(ADD, typed)
    project = opened().get()
    assert response.url == reverse("projects_staff:project", args=[project.pk])
    assert (str(project.holder), project.advisor, project.source) == ("Zoé Lévêque", advisor, Source.CITY)
    assert (project.stage, StageChange.objects.get(project=project).changed_by) == (Stage.FIRST_CONTACT, advisor)


def test_the_source_is_asked_and_unknown_is_an_answer(client, typed):
    refused = client.post(ADD, typed | {"source": ""})
    assert (refused.status_code, opened().count(), 'value="Épicerie du port"' in refused.content.decode()) == (
        422,
        0,
        True,
    )
    client.post(ADD, typed | {"source": "unknown"})
    assert opened().get().source == Source.UNKNOWN


@pytest.mark.parametrize(
    "same",
    [
        {"first_name": "Paul", "last_name": "Lévêque", "email": "ZOE@exemple.org"},
        {"first_name": "zoe", "last_name": "leveque", "email": "autre@exemple.org", "phone": "+33612345678"},
    ],
)
def test_who_looks_the_same_is_asked_about_with_a_link(same, client, typed, territory):
    person = known(territory, **same)
    asked = client.post(ADD, typed)
    content = asked.content.decode()
    assert (asked.status_code, opened().count()) == (422, 0)
    assert reverse("accounts_staff:person", args=[person.pk]) in content
    assert ('value="Épicerie du port"' in content, f'name="seen_doubles" value="{person.pk}"' in content) == (
        True,
        True,
    )


def test_the_same_person_gets_a_second_project(client, typed, territory):
    person = known(territory, first_name="Paul", last_name="Lévêque", email="zoe@exemple.org")
    client.post(ADD, typed | {"seen_doubles": str(person.pk), "same_as": person.pk})
    assert (opened().get().holder, Person.objects.count()) == (person, 1)


def test_another_person_may_share_the_mailbox(client, typed, territory):
    person = known(territory, first_name="Paul", last_name="Lévêque", email="zoe@exemple.org")
    client.post(ADD, typed | {"seen_doubles": str(person.pk), "same_as": ""})
    assert (str(opened().get().holder), Person.objects.count()) == ("Zoé Lévêque", 2)


def test_nobody_of_another_territory_is_named(client, typed):
    person = known(TerritoryFactory(), first_name="Paul", last_name="Caché", email="zoe@exemple.org")
    client.post(ADD, typed)
    assert opened().get().holder != person
    assert client.post(ADD, typed | {"title": "B", "same_as": person.pk, "email": "b@exemple.org"}).status_code == 422


def test_a_project_is_opened_for_a_known_person(client, typed, territory):
    person = known(territory, first_name="Paul", last_name="Martin")
    content = page(client, f"{ADD}?q=martin")
    assert f"?personne={person.pk}" in content
    assert "Paul Martin" in page(client, f"{ADD}?personne={person.pk}")
    about = {name: value for name, value in typed.items() if name not in ("first_name", "last_name", "email", "phone")}
    client.post(ADD, about | {"personne": person.pk})
    assert opened().get().holder == person


@pytest.mark.parametrize("pk", ["999999999", "x", "9" * 30, "-1"])
def test_an_unknown_person_does_not_exist(pk, client, advisor):
    assert client.get(ADD, {"personne": pk}).status_code == 404


def test_a_person_whom_nobody_can_reach_is_refused(client, typed):
    refused = client.post(ADD, typed | {"email": "", "phone": ""})
    assert (refused.status_code, "pouvoir joindre" in refused.content.decode()) == (422, True)


def test_a_form_sent_twice_opens_one_project(client, typed):
    for _ in range(2):
        client.post(ADD, typed | {"form_token": "c" * 32})
    assert (opened().count(), Person.objects.count()) == (1, 1)


def test_the_same_title_leads_to_the_project_already_open(client, typed, territory, advisor):
    for _ in range(2):
        response = client.post(ADD, typed | {"seen_doubles": "x"}, follow=True)
        if response.status_code == 422:
            person = opened().get().holder
            response = client.post(ADD, typed | {"seen_doubles": str(person.pk), "same_as": person.pk}, follow=True)
    assert ("déjà ouvert" in response.content.decode(), opened().count()) == (True, 1)


def test_a_territory_where_one_does_not_work_is_refused(client, typed):
    refused = client.post(ADD, typed | {"territory": TerritoryFactory().pk})
    assert (refused.status_code, opened().count()) == (422, 0)


def test_an_advisor_of_elsewhere_is_refused(client, typed):
    stranger = UserFactory(advisor=True, territory=TerritoryFactory())
    refused = client.post(ADD, typed | {"advisor": stranger.pk})
    assert (refused.status_code in (409, 422), opened().count()) == (True, 0)


def test_a_reader_opens_nothing(client, login_as, territory):
    login_as(Role.READER, territory)
    assert [client.get(ADD).status_code, client.post(ADD, {}).status_code] == [403, 403]
