"""What the pages of the site promise beside opening: nothing sent twice, no query for nothing, nobody led astray."""

import html5lib
import pytest
from allauth.account.models import EmailAddress
from django.test import RequestFactory
from django.urls import reverse
from django.views.defaults import server_error

from tests.factories import (
    BookingFactory,
    ContractFactory,
    EventFactory,
    MemberFactory,
    PermanenceFactory,
    PersonFactory,
    PersonLinkFactory,
    SlotFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

TEXTS = ["site:help", "site:legal", "site:privacy", "site:accessibility"]


@pytest.fixture
def holder(client):
    """Sign a user in; return the person of that verified address."""
    user = UserFactory()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client.force_login(user)
    return PersonFactory(email=user.email)


@pytest.mark.parametrize("name", TEXTS)
def test_a_page_of_text_asks_nothing_of_the_database(client, django_assert_num_queries, name):
    with django_assert_num_queries(0):
        client.get(reverse(name))


@pytest.mark.parametrize("name", ["site:home", *TEXTS])
def test_a_page_that_did_not_change_is_not_sent_again(client, name):
    tag = client.get(reverse(name))["ETag"]
    assert client.get(reverse(name), headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("count", [1, 3])
def test_the_home_page_shows_three_dates_for_the_price_of_one(client, django_assert_max_num_queries, count):
    for _ in range(count):
        SlotFactory(permanence=PermanenceFactory())
        EventFactory(title="Réunion d’information")
    with django_assert_max_num_queries(4):
        page = client.get(reverse("site:home")).text
    assert (page.count("1\u00a0créneau libre"), page.count("Réunion d’information")) == (count, count)


def test_the_home_page_names_no_cancelled_permanence(client):
    PermanenceFactory(cancelled_at="2026-01-01T00:00:00Z")
    assert "Aucune permanence n’est annoncée" in client.get(reverse("site:home")).text


def test_my_space_sets_past_and_cancelled_appointments_apart(client, holder):
    past = BookingFactory(person=holder, slot__permanence=PermanenceFactory(past=True))
    cancelled = BookingFactory(person=holder, cancelled=True)
    response = client.get(reverse("site:my_space"))
    assert (response.context["coming"], set(response.context["past"])) == ([], {past, cancelled})
    assert "(annulé)" in response.text


def test_a_namesake_s_appointment_stays_theirs(client, holder):
    theirs = BookingFactory(person__first_name=holder.first_name, person__last_name=holder.last_name)
    page = client.get(reverse("site:my_space")).text
    assert [words for words in (theirs.person.email, theirs.project.title) if words in page] == []


def test_an_address_alone_opens_no_contract(client, holder):
    ContractFactory(member=MemberFactory(person=holder))
    PersonLinkFactory(person=holder)  # somebody else's link
    assert "CAPE" not in client.get(reverse("site:my_space")).text


def test_a_link_that_staff_confirmed_opens_the_own_contracts_only(client, holder):
    user = client.get(reverse("site:my_space")).wsgi_request.user
    PersonLinkFactory(user=user, person=holder)
    ContractFactory(member=MemberFactory(person=holder))
    ContractFactory(member__person__last_name="Voisin", kind__label="CESA")
    page = client.get(reverse("site:my_space")).text
    assert [words for words in ("CAPE", "CESA", "Voisin") if words in page] == ["CAPE"]


def test_signing_in_leads_nowhere_else(client, holder):
    response = client.get(reverse("site:after_login"), {"next": "https://ailleurs.example/"})
    assert response.url == reverse("site:my_space")


def test_the_page_of_a_failure_stands_alone_and_says_whose_fault_it_is():
    response = server_error(RequestFactory().get("/"))
    page = response.text
    html5lib.HTMLParser(strict=True).parse(page)
    assert (response.status_code, "C’est de notre côté" in page, "¿" in page) == (500, True, False)
