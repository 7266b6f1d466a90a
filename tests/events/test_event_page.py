"""The page of an event: what it says, and what search engines read."""

import json
import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from icalendar import Calendar

from coopconnexion.recurrence import PARIS
from events.enums import Audience, LinkRole
from events.models import EventSession, NetworkLink
from tests.conftest import count_queries, page
from tests.factories import EventFactory, NetworkActorFactory

pytestmark = pytest.mark.django_db


def structured(content: str) -> dict:
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', content, re.DOTALL)[1])


def test_it_says_when_where_and_how_to_register(client):
    event = EventFactory(title="Fixer ses prix", capacity=12, description="On vient avec son projet.")
    content = page(client, f"/agenda/{event.pk}/")
    assert "12\u00a0places restantes" in content
    assert event.venue.name in content
    assert f"/agenda/{event.pk}/inscription/" in content
    assert "On vient avec son projet." in content


@pytest.mark.parametrize("fields", [{"published_at": None}, {"audience": Audience.INVITATION}])
@pytest.mark.parametrize("path", ["", "evenement.ics", "inscription/"])
def test_drafts_and_invitations_are_not_there_for_the_public(client, fields, path):
    event = EventFactory(**fields)
    assert client.get(f"/agenda/{event.pk}/{path}").status_code == 404


def test_search_engines_read_the_event(client):
    starts_at = datetime(2027, 7, 1, 18, tzinfo=PARIS)
    event = EventFactory(title="Circuits courts", starts_at=starts_at, capacity=3)
    data = structured(page(client, f"/agenda/{event.pk}/"))
    assert (data["@type"], data["name"]) == ("Event", "Circuits courts")
    assert data["startDate"] == "2027-07-01T18:00:00+02:00"
    assert data["eventStatus"] == "https://schema.org/EventScheduled"
    assert data["location"]["address"]["addressCountry"] == "FR"
    assert data["offers"]["availability"] == "https://schema.org/InStock"


def test_search_engines_read_the_sessions_and_the_cancellation(client):
    event = EventFactory(cancelled_at=timezone.now())
    later = event.ends_at + timedelta(days=7)
    EventSession.objects.create(event=event, title="La suite", starts_at=later, ends_at=later + timedelta(hours=1))
    data = structured(page(client, f"/agenda/{event.pk}/"))
    assert data["eventStatus"] == "https://schema.org/EventCancelled"
    assert [each["name"] for each in data["subEvent"]] == [event.title, "La suite"]
    assert "offers" not in data


def test_no_title_leaves_the_script_of_the_page(client):
    event = EventFactory(title="</script><script>alert(1)</script>", description="<img src=x onerror=alert(1)> & co")
    content = page(client, f"/agenda/{event.pk}/")
    assert "<script>alert" not in content
    assert "<img src=x" not in content
    assert structured(content)["name"] == event.title


def test_the_policy_of_scripts_is_kept(client):
    event = EventFactory()
    assert "unsafe-inline" not in client.get(f"/agenda/{event.pk}/")["Content-Security-Policy"]


def test_it_names_who_speaks_and_hides_who_only_came(client):
    event = EventFactory()
    for role in (LinkRole.SPEAKER, LinkRole.PARTICIPANT):
        actor = NetworkActorFactory(organisation__name=f"Acteur {role}")
        NetworkLink.objects.create(actor=actor, event=event, role=role, happened_on=timezone.localdate())
    content = page(client, f"/agenda/{event.pk}/")
    assert "Acteur speaker" in content
    assert "Acteur participant" not in content


def test_only_who_agreed_to_the_directory_is_linked_to_it(client):
    event, today = EventFactory(), timezone.localdate()
    listed = NetworkActorFactory(organisation__name="Les Amis du « Pain »", consent_on=today, consent_note="Par mail")
    hidden = NetworkActorFactory(organisation__name="Discrète & Cie")
    for actor in (listed, hidden):
        NetworkLink.objects.create(actor=actor, event=event, role=LinkRole.HOST, happened_on=today)
    content = page(client, f"/agenda/{event.pk}/")
    address = re.search(r'href="(/reseau/\?q=[^"]+)"', content)[1]
    assert content.count("/reseau/?q=") == 1
    assert "Discrète &amp; Cie" in content
    assert "Les Amis du" in page(client, address)


def test_search_engines_know_its_one_address(client):
    event = EventFactory()
    content = page(client, f"/agenda/{event.pk}/?utm_source=lettre")
    assert f'<link rel="canonical" href="{structured(content)["url"]}">' in content


def test_the_queries_do_not_grow_with_the_sessions(client):
    event = EventFactory()
    one = count_queries(client, f"/agenda/{event.pk}/")
    for number in range(1, 4):
        start = event.ends_at + timedelta(days=number)
        EventSession.objects.create(event=event, starts_at=start, ends_at=start + timedelta(hours=1))
    assert count_queries(client, f"/agenda/{event.pk}/") == one <= 5


def test_the_event_goes_into_ones_own_calendar(client):
    event = EventFactory(title="Rencontre, suite; fin")
    response = client.get(f"/agenda/{event.pk}/evenement.ics")
    entry = Calendar.from_ical(response.content).walk("VEVENT")[0]
    assert str(entry["summary"]) == "Rencontre, suite; fin"
    assert "attachment" in response["Content-Disposition"]


@pytest.mark.parametrize("day", [(2027, 3, 28), (2027, 10, 31)])
def test_the_nights_of_the_clock_change_are_told_right(client, day):
    starts_at = datetime(*day, 1, 30, tzinfo=PARIS)
    event = EventFactory(starts_at=starts_at, ends_at=starts_at + timedelta(hours=3))
    data = structured(page(client, f"/agenda/{event.pk}/"))
    start, end = (datetime.fromisoformat(data[key]) for key in ("startDate", "endDate"))
    assert (start, end) == (event.starts_at, event.ends_at)
    assert start.utcoffset() != end.utcoffset()
