"""What all tests share: a browser when there is one, a clean cache, users signed in by role."""

import os
import shutil

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.database import drop_by_force, migrated_template
from tests.factories import UserFactory

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop and the ORM share a thread


def empties_the_tables(item) -> bool:
    """Tell whether a test ends by emptying every table, what migrations laid there included."""
    marker = item.get_closest_marker("django_db")
    asked = {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(asked or (marker and marker.kwargs.get("transaction")))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Run last what empties the tables, whatever order chance gave.

    Skip the browser tests where there is no Chromium, and say so; continuous integration never skips them.
    """
    items.sort(key=empties_the_tables)
    if CHROMIUM or os.environ.get("CI"):
        return
    missing = pytest.mark.skip(reason="pas de Chromium ici : apt install chromium, ou CHROMIUM=/chemin")
    for item in items:
        if "e2e" in item.keywords:
            item.add_marker(missing)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_blocker):
    """Copy a database that is migrated already: migrating takes ten seconds, a copy a tenth of one."""
    connection.creation._destroy_test_db = drop_by_force
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated_template()


@pytest.fixture(scope="session")
def base_url():
    """Stand in for pytest-base-url's, whose way of being declared pytest 9 warns of: the addresses here are whole."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "locale": "fr-FR", "timezone_id": "Europe/Paris"}


@pytest.fixture(autouse=True)
def _empty_cache():
    """Rate limits count in the cache: each test starts from none."""
    cache.clear()


@pytest.fixture
def login_as(client):
    """Sign a new user in with a role: ``login_as(Role.ADVISOR, territory)`` returns the user."""

    def login(role, territory=None):
        user = UserFactory(role=role, territory=territory)
        client.force_login(user)
        return user

    return login


# --- the back office -------------------------------------------------------------------------------------------------


@pytest.fixture
def manager(client):
    user = UserFactory(manager=True, name="Dominique Direction")
    client.force_login(user)
    return user


def sign_in(client, **role):
    user = UserFactory(**role)
    client.force_login(user)
    return user


def page(client, url):
    response = client.get(url)
    content = response.content.decode()
    assert (response.status_code, "¿" in content) == (200, False)
    return content


def count_queries(client, url):
    """Return how many queries the page takes the second time: the first also notes that the session is alive."""
    page(client, url)
    with CaptureQueriesContext(connection) as queries:
        page(client, url)
    return len(queries)


def admin_url(action, obj):
    """Return the address of a row in its table of the admin; of the table itself for a model."""
    name = f"admin:{obj._meta.app_label}_{obj._meta.model_name}_{action}"
    return reverse(name) if isinstance(obj, type) else reverse(name, args=[obj.pk])


def history(client, obj):
    return page(client, admin_url("history", obj))
