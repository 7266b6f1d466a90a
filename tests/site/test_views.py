"""The pages that stand above every app: open to whom they should be, well-formed, light, and nobody else's."""

import gzip
import re
from datetime import timedelta
from pathlib import Path

import html5lib
import pytest
from allauth.account.models import EmailAddress
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from tests.factories import (
    BookingFactory,
    EventFactory,
    PermanenceFactory,
    PersonFactory,
    ProjectFactory,
    SlotFactory,
    TerritoryFactory,
    UserFactory,
    WaitingListEntryFactory,
)

pytestmark = pytest.mark.django_db

PAGES = ["site:home", "site:help", "site:legal", "site:privacy", "site:accessibility"]
ENTRANCES = ["account_login", "account_request_login_code", "account_signup", "permanences:link_request"]


@pytest.fixture
def world():
    """A day to book, a full one, events."""
    permanence = PermanenceFactory()
    SlotFactory.create_batch(2, permanence=permanence)
    full = PermanenceFactory(held_on=timezone.localdate() + timedelta(days=20))
    BookingFactory(slot=SlotFactory(permanence=full))
    EventFactory.create_batch(2)
    return {"permanence": permanence, "full": full}


def page(response) -> str:
    return response.content.decode()


def addresses(world) -> list[str]:
    days = [reverse("permanences:permanence", args=[each.pk]) for each in world.values()]
    forms = [
        reverse("permanences:slot_book", args=[world["permanence"].pk]),
        reverse("permanences:waiting_join", args=[world["full"].pk]),
    ]
    return [*(reverse(name) for name in [*PAGES, *ENTRANCES, "permanences:permanence_list"]), *days, *forms]


def faults(html: str) -> list[str]:
    """Return what a strict parser or a reader finds wrong in a page."""
    parser = html5lib.HTMLParser(strict=False)
    document = parser.parse(html)
    found = [f"{code} {place}" for place, code, _ in parser.errors]
    found += re.findall("¿[^?]*\\?", html)
    ids = [each.get("id") for each in document.iter() if each.get("id")]
    return found + [f"id {each}" for each in set(ids) if ids.count(each) > 1]


def weight(name: str) -> int:
    """Bytes of a static file on the wire."""
    return len(gzip.compress(Path(finders.find(name)).read_bytes()))


def own(user):
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


# --- pages for everybody ---------------------------------------------------------------------------------------------


def test_every_public_page_opens_and_is_well_formed(client, world):
    found = {}
    for address in addresses(world):
        response = client.get(address)
        assert response.status_code == 200, address
        if wrong := faults(page(response)):
            found[address] = wrong
    assert found == {}


def test_no_public_page_has_inline_code_or_a_password(client, world):
    unwanted = re.compile(r"<style|\sstyle=|\son\w+=\"|<script(?![^>]*(src=|application/json))|type=\"password\"")
    assert {a: m[0] for a in addresses(world) if (m := unwanted.search(page(client.get(a))))} == {}


def test_the_home_page_takes_four_queries(client, world, django_assert_num_queries):
    with django_assert_num_queries(4):
        client.get(reverse("site:home"))


def test_the_home_page_of_an_empty_site_says_what_to_do(client):
    assert "Appelez-nous" in page(client.get(reverse("site:home")))


def test_a_first_visit_weighs_less_than_60_kilobytes(client, world):
    html = page(client.get(reverse("site:home")))
    files = re.findall(r'(?:src|href)="/static/([^"]+)"', html)
    assert len(gzip.compress(html.encode())) + sum(map(weight, files)) <= 60_000


def test_the_style_sheet_weighs_less_than_9_kilobytes():
    assert weight("css/site.css") <= 9_000


def test_robots_stay_out_of_what_is_private(client):
    said = page(client.get(reverse("site:robots")))
    assert all(f"Disallow: {path}" in said for path in ("/gestion/", "/mon-espace/", "/permanences/rdv/"))


# --- pages for who signed in -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["site:my_space", "site:after_login", "site:components"])
def test_a_visitor_is_asked_to_sign_in(client, name):
    response = client.get(reverse(name))
    assert (response.status_code, response.url.split("?")[0]) == (302, reverse("account_login"))


