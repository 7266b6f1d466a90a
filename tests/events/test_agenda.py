"""The public agenda: what it lists, in what order, and at what cost."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from coopconnexion.recurrence import PARIS
from events.enums import Audience, EventKind
from events.models import EventSession
from tests.conftest import count_queries, page
from tests.factories import CommuneFactory, EventFactory, RegistrationFactory, ThemeFactory

pytestmark = pytest.mark.django_db

AGENDA = "/agenda/"


def coming(title, *, days=10, **fields):
    return EventFactory(title=title, starts_at=timezone.now() + timedelta(days=days), **fields)


def titles(client, url):
    return [event.title for event, _ in client.get(url).context["rows"]]


def test_it_lists_what_is_to_come_and_no_draft_nor_invitation(client):
    coming("Plus tard", days=20)
    coming("Bientôt")
    coming("Brouillon", published_at=None)
    coming("Entre nous", audience=Audience.INVITATION)
    coming("Hier", days=-1)
    assert titles(client, AGENDA) == ["Bientôt", "Plus tard"]
    assert titles(client, reverse("events:agenda_past")) == ["Hier"]


def test_nothing_to_come_says_so_and_what_to_do(client):
    assert "Aucun évènement n’est annoncé" in page(client, AGENDA)


@pytest.mark.parametrize(
    ("fields", "taken", "words"),
    [
        ({"capacity": 10}, 8, "2\u00a0places restantes"),
        ({"capacity": 9}, 8, "1\u00a0place restante"),
        ({"capacity": 8}, 8, "Complet · liste d’attente"),
        ({}, 3, "Sur inscription"),
        ({"registration_closes_at": timezone.now() - timedelta(days=1)}, 0, "Inscriptions closes"),
        ({"cancelled_at": timezone.now()}, 0, "Annulé"),
    ],
)
def test_it_says_what_is_left(client, fields, taken, words):
    event = coming("Atelier", **fields)
    RegistrationFactory.create_batch(taken, event=event)
    RegistrationFactory(event=event, channel="on_site")
    assert words in page(client, AGENDA)


def test_filters_stand_in_the_address_and_narrow_the_list(client):
    theme = ThemeFactory()
    talk = coming("Conférence", kind=EventKind.CONFERENCE)
    talk.themes.add(theme)
    coming("Atelier", kind=EventKind.WORKSHOP, venue__commune=CommuneFactory(insee_code="62498", name="Lens"))
    for query in (f"theme={theme.key}", "nature=conference", f"commune={talk.venue.commune_id}"):
        assert titles(client, f"{AGENDA}?{query}") == ["Conférence"], query
    assert titles(client, f"{AGENDA}?territoire={talk.territory.slug}") == ["Conférence"]
    assert "Aucun évènement ne répond" in page(client, f"{AGENDA}?nature=network")


@pytest.mark.parametrize(
    "query", ["nature=fete", "theme=%00", "commune=99999", "territoire=x'", "page=999", "page=abc"]
)
def test_a_filter_that_cannot_be_read_breaks_nothing(client, query):
    coming("Atelier")
    assert client.get(f"{AGENDA}?{query}").status_code in {200, 400, 404}


def test_the_queries_do_not_grow_with_the_events(client):
    coming("Un", capacity=3)
    one = count_queries(client, AGENDA)
    for number in range(4):
        coming(f"Autre {number}", capacity=3).themes.add(ThemeFactory())
    assert count_queries(client, AGENDA) == one <= 7


def test_the_month_shows_each_session_on_its_day_in_paris(client):
    starts_at = datetime(2027, 3, 31, 23, 30, tzinfo=PARIS)
    event = EventFactory(title="Nuit de l’ESS", starts_at=starts_at)
    later = starts_at + timedelta(days=3)
    EventSession.objects.create(event=event, starts_at=later, ends_at=later + timedelta(hours=1))
    assert page(client, "/agenda/mois/2027-3/").count("Nuit de l’ESS") == 2  # the weeks of March end on 4 April
    assert page(client, "/agenda/mois/2027-4/").count("Nuit de l’ESS") == 2
    assert page(client, "/agenda/mois/2027-5/").count("Nuit de l’ESS") == 0


@pytest.mark.parametrize("month", ["2027-13", "2018-12", "9999-1", "2027-0"])
def test_a_month_that_no_calendar_has_is_not_found(client, month):
    assert client.get(f"/agenda/mois/{month}/").status_code == 404


def test_the_feed_knows_the_sessions_the_changes_and_the_cancellations(client):
    event = coming("Atelier")
    coming("Annulé", cancelled_at=timezone.now())
    coming("Brouillon", published_at=None)
    response = client.get(reverse("events:public_feed"))
    entries = Calendar.from_ical(response.content).walk("VEVENT")
    assert sorted((str(each["summary"]), str(each["status"])) for each in entries) == [
        ("Annulé", "CANCELLED"),
        ("Atelier", "CONFIRMED"),
    ]
    assert b"TZID:Europe/Paris" in response.content
    again = client.get(reverse("events:public_feed"), headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    assert client.get(f"{reverse('events:public_feed')}?territoire={event.territory.slug}").content.count(b"UID") == 1
    assert client.get(f"{reverse('events:public_feed')}?territoire=nulle-part").status_code == 404


def test_the_news_are_an_atom_feed_that_no_title_breaks(client):
    coming("<b>Gras</b> & co")
    response = client.get(reverse("events:news"))
    assert response["Content-Type"].startswith("application/atom+xml")
    assert b"&lt;b&gt;Gras&lt;/b&gt; &amp; co" in response.content
