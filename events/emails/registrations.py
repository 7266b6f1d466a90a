"""Messages about one registration: what leaves, with the sessions for the person's calendar."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.models import Person
from coopconnexion.calendars import Entry, feed, invitation
from coopconnexion.french import relative_day, time_words
from coopconnexion.notices.models import Message
from coopconnexion.notices.rules import link_expiry, reminder_useful_until
from coopconnexion.notices.services import File, absolute_url, new_link, write_message
from events.models import Event, EventSession, Registration, RegistrationLink, RegistrationReminder

UNSOLICITED_KINDS = tuple(
    f"registration-{kind}" for kind in ("confirmation", "waiting", "hold", "members", "link", "existing")
)


def write_confirmation(registration: Registration, *, position: int, at: datetime) -> Message | None:
    """The person has a place, waits for one, or is to confirm first, when too many were asked for that address."""
    if registration.is_held:
        return write_about(registration, "hold", at=at, expires_at=registration.event.closes_at, repeats=False)
    if registration.is_waiting:
        return write_about(registration, "waiting", at=at, position=position)
    return write_about(registration, "confirmation", at=at, method="REQUEST")


def write_promotion(registration: Registration, *, at: datetime) -> Message | None:
    """A place became free for who waited."""
    return write_about(registration, "promotion", at=at, method="REQUEST")


def write_withdrawal(registration: Registration, *, at: datetime) -> Message | None:
    return write_about(registration, "withdrawal", at=at, method="CANCEL")


def write_members_only(event: Event, *, person: Person, at: datetime) -> Message | None:
    """Somebody who is no member asked for a place at an event for members: they hear it by mail, nobody else does."""
    if not person.email:
        return None
    return write_message(
        key=f"event:{event.pk}:members:{person.pk}:{at:%Y%m%d}",
        kind="registration-members",
        to_email=person.email,
        to_name=str(person),
        person=person,
        template="events/emails/members_only",
        context={"person": person, "event": event, "list_url": absolute_url(reverse("events:agenda"))},
        at=at,
    )


def write_link(registration: Registration, *, at: datetime) -> Message | None:
    """The link again, on request: one message an hour at most, whoever asks."""
    return write_about(registration, "link", at=at, suffix=f":{at:%Y%m%d%H}")


def write_existing(registration: Registration, *, at: datetime) -> Message | None:
    """Somebody registered again for an event where this registration stands: the link, once an hour at most."""
    return write_about(registration, "existing", at=at, suffix=f":{at:%Y%m%d%H}")


def write_moved(registration: Registration, *, revision: str, previous: list, at: datetime) -> Message | None:
    """The event has another time or place; ``previous`` are the sessions as (start, end) before."""
    return write_about(registration, "moved", at=at, method="REQUEST", suffix=f":{revision}", previous=previous)


def write_session_cancelled(registration: Registration, *, session: EventSession, at: datetime) -> Message | None:
    """One of several sessions is not held; the person keeps their place at the others."""
    return write_about(
        registration,
        "session_cancelled",
        at=at,
        method="CANCEL",
        suffix=f":{session.pk}",
        attached=[session],
        session=session,
    )


def write_event_cancelled(registration: Registration, *, at: datetime) -> Message | None:
    return write_about(registration, "event_cancelled", at=at, method="CANCEL")


def write_reminder(reminder: RegistrationReminder, *, at: datetime) -> Message | None:
    session = reminder.session
    when = relative_day(timezone.localdate(session.starts_at), today=timezone.localdate(at))
    return write_about(
        reminder.registration,
        "reminder",
        at=at,
        suffix=f":{session.pk}:{reminder.minutes_before}:{session.sequence}",
        expires_at=reminder_useful_until(session.starts_at, reminder.minutes_before),
        when=f"{when} à {time_words(session.starts_at)}",
        session=session,
    )


def renew_links(registration: Registration) -> None:
    """Let the links already sent live as long as the event's new end asks."""
    registration.links.update(expires_at=link_expiry(registration.event.ends_at))