@pytest.mark.parametrize(
    ("role", "landing"),
    [
        (None, "site:my_space"),
        (Role.OFFICIAL, "site:my_space"),
        (Role.ADVISOR, "admin:index"),
        (Role.MANAGER, "admin:index"),
    ],
)
def test_signing_in_lands_where_one_works(client, role, landing):
    territory = TerritoryFactory() if role in (Role.OFFICIAL, Role.ADVISOR) else None
    client.force_login(UserFactory(role=role, territory=territory) if role else UserFactory())
    assert client.get(reverse("site:after_login")).url == reverse(landing)


def test_my_space_shows_my_own_appointments_only(client):
    user = own(UserFactory(email="camille@example.org"))
    mine = BookingFactory(person=PersonFactory(email="camille@example.org", last_name="Lefèbvre"))
    past = PermanenceFactory(past=True)
    old = BookingFactory(slot=SlotFactory(permanence=past), person=mine.person)
    theirs = BookingFactory(slot=SlotFactory(permanence=mine.permanence), project__title="Secret de voisine")
    waits = WaitingListEntryFactory(permanence=PermanenceFactory(venue__name="Lieu de la voisine"))
    ProjectFactory(title="Projet de la voisine")
    client.force_login(user)
    response = client.get(reverse("site:my_space"))
    shown = page(response)
    assert (response.context["coming"], response.context["past"]) == ([mine], [old])
    assert mine.project.title in shown
    hidden = (theirs.project.title, str(theirs.person), str(waits.permanence.venue), "Projet de la voisine")
    assert [words for words in hidden if words in shown] == []


def test_my_space_trusts_verified_addresses_only(client):
    user = UserFactory(email="camille@example.org")
    EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)
    booking = BookingFactory(person=PersonFactory(email="camille@example.org"))
    client.force_login(user)
    response = client.get(reverse("site:my_space"))
    assert (response.context["coming"], booking.project.title in page(response)) == ([], False)


def test_my_space_takes_as_many_queries_for_three_appointments_as_for_one(client, django_assert_num_queries):
    user = own(UserFactory(email="camille@example.org"))
    person = PersonFactory(email="camille@example.org")
    client.force_login(user)

    def add(days):
        day = PermanenceFactory(held_on=timezone.localdate() + timedelta(days=days))
        BookingFactory(slot=SlotFactory(permanence=day), person=person)
        WaitingListEntryFactory(permanence=PermanenceFactory(held_on=day.held_on), person=person)

    add(5)
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("site:my_space"))
    add(6)
    add(7)
    with django_assert_num_queries(len(one)):
        response = client.get(reverse("site:my_space"))
    assert len(response.context["coming"]) == 3


def test_pages_of_who_signed_in_are_well_formed(client):
    user = own(UserFactory(email="camille@example.org"))
    BookingFactory(person=PersonFactory(email="camille@example.org"))
    client.force_login(user)
    names = ["site:my_space", "account_email", "mfa_index", "mfa_activate_totp", "mfa_list_webauthn"]
    names += ["mfa_add_webauthn", "usersessions_list", "account_logout"]
    found = {name: faults(page(client.get(reverse(name)))) for name in names}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_the_components_are_for_staff(client):
    client.force_login(UserFactory())
    assert client.get(reverse("site:components")).status_code == 404
    client.force_login(UserFactory(role=Role.MANAGER))
    response = client.get(reverse("site:components"))
    assert (response.status_code, faults(page(response))) == (200, [])


# --- when something is wrong -----------------------------------------------------------------------------------------


def test_a_page_that_does_not_exist_offers_a_way_on(client):
    response = client.get("/nulle-part/")
    assert response.status_code == 404
    assert reverse("permanences:permanence_list") in page(response)
    assert faults(page(response)) == []


def test_a_form_that_expired_says_what_to_do():
    response = Client(enforce_csrf_checks=True).post(reverse("account_login"), {"login": "camille@example.org"})
    assert (response.status_code, "Le formulaire a expiré" in page(response)) == (403, True)
    assert faults(page(response)) == []


@pytest.mark.parametrize("path", ["change/", "set/", "reset/", "reset/key/1-abc/"])
def test_the_pages_of_a_password_lead_to_the_code(client, path):
    assert client.get(f"/compte/password/{path}").url == reverse("account_login")
