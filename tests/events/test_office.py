"""The events in the office: lists, pages, forms; who may, what is refused, what it costs."""

import csv
import io
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from coopconnexion.notices.models import Message
from coopconnexion.recurrence import PARIS
from events.models import Attendance, Event, EventSession, Registration
from tests.conftest import count_queries, page
from tests.factories import (
    EventFactory,
    PersonFactory,
    RegistrationFactory,
    TerritoryFactory,
    ThemeFactory,
    UserFactory,
    VenueFactory,
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
    for words in (str(seated.person), "Le Potager", "en attente, 1e", "en attente, 2e", seated.person.email):
        assert words in content
    assert content.index(str(first.person)) < content.index(str(second.person))


def test_the_page_takes_the_same_queries_for_one_person_and_for_four(client, advisor, event):
    RegistrationFactory(event=event)
    one = count_queries(client, address("event", event.pk))
    RegistrationFactory.create_batch(3, event=event)
    assert count_queries(client, address("event", event.pk)) == one


# --- forms -----------------------------------------------------------------------------------------------------------


def test_an_event_is_planned_as_a_draft_then_published(client, advisor, territory):
    venue, theme = VenueFactory(territory=territory), ThemeFactory()
    day = timezone.localdate() + timedelta(days=40)
    told = {
        "title": "Circuits courts",
        "kind": "conference",
        "venue": venue.pk,
        "day": f"{day:%Y-%m-%d}",
        "starts": "18:00",
        "ends": "20:00",
        "audience": "public",
        "capacity": "60",
        "themes": [theme.pk],
        "registration_closes_at": f"{day:%Y-%m-%d}T12:00",
        "reminder_minutes": "1 j",
    }
    response = client.post(address("event_add"), told)
    event = Event.objects.get()
    assert response.url == address("event", event.pk)
    assert (event.published_at, event.reminder_minutes) == (None, [1440])
    assert event.registration_closes_at == datetime.combine(day, datetime.min.time(), tzinfo=PARIS).replace(hour=12)
    assert "Brouillon" in page(client, address("event", event.pk))
    client.post(address("event_publish", event.pk))
    event.refresh_from_db()
    assert event.published_at is not None
    client.post(address("event_unpublish", event.pk))
    assert client.post(address("event_remove", event.pk)).url == address("event_list")
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"title": ""}, "title"),
        ({"ends": "17:00"}, "ends"),
        ({"day": "9999-01-01"}, "day"),
        ({"capacity": "0"}, "capacity"),
        ({"reminder_minutes": "bientôt"}, "reminder_minutes"),
        ({"venue": "0"}, "venue"),
        ({"registration_closes_at": "hier"}, "registration_closes_at"),
    ],
)
def test_what_cannot_be_planned_is_said_at_its_field_and_kept(client, advisor, territory, told, field):
    venue = VenueFactory(territory=territory)
    known = {
        "title": "Circuits courts",
        "kind": "conference",
        "venue": venue.pk,
        "audience": "public",
        "day": "2030-05-06",
        "starts": "18:00",
        "ends": "20:00",
        "description": "Deux témoignages.",
    }
    response = client.post(address("event_add"), known | told)
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert "Deux témoignages." in response.content.decode()


def test_the_venue_of_elsewhere_is_not_offered(client, advisor):
    elsewhere = VenueFactory(name="Ailleurs")
    assert elsewhere.name not in page(client, address("event_add"))


def test_the_second_to_correct_is_told_what_the_first_wrote(client, advisor, event):
    form = client.get(address("event_edit", event.pk)).context["form"]
    version = form["version"].value()
    Event.objects.filter(pk=event.pk).update(title="Autre titre")
    response = client.post(address("event_edit", event.pk), typed(event, capacity="6", version=version))
    assert response.status_code == 409
    assert "Autre titre" in response.content.decode()
    event.refresh_from_db()
    assert event.capacity == 5


def test_a_correction_is_saved(client, advisor, event):
    version = client.get(address("event_edit", event.pk)).context["form"]["version"].value()
    response = client.post(address("event_edit", event.pk), typed(event, capacity="6", version=version))
    assert response.status_code == 302
    event.refresh_from_db()
    assert event.capacity == 6


def test_fewer_places_than_taken_are_refused_at_the_field(client, advisor, event):
    RegistrationFactory.create_batch(3, event=event)
    version = client.get(address("event_edit", event.pk)).context["form"]["version"].value()
    response = client.post(address("event_edit", event.pk), typed(event, capacity="2", version=version))
    assert "capacity" in response.context["form"].errors


@pytest.mark.parametrize(("notify", "told"), [("on", 1), ("", 0)])
def test_an_event_is_moved_and_staff_choose_to_tell(client, advisor, event, notify, told):
    RegistrationFactory(event=event)
    RegistrationFactory(event=event, person=PersonFactory(email=""))
    assert "2\u00a0personnes concernées" in page(client, address("event_move", event.pk))
    day = timezone.localdate(event.starts_at) + timedelta(days=7)
    form = {"day": f"{day:%Y-%m-%d}", "starts": "10:00", "venue": event.venue_id, "notify": notify}
    response = client.post(address("event_move", event.pk), form, follow=True)
    assert Message.objects.filter(kind="registration-moved").count() == told
    assert ("à prévenir par téléphone" in response.content.decode()) == bool(told)
    event.refresh_from_db()
    assert timezone.localtime(event.starts_at).hour == 10


