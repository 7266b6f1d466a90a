"""Every address of the site, asked for by every role, compared with what ``audiences`` declares."""

import re

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from tests.access.audiences import (
    ACTIONS,
    ADMIN,
    CHANGE,
    DELETE,
    ELSEWHERE,
    HISTORY,
    LOGIN,
    MISSING,
    OPEN,
    PAGES,
    REFUSED,
    ROLES,
    SEE,
    VISITOR_OF_ALLAUTH,
    audience,
)
from tests.access.world import address, admin_row, unknown_address

pytestmark = pytest.mark.django_db


def addresses() -> dict[str, str]:
    """Return every address of the site, by its name; one without a name bears its route."""

    def walk(resolver, names, route):
        for pattern in resolver.url_patterns:
            full = route + str(pattern.pattern)
            if isinstance(pattern, URLPattern):
                yield ":".join([*names, pattern.name or full]), full
            else:
                yield from walk(pattern, [*names, *filter(None, [pattern.namespace])], full)

    return dict(walk(get_resolver(), [], ""))


# --- asking ----------------------------------------------------------------------------------------------------------


def answer(response) -> str:
    list(getattr(response, "streaming_content", ()))  # a file that is read to its end is closed
    assert response.status_code < 500
    if response.status_code == 302 and response.url.startswith((reverse("account_login"), reverse("admin:login"))):
        return LOGIN
    return {404: MISSING, 403: REFUSED}.get(response.status_code, OPEN)


def ask(url: str, user) -> str:
    """Ask by GET, by POST where only POST is served; who is kept out by GET must be kept out by POST too."""
    client = Client()
    if user:
        client.force_login(user)
    got = client.get(url)
    if got.status_code != 405 and answer(got) == OPEN:
        return OPEN
    with transaction.atomic():  # what the POST does is undone
        posted = client.post(url)
        transaction.set_rollback(True)
    if got.status_code == 405:
        return answer(posted)
    assert posted.status_code == 405 or answer(posted) != OPEN
    return answer(got)


def answers(url: str, world) -> dict[str, str]:
    return {role: ask(url, user) for role, user in world.users.items()}


@pytest.mark.parametrize("name", PAGES)
def test_every_role_gets_its_answer(name, world):
    assert answers(address(name, world), world) == PAGES[name]


ABOUT_A_ROW = [name for name in PAGES if re.search(r"<(int:pk|str:token)>", addresses()[name])]


@pytest.mark.parametrize("name", ABOUT_A_ROW)
def test_a_row_that_does_not_exist_is_missing_for_those_who_may_see_others(name, world):
    allowed = [role for role in ROLES if PAGES[name][role] == OPEN]
    url = unknown_address(name, world)
    assert {role: ask(url, world.users[role]) for role in allowed} == dict.fromkeys(allowed, MISSING)


# --- the tables of the admin -----------------------------------------------------------------------------------------


def expected(action: str, scoped: bool, manager: set, advisor: set, reader: set) -> dict[str, str]:
    about_row = action in (CHANGE, DELETE, HISTORY)
    open_to = {
        role: OPEN if action in rights else REFUSED
        for role, rights in (("manager", manager), ("advisor", advisor), ("reader", reader))
    }
    elsewhere = MISSING if scoped and about_row and action in SEE else open_to["advisor"]
    return audience(
        LOGIN, MISSING, MISSING, MISSING, open_to["advisor"], elsewhere, open_to["reader"], open_to["manager"]
    )


@pytest.mark.parametrize("label", ADMIN)
def test_every_role_gets_its_answer_from_a_table_of_the_admin(label, world):
    row = admin_row(label, world)
    found, wanted = {}, {}
    for action in ACTIONS:
        name = f"admin:{label.replace('.', '_')}_{action}"
        url = reverse(name, args=[row.pk] if action in (CHANGE, DELETE, HISTORY) else [])
        found[action] = answers(url, world)
        wanted[action] = expected(action, *ADMIN[label])
    assert found == wanted


@pytest.mark.parametrize("label", ADMIN)
def test_a_row_of_the_admin_that_does_not_exist_is_missing(label, world):
    url = reverse(
        f"admin:{label.replace('.', '_')}_change", args=["62999" if label.endswith("commune") else 999_999_999]
    )
    assert {role: ask(url, world.users[role]) for role in ("manager", "advisor", "reader")} == dict.fromkeys(
        ("manager", "advisor", "reader"), MISSING
    )


@pytest.mark.parametrize(("role", "people"), [("advisor", 1), ("reader", 1), ("manager", 1), ("elsewhere", 0)])
def test_the_admin_completes_with_the_rows_one_may_see(role, people, world):
    client = Client()
    client.force_login(world.users[role])
    person = world.booking.person
    person.last_name = "Zuydcoote"  # like nobody else: the search forgives typing errors
    person.save()
    asked = {"app_label": "members", "model_name": "member", "field_name": "person", "term": person.last_name}
    assert len(client.get(reverse("admin:autocomplete"), asked).json()["results"]) == people


@pytest.mark.parametrize("path", ["r/1/1/", "n-existe-pas/", "accounts/n-existe-pas/"])
def test_what_the_admin_does_not_have_is_missing(path, world):
    missing = {role: LOGIN if role == "visitor" else MISSING for role in ROLES}
    assert answers(f"{reverse('admin:index')}{path}", world) == missing


# --- the sign-in library ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", VISITOR_OF_ALLAUTH)
def test_a_visitor_gets_the_answer_of_the_sign_in_library(name):
    try:
        url = reverse(name)
    except NoReverseMatch:
        url = reverse(name, kwargs={"uidb36": "1", "key": "a-b"} if "key" in name else {"pk": 1})
    assert answer(Client().get(url)) == VISITOR_OF_ALLAUTH[name]


# --- nothing is left out ---------------------------------------------------------------------------------------------


def is_of_admin_table(name: str) -> bool:
    """Tell whether a named or unnamed address belongs to a table that ``ADMIN`` declares."""
    names = {f"admin:{label.replace('.', '_')}_{action}" for label in ADMIN for action in ACTIONS}
    routes = {f"admin:gestion/{label.replace('.', '/')}/<path:object_id>/" for label in ADMIN}  # sends on to « change »
    return name in names | routes


def test_every_address_has_an_audience():
    declared = PAGES.keys() | VISITOR_OF_ALLAUTH.keys() | ELSEWHERE.keys()
    undeclared = [name for name in addresses() if name not in declared and not is_of_admin_table(name)]
    assert undeclared == [], f"Say who may open them, in tests/access/audiences.py: {', '.join(undeclared)}"


def test_every_declared_address_exists():
    in_development = {name for name in ELSEWHERE if name.startswith("dev:")}
    declared = PAGES.keys() | VISITOR_OF_ALLAUTH.keys() | (ELSEWHERE.keys() - in_development)
    assert sorted(declared - addresses().keys()) == []


def test_every_table_of_the_admin_is_declared():
    assert sorted(model._meta.label_lower for model in admin.site._registry) == sorted(ADMIN)
