"""Attacks on sign-in, accounts and the second factor."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from coopconnexion.accounts.models import Affiliation
from coopconnexion.notices.models import Message
from coopconnexion.throttle import POSTS_PER_HOUR, is_busy_address, network_of
from tests.factories import BookingFactory, OrganisationFactory, TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db
FORGED = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')


@pytest.fixture
def user():
    user = UserFactory(email="connue@example.org")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def seen(response, email: str) -> tuple:
    words = FORGED.sub("", response.content.decode()).replace(email, "")
    return response.status_code, response.headers.get("Location"), words


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_request_login_code"])
def test_sign_in_tells_nobody_who_has_an_account(name, user):
    answers = []
    for email in (user.email, "inconn@example.org"):
        client = Client()
        asked = client.post(reverse(name), {"email": email, "login": email})
        tries = [client.post(asked.url, {"code": "AAAA-AAAA"}) for _ in range(4)]
        answers.append([seen(each, email) for each in (asked, client.get(asked.url), *tries)])
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("name", "most"), [("account_signup", 8), ("account_request_login_code", 3), ("account_email", 8)]
)
@pytest.mark.parametrize("form", ["zoe+{}@example.org", "z.o.e+{}@gmail.com"])
def test_accounts_flood_no_mailbox(form, name, most, user, settings):
    settings.ACCOUNT_RATE_LIMITS = {"request_login_code": None, "signup": None, "manage_email": None}
    client = Client()
    for number in range(12):
        if name == "account_email":
            client.force_login(user)
        client.post(reverse(name), {"email": form.format(number), "action_add": ""})
    assert Message.objects.count() <= most


@pytest.mark.parametrize("name", ["account_signup", "account_login", "account_request_login_code"])
def test_accounts_write_to_no_address_that_hides_another(name):
    email = "zoe@example.org\uff0cb\uff20victim.org"
    Client().post(reverse(name), {"email": email, "login": email})
    assert not Message.objects.exists()


def test_a_signed_in_person_adds_no_address_that_hides_another(user, client):
    client.force_login(user)
    client.post(reverse("account_email"), {"action_add": "", "email": "zoe@example.org\uff0cb\uff20victim.org"})
    assert not Message.objects.exists()


def test_an_address_added_but_not_verified_opens_nothing(user, client):
    booking = BookingFactory()
    client.force_login(user)
    client.post(reverse("account_email"), {"action_add": "", "email": booking.person.email})
    EmailAddress.objects.get_or_create(user=user, email=booking.person.email)
    assert client.get(reverse("permanences:my_booking", args=[booking.pk])).status_code == 404
    assert str(booking.person.last_name) not in client.get(reverse("site:my_space")).content.decode()


@pytest.mark.parametrize("name", ["account_email", "mfa_index", "usersessions_list", "site:home"])
def test_what_a_signed_in_person_sees_is_kept_by_no_browser(name, user, client):
    client.force_login(user)
    assert "no-store" in client.get(reverse(name))["Cache-Control"]


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "\t//evil.net"])
@pytest.mark.parametrize("name", ["account_login", "account_logout", "account_signup"])
def test_no_page_sends_elsewhere(name, elsewhere, user, client):
    client.force_login(user)
    for response in (client.get(reverse(name), {"next": elsewhere}), client.post(reverse(name), {"next": elsewhere})):
        assert "evil" not in response.headers.get("Location", "")


def test_nobody_is_signed_out_by_a_link(user, client):
    client.force_login(user)
    client.get(reverse("account_logout"))
    assert client.get(reverse("site:my_space")).status_code == 200


def test_signing_in_changes_the_session(user, client):
    client.post(reverse("account_request_login_code"), {"email": user.email})
    before = client.session.session_key
    code = Message.objects.get().secrets[0]
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert client.get(reverse("site:my_space")).status_code == 200
    assert client.session.session_key != before


@pytest.mark.parametrize("headers", [{}, {"hx-request": "true"}])
@pytest.mark.parametrize("prefix", ["", "/x"])
def test_staff_without_a_second_factor_enter_no_page(prefix, headers, settings, login_as, client):
    settings.STAFF_SECOND_FACTOR = True
    login_as("manager")
    for path in ("/gestion/", "/gestion/permanences/", "/gestion/autocomplete/", "/gestion/recherche/"):
        for method in (client.get, client.post):
            response = method(path, headers=headers, SCRIPT_NAME=prefix)
            assert (response.status_code, response.url) == (302, reverse("mfa_index"))


def test_an_advisor_names_nobody_of_another_territory_in_an_organisation(login_as, client):
    stranger = BookingFactory().person
    login_as("advisor", TerritoryFactory())
    organisation = OrganisationFactory()
    sent = {
        "name": organisation.name,
        "kind": organisation.kind,
        "affiliations-TOTAL_FORMS": 1,
        "affiliations-INITIAL_FORMS": 0,
        "affiliations-0-person": stranger.pk,
    }
    response = client.post(reverse("admin:accounts_organisation_change", args=[organisation.pk]), sent)
    assert response.status_code == 200
    assert stranger.last_name not in response.content.decode()
    assert not Affiliation.objects.exists()


def test_a_network_that_posts_much_is_busy(rf):
    busy = [is_busy_address(rf.post("/", REMOTE_ADDR=f"2001:db8::{n:x}")) for n in range(POSTS_PER_HOUR + 1)]
    assert busy == [False] * POSTS_PER_HOUR + [True]
    assert not is_busy_address(rf.post("/", REMOTE_ADDR="2001:db8:0:1::1"))


def test_an_address_that_is_none_counts_for_nobody():
    with pytest.raises(ValueError, match="appear"):
        network_of("unix:")
