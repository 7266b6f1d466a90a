"""Planning events: drafts with their sessions, corrected, published, copied, thrown away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from coopconnexion import jobs
from coopconnexion.accounts.models import User
from coopconnexion.db import constraint_errors
from coopconnexion.french import count_words
from coopconnexion.recurrence import PARIS
from coopconnexion.refusals import refusal_at
from coopconnexion.territories.models import Territory, Theme
from events.enums import Audience, EventKind
from events.models import Event, EventSeries, EventSession, default_reminders
from events.services.registrations import lock_event
from events.services.reminders import relay_reminders
from premises.models import Venue

SESSIONS_AT_MOST = 60
LONGEST_SESSION = timedelta(days=3)
TOLD = (
    *("title", "kind", "description", "audience", "capacity", "reminder_minutes"),
    *("registration_opens_at", "registration_closes_at"),
)


@dataclass(frozen=True)
class Times:
    """When a session begins and ends; ``venue`` when it is not that of the event."""

    starts_at: datetime
    ends_at: datetime
    title: str = ""
    venue: Venue | None = None


@transaction.atomic
def plan_event(
    *,
    territory: Territory,
    venue: Venue,
    title: str,
    kind: EventKind,
    sessions: Sequence[Times],
    by: User | None,
    at: datetime,
    description: str = "",
    capacity: int | None = None,
    audience: Audience = Audience.PUBLIC,
    themes: Iterable[Theme] = (),
    registration_opens_at: datetime | None = None,
    registration_closes_at: datetime | None = None,
    reminder_minutes: list[int] | None = None,
    series: EventSeries | None = None,
    planned_on: date | None = None,
) -> Event:
    """Lay a draft with its sessions; the public sees nothing of it before it is published.

    :raises ValidationError: no_session, too_many_sessions, venue_elsewhere, session_overlap, and the constraints
    """
    if not sessions:
        raise ValidationError("Un évènement a au moins une séance.", code="no_session")
    if len(sessions) > SESSIONS_AT_MOST:
        raise ValidationError(f"Un évènement a {SESSIONS_AT_MOST} séances au plus.", code="too_many_sessions")
    refuse_elsewhere(venue, territory)
    for times in sessions:
        refuse_times(times, territory)
    with constraint_errors(Event, EventSession):
        event = Event.objects.create(
            territory=territory,
            venue=venue,
            title=title.strip(),
            kind=kind,
            starts_at=min(times.starts_at for times in sessions),
            ends_at=max(times.ends_at for times in sessions),
            description=description.strip(),
            capacity=capacity,
            audience=audience,
            registration_opens_at=registration_opens_at,
            registration_closes_at=registration_closes_at,
            reminder_minutes=default_reminders() if reminder_minutes is None else reminder_minutes,
            series=series,
            planned_on=planned_on,
        )
        EventSession.objects.bulk_create(_session(event, times) for times in sessions)
    event.themes.set(themes)
    return event


def _session(event: Event, times: Times) -> EventSession:
    return EventSession(
        event=event,
        title=times.title.strip(),
        starts_at=times.starts_at,
        ends_at=times.ends_at,
        venue=None if times.venue == event.venue else times.venue,
    )


def refuse_elsewhere(venue: Venue | None, territory: Territory) -> None:
    """:raises ValidationError: venue_elsewhere"""
    if venue is not None and venue.territory_id != territory.pk:
        raise refusal_at("venue", f"{venue} n’est pas un lieu de {territory}.", "venue_elsewhere")


def refuse_times(times: Times, territory: Territory) -> None:
    """:raises ValidationError: period_empty, session_too_long, venue_elsewhere"""
    if times.ends_at <= times.starts_at:
        raise refusal_at("ends_at", "La fin doit venir après le début.", "period_empty")
    if times.ends_at - times.starts_at > LONGEST_SESSION:
        raise refusal_at("ends_at", "Une séance dure trois jours au plus\u202f: vérifiez la date.", "session_too_long")
    refuse_elsewhere(times.venue, territory)


@transaction.atomic
def edit_event(*, event: Event, by: User | None, at: datetime, themes: Iterable[Theme] | None = None, **told) -> Event:
    """Write what is ``told`` of an event, by the names of its fields; when and where it is held moves elsewhere.

    More places go to those who wait; other reminders are laid anew.

    :raises ValidationError: capacity_taken, event_cancelled, and the constraints
    """
    if unknown := told.keys() - set(TOLD):
        raise TypeError(f"unknown: {', '.join(sorted(unknown))}")
    event = lock_event(event)
    refuse_cancelled(event)
    before = event.capacity, list(event.reminder_minutes)
    for name, value in told.items():
        setattr(event, name, value.strip() if isinstance(value, str) else value)
    _refuse_taken(event)
    with constraint_errors(Event):
        event.save(update_fields=list(told) or None)
    if themes is not None:
        event.themes.set(themes)
    if event.reminder_minutes != before[1]:
        relay_reminders(event=event, at=at)
    if event.capacity != before[0]:
        jobs.enqueue("events.promote_waiting", event_id=event.pk)
    return event


def refuse_cancelled(event: Event) -> None:
    if event.cancelled_at:
        raise ValidationError("Cet évènement est annulé\u202f: il ne change plus.", code="event_cancelled")


def _refuse_taken(event: Event) -> None:
    taken = event.registrations.counted().count()
    if event.capacity is not None and event.capacity < taken:
        words = count_words(taken, "place est déjà prise", "places sont déjà prises")
        raise refusal_at("capacity", f"{words}\u202f: désinscrivez d’abord, ou gardez-en autant.", "capacity_taken")


@transaction.atomic
def publish_event(*, event: Event, by: User | None, at: datetime) -> Event:
    """Show the event to those it is for; publishing twice changes nothing more.

    :raises ValidationError: event_cancelled
    """
    event = lock_event(event)
    refuse_cancelled(event)
    if event.published_at is None:
        event.published_at = at
        event.save(update_fields=["published_at"])
    return event


@transaction.atomic
def unpublish_event(*, event: Event, by: User | None, at: datetime) -> Event:
    """Make it a draft again, while nobody is registered.

    :raises ValidationError: event_cancelled, has_registrations
    """
    event = lock_event(event)
    refuse_cancelled(event)
    _refuse_registrations(event, "cet évènement ne redevient pas un brouillon. Annulez-le plutôt.")
    event.published_at = None
    event.save(update_fields=["published_at"])
    return event


def _refuse_registrations(event: Event, consequence: str) -> None:
    if event.registrations.exists():
        raise ValidationError(f"Des personnes s’y sont inscrites\u202f: {consequence}", code="has_registrations")


@transaction.atomic
def remove_draft(*, event: Event, by: User | None, at: datetime) -> None:
    """Throw away a draft that nobody has registered for; its history keeps that it was there.

    :raises ValidationError: published, has_registrations
    """
    event = lock_event(event)
    if event.published_at:
        raise ValidationError("Cet évènement est publié\u202f: annulez-le plutôt.", code="published")
    _refuse_registrations(event, "il ne s’efface pas. Annulez-le plutôt.")
    event.network_links.all().delete()
    event.invitations.all().delete()
    event.delete()


@transaction.atomic
def duplicate_event(
    *,
    event: Event,
    first_day: date,
    by: User | None,
    at: datetime,
    series: EventSeries | None = None,
    planned_on: date | None = None,
) -> Event:
    """Lay a draft like ``event`` whose first session is on ``first_day``, at the same hours on the clock.

    Neither registrations nor presences are copied; the dates of registration shift by as many days.

    :raises ValidationError: day_past
    """
    if first_day < timezone.localdate(at):
        raise refusal_at("first_day", "Choisissez un jour à venir.", "day_past")
    days = first_day - timezone.localdate(event.starts_at)
    sessions = event.sessions.select_related("venue").filter(cancelled_at=None).in_order()
    return plan_event(
        territory=event.territory,
        venue=event.venue,
        title=event.title,
        kind=event.kind,
        sessions=[
            Times(shifted(each.starts_at, days), shifted(each.ends_at, days), each.title, each.venue)
            for each in sessions
        ],
        description=event.description,
        capacity=event.capacity,
        audience=event.audience,
        themes=event.themes.active(),
        registration_opens_at=shifted(event.registration_opens_at, days),
        registration_closes_at=shifted(event.registration_closes_at, days),
        reminder_minutes=event.reminder_minutes,
        series=series,
        planned_on=planned_on,
        by=by,
        at=at,
    )


def shifted(moment: datetime | None, by: timedelta) -> datetime | None:
    """Return ``moment`` shifted on the clock of Paris: ten o’clock stays ten o’clock, whatever the season."""
    if moment is None:
        return None
    wall = moment.astimezone(PARIS).replace(tzinfo=None) + by
    return wall.replace(tzinfo=PARIS)
