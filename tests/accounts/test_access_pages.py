"""Who has access, and what each account changed lately."""

from datetime import date, timedelta

import pghistory
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.activity import activity_page
from coopconnexion.accounts.enums import Role
from tests.factories import (
    MandateFactory,
    PersonFactory,
    ProjectFactory,
    TerritoryFactory,
    ThemeFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

LIST = reverse("accounts_staff:access_list")


def page(response) -> str:
    return response.content.decode()


def account_url(user) -> str:
    return reverse("accounts_staff:account", args=[user.pk])


@pytest.fixture
def advisor():
    return UserFactory(advisor=True, territory=TerritoryFactory(name="Béthune"), email="camille@example.org")


def test_the_list_names_who_may_enter_where_and_until_when(client, login_as, advisor):
    login_as(Role.MANAGER)
    MandateFactory(user__email="elue@example.org", role=Role.OFFICIAL, territory=advisor.mandates.get().territory)
    MandateFactory(user__email="parti@example.org", ends_on=date(2020, 1, 1))
    UserFactory(email="candidat@example.org")
    shown = page(client.get(LIST))
    assert [word for word in ("camille@", "elue@", "Béthune", "Jamais connecté", "31") if word not in shown] == []
    assert [word for word in ("parti@", "candidat@", "¿") if word in shown] == []


def test_the_list_asks_as_many_queries_for_three_accounts_as_for_one(client, login_as, advisor):
    login_as(Role.MANAGER)
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for _ in range(3):
        MandateFactory(territory=TerritoryFactory())
    with CaptureQueriesContext(connection) as many:
        client.get(LIST)
    assert len(many) == len(few)


# --- what an account changed -----------------------------------------------------------------------------------------


def changed(user, *rows) -> None:
    """Change these rows as one request of this user would."""
    with pghistory.context(user=user.pk):
        for row in rows:
            row.save()


def test_what_one_request_changed_stands_together(advisor):
    person, project = PersonFactory(), ProjectFactory()
    person.first_name = "Zoé"
    with pghistory.context(user=advisor.pk):
        person.save()
        project.title = "Autre"
        project.save()
        theme = ThemeFactory()
        project.themes.add(theme)
    moments = activity_page(advisor, None).object_list
    assert [(deed.act, [key for key, _ in deed.rows], deed.count) for deed in moments[0].deeds] == [
        ("modification", [str(person.pk)], 1),
        ("modification", [str(project.pk)], 1),
        ("création", [], 1),  # the theme of the project
        ("création", [str(theme.pk)], 1),
    ]
    assert [deed.table for deed in moments[0].deeds if deed.rows] == ["personnes", "projets", "thèmes"]


def test_what_others_did_is_not_shown(advisor):
    person = PersonFactory(first_name="Avant")
    person.first_name = "Après"
    changed(UserFactory(), person)
    assert activity_page(advisor, None).object_list == []


def test_many_rows_of_one_request_are_counted(advisor):
    people = PersonFactory.create_batch(15)
    for person in people:
        person.first_name = "Zoé"
    changed(advisor, *people)
    deed = activity_page(advisor, None).object_list[0].deeds[0]
    assert (len(deed.rows), deed.count, deed.more) == (12, 15, 3)


def test_the_page_links_to_the_history_of_each_row(client, login_as, advisor):
    person = PersonFactory()
    person.first_name = "Zoé"
    changed(advisor, person)
    login_as(Role.MANAGER)
    shown = page(client.get(account_url(advisor)))
    assert (reverse("admin:accounts_person_history", args=[person.pk]) in shown, "¿" in shown) == (True, False)


def test_what_was_done_is_shown_by_pages(client, login_as, advisor):
    person = PersonFactory()
    for number in range(30):
        person.first_name = f"Zoé {number}"
        changed(advisor, person)
    login_as(Role.MANAGER)
    shown = page(client.get(account_url(advisor), {"page": "2"}))
    assert ("Page 2 sur 2" in shown, shown.count("Modification")) == (True, 5)


def test_the_page_asks_as_many_queries_for_many_changes_as_for_one(client, login_as, advisor):
    login_as(Role.MANAGER)
    person, project = PersonFactory(), ProjectFactory()
    person.first_name = "Zoé"
    changed(advisor, person)
    client.get(account_url(advisor))
    with CaptureQueriesContext(connection) as few:
        client.get(account_url(advisor))
    for number in range(3):
        person.first_name, project.title = f"Zoé {number}", f"Titre {number}"
        changed(advisor, person, project)
    with CaptureQueriesContext(connection) as many:
        client.get(account_url(advisor))
    assert len(many) == len(few)


def test_an_account_that_did_nothing_says_so(client, login_as, advisor):
    login_as(Role.MANAGER)
    shown = page(client.get(account_url(advisor)))
    assert ("Rien n’est noté" in shown, "peut être fermé sans rien laisser" in shown) == (True, True)


def test_the_home_of_the_direction_counts_accesses_and_names_officials_whose_end_is_near(client, login_as):
    today = timezone.localdate()
    for email, days in (("bientot@example.org", 10), ("plus-tard@example.org", 90)):
        MandateFactory(
            user__email=email,
            role=Role.OFFICIAL,
            territory=TerritoryFactory(),
            ends_on=today + timedelta(days=days),
        )
    login_as(Role.MANAGER)
    shown = page(client.get(reverse("admin:index")))
    assert ("3\u00a0comptes peuvent entrer" in shown, "bientot@" in shown, "plus-tard@" in shown) == (True, True, False)
    login_as(Role.ADVISOR, TerritoryFactory())
    assert LIST not in page(client.get(reverse("admin:index")))


def test_a_list_of_a_row_is_called_as_staff_know_it(advisor):
    with pghistory.context(user=advisor.pk):
        ProjectFactory().themes.add(ThemeFactory())
    tables = [deed.table for deed in activity_page(advisor, None).object_list[0].deeds]
    assert "thèmes (projets)" in tables
