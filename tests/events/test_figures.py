"""What events are measured by, found by, and what is said when something does not hold together."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from coopconnexion.accounts import search
from coopconnexion.partnerships import indicators
from coopconnexion.partnerships.indicators import Scope, Step
from events import consistency
from events.models import Attendance, Event, NetworkLink
from tests.factories import (
    EventFactory,
    NetworkActorFactory,
    ProjectFactory,
    RegistrationFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

START = datetime(2026, 5, 12, 16, tzinfo=UTC)
YEAR = {"starts_on": date(2026, 1, 1), "ends_on": date(2027, 1, 1)}


def value(key, territory=None):
    ids = frozenset([territory.pk]) if territory else None
    return indicators.get(key).value(Scope(**YEAR, territory_ids=ids))


def test_what_was_held_is_counted_and_drafts_and_cancelled_ones_are_not():
    event = EventFactory(starts_at=START)
    EventFactory(starts_at=START, cancelled_at=START)
    EventFactory(starts_at=START, published_at=None)
    EventFactory(starts_at=START - timedelta(days=365))
    assert (value("events.held"), value("events.held", event.territory)) == (1, 1)
    assert value("events.held", TerritoryFactory()) == 0


def test_the_last_evening_of_a_year_belongs_to_it_in_paris():
    EventFactory(starts_at=datetime(2026, 12, 31, 22, 30, tzinfo=UTC))
    EventFactory(starts_at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    assert value("events.held") == 1


def test_places_presences_and_links_are_counted():
    event = EventFactory(starts_at=START)
    seated, absent = RegistrationFactory.create_batch(2, event=event)
    RegistrationFactory(event=event, waiting=True)
    for registration, outcome in ((seated, "attended"), (absent, "absent")):
        session = event.sessions.get()
        Attendance.objects.create(
            event=event, registration=registration, session=session, outcome=outcome, noted_at=START
        )
    actor = NetworkActorFactory(territory=event.territory)
    NetworkLink.objects.create(actor=actor, event=event, role="speaker", happened_on=START.date())
    NetworkLink.objects.create(actor=actor, project=ProjectFactory(), role="adviser", happened_on=date(2025, 1, 1))
    found = {key: value(f"events.{key}") for key in ("registrations", "attendances", "links")}
    assert found == {"registrations": 2, "attendances": 1, "links": 1}


def test_the_series_of_a_year_has_its_quarters():
    EventFactory(starts_at=START)
    scope = Scope(**YEAR)
    assert [number for _, number in indicators.get("events.held").series(scope, Step.QUARTER)] == [0, 1, 0, 0]


def test_an_event_is_found_by_its_title_in_its_territories_alone():
    event = EventFactory(title="Réparer plutôt que jeter")
    advisor = UserFactory(advisor=True, territory=event.territory)
    elsewhere = UserFactory(advisor=True, territory=TerritoryFactory())
    finder = next(kind.finder for kind in search.kinds() if kind.name == "évènement")
    assert [found.label for found in finder(advisor, "reparer plutot", 5)] == [event.title]
    assert finder(elsewhere, "reparer plutot", 5) == []


def test_presences_forgotten_and_outdated_drafts_are_flaws():
    old = timezone.now() - timedelta(days=20)
    forgotten = RegistrationFactory(event__starts_at=old).event
    EventFactory(starts_at=old)
    RegistrationFactory(event__starts_at=timezone.now() - timedelta(days=3))
    draft = EventFactory(starts_at=old, published_at=None)
    assert list(consistency.presence_forgotten(Event.objects.all())) == [forgotten]
    assert list(consistency.draft_outdated(Event.objects.all())) == [draft]
