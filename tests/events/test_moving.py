"""What was announced changes: everybody concerned hears of it once."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from icalendar import Calendar

from coopconnexion.notices.models import Message
from coopconnexion.recurrence import PARIS
from events import services
from events.enums import WithdrawnBy
from events.models import EventSession
from events.services import Times
from tests.factories import EventFactory, PersonFactory, RegistrationFactory, VenueFactory

pytestmark = pytest.mark.django_db

AT = datetime(2027, 3, 1, 9, tzinfo=PARIS)
START = datetime(2027, 3, 20, 14, tzinfo=PARIS)


@pytest.fixture
def event():
    return EventFactory(title="Atelier", starts_at=START)


@pytest.fixture
def people(event):
    """One with a place, one who waits, one who withdrew, one without an address."""
    seated = RegistrationFactory(event=event, joined_at=AT, served_at=AT)
    waiting = RegistrationFactory(event=event, waiting=True, joined_at=AT)
    gone = RegistrationFactory(event=event, joined_at=AT, served_at=AT)
    services.withdraw_registration(registration=gone, by=WithdrawnBy.PARTICIPANT, at=AT, notify=False)
    silent = RegistrationFactory(event=event, person=PersonFactory(email=""), joined_at=AT, served_at=AT)
    return {"seated": seated, "waiting": waiting, "gone": gone, "silent": silent}


def later(event, *, days=7, length=2, title=""):
    start = event.starts_at + timedelta(days=days)
    return EventSession.objects.create(
        event=event, title=title, starts_at=start, ends_at=start + timedelta(hours=length)
    )


def told(kind):
    return set(Message.objects.filter(kind=f"registration-{kind}").values_list("to_email", flat=True))


def emails_of(people, *names):
    return {people[name].person.email for name in names}


def refused(call):
    with pytest.raises(ValidationError) as refusal:
        call()
    error = refusal.value
    return next(iter(error.error_dict.values()))[0].code if hasattr(error, "error_dict") else error.code


def move(event, to, **told_):
    return services.move_event(
        event=event, starts_at=to, venue=told_.pop("venue", event.venue), by=None, at=AT, **told_
    )


def test_a_moved_event_tells_those_with_a_place_and_those_who_wait_once(event, people):
    to = datetime(2027, 4, 3, 10, tzinfo=PARIS)  # summer time began meanwhile
    concerned = move(event, to)
    assert {each.pk for each in concerned} == {people[name].pk for name in ("seated", "waiting", "silent")}
    assert told("moved") == emails_of(people, "seated", "waiting")
    event.refresh_from_db()
    assert (event.starts_at, event.ends_at) == (to, to + timedelta(hours=2))
    (message,) = Message.objects.filter(kind="registration-moved", person=people["seated"].person)
    text = message.text.replace("\u00a0", " ")
    assert "samedi 20 mars 2027" in text
    assert "samedi 3 avril 2027" in text
    entry = Calendar.from_ical(bytes(message.attachments.get().content)).walk("VEVENT")[0]
    assert (entry.decoded("dtstart"), int(entry["sequence"])) == (to, 1)
    assert not Message.objects.get(person=people["waiting"].person).attachments.exists()


def test_the_reminders_follow(event, people):
    to = START + timedelta(days=3)
    move(event, to)
    due = sorted(people["seated"].reminders.values_list("due_at", flat=True))
    assert due == [to - timedelta(days=2), to - timedelta(hours=3)]


def test_the_same_move_twice_is_refused_and_another_tells_again(event, people):
    to = START + timedelta(days=3)
    move(event, to)
    assert refused(lambda: move(event, to)) == "nothing_changes"
    move(event, to + timedelta(days=1))
    assert Message.objects.filter(kind="registration-moved", person=people["seated"].person).count() == 2


def test_moving_back_tells_again(event, people):
    move(event, START + timedelta(days=3))
    move(event, START)
    assert Message.objects.filter(kind="registration-moved", person=people["seated"].person).count() == 2


def test_staff_may_move_without_telling(event, people):
    move(event, START + timedelta(days=3), notify=False)
    assert told("moved") == set()


def test_another_venue_is_a_move(event, people):
    venue = VenueFactory(territory=event.territory, name="Théâtre")
    move(event, START, venue=venue)
    assert "Théâtre" in Message.objects.filter(kind="registration-moved")[0].text


@pytest.mark.parametrize("minutes", [-60, 60, 30])
def test_sessions_that_touch_are_moved_together(event, minutes):
    EventSession.objects.create(event=event, starts_at=event.ends_at, ends_at=event.ends_at + timedelta(hours=2))
    move(event, START + timedelta(minutes=minutes))
    starts = [session.starts_at - START for session in event.sessions.in_order()]
    assert starts == [timedelta(minutes=minutes), timedelta(minutes=minutes + 120)]


@pytest.mark.parametrize(
    ("fields", "to", "code"),
    [
        ({"cancelled_at": AT}, START + timedelta(days=1), "event_cancelled"),
        ({"starts_at": AT - timedelta(days=3)}, START, "event_past"),
        ({}, AT, "day_past"),
    ],
)
def test_a_move_that_cannot_be_is_refused(fields, to, code):
    event = EventFactory(**({"starts_at": START} | fields))
    assert refused(lambda: move(event, to)) == code


def test_a_venue_of_elsewhere_is_refused(event):
    assert refused(lambda: move(event, START, venue=VenueFactory())) == "venue_elsewhere"


def test_a_session_moves_alone_and_another_title_tells_nobody(event, people):
    session = later(event)
    times = Times(session.starts_at + timedelta(hours=1), session.ends_at + timedelta(hours=1), "La suite")
    services.move_session(session=session, times=times, by=None, at=AT)
    assert told("moved") == emails_of(people, "seated", "waiting")
    renamed = Times(times.starts_at, times.ends_at, "Autre titre")
    assert services.move_session(session=session, times=renamed, by=None, at=AT) == []
    session.refresh_from_db()
    assert (session.title, session.sequence) == ("Autre titre", 1)


@pytest.mark.parametrize(
    ("starts_at", "code"),
    [(START + timedelta(hours=1), "session_overlap"), (AT - timedelta(days=1), "day_past")],
)
def test_a_session_that_cannot_move_there_is_refused(event, starts_at, code):
    session = later(event)
    times = Times(starts_at, starts_at + timedelta(hours=2))
    assert refused(lambda: services.move_session(session=session, times=times, by=None, at=AT)) == code


def test_what_has_begun_or_is_cancelled_does_not_move(event):
    session = later(event)
    times = Times(session.starts_at, session.ends_at)
    after = session.starts_at
    assert refused(lambda: services.move_session(session=session, times=times, by=None, at=after)) == "session_past"
    services.cancel_session(session=session, reason="", by=None, at=AT)
    assert refused(lambda: services.move_session(session=session, times=times, by=None, at=AT)) == "session_cancelled"


def test_a_session_that_is_added_is_told(event, people):
    start = START + timedelta(days=7)
    times = Times(start, start + timedelta(hours=1), "En plus")
    services.add_session(event=event, times=times, by=None, at=AT)
    assert told("moved") == emails_of(people, "seated", "waiting")
    assert "En plus" in Message.objects.filter(kind="registration-moved")[0].text


def test_a_cancelled_session_leaves_the_others(event, people):
    session = later(event)
    services.cancel_session(session=session, reason="Salle prise", by=None, at=AT)
    assert told("session-cancelled") == emails_of(people, "seated", "waiting")
    message = Message.objects.filter(kind="registration-session-cancelled", person=people["seated"].person).get()
    assert "Salle prise" in message.text
    entry = Calendar.from_ical(bytes(message.attachments.get().content)).walk("VEVENT")[0]
    assert (str(entry["status"]), entry.decoded("dtstart")) == ("CANCELLED", session.starts_at)
    event.refresh_from_db()
    assert event.ends_at == START + timedelta(hours=2)
    assert people["seated"].reminders.count() == 2


def test_the_only_session_is_not_cancelled_alone(event):
    session = event.sessions.get()
    assert refused(lambda: services.cancel_session(session=session, reason="", by=None, at=AT)) == "last_session"


def test_a_cancelled_event_tells_each_once_and_who_withdrew_nothing(event, people):
    services.cancel_event(event=event, reason="Verglas", by=None, at=AT)
    assert told("event-cancelled") == emails_of(people, "seated", "waiting")
    message = Message.objects.filter(kind="registration-event-cancelled", person=people["seated"].person).get()
    assert "Verglas" in message.text
    calendar = Calendar.from_ical(bytes(message.attachments.get().content))
    assert (str(calendar["method"]), int(calendar.walk("VEVENT")[0]["sequence"])) == ("CANCEL", 1)
    assert not people["seated"].reminders.exists()
    assert refused(lambda: services.cancel_event(event=event, reason="", by=None, at=AT)) == "event_cancelled"
    assert services.promote_waiting(event=event, at=AT) == []


def test_a_cancellation_may_be_silent(people, event):
    services.cancel_event(event=event, reason="", by=None, at=AT, notify=False)
    assert told("event-cancelled") == set()


def test_who_was_registered_by_staff_to_a_draft_hears_that_it_is_cancelled():
    draft = EventFactory(starts_at=START, published_at=None)
    registration = RegistrationFactory(event=draft, joined_at=AT, served_at=AT)
    services.cancel_event(event=draft, reason="", by=None, at=AT)
    assert told("event-cancelled") == {registration.person.email}


def test_a_past_event_is_not_cancelled(event):
    assert refused(lambda: services.cancel_event(event=event, reason="", by=None, at=event.ends_at)) == "event_past"