def write_about(
    registration: Registration,
    kind: str,
    *,
    at: datetime,
    suffix: str = "",
    method: str = "",
    expires_at: datetime | None = None,
    repeats: bool = True,
    attached: list[EventSession] | None = None,
    **context,
) -> Message | None:
    """Write one message about ``registration``; nobody is written to without an address.

    :param repeats: the same message may be asked for again, and is then returned as it is
    :param attached: the sessions of the calendar file, those that are held unless told otherwise
    """
    person, event = registration.person, registration.event
    if not person.email:
        return None
    key = f"registration:{registration.pk}:{kind}{suffix}"
    if repeats and (known := Message.objects.filter(key=key).first()):
        return known
    token = new_link(RegistrationLink, at=at, expires_at=link_expiry(event.ends_at), registration=registration)
    sessions = list(event.sessions.select_related("venue__commune").filter(cancelled_at=None).in_order())
    return write_message(
        key=key,
        kind=f"registration-{kind.replace('_', '-')}",
        to_email=person.email,
        to_name=str(person),
        person=person,
        template=f"events/emails/{kind}",
        context={
            "registration": registration,
            "person": person,
            "event": event,
            "venue": event.venue,
            "sessions": sessions,
            "manage_url": absolute_url(reverse("events:registration", kwargs={"token": token})),
            "event_url": absolute_url(reverse("events:event", args=[event.pk])),
            "list_url": absolute_url(reverse("events:agenda")),
            **context,
        },
        secrets=[token],
        attachments=_files(registration, attached or sessions, method, at),
        expires_at=expires_at,
        at=at,
    )


def _files(registration: Registration, sessions: list[EventSession], method: str, at: datetime) -> list[File]:
    """Who waits has no place to put into a calendar."""
    if not method or not sessions or (registration.is_waiting and method == "REQUEST"):
        return []
    return [calendar_file(registration, sessions, method=method, at=at)]


def calendar_file(registration: Registration, sessions: list[EventSession], *, method: str, at: datetime) -> File:
    """The sessions for the person's calendar: an invitation when there is one, a calendar when there are several."""
    if len(sessions) == 1:
        content_type = f"text/calendar; method={method}; charset=utf-8"
        return File(
            filename="evenement.ics",
            content_type=content_type,
            content=_invitation(registration, sessions[0], method, at),
        )
    entries = [_entry(registration, session, at, cancelled=method == "CANCEL") for session in sessions]
    content = feed(name=registration.event.title, entries=entries)
    return File(filename="seances.ics", content_type="application/ics", content=content)


def _entry(registration: Registration, session: EventSession, at: datetime, *, cancelled: bool) -> Entry:
    """No personal data in it, no link that acts: calendars are synchronised through other people's servers."""
    event, venue = registration.event, session.venue or registration.event.venue
    return Entry(
        uid=f"{session.uid}-{registration.pk}@{settings.MAIL_DOMAIN}",
        sequence=session.sequence + registration.sequence,
        stamp=at,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        summary=f"{event.title} – {session.title}" if session.title else event.title,
        location=f"{venue.name}, {venue.postal_address}",
        description=f"{venue.access}\n\nUn empêchement\u202f? Le lien est dans notre message, ou appelez le "
        f"{settings.COOP_PHONE}.".strip(),
        cancelled=cancelled,
    )


def _invitation(registration: Registration, session: EventSession, method: str, at: datetime) -> bytes:
    entry = _entry(registration, session, at, cancelled=method == "CANCEL")
    return invitation(
        method=method,
        uid=entry.uid,
        sequence=entry.sequence,
        stamp=at,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        summary=entry.summary,
        location=entry.location,
        description=entry.description,
        organizer=("CoopConnexion", settings.COOP_EMAIL),
        attendee=(str(registration.person), registration.person.email),
    )