def test_a_move_into_the_past_is_refused_at_the_field_and_keeps_what_was_typed(client, advisor, event):
    form = {"day": "2020-01-06", "starts": "10:00", "venue": event.venue_id}
    response = client.post(address("event_move", event.pk), form)
    assert response.status_code == 422
    assert "day" in response.context["form"].errors
    assert "2020-01-06" in response.content.decode()


def test_an_event_is_cancelled_once(client, advisor, event):
    RegistrationFactory(event=event)
    for _ in range(2):
        client.post(address("event_cancel", event.pk), {"reason": "Verglas", "notify": "on"})
    assert Message.objects.filter(kind="registration-event-cancelled").count() == 1
    assert "Verglas" in page(client, address("event", event.pk))


def test_sessions_are_added_changed_and_cancelled(client, advisor, event):
    day = timezone.localdate(event.starts_at) + timedelta(days=7)
    form = {"day": f"{day:%Y-%m-%d}", "starts": "09:00", "ends": "11:00", "session_title": "La suite"}
    assert client.post(address("session_add", event.pk), form).status_code == 302
    session = event.sessions.get(title="La suite")
    moved = form | {"starts": "10:00", "ends": "12:00", "notify": "on"}
    assert client.post(address("session_move", event.pk, session.pk), moved).status_code == 302
    assert client.post(address("session_cancel", event.pk, session.pk), {"reason": "Salle prise"}).status_code == 302
    session.refresh_from_db()
    assert (timezone.localtime(session.starts_at).hour, session.cancel_reason) == (10, "Salle prise")


def test_a_session_that_overlaps_is_refused(client, advisor, event):
    start = timezone.localtime(event.starts_at)
    form = {"day": f"{start:%Y-%m-%d}", "starts": "15:00", "ends": "17:00"}
    response = client.post(address("session_add", event.pk), form)
    assert response.status_code == 422
    assert "se chevauchent" in response.content.decode()


def test_the_session_of_another_event_does_not_exist_here(client, advisor, event, territory):
    other = EventFactory(territory=territory).sessions.get()
    assert client.get(address("session_move", event.pk, other.pk)).status_code == 404


def test_a_copy_and_a_series_are_laid_from_the_page(client, advisor, event):
    day = timezone.localdate(event.starts_at) + timedelta(days=30)
    response = client.post(address("event_duplicate", event.pk), {"first_day": f"{day:%Y-%m-%d}"})
    copy = Event.objects.exclude(pk=event.pk).get()
    assert response.url == address("event", copy.pk)
    start = timezone.localdate(event.starts_at)
    rule = {
        "frequency": "weekly",
        "every": "1",
        "starts_on": f"{start:%Y-%m-%d}",
        "ends_on": f"{start + timedelta(days=15):%Y-%m-%d}",
        "keeps_holidays": "on",
    }
    response = client.post(address("series_add", event.pk), rule)
    assert len(response.context["days"]) == 2
    assert Event.objects.count() == 2
    assert client.post(address("series_add", event.pk), rule | {"edit": "1"}).context["days"] == []
    rule["confirmed"] = "1"
    assert client.post(address("series_add", event.pk), rule).status_code == 302
    event.refresh_from_db()
    assert event.series.events.count() == 3
    assert client.post(address("series_add", event.pk), rule).status_code == 422
    longer = {"ends_on": f"{start + timedelta(days=29):%Y-%m-%d}"}
    assert len(client.post(address("series_extend", event.pk), longer).context["days"]) == 2
    assert client.post(address("series_extend", event.pk), longer | {"confirmed": "1"}).status_code == 302
    assert "Autres dates de la série" in page(client, address("event", event.pk))
    RegistrationFactory(event=event.series.events.in_order().last())
    lead = page(client, address("series_cancel", event.pk))
    assert "5\xa0dates à annuler. 1\xa0personne concernée." in lead
    response = client.post(address("series_cancel", event.pk), {"reason": "", "notify": "on"}, follow=True)
    assert "5\xa0évènements annulés. 1\xa0personne prévenue." in response.content.decode()
    assert not event.series.events.filter(cancelled_at=None).exists()


def test_the_days_of_a_rule_that_fails_are_not_shown(client, advisor, event):
    day = timezone.localdate(event.starts_at)
    rule = {"frequency": "monthly", "starts_on": f"{day:%Y-%m-%d}", "ends_on": f"{day + timedelta(days=99):%Y-%m-%d}"}
    response = client.post(address("series_add", event.pk), rule)
    assert (response.status_code, response.context["days"]) == (422, [])
    assert "un rang et un jour du mois" in response.content.decode()


@pytest.mark.parametrize("name", ["series_extend", "series_cancel"])
def test_an_event_alone_has_no_series_to_extend_or_cancel(client, advisor, event, name):
    assert client.get(address(name, event.pk)).status_code == 404


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
