"""Every address of the site: looking at it writes nothing, and no other site sends its form."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.access.audiences import OPEN, PAGES, ROLES
from tests.access.world import address

pytestmark = pytest.mark.django_db


WRITES = re.compile(r'\b(?:INSERT INTO|UPDATE|DELETE FROM) "(?!usersessions|django_session)\w+"', re.I)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def opened_by(name, world):
    """Return a browser of the first role that may open the page."""
    role = next((each for each in reversed(ROLES) if PAGES[name][each] == OPEN), None)
    if role is None:
        pytest.skip("nobody opens it with a made-up token")
    return Client() if role == "visitor" else signed_in(world.users[role])


@pytest.mark.parametrize("name", PAGES)
def test_looking_at_a_page_writes_nothing(name, world):
    client = opened_by(name, world)
    with CaptureQueriesContext(connection) as queries:
        list(getattr(client.get(address(name, world)), "streaming_content", ()))
    assert [found[0] for each in queries if (found := WRITES.search(each["sql"]))] == []


@pytest.mark.parametrize("name", PAGES)
def test_no_form_is_sent_from_another_site(name, world):
    client = opened_by(name, world)
    client.handler.enforce_csrf_checks = True
    assert client.post(address(name, world), {"x": "1"}).status_code == 403
