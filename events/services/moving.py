"""When what was announced changes: sessions and events moved or cancelled; everybody concerned hears of it once."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from coopconnexion.accounts.models import User
from coopconnexion.db import constraint_errors
from coopconnexion.refusals import refusal_at
from events.emails import registrations as emails
from events.models import Event, EventSession, Registration
from events.services.planning import SESSIONS_AT_MOST, Times, refuse_cancelled, refuse_elsewhere, refuse_times, shifted
from events.services.registrations import REGISTRATION_RELATIONS, lock_event
from events.services.reminders import relay_reminders, stop_reminders
from premises.models import Venue


def concerned(event: Event) -> list[Registration]:
    """Who hears of a change: those with a place and those who wait; not those who withdrew."""
    rows = Registration.objects.standing().filter(event=event).select_related(*REGISTRATION_RELATIONS)
    return list(rows.in_order())


def held_times(event: Event) -> list[tuple[datetime, datetime]]:
    held = event.sessions.filter(cancelled_at=None).in_order()
    return list(held.values_list("starts_at", "ends_at"))


@transaction.atomic
def move_event(
    *, event: Event, starts_at: datetime, venue: Venue, by: User | None, at: datetime, notify: bool = True
) -> list[Registration]:
    """Move the whole event so that its first session begins at ``starts_at``, at ``venue``; return who is concerned.

    The sessions keep their distance on the clock and their length; the dates of registration shift as many days.

    :raises ValidationError: event_cancelled, event_past, day_past, nothing_changes, venue_elsewhere
    """
    event = lock_event(event)
    _refuse_past(event, at)
    refuse_elsewhere(venue, event.territory)
    if starts_at <= at:
        raise refusal_at("starts_at", "Choisissez une date et une heure à venir.", "day_past")
    if (starts_at, venue) == (event.starts_at, event.venue):
        raise ValidationError("L’évènement a déjà lieu à ce moment et à cet endroit.", code="nothing_changes")
    previous = held_times(event)
    _shift(event, starts_at)
    event.refresh_from_db(fields=["starts_at", "ends_at"])
    event.venue = venue
    event.save(update_fields=["venue", "registration_opens_at", "registration_closes_at"])
    return _tell_moved(event, previous, at=at, notify=notify)


def _shift(event: Event, starts_at: datetime) -> None:
    """Shift each session on the clock, the last first when they go later: no two of them ever overlap."""
    wall = [moment.astimezone(starts_at.tzinfo).replace(tzinfo=None) for moment in (event.starts_at, starts_at)]
    by = wall[1] - wall[0]
    order = "-starts_at" if starts_at > event.starts_at else "starts_at"
    with constraint_errors(EventSession):
        for session in event.sessions.filter(cancelled_at=None).order_by(order, "pk"):
            length = session.ends_at - session.starts_at
            session.starts_at = shifted(session.starts_at, by)
            session.ends_at = session.starts_at + length
            session.sequence += 1
            session.save(update_fields=["starts_at", "ends_at", "sequence"])
    event.registration_opens_at = shifted(event.registration_opens_at, by)
    event.registration_closes_at = shifted(event.registration_closes_at, by)


def _refuse_past(event: Event, at: datetime) -> None:
    refuse_cancelled(event)
    if event.ends_at <= at:
        raise ValidationError("Cet évènement est passé\u202f: il ne change plus.", code="event_past")


def _tell_moved(event: Event, previous: list, *, at: datetime, notify: bool) -> list[Registration]:
    relay_reminders(event=event, at=at)
    told = concerned(event)
    revision = ".".join(map(str, event.sessions.order_by("pk").values_list("sequence", flat=True)))
    for registration in told:
        emails.renew_links(registration)
        if notify:
            emails.write_moved(registration, revision=revision, previous=previous, at=at)
    return told


@transaction.atomic
def move_session(
    *, session: EventSession, times: Times, by: User | None, at: datetime, notify: bool = True
) -> list[Registration]:
    """Change when, where and under what title a session is held; return who is concerned.

    Another title alone tells nobody.

    :raises ValidationError: session_cancelled, event_cancelled, day_past, session_past, session_overlap,
        venue_elsewhere, period_empty
    """
    event, session = _lock(session)
    refuse_times(times, event.territory)
    _refuse_session_over(session, at)
    previous, was = held_times(event), (session.starts_at, session.ends_at, session.venue_id)
    session.title, session.starts_at, session.ends_at = times.title.strip(), times.starts_at, times.ends_at
    session.venue = None if times.venue == event.venue else times.venue
    moves = was != (session.starts_at, session.ends_at, session.venue_id)
    if moves and session.starts_at <= at:
        raise refusal_at("starts_at", "Choisissez une date et une heure à venir.", "day_past")
    session.sequence += int(moves)
    with constraint_errors(EventSession):
        session.save(update_fields=["title", "starts_at", "ends_at", "venue", "sequence"])
    if not moves:
        return []
    event.refresh_from_db(fields=["starts_at", "ends_at"])
    return _tell_moved(event, previous, at=at, notify=notify)


def _lock(session: EventSession) -> tuple[Event, EventSession]:
    event = lock_event(session.event)
    refuse_cancelled(event)
    return event, EventSession.objects.select_related("venue__commune").get(pk=session.pk)


def _refuse_session_over(session: EventSession, at: datetime) -> None:
    if session.cancelled_at:
        raise ValidationError("Cette séance est annulée\u202f: elle ne change plus.", code="session_cancelled")
    if session.starts_at <= at:
        raise ValidationError("Cette séance a commencé\u202f: elle ne change plus.", code="session_past")


@transaction.atomic
def add_session(
    *, event: Event, times: Times, by: User | None, at: datetime, notify: bool = True
) -> list[Registration]:
    """Add a session; those registered are told of it. Return who is concerned.

    :raises ValidationError: event_cancelled, too_many_sessions, session_overlap, venue_elsewhere, period_empty
    """
    event = lock_event(event)
    refuse_cancelled(event)
    refuse_times(times, event.territory)
    if event.sessions.count() >= SESSIONS_AT_MOST:
        raise ValidationError(f"Un évènement a {SESSIONS_AT_MOST} séances au plus.", code="too_many_sessions")
    previous = held_times(event)
    with constraint_errors(EventSession):
        EventSession.objects.create(
            event=event,
            title=times.title.strip(),
            starts_at=times.starts_at,
            ends_at=times.ends_at,
            venue=None if times.venue == event.venue else times.venue,
        )
    event.refresh_from_db(fields=["starts_at", "ends_at"])
    return _tell_moved(event, previous, at=at, notify=notify and times.starts_at > at)


@transaction.atomic
def cancel_session(
    *, session: EventSession, reason: str, by: User | None, at: datetime, notify: bool = True
) -> list[Registration]:
    """Cancel one of several sessions; places stand for the others. Return who is concerned.

    :raises ValidationError: event_cancelled, session_cancelled, session_past, last_session
    """
    event, session = _lock(session)
    _refuse_session_over(session, at)
    if not event.sessions.filter(cancelled_at=None).exclude(pk=session.pk).exists():
        raise ValidationError("C’est la seule séance\u202f: annulez l’évènement.", code="last_session")
    session.cancelled_at, session.cancel_reason = at, reason.strip()
    session.sequence += 1
    session.save(update_fields=["cancelled_at", "cancel_reason", "sequence"])
    event.refresh_from_db(fields=["starts_at", "ends_at"])
    relay_reminders(event=event, at=at)
    told = concerned(event)
    if notify:
        for registration in told:
            emails.write_session_cancelled(registration, session=session, at=at)
    return told


@transaction.atomic
def cancel_event(
    *, event: Event, reason: str, by: User | None, at: datetime, notify: bool = True
) -> list[Registration]:
    """Cancel the event: one message to each person with a place or waiting; who withdrew before hears nothing.

    :raises ValidationError: event_cancelled, event_past
    """
    event = lock_event(event)
    _refuse_past(event, at)
    event.cancelled_at, event.cancel_reason = at, reason.strip()
    event.save(update_fields=["cancelled_at", "cancel_reason"])
    event.sessions.filter(cancelled_at=None).update(sequence=F("sequence") + 1)
    told = concerned(event)
    stop_reminders(registrations=told, at=at)
    if notify:
        for registration in told:
            emails.write_event_cancelled(registration, at=at)
    return told
