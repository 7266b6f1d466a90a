"""Signing in by a code, and the second factor that staff need before the back office."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from coopconnexion.notices.models import Message
from tests.factories import TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db

ASK = "account_request_login_code"
CONFIRM = "account_confirm_login_code"


@pytest.fixture(autouse=True)
def fresh_rate_limits():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def advisor():
    user = UserFactory(advisor=True, territory=TerritoryFactory(), email="conseil@example.org")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def last_code() -> str:
    return Message.objects.latest("pk").secrets[0]


def signed_in(client) -> str | None:
    return client.session.get("_auth_user_id")


def page(response) -> str:
    return response.content.decode()


# --- a code by e-mail ------------------------------------------------------------------------------------------------


def test_the_sign_in_page_is_french_and_asks_for_no_password(client):
    shown = page(client.get(reverse("account_login")))
    assert ('lang="fr"' in shown, 'type="password"' in shown, "Sign In" in shown) == (True, False, False)


@pytest.mark.parametrize("path", ["/compte/login/", "/compte/login/code/", "/compte/signup/"])
def test_a_visitor_s_pages_of_the_library_wear_our_layout(client, path):
    shown = page(client.get(path))
    assert ('class="brand"' in shown, 'class="field' in shown, "Menu" in shown) == (True, True, False)


@pytest.mark.parametrize("path", ["/compte/2fa/", "/compte/email/", "/compte/sessions/", "/compte/logout/"])
def test_the_pages_of_one_s_account_wear_our_layout(client, advisor, path):
    client.force_login(advisor)
    shown = page(client.get(path))
    assert ('class="brand"' in shown, "¿" in shown, "Menu" in shown) == (True, False, False)


def test_one_signs_in_by_the_code_of_the_message(client, advisor):
    response = client.post(reverse(ASK), {"email": "Conseil@example.org"}, follow=True)
    assert (response.redirect_chain[-1][0], signed_in(client)) == (reverse(CONFIRM), None)
    message = Message.objects.get()
    assert (message.to_email, message.is_secret, last_code() in message.text) == ("conseil@example.org", True, True)
    response = client.post(reverse(CONFIRM), {"code": last_code()})
    assert (response.status_code, signed_in(client)) == (302, str(advisor.pk))


def test_signing_in_proves_an_address_that_staff_typed(client):
    user = UserFactory(email="elue@example.org")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    client.post(reverse(ASK), {"email": user.email})
    client.post(reverse(CONFIRM), {"code": last_code()})
    assert (signed_in(client), user.emailaddress_set.get().verified) == (str(user.pk), True)


def test_an_unknown_address_gets_the_same_answer_and_no_code(advisor):
    known = Client().post(reverse(ASK), {"email": advisor.email})
    unknown = Client().post(reverse(ASK), {"email": "personne@example.org"})
    assert (unknown.status_code, unknown.url) == (known.status_code, known.url) == (302, reverse(CONFIRM))
    assert Message.objects.get(to_email="personne@example.org").secrets in ([], [""])


def test_the_third_wrong_code_kills_the_right_one(client, advisor):
    client.post(reverse(ASK), {"email": advisor.email})
    for _ in range(3):
        client.post(reverse(CONFIRM), {"code": "WRONG1"})
    client.post(reverse(CONFIRM), {"code": last_code()})
    assert signed_in(client) is None


def test_codes_are_not_sent_without_end_to_one_address(advisor):
    for _ in range(6):
        response = Client().post(reverse(ASK), {"email": advisor.email})
    assert Message.objects.count() == 3
    assert (response.status_code, "Trop de tentatives" in page(response)) == (200, True)


def test_a_closed_account_does_not_sign_in(client, advisor):
    advisor.is_active = False
    advisor.save(update_fields=["is_active"])
    client.post(reverse(ASK), {"email": advisor.email})
    for message in Message.objects.all():
        client.post(reverse(CONFIRM), {"code": "".join(message.secrets)})
    assert signed_in(client) is None


def test_a_closed_account_is_signed_out_at_once(client, advisor):
    client.force_login(advisor, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(reverse("admin:index")).status_code == 200
    advisor.is_active = False
    advisor.save(update_fields=["is_active"])
    assert client.get(reverse("admin:index")).status_code == 302


# --- the back office's own door --------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_admin_has_no_sign_in_form_of_its_own(client, method):
    response = getattr(client, method)("/gestion/login/", {"username": "conseil@example.org", "password": "x"})
    assert (response.status_code, response.url.split("?")[0]) == (302, reverse("account_login"))


def test_a_visitor_of_the_back_office_signs_in_and_comes_back(client):
    response = client.get(reverse("admin:accounts_person_changelist"), follow=True)
    assert response.redirect_chain[-1][0].split("?")[0] == reverse("account_login")


# --- the second factor -----------------------------------------------------------------------------------------------


@pytest.fixture
def second_factor(settings):
    settings.STAFF_SECOND_FACTOR = True


STAFF_PAGES = ["/gestion/", "/gestion/accounts/person/", "/gestion/permanences/"]


@pytest.mark.parametrize("path", STAFF_PAGES)
def test_staff_without_a_second_factor_are_sent_to_set_one_up(client, advisor, second_factor, path):
    client.force_login(advisor)
    response = client.get(path)
    assert (response.status_code, response.url) == (302, reverse("mfa_index"))
    assert "ajoutez d’abord une seconde vérification" in page(client.get(response.url))


@pytest.mark.parametrize("path", STAFF_PAGES)
def test_staff_with_a_second_factor_pass(client, advisor, second_factor, path):
    TOTP.activate(advisor, generate_totp_secret())
    client.force_login(advisor)
    assert client.get(path).status_code == 200


def test_nothing_is_asked_where_the_setting_does_not_demand_it(client, advisor, settings):
    settings.STAFF_SECOND_FACTOR = False
    client.force_login(advisor)
    assert client.get("/gestion/").status_code == 200


def test_who_is_not_staff_needs_no_second_factor(client, second_factor):
    client.force_login(UserFactory())
    assert client.get("/gestion/").status_code == 404


def test_the_code_by_mail_alone_does_not_open_an_account_with_a_second_factor(client, advisor, second_factor):
    TOTP.activate(advisor, generate_totp_secret())
    client.post(reverse(ASK), {"email": advisor.email})
    response = client.post(reverse(CONFIRM), {"code": last_code()})
    assert (response.url, signed_in(client)) == (reverse("mfa_authenticate"), None)
    assert client.get(reverse("admin:index")).status_code == 302
