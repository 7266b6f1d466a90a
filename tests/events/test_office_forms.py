"""The forms of events in the office: planned, corrected, moved, cancelled, copied, repeated."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from coopconnexion.notices.models import Message
from coopconnexion.recurrence import PARIS
from events.models import Event, EventSession
from tests.conftest import page
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
