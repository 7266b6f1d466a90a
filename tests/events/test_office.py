"""The events in the office: lists, pages, people; who may, what is refused, what it costs."""

import csv
import io
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from coopconnexion.notices.models import Message
from coopconnexion.recurrence import PARIS
from events import services
from events.models import Attendance, EventSession, Registration
from tests.conftest import count_queries, page
from tests.factories import (
    EventFactory,
    PersonFactory,
    RegistrationFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def territory():
    return TerritoryFactory()


@pytest.fixture
def advisor(client, territory):
    user = UserFactory(advisor=True, territory=territory)
    client.force_login(user)
    return user


@pytest.fixture
def event(territory):
    start = datetime.combine(timezone.localdate() + timedelta(days=20), datetime.min.time(), tzinfo=PARIS)
    return EventFactory(territory=territory, title="Fixer ses prix", starts_at=start.replace(hour=14), capacity=5)


def address(name, *args):
    return reverse(f"events_staff:{name}", args=args)


def after(event):
    """Another session, the week after."""
    start = event.ends_at + timedelta(days=7)
    return EventSession.objects.create(event=event, starts_at=start, ends_at=start + timedelta(hours=1))


def typed(event, **told):
    form = {
        "title": event.title,
        "kind": event.kind,
        "audience": event.audience,
        "capacity": event.capacity or "",
        "description": event.description,
        "reminder_minutes": "2 j, 3 h",
    }
    return form | told


# --- the list --------------------------------------------------------------------------------------------------------


def test_the_list_shows_what_comes_and_drafts_with_their_counts(client, advisor, event, territory):
    RegistrationFactory.create_batch(2, event=event)
    RegistrationFactory(event=event, waiting=True)
    EventFactory(territory=territory, title="Brouillon", published_at=None)
    EventFactory(territory=territory, title="Hier", starts_at=timezone.now() - timedelta(days=1))
    EventFactory(title="Ailleurs")
    content = page(client, address("event_list"))
    assert "Fixer ses prix" in content
    assert "2 sur 5" in content
    assert "Brouillon" in content
    assert "Hier" not in content
    assert "Ailleurs" not in content


@pytest.mark.parametrize(
    ("state", "expected"),
    [("a-venir", "Fixer ses prix"), ("passes", "Hier"), ("brouillons", "Esquisse"), ("annules", "Annulé")],
)
def test_the_list_is_narrowed_by_state(client, advisor, event, territory, state, expected):
    EventFactory(territory=territory, title="Esquisse", published_at=None)
    EventFactory(territory=territory, title="Hier", starts_at=timezone.now() - timedelta(days=1))
    EventFactory(territory=territory, title="Annulé", cancelled_at=timezone.now())
    rows = client.get(f"{address('event_list')}?etat={state}").context["rows"]
    assert [each.title for each, _ in rows] == [expected]


def test_events_whose_presence_is_missing_are_listed(client, advisor, territory):
    yesterday = timezone.now() - timedelta(days=1)
    missing, noted, empty = (EventFactory(territory=territory, title=each, starts_at=yesterday) for each in "ABC")
    for each in (missing, noted):
        RegistrationFactory(event=each)
    session = noted.sessions.get()
    Attendance.objects.create(
        event=noted, registration=noted.registrations.get(), session=session, outcome="attended", noted_at=yesterday
    )
    rows = client.get(f"{address('event_list')}?etat=presences").context["rows"]
    assert [each for each, _ in rows] == [missing]
    assert empty.registrations.count() == 0


def test_the_search_knows_no_accents(client, advisor, territory):
    EventFactory(territory=territory, title="Réparer plutôt que jeter")
    rows = client.get(f"{address('event_list')}?q=reparer").context["rows"]
    assert len(rows) == 1


@pytest.mark.parametrize("query", ["etat=x", "theme=0", "lieu=abc", "territoire=-1", "page=99"])
def test_a_filter_that_cannot_be_read_breaks_nothing(client, advisor, event, query):
    assert client.get(f"{address('event_list')}?{query}").status_code in {200, 404}


def test_the_list_takes_the_same_queries_for_one_event_and_for_four(client, advisor, event, territory):
    one = count_queries(client, address("event_list"))
    for number in range(3):
        RegistrationFactory(event=EventFactory(territory=territory, title=f"Autre {number}"))
    assert count_queries(client, address("event_list")) == one


def test_what_is_listed_is_exported(client, advisor, event):
    response = client.get(address("event_csv"))
    lines = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig")), delimiter=";"))
    assert lines[0][:2] == ["Titre", "Nature"]
    assert lines[1][0] == "Fixer ses prix"
    assert client.get(address("event_xlsx")).getvalue()[:2] == b"PK"


# --- the page --------------------------------------------------------------------------------------------------------


def test_the_page_shows_people_in_order_with_their_state(client, advisor, event):
    seated = RegistrationFactory(event=event, organisation_name="Le Potager")
    first, second = (RegistrationFactory(event=event, waiting=True) for _ in range(2))
    content = page(client, address("event", event.pk))
    for words in (str(seated.person), "Le Potager", "en attente, 1er rang", "en attente, 2e rang", seated.person.email):
        assert words in content
    assert content.index(str(first.person)) < content.index(str(second.person))


def test_the_page_takes_the_same_queries_for_one_person_and_for_four(client, advisor, event):
    RegistrationFactory(event=event)
    services.cancel_session(session=after(event), reason="", by=advisor, at=timezone.now())
    one = count_queries(client, address("event", event.pk))
    RegistrationFactory.create_batch(3, event=event)
    services.cancel_session(session=after(event), reason="", by=advisor, at=timezone.now())
    assert Message.objects.count() == 5
    assert count_queries(client, address("event", event.pk)) == one


def test_a_cancelled_session_is_not_counted_and_the_last_one_offers_no_cancellation(client, advisor, event):
    only = event.sessions.get()
    services.cancel_session(session=after(event), reason="", by=advisor, at=timezone.now())
    content = page(client, address("event", event.pk))
    assert "1\xa0séance<" in content
    assert address("session_cancel", event.pk, only.pk) not in content


def test_the_page_says_who_was_told_what_of_this_event_alone(client, advisor, event):
    registration = RegistrationFactory(event=event)
    elsewhere = RegistrationFactory(person=registration.person, event__territory=event.territory)
    services.cancel_event(event=elsewhere.event, reason="", by=advisor, at=timezone.now())
    assert "Qui a été prévenu" not in page(client, address("event", event.pk))
    services.cancel_event(event=event, reason="", by=advisor, at=timezone.now())
    message = Message.objects.get(key__startswith=f"registration:{registration.pk}:")
    content = page(client, address("event", event.pk))
    assert "Qui a été prévenu" in content
    assert reverse("admin:notices_message_change", args=[message.pk]) in content
    assert client.get(reverse("admin:notices_message_change", args=[message.pk])).status_code == 200


# --- people ----------------------------------------------------------------------------------------------------------


def test_somebody_is_registered_without_an_address_then_taken_off(client, advisor, event):
    form = {"first_name": "Zoé", "last_name": "Lefebvre", "form_token": str(uuid4())}
    for _ in range(2):
        assert client.post(address("registration_add", event.pk), form).status_code == 302
    registration = Registration.objects.get()
    assert (registration.channel, registration.registered_by) == ("staff", advisor)
    client.post(address("registration_withdraw", registration.pk), {"reason": "A appelé", "notify": ""})
    registration.refresh_from_db()
    assert (registration.withdrawn_by, Message.objects.count()) == ("coop", 0)
    assert "A appelé" in page(client, address("event", event.pk))


def test_who_came_by_is_noted_beyond_the_places(client, advisor, territory):
    event = EventFactory(territory=territory, capacity=1, starts_at=timezone.now() - timedelta(hours=1))
    RegistrationFactory(event=event)
    form = {"first_name": "Zoé", "last_name": "Lefebvre", "came": "on", "form_token": str(uuid4())}
    assert client.post(address("registration_add", event.pk), form).status_code == 302
    assert Registration.objects.get(channel="on_site").is_seated


def test_one_person_twice_is_refused_in_words(client, advisor, event):
    person = PersonFactory(first_name="Zoé", last_name="Lefebvre", email="zoe@example.org")
    RegistrationFactory(event=event, person=person)
    form = {"first_name": "Zoé", "last_name": "Lefebvre", "email": "zoe@example.org", "form_token": str(uuid4())}
    response = client.post(address("registration_add", event.pk), form)
    assert response.status_code == 422
    assert "déjà inscrite" in response.content.decode()


def test_a_reader_looks_and_changes_nothing(client, event, territory):
    RegistrationFactory(event=event, person__email="zoe@example.org")
    client.force_login(UserFactory(reader=True, territory=territory))
    content = page(client, address("event", event.pk))
    assert "Annuler" not in content
    assert client.post(address("event_cancel", event.pk), {}).status_code == 403
    assert not EventSession.objects.filter(cancelled_at__isnull=False).exists()


def test_an_event_of_elsewhere_does_not_exist(client, advisor):
    other = RegistrationFactory()
    for url in (address("event", other.event_id), address("registration_withdraw", other.pk)):
        assert client.get(url).status_code == 404
