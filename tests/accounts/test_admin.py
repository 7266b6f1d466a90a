from datetime import date

import pytest
import time_machine
from django.urls import reverse

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Mandate, Person, PersonLink, User
from tests.factories import (
    MandateFactory,
    OrganisationFactory,
    PersonFactory,
    ProjectFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    user = UserFactory(manager=True, email="direction@example.org")
    client.force_login(user)
    return user


def mandate_rows(*rows, initial=0):
    data = {"mandates-TOTAL_FORMS": len(rows), "mandates-INITIAL_FORMS": initial}
    for number, row in enumerate(rows):
        data |= {f"mandates-{number}-{name}": value for name, value in row.items()}
    return data


# --- people ----------------------------------------------------------------------------------------------------------


def test_two_rows_of_one_human_are_flagged_and_can_be_listed(client, manager):
    for email in ("zoe@example.org", "ZOE@example.org"):
        PersonFactory(first_name="Zoé", last_name="Lefèvre", email=email)
    PersonFactory(first_name="Paul", last_name="Martin", email="zoe@example.org")  # a couple: no double
    page = client.get(reverse("admin:accounts_person_changelist"), {"doublons": "oui"})
    assert [str(person) for person in page.context["cl"].result_list] == ["Zoé Lefèvre", "Zoé Lefèvre"]


def test_the_list_of_people_takes_as_many_queries_for_many(client, manager, django_assert_max_num_queries):
    def count(number):
        PersonFactory.create_batch(number)
        with django_assert_max_num_queries(20) as queries:
            client.get(reverse("admin:accounts_person_changelist"))
        return len(queries)

    client.get(reverse("admin:accounts_person_changelist"))
    assert count(1) == count(3)


def test_an_address_typed_by_staff_is_mended(client, manager):
    person = PersonFactory()
    typed = {"first_name": "Zoé", "last_name": "Lefèvre", "email": "Zoe@example.org", "phone": "06 12 34 56 78"}
    response = client.post(reverse("admin:accounts_person_change", args=[person.pk]), typed)
    person.refresh_from_db()
    assert (response.status_code, person.email, person.phone.as_e164) == (302, "zoe@example.org", "+33612345678")


def test_an_advisor_changes_the_people_of_the_own_territory_only(client):
    own, other = ProjectFactory(), ProjectFactory()
    client.force_login(UserFactory(advisor=True, territory=own.territory))
    pages = [reverse("admin:accounts_person_change", args=[project.holder.pk]) for project in (own, other)]
    typed = {"first_name": "Zoé", "last_name": "Lefèvre"}
    assert [client.post(page, typed).status_code for page in pages] == [302, 404]
    assert list(Person.objects.filter(first_name="Zoé")) == [own.holder]


def test_an_organisation_is_saved_with_its_people(client, manager):
    organisation, person = OrganisationFactory(), PersonFactory()
    data = {"name": "Ville de Béthune", "kind": "city", "affiliations-TOTAL_FORMS": 1, "affiliations-INITIAL_FORMS": 0}
    data |= {"affiliations-0-person": person.pk, "affiliations-0-title": "adjointe"}
    response = client.post(reverse("admin:accounts_organisation_change", args=[organisation.pk]), data)
    assert (response.status_code, organisation.affiliations.get().person) == (302, person)


# --- accounts --------------------------------------------------------------------------------------------------------


def test_an_account_is_opened_with_its_mandate_which_shows_its_last_day(client, manager):
    territory = TerritoryFactory()
    row = {"role": Role.OFFICIAL, "territory": territory.pk, "starts_on": "01/03/2027", "ends_on": "29/02/2028"}
    response = client.post(
        reverse("admin:accounts_user_add"), {"email": " Elue@Bethune.example ", "name": "Élue", **mandate_rows(row)}
    )
    assert response.status_code == 302
    user = User.objects.get(email="elue@bethune.example")
    mandate = user.mandates.get()
    assert (mandate.role, mandate.territory, mandate.starts_on, mandate.ends_on) == (
        Role.OFFICIAL,
        territory,
        date(2027, 3, 1),
        date(2028, 3, 1),
    )
    assert user.emailaddress_set.get().verified is False
    page = client.get(reverse("admin:accounts_user_change", args=[user.pk])).content.decode()
    assert 'value="29/02/2028"' in page


def test_an_address_that_has_an_account_is_refused_and_kept_as_typed(client, manager):
    response = client.post(reverse("admin:accounts_user_add"), {"email": "Direction@example.org", **mandate_rows()})
    page = response.content.decode()
    assert (response.status_code, "Un compte existe déjà avec cette adresse." in page) == (200, True)
    assert ("direction@example.org" in page.lower(), User.objects.count()) == (True, 1)


def test_a_mandate_that_makes_no_sense_is_refused_and_nothing_is_saved(client, manager):
    row = {"role": Role.MANAGER, "territory": TerritoryFactory().pk, "starts_on": "01/03/2027", "ends_on": ""}
    response = client.post(reverse("admin:accounts_user_add"), {"email": "zoe@example.org", **mandate_rows(row)})
    assert (response.status_code, "laissez le territoire vide" in response.content.decode()) == (200, True)
    assert User.objects.count() == 1


@time_machine.travel("2027-05-06 09:00+02:00", tick=False)
def test_the_last_manager_is_told_why_they_cannot_leave(client, manager):
    client.force_login(manager)  # the session of the fixture is of another day
    mandate = manager.mandates.get()
    row = {"id": mandate.pk, "user": manager.pk, "role": Role.MANAGER, "territory": ""}
    row |= {"starts_on": "16/12/2019", "ends_on": "06/05/2027"}
    data = {"name": "", "is_active": "on", **mandate_rows(row, initial=1)}
    response = client.post(reverse("admin:accounts_user_change", args=[manager.pk]), data)
    assert (response.status_code, "Il ne resterait personne" in response.content.decode()) == (200, True)
    mandate.refresh_from_db()
    assert mandate.ends_on is None


@time_machine.travel("2027-05-06 09:00+02:00", tick=False)
def test_a_mandate_ends_today_in_one_action_today_included(client, manager):
    client.force_login(manager)
    mandate = MandateFactory()
    action = {"action": "end_today", "_selected_action": [mandate.pk]}
    response = client.post(reverse("admin:accounts_mandate_changelist"), action, follow=True)
    mandate.refresh_from_db()
    assert (mandate.ends_on, "mandat terminé" in response.content.decode()) == (date(2027, 5, 7), True)


def test_a_mandate_is_granted_from_its_own_page(client, manager):
    user = UserFactory()
    data = {"user": user.pk, "role": Role.READER, "territory": "", "starts_on": "01/03/2027", "ends_on": ""}
    response = client.post(reverse("admin:accounts_mandate_add"), data)
    assert (response.status_code, list(user.mandates.values_list("role", "ends_on"))) == (302, [(Role.READER, None)])


def test_a_link_between_account_and_person_bears_the_name_of_who_confirmed_it(client, manager):
    user, person = UserFactory(), PersonFactory()
    client.post(reverse("admin:accounts_personlink_add"), {"user": user.pk, "person": person.pk})
    assert PersonLink.objects.get().confirmed_by == manager


def test_who_may_only_look_sees_the_last_day_too(client):
    mandate = MandateFactory(ends_on=date(2028, 3, 1))
    client.force_login(UserFactory(reader=True))
    for page in ("mandate", "user"):
        row = mandate if page == "mandate" else mandate.user
        shown = client.get(reverse(f"admin:accounts_{page}_change", args=[row.pk])).content.decode()
        assert (shown.count("29 février 2028"), "1 mars 2028" in shown, "(exclu)" in shown) == (1, False, False)


@pytest.mark.parametrize("role", ["advisor", "reader"])
def test_accounts_and_mandates_are_the_direction_s_alone(client, role):
    client.force_login(UserFactory(**{role: True}))
    data = {"user": UserFactory().pk, "role": Role.READER, "starts_on": "01/03/2027"}
    assert client.post(reverse("admin:accounts_mandate_add"), data).status_code == 403
    assert (
        client.post(reverse("admin:accounts_user_add"), {"email": "zoe@example.org", **mandate_rows()}).status_code
        == 403
    )
    assert Mandate.objects.count() == 1
