"""Wrong codes lock an address for a while; staff who come back after hours sign in again."""

import time
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from coopconnexion.notices.models import Message
from tests.factories import TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db

ASK = "account_request_login_code"
CONFIRM = "account_confirm_login_code"
LOCKED = "Trop de codes faux pour cette adresse"


@pytest.fixture
def advisor():
    user = UserFactory(advisor=True, territory=TerritoryFactory(), email="conseil@example.org")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


@pytest.fixture
def clock():
    """A clock that stands still, and is moved by hand."""
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def page(response) -> str:
    return response.content.decode()


def last_code() -> str:
    return Message.objects.latest("pk").secrets[0]


def try_wrong_codes(email: str, times: int, clock, **place) -> Client:
    """Ask for codes and type wrong ones, three a code, a minute apart."""
    client = Client(**place)
    for number in range(times):
        if number % 3 == 0:
            clock.shift(timedelta(minutes=1))
            client.post(reverse(ASK), {"email": email})
        client.post(reverse(CONFIRM), {"code": "WRONG1"})
    return client


# --- wrong codes -----------------------------------------------------------------------------------------------------


def test_the_seventh_wrong_code_from_one_place_locks_the_address(advisor, clock):
    client = try_wrong_codes(advisor.email, 6, clock)
    clock.shift(timedelta(minutes=1))
    response = client.post(reverse(ASK), {"email": advisor.email.upper()})
    assert (response.status_code, LOCKED in page(response)) == (200, True)


def test_a_right_code_does_not_open_a_locked_address(advisor, clock):
    patient = Client()
    patient.post(reverse(ASK), {"email": advisor.email})
    code = last_code()
    try_wrong_codes(advisor.email, 6, clock)
    response = patient.post(reverse(CONFIRM), {"code": code})
    assert (LOCKED in page(response), patient.session.get("_auth_user_id")) == (True, None)


def test_the_lock_opens_by_itself(advisor, clock):
    client = try_wrong_codes(advisor.email, 6, clock)
    clock.shift(timedelta(minutes=31))
    client.post(reverse(ASK), {"email": advisor.email})
    client.post(reverse(CONFIRM), {"code": last_code()})
    assert client.session.get("_auth_user_id") == str(advisor.pk)


def test_nobody_locks_others_out_from_elsewhere(advisor, clock):
    try_wrong_codes(advisor.email, 6, clock, REMOTE_ADDR="203.0.113.9")
    clock.shift(timedelta(minutes=1))
    client = Client(REMOTE_ADDR="198.51.100.7")
    client.post(reverse(ASK), {"email": advisor.email})
    client.post(reverse(CONFIRM), {"code": last_code()})
    assert client.session.get("_auth_user_id") == str(advisor.pk)


def test_wrong_codes_from_many_places_lock_the_address_too(advisor, clock):
    for place in range(5):
        try_wrong_codes(advisor.email, 4, clock, REMOTE_ADDR=f"203.0.113.{place}")
        clock.shift(timedelta(minutes=1))
    response = Client(REMOTE_ADDR="198.51.100.7").post(reverse(ASK), {"email": advisor.email})
    assert LOCKED in page(response)


def test_an_address_without_an_account_locks_in_the_same_way(clock):
    client = try_wrong_codes("personne@example.org", 6, clock)
    clock.shift(timedelta(minutes=1))
    assert LOCKED in page(client.post(reverse(ASK), {"email": "personne@example.org"}))


def test_wrong_second_factors_lock_too(advisor, clock):
    TOTP.activate(advisor, generate_totp_secret())
    client = Client()
    client.post(reverse(ASK), {"email": advisor.email})
    client.post(reverse(CONFIRM), {"code": last_code()})
    for _ in range(5):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    response = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert ("attendez quelques minutes" in page(response), client.session.get("_auth_user_id")) == (True, None)


# --- idle staff ------------------------------------------------------------------------------------------------------


@pytest.fixture
def staff(client, login_as, clock):
    """Somebody who opened the back office just now."""
    user = login_as(Role.MANAGER)
    assert client.get("/gestion/").status_code == 200
    return user


def test_staff_away_for_half_a_day_sign_in_again_and_come_back(client, staff, clock):
    clock.shift(timedelta(hours=12, minutes=1))
    response = client.get("/gestion/accounts/person/?q=zoe")
    assert (response.status_code, client.session.get("_auth_user_id")) == (302, None)
    assert response.url == f"{reverse('account_login')}?next=/gestion/accounts/person/%3Fq%3Dzoe"
    assert "Par sécurité" in str(next(iter(get_messages(response.wsgi_request))))


def test_what_was_typed_after_hours_is_not_saved(client, staff, clock):
    clock.shift(timedelta(hours=13))
    response = client.post("/gestion/accounts/person/add/", {"first_name": "Zoé", "last_name": "Lefèvre"})
    assert response.url == f"{reverse('account_login')}?next=/gestion/"


def test_staff_at_work_stay_signed_in(client, staff, clock):
    for _ in range(4):
        clock.shift(timedelta(hours=8))
        assert client.get("/gestion/").status_code == 200


def test_the_time_is_noted_every_five_minutes_not_at_each_page(client, staff, clock):
    noted = client.session["staff_seen_at"]
    clock.shift(timedelta(minutes=4))
    client.get("/gestion/")
    assert client.session["staff_seen_at"] == noted
    clock.shift(timedelta(minutes=2))
    client.get("/gestion/")
    assert client.session["staff_seen_at"] == time.time()


def test_the_hours_are_a_setting(client, staff, clock, settings):
    settings.STAFF_SESSION_IDLE = 60
    clock.shift(timedelta(minutes=2))
    assert client.get("/gestion/").status_code == 302


def test_signing_in_counts_as_being_there(advisor, clock):
    client = Client()
    client.post(reverse(ASK), {"email": advisor.email})
    client.post(reverse(CONFIRM), {"code": last_code()})
    clock.shift(timedelta(hours=13))  # the back office was never opened
    assert client.get("/gestion/").status_code == 302
    assert client.session.get("_auth_user_id") is None


def test_who_is_no_staff_keeps_a_long_session(client, clock):
    client.force_login(UserFactory())
    clock.shift(timedelta(days=2))
    assert client.get(reverse("site:my_space")).status_code == 200
    assert client.get("/gestion/").status_code == 404


def test_the_public_pages_ask_nothing_of_the_sessions(client, staff, clock):
    clock.shift(timedelta(hours=13))
    assert client.get(reverse("site:home")).status_code == 200
    assert client.session.get("_auth_user_id") == str(staff.pk)
