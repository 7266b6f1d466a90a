"""Drafts, corrections, publication, copies."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from coopconnexion.recurrence import PARIS
from events import services
from events.enums import Audience, EventKind
from events.models import Event, EventSession, NetworkLink
from events.services import Times
from tests.factories import (
    EventFactory,
    NetworkActorFactory,
    RegistrationFactory,
    TerritoryFactory,
    ThemeFactory,
    VenueFactory,
)

pytestmark = pytest.mark.django_db

AT = datetime(2027, 3, 1, 9, tzinfo=PARIS)
START = datetime(2027, 3, 20, 14, tzinfo=PARIS)


def hours(start=START, length=2, **told):
    return Times(start, start + timedelta(hours=length), **told)


def plan(sessions=None, **told):
    territory = told.pop("territory", None) or TerritoryFactory()
    told = {"venue": VenueFactory(territory=territory), "title": "Fixer ses prix", "kind": EventKind.WORKSHOP} | told
    return services.plan_event(
        territory=territory, sessions=[hours()] if sessions is None else sessions, by=None, at=AT, **told
    )


def refused(call):
    with pytest.raises(ValidationError) as refusal:
        call()
    error = refusal.value
    return next(iter(error.error_dict.values()))[0].code if hasattr(error, "error_dict") else error.code


def test_a_draft_has_its_sessions_and_spans_them():
    later = START + timedelta(days=7)
    event = plan([hours(later, title="La suite"), hours()], capacity=12, themes=[ThemeFactory()])
    event.refresh_from_db()
    assert (event.starts_at, event.ends_at) == (START, later + timedelta(hours=2))
    assert (event.published_at, event.sessions.count(), event.themes.count()) == (None, 2, 1)
    assert not Event.objects.upcoming(AT).exists()
    assert event.history.count() == 1


def test_the_venue_of_a_session_is_noted_only_where_it_is_another():
    territory = TerritoryFactory()
    usual, other = VenueFactory.create_batch(2, territory=territory)
    later = START + timedelta(days=1)
    event = plan([hours(venue=usual), hours(later, venue=other)], territory=territory, venue=usual)
    assert [session.venue for session in event.sessions.in_order()] == [None, other]


@pytest.mark.parametrize(
    ("sessions", "code"),
    [
        ([], "no_session"),
        ([Times(START, START)], "period_empty"),
        ([Times(START, START - timedelta(hours=1))], "period_empty"),
        ([Times(START, START + timedelta(days=4))], "session_too_long"),
        ([hours(), hours(START + timedelta(hours=1))], "session_overlap"),
        ([hours(START + timedelta(days=day)) for day in range(61)], "too_many_sessions"),
    ],
)
def test_sessions_that_cannot_be_held_are_refused(sessions, code):
    assert refused(lambda: plan(sessions)) == code
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"capacity": 0}, "capacity"),
        ({"registration_opens_at": START, "registration_closes_at": START}, "period_empty"),
        ({"audience": "friends"}, "audience"),
    ],
)
def test_what_the_database_does_not_hold_is_refused_in_words(told, code):
    assert refused(lambda: plan(**told)) == code


def test_the_venue_is_of_the_territory():
    assert refused(lambda: plan(venue=VenueFactory())) == "venue_elsewhere"
    assert refused(lambda: plan([hours(venue=VenueFactory())])) == "venue_elsewhere"


def test_what_is_said_of_an_event_is_corrected():
    event, theme = EventFactory(), ThemeFactory()
    services.edit_event(event=event, title="  Autre titre ", capacity=3, themes=[theme], by=None, at=AT)
    event.refresh_from_db()
    assert (event.title, event.capacity, list(event.themes.all())) == ("Autre titre", 3, [theme])


def test_fewer_places_than_are_taken_are_refused_with_their_number():
    event = EventFactory(capacity=5)
    RegistrationFactory.create_batch(3, event=event)
    with pytest.raises(ValidationError, match="3"):
        services.edit_event(event=event, capacity=2, by=None, at=AT)
    assert services.edit_event(event=event, capacity=3, by=None, at=AT).capacity == 3


def test_other_reminders_are_laid_for_those_who_have_a_place():
    at = timezone.now()
    registration = RegistrationFactory()
    services.edit_event(event=registration.event, reminder_minutes=[60], by=None, at=at)
    assert list(registration.reminders.values_list("minutes_before", flat=True)) == [60]


def test_a_cancelled_event_changes_no_more():
    event = EventFactory(cancelled_at=AT)
    assert refused(lambda: services.edit_event(event=event, title="X", by=None, at=AT)) == "event_cancelled"
    assert refused(lambda: services.publish_event(event=event, by=None, at=AT)) == "event_cancelled"


def test_publishing_twice_keeps_the_first_day():
    event = plan()
    for days in (0, 1):
        services.publish_event(event=event, by=None, at=AT + timedelta(days=days))
    event.refresh_from_db()
    assert event.published_at == AT


def test_what_people_have_registered_for_stays_published_and_is_not_thrown_away():
    registration = RegistrationFactory()
    event = registration.event
    assert refused(lambda: services.unpublish_event(event=event, by=None, at=AT)) == "has_registrations"
    Event.objects.filter(pk=event.pk).update(published_at=None)
    assert refused(lambda: services.remove_draft(event=event, by=None, at=AT)) == "has_registrations"


def test_a_draft_is_thrown_away_and_its_history_stays():
    event = plan()
    NetworkLink.objects.create(actor=NetworkActorFactory(), event=event, role="host", happened_on=AT.date())
    number = event.pk
    services.remove_draft(event=event, by=None, at=AT)
    assert not Event.objects.exists()
    assert Event.history.rel.related_model.objects.filter(id=number, pgh_label="delete").exists()


def test_a_published_event_is_not_thrown_away():
    event = EventFactory()
    assert refused(lambda: services.remove_draft(event=event, by=None, at=AT)) == "published"
    services.unpublish_event(event=event, by=None, at=AT)
    services.remove_draft(event=event, by=None, at=AT)


def test_a_copy_keeps_the_hours_of_the_clock_and_nobody():
    later = START + timedelta(days=4)
    event = plan([hours(), hours(later)], capacity=8, audience=Audience.MEMBERS, themes=[ThemeFactory()])
    services.publish_event(event=event, by=None, at=AT)
    RegistrationFactory(event=event, served_at=AT, joined_at=AT)
    copy = services.duplicate_event(event=event, first_day=date(2027, 4, 10), by=None, at=AT)  # summer time began
    starts = [session.starts_at.astimezone(PARIS) for session in copy.sessions.in_order()]
    assert [f"{start:%d/%m %H:%M}" for start in starts] == ["10/04 14:00", "14/04 14:00"]
    assert (copy.published_at, copy.registrations.count()) == (None, 0)
    assert (copy.capacity, copy.audience, copy.themes.count()) == (8, Audience.MEMBERS, 1)


def test_a_copy_leaves_out_cancelled_sessions_and_retired_themes():
    event = plan([hours(), hours(START + timedelta(days=1))], themes=[ThemeFactory(retired_at=AT)])
    EventSession.objects.filter(pk=event.sessions.in_order()[1].pk).update(cancelled_at=AT)
    copy = services.duplicate_event(event=event, first_day=date(2027, 5, 10), by=None, at=AT)
    assert (copy.sessions.count(), copy.themes.count()) == (1, 0)


def test_a_copy_shifts_the_dates_of_registration():
    event = plan(registration_closes_at=START - timedelta(days=2))
    copy = services.duplicate_event(event=event, first_day=date(2027, 3, 27), by=None, at=AT)
    assert copy.registration_closes_at == START + timedelta(days=5)


def test_a_copy_is_not_laid_in_the_past():
    assert refused(lambda: services.duplicate_event(event=plan(), first_day=date(2027, 2, 28), by=None, at=AT)) == (
        "day_past"
    )
