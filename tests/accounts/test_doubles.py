"""Rows that look like one human: found, told apart, compared side by side and merged from a page."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from coopconnexion.accounts import doubles as module
from coopconnexion.accounts import services
from coopconnexion.accounts.doubles import doubles_of, possible_doubles, sharing_contact
from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import NotDouble, Person, PersonMerge
from coopconnexion.accounts.services import double_warning, merge_people, tell_apart
from tests.factories import (
    BookingFactory,
    MandateFactory,
    PermanenceFactory,
    PersonFactory,
    ProjectFactory,
    SlotFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

AT = datetime(2027, 6, 1, 8, tzinfo=UTC)
PHONE = "+33612345678"


def twins(territory=None, number=1):
    """Two rows of one human, and a project of each so that a territory knows them."""
    territory = territory or TerritoryFactory()
    names = [("Zoé", "Lefèvre"), ("Zoe", "Lefevre")]
    rows = [PersonFactory(first_name=a, last_name=b, email=f"zoe{number}@example.org") for a, b in names]
    for row in rows:
        ProjectFactory(holder=row, territory=territory)
    return rows


def page(response) -> str:
    return response.content.decode()


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def url(name, *rows) -> str:
    return reverse(f"accounts_staff:{name}", args=[row.pk for row in rows])


# --- what is a double ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "is_double"),
    [
        ({"first_name": "ZOE", "last_name": "Lefevre", "email": "zoe@example.org"}, True),
        ({"first_name": "Zoé", "last_name": "Lefèvre", "email": "", "phone": PHONE}, True),
        ({"first_name": "Zoé", "last_name": "Lefebvre", "email": "ZOE@example.org"}, True),
        ({"first_name": "Zoé", "last_name": "Lefèvre-Petit", "email": "zoe@example.org"}, True),
        ({"first_name": "Zoé", "last_name": "Lefèvre-Vandenberghe-Deschamps", "email": "zoe@example.org"}, True),
        ({"first_name": "Paul", "last_name": "Martin", "email": "zoe@example.org"}, False),
        ({"first_name": "Paul", "last_name": "Martin", "email": "", "phone": PHONE}, False),
        ({"first_name": "Zoé", "last_name": "Lefèvre", "email": "autre@example.org"}, False),
        ({"first_name": "Zoé", "last_name": "Lefèvre", "email": ""}, False),
    ],
)
def test_a_double_has_a_like_name_with_the_same_email_or_phone(other, is_double):
    person = PersonFactory(first_name="Zoé", last_name="Lefèvre", email="zoe@example.org", phone=PHONE)
    person.refresh_from_db()
    twin, manager = PersonFactory(**other), UserFactory(manager=True)
    assert (doubles_of(person, user=manager) == [twin]) is is_double
    assert bool(possible_doubles(manager)) is is_double


def test_people_without_email_or_phone_are_nobody_s_double():
    for _ in range(2):
        PersonFactory(first_name="Zoé", last_name="Lefèvre", email="", phone="")
    person = Person.objects.first()
    assert (possible_doubles(UserFactory(manager=True)), list(sharing_contact(person))) == ([], [])


def test_a_pair_is_shown_once_and_no_more_once_told_apart():
    first, second = twins()
    first.refresh_from_db()
    manager = UserFactory(manager=True)
    assert [(pair.first, pair.second) for pair in possible_doubles(manager)] == [(first, second)]
    tell_apart(one=second, other=first, by=manager, at=AT)
    assert (possible_doubles(manager), doubles_of(first, user=manager)) == ([], [])
    assert not Person.objects.with_doubles().filter(has_double=True).exists()


def test_a_pair_is_for_who_sees_both():
    here, there = TerritoryFactory(), TerritoryFactory()
    first, second = twins(here)
    second.projects.update(territory=there)
    first.refresh_from_db()
    assert possible_doubles(UserFactory(advisor=True, territory=here)) == []
    assert doubles_of(first, user=UserFactory(advisor=True, territory=here)) == []
    both = UserFactory(advisor=True, territory=here)
    MandateFactory(user=both, territory=there)
    assert len(possible_doubles(both)) == 1


def test_there_is_an_end_to_the_pairs(monkeypatch):
    monkeypatch.setattr(module, "MOST_PAIRS", 2)
    for number in range(3):
        twins(number=number)
    assert len(possible_doubles(UserFactory(manager=True))) == 2


# --- the list --------------------------------------------------------------------------------------------------------


def test_the_list_shows_both_side_by_side(client, login_as):
    territory = TerritoryFactory()
    first, second = twins(territory)
    login_as(Role.ADVISOR, territory)
    shown = page(client.get(url("double_list")))
    assert [word for word in (url("person_merge", first, second), "Lefèvre", "Lefevre") if word not in shown] == []


def test_a_reader_sees_the_list_without_addresses_and_acts_on_nothing(client, login_as):
    territory = TerritoryFactory()
    first, second = twins(territory)
    login_as(Role.READER, territory)
    shown = page(client.get(url("double_list")))
    assert ("Lefèvre" in shown, "zoe1@example.org" in shown, "reunir" in shown) == (True, False, False)
    for method, name in (("get", "person_merge"), ("post", "person_merge"), ("post", "person_apart")):
        assert getattr(client, method)(url(name, first, second)).status_code == 403
    assert (NotDouble.objects.count(), Person.objects.count()) == (0, 2)


def test_who_works_elsewhere_and_reads_here_does_not_merge_here(client, login_as):
    territory = TerritoryFactory()
    user = login_as(Role.READER, territory)
    MandateFactory(user=user, territory=TerritoryFactory())
    assert client.get(url("person_merge", *twins(territory))).status_code == 403


def test_the_empty_list_says_so(client, login_as):
    login_as(Role.MANAGER)
    assert "Aucun doublon" in page(client.get(url("double_list")))


def test_the_list_asks_as_many_queries_for_three_pairs_as_for_one(client, login_as, django_assert_num_queries):
    login_as(Role.ADVISOR, territory := TerritoryFactory())
    twins(territory)
    client.get(url("double_list"))
    with CaptureQueriesContext(connection) as one:
        client.get(url("double_list"))
    for number in (2, 3):
        twins(territory, number)
    with django_assert_num_queries(len(one)):
        client.get(url("double_list"))


def test_the_home_counts_the_pairs_for_those_who_work(client, login_as):
    territory = TerritoryFactory()
    twins(territory)
    login_as(Role.READER, territory)
    assert url("double_list") not in page(client.get(reverse("admin:index")))
    login_as(Role.ADVISOR, territory)
    shown = page(client.get(reverse("admin:index")))
    assert re.search(r"1.paire de fiches à comparer", shown)


def test_two_people_are_told_apart_by_a_click(client, login_as):
    territory = TerritoryFactory()
    first, second = twins(territory)
    user = login_as(Role.ADVISOR, territory)
    for _ in range(2):
        response = client.post(url("person_apart", second, first))
    noted = NotDouble.objects.get()
    assert (response.url, noted.first, noted.second, noted.decided_by) == (url("double_list"), first, second, user)


# --- the merge -------------------------------------------------------------------------------------------------------


def choices(client, first, second, **chosen) -> dict:
    shown = page(client.get(url("person_merge", first, second)))
    return {"version": re.search(r'name="version" value="(\w+)"', shown)[1], **chosen}


def test_the_screen_asks_only_where_the_two_differ(client, login_as):
    territory = TerritoryFactory()
    first, second = twins(territory)
    login_as(Role.ADVISOR, territory)
    shown = page(client.get(url("person_merge", first, second)))
    asked = set(re.findall(r'type="radio" name="(\w+)"', shown))
    assert (asked, "zoe1@example.org" in shown, "Projets" in shown) == ({"name"}, True, True)


def test_what_is_missing_on_one_side_is_taken_from_the_other(client, login_as):
    territory = TerritoryFactory()
    first, second = twins(territory)
    Person.objects.filter(pk=second.pk).update(phone=PHONE)
    login_as(Role.ADVISOR, territory)
    form = client.get(url("person_merge", first, second)).context["form"]
    assert form.fields["phone"].initial == "gone"


def test_two_rows_become_one_with_the_values_chosen(client, login_as):
    territory = TerritoryFactory()
    first, second = twins(territory)
    user = login_as(Role.ADVISOR, territory)
    response = client.post(url("person_merge", first, second), choices(client, first, second, name="gone"))
    assert (response.status_code, response.url) == (302, url("person", first))
    kept = Person.objects.get()
    assert (str(kept), kept.projects.count(), PersonMerge.objects.get().merged_by) == ("Zoe Lefevre", 2, user)
    shown = page(client.get(response.url))
    assert ("tout ce que portait la fiche de Zoe Lefevre est ici" in shown, f"Fiche n°&nbsp;{second.pk}" in shown) == (
        True,
        True,
    )


def test_a_second_click_leads_to_the_person_kept(client, login_as):
    territory = TerritoryFactory()
    first, second = twins(territory)
    login_as(Role.ADVISOR, territory)
    sent = choices(client, first, second, name="kept")
    client.post(url("person_merge", first, second), sent)
    again = client.post(url("person_merge", first, second), sent)
    assert (again.status_code, again.url, said(again)[-1]) == (
        302,
        url("person", first),
        "Cette fiche a été réunie à celle de Zoé Lefèvre.",
    )


def test_a_colleague_who_merged_at_the_same_instant_is_no_error(client, login_as, monkeypatch):
    territory = TerritoryFactory()
    first, second = twins(territory)
    login_as(Role.ADVISOR, territory)
    sent = choices(client, first, second, name="kept")

    def merged_meanwhile(**arguments):
        merge_people(kept=second, gone=first, chosen={}, by=UserFactory(manager=True), at=AT)
        return merge_people(**arguments)

    monkeypatch.setattr(services, "merge_people", merged_meanwhile)
    response = client.post(url("person_merge", first, second), sent, follow=True)
    assert response.redirect_chain[-1][0] == url("person", second)


def test_a_page_that_is_out_of_date_is_shown_anew(client, login_as):
    territory = TerritoryFactory()
    first, second = twins(territory)
    login_as(Role.ADVISOR, territory)
    sent = choices(client, first, second, name="kept")
    Person.objects.filter(pk=second.pk).update(last_name="Lefebvre")
    response = client.post(url("person_merge", first, second), sent)
    assert (response.status_code, "a changé depuis" in page(response), "Lefebvre" in page(response)) == (
        422,
        True,
        True,
    )
    version = re.search(r'name="version" value="(\w+)"', page(response))[1]
    assert client.post(url("person_merge", first, second), {"version": version, "name": "gone"}).status_code == 302
    assert str(Person.objects.get()) == "Zoe Lefebvre"


def test_a_field_left_out_is_asked_again(client, login_as):
    territory = TerritoryFactory()
    first, second = twins(territory)
    login_as(Role.ADVISOR, territory)
    response = client.post(url("person_merge", first, second), choices(client, first, second))
    assert (response.status_code, Person.objects.count()) == (422, 2)


def test_a_merge_that_is_refused_says_what_to_do_first_and_changes_nothing(client, login_as):
    territory = TerritoryFactory()
    first, second = twins(territory)
    permanence = PermanenceFactory(territory=territory)
    for person in (first, second):
        BookingFactory(person=person, slot=SlotFactory(permanence=permanence))
    login_as(Role.ADVISOR, territory)
    response = client.post(url("person_merge", first, second), choices(client, first, second, name="gone"))
    assert (response.status_code, "annulez d’abord celui qui est de trop" in page(response)) == (409, True)
    assert ("C’est fait" in page(response), Person.objects.count(), str(Person.objects.get(pk=first.pk))) == (
        False,
        2,
        "Zoé Lefèvre",
    )


def test_a_person_of_elsewhere_or_oneself_cannot_be_merged(client, login_as):
    territory = TerritoryFactory()
    first, second = twins(territory)
    second.projects.update(territory=TerritoryFactory())
    login_as(Role.ADVISOR, territory)
    assert [client.get(url("person_merge", first, other)).status_code for other in (second, first)] == [404, 404]


def test_another_row_is_found_by_name_where_nothing_else_is_alike(client, login_as):
    territory = TerritoryFactory()
    first, _ = twins(territory)
    other = ProjectFactory(holder__last_name="Vandenberghe", territory=territory).holder
    hidden = ProjectFactory(holder__last_name="Vandenberghe").holder
    login_as(Role.ADVISOR, territory)
    shown = page(client.get(url("person_merge_choice", first), {"q": "vandenberghe"}))
    assert (url("person_merge", first, other) in shown, url("person_merge", first, hidden) in shown) == (True, False)
    assert "Personne d’autre ne répond" in page(client.get(url("person_merge_choice", first), {"q": "introuvable"}))


def test_the_table_of_people_leads_to_the_page_of_a_person(client, login_as):
    person = PersonFactory()
    login_as(Role.MANAGER)
    assert url("person", person) in page(client.get(reverse("admin:accounts_person_change", args=[person.pk])))


# --- warnings --------------------------------------------------------------------------------------------------------


def test_a_likely_double_comes_with_a_link_to_compare_and_another_name_is_only_mentioned():
    first, second = twins()
    second.refresh_from_db()
    manager = UserFactory(manager=True)
    assert url("person_merge", first, second) in double_warning(person=second, user=manager)
    couple = PersonFactory(first_name="Paul", last_name="Martin", email=first.email)
    couple.refresh_from_db()
    warning = double_warning(person=couple, user=manager)
    assert ("un couple par exemple" in warning, "reunir" in warning) == (True, False)
    assert double_warning(person=PersonFactory(), user=manager) == ""


def test_a_name_that_holds_markup_is_shown_as_text():
    _, second = twins()
    Person.objects.filter(pk=second.pk).update(first_name="Zoé <b>", last_name="Lefèvre")
    second.refresh_from_db()
    assert "&lt;b&gt;" in double_warning(person=second, user=UserFactory(manager=True))


@pytest.mark.parametrize("email", ["zoe@example.org", "ZOE@example.org"])
def test_the_admin_warns_of_a_double_when_a_person_is_written(email, client, login_as):
    login_as(Role.MANAGER)
    known = PersonFactory(first_name="Zoé", last_name="Lefèvre", email="zoe@example.org")
    typed = {"first_name": "Zoe", "last_name": "Lefevre", "email": email, "phone": "", "commune": ""}
    response = client.post(reverse("admin:accounts_person_add"), typed)
    added = Person.objects.exclude(pk=known.pk).get()
    assert any(url("person_merge", known, added) in message for message in said(response))


def test_the_old_address_of_a_merged_row_leads_to_the_one_kept(client, login_as):
    first, second = twins()
    login_as(Role.MANAGER)
    gone = second.pk
    merge_people(kept=first, gone=second, chosen={}, by=UserFactory(manager=True), at=AT)
    for name, target in (
        ("admin:accounts_person_change", reverse("admin:accounts_person_change", args=[first.pk])),
        ("accounts_staff:person", url("person", first)),
        ("accounts_staff:person_erase", url("person", first)),
    ):
        assert client.get(reverse(name, args=[gone])).url == target


def test_the_old_address_of_a_merged_row_says_nothing_to_who_may_not_see_the_person(client, login_as):
    first, second = twins()
    gone = second.pk
    merge_people(kept=first, gone=second, chosen={}, by=UserFactory(manager=True), at=AT)
    login_as(Role.ADVISOR, TerritoryFactory())
    assert client.get(reverse("accounts_staff:person", args=[gone])).status_code == 404
    assert client.get(reverse("admin:accounts_person_change", args=[gone])).status_code == 404
