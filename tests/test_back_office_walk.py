"""The whole back office walked from its home page, link by link: nothing dead for a reader, nothing in English."""

import re
from datetime import date
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib import admin
from django.urls import Resolver404, resolve, reverse

from tests.conftest import admin_url
from tests.factories import (
    BookingFactory,
    BusinessFactory,
    ContractFactory,
    EventFactory,
    MemberFactory,
    OrganisationFactory,
    PermanenceFactory,
    ProjectFactory,
    ScheduleFactory,
    SlotFactory,
    TerritoryFactory,
    UnitFactory,
    UserFactory,
    VenueFactory,
    WaitingListEntryFactory,
)

pytestmark = pytest.mark.django_db
HOME = reverse("admin:index")
MOST_PAGES = 400
OWN_AFFAIRS = {"admin:logout", "admin:filter_save", "admin:filter_rename", "admin:filter_delete"}
"""What a reader may post: their own session, their own filters, their own feed of the agenda."""
OWN_ROUTES = ("permanences_staff:feed_",)


@pytest.fixture
def territory():
    """One of everything, in one territory."""
    territory = TerritoryFactory(name="Béthune")
    permanence = PermanenceFactory(territory=territory, schedule=ScheduleFactory(territory=territory))
    booking = BookingFactory(slot=SlotFactory(permanence=permanence))
    SlotFactory(permanence=permanence)
    WaitingListEntryFactory(permanence=permanence)
    BookingFactory(slot=SlotFactory(permanence=PermanenceFactory(territory=territory, past=True)))
    member = MemberFactory(territory=territory, person=booking.person)
    ContractFactory(member=member, starts_on=date(2026, 1, 1), ends_on=date(2027, 1, 1))
    BusinessFactory().members.add(member)
    ProjectFactory(territory=territory)
    UnitFactory(territory=territory)
    EventFactory(territory=territory, venue=VenueFactory(territory=territory))
    OrganisationFactory()
    return territory


def inside(base, link):
    """Return the path of a page of the back office; nothing for other sites and for files."""
    url = urlsplit(urljoin(base, unescape(link)))
    is_page = url.path.startswith(HOME) and url.path.endswith("/") and "_export" not in url.query
    return url.path if is_page and not url.netloc else ""


def walk(client):
    """Open every page of the back office that a link leads to; yield its address, its page, and what it posts to."""
    known, ahead = {HOME}, [HOME]
    while ahead:
        url = ahead.pop(0)
        response = client.get(url)
        content = response.content.decode() if "html" in response.get("Content-Type", "") else ""
        if response.streaming:
            list(response.streaming_content)  # a file that is served closes once read
        yield url, response.status_code, content
        for link in re.findall(r'<a\b[^>]*?href="([^"]+)"', content):
            path = inside(url, link)
            if path and path not in known and len(known) < MOST_PAGES:
                known.add(path)
                ahead.append(path)


SENDS = re.compile(r'<input[^>]*type="submit"|<button(?![^>]*type="button")')
"""What sends a form; the admin wraps what one may only read in a form that nothing sends."""


def posts_of(url, content):
    forms = re.findall(r"<form\b([^>]*)>(.*?)</form>", content, re.S)
    for tag, body in forms:
        if 'method="post"' in tag and SENDS.search(body):
            action = re.search(r'action="([^"]*)"', tag)
            yield urljoin(url, unescape(action[1])) if action else url
            for other in re.findall(r'formaction="([^"]*)"', body):
                yield urljoin(url, unescape(other))


def is_own_affair(path):
    try:
        name = resolve(urlsplit(path).path).view_name
    except Resolver404:
        return False
    return name in OWN_AFFAIRS or name.startswith(OWN_ROUTES)


def is_changelist(path):
    """The form of a list holds its pagination and, with the right, its actions: without actions it posts nothing."""
    return path in {admin_url("changelist", model) for model in admin.site._registry}


def test_a_reader_meets_no_dead_link_and_no_button_that_is_not_theirs(client, territory):
    client.force_login(UserFactory(reader=True, territory=territory))
    dead, buttons, pages = [], [], 0
    for url, status, content in walk(client):
        pages += 1
        if status not in (200, 302):
            dead.append((url, status))
        posts = [path for path in posts_of(url, content) if not is_own_affair(path)]
        buttons += [(url, path) for path in posts if not is_changelist(path) or 'name="action"' in content]
        buttons += [(url, name) for name in ("_save", "addlink", "deletelink") if re.search(rf'[" ]{name}"', content)]
    assert (dead, buttons, pages > 40) == ([], [], True)


def test_an_advisor_meets_no_dead_link(client, territory):
    client.force_login(UserFactory(advisor=True, territory=territory))
    assert [(url, status) for url, status, _ in walk(client) if status not in (200, 302)] == []


ENGLISH = re.compile(
    r"\b(the|and|with|from|your|please|select|choose|add|delete|change|save|search|history|remove|view|filter|home|"
    r"back|next|previous|yes|no|none|unknown|any|today|tomorrow|password|username|user|superuser|status|permissions|"
    r"groups?|enter|required|invalid|currently|clear|go|actions?|of)\b",
    re.I,
)
FRENCH_TOO = {"action", "actions", "change", "site", "or", "no"}


def words_of(content):
    """Return what is read on a page; Django's icons of yes and no bear the name of the value."""
    text = re.sub(r"<(script|style|svg)\b.*?</\1>|<!--.*?-->", " ", content, flags=re.S)
    shown = re.findall(r'(?:title|placeholder|aria-label|alt)="(?!True|False|None)([^"]*)"', text)
    shown += re.findall(r'<input type="submit"[^>]*value="([^"]*)"', text)
    return unescape(" ".join([re.sub(r"<[^>]+>", " ", text), *shown]))


def english(content):
    words = {match[0].lower() for match in ENGLISH.finditer(words_of(content))}
    return words - FRENCH_TOO


@pytest.mark.parametrize("action", ["changelist", "add", "change", "delete", "history"])
def test_the_admin_speaks_french(action, client, territory):
    client.force_login(UserFactory(manager=True, name="Dominique Direction"))
    found = {}
    for model in admin.site._registry:
        row = model._default_manager.first()
        if row is None and action in ("change", "delete", "history"):
            continue
        response = client.get(admin_url(action, model if action in ("changelist", "add") else row))
        if response.status_code == 200 and (words := english(response.content.decode())):
            found[model._meta.label] = words
    assert found == {}


def test_the_pages_of_staff_speak_french(client, territory):
    client.force_login(UserFactory(manager=True, name="Dominique Direction"))
    assert {url: words for url, _, content in walk(client) if (words := english(content))} == {}
