"""Calendars that every program reads: invitations, their updates and cancellations, and feeds to subscribe to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vCalAddress, vText

PARIS = ZoneInfo("Europe/Paris")
PRODUCT = "-//CoopConnexion//Agenda//FR"
REFRESH = timedelta(hours=1)

# the rule in force since 1996; a library's table of every year since 1970 would weigh more than the event
TIMEZONE = b"""BEGIN:VTIMEZONE\r
TZID:Europe/Paris\r
BEGIN:DAYLIGHT\r
DTSTART:19960331T020000\r
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r
TZNAME:CEST\r
TZOFFSETFROM:+0100\r
TZOFFSETTO:+0200\r
END:DAYLIGHT\r
BEGIN:STANDARD\r
DTSTART:19961027T030000\r
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r
TZNAME:CET\r
TZOFFSETFROM:+0200\r
TZOFFSETTO:+0100\r
END:STANDARD\r
END:VTIMEZONE\r
"""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One event of a calendar; ``uid`` stays through every change, ``sequence`` rises, ``stamp`` is its last change."""

    uid: str
    sequence: int
    stamp: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str = ""
    description: str = ""
    url: str = ""
    cancelled: bool = False


def invitation(
    *,
    method: str,
    uid: str,
    sequence: int,
    stamp: datetime,
    starts_at: datetime,
    ends_at: datetime,
    summary: str,
    location: str,
    description: str,
    organizer: tuple[str, str],
    attendee: tuple[str, str],
    url: str = "",
) -> bytes:
    """Return an invitation (« REQUEST »), its update (same ``uid``, higher ``sequence``) or its end (« CANCEL »).

    ``organizer`` and ``attendee`` are (name, e-mail). The same input gives the same bytes.
    """
    entry = Entry(
        uid=uid,
        sequence=sequence,
        stamp=stamp,
        starts_at=starts_at,
        ends_at=ends_at,
        summary=summary,
        location=location,
        description=description,
        url=url,
        cancelled=method == "CANCEL",
    )
    event = _event(entry)
    event.add("organizer", _address(*organizer), encode=0)
    guest = _address(*attendee)
    guest.params.update({"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})
    event.add("attendee", guest, encode=0)
    calendar = _calendar(method)
    calendar.add_component(event)
    return calendar.to_ical()


def feed(*, name: str, entries: Iterable[Entry]) -> bytes:
    """Return a calendar to subscribe to; cancelled entries stay in it, so that programs take them away."""
    calendar = _calendar("PUBLISH")
    calendar.add("name", _clean(name))
    calendar.add("x-wr-calname", _clean(name))
    calendar.add("x-wr-timezone", "Europe/Paris")
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for entry in entries:
        calendar.add_component(_event(entry))
    return calendar.to_ical()


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(Timezone.from_ical(TIMEZONE))
    return calendar


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.stamp)
    event.add("last-modified", entry.stamp)
    event.add("dtstart", entry.starts_at.astimezone(PARIS))
    event.add("dtend", entry.ends_at.astimezone(PARIS))
    event.add("summary", _clean(entry.summary))
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.cancelled else "OPAQUE")
    for field in ("location", "description", "url"):
        if value := getattr(entry, field):
            event.add(field, _clean(value))
    return event


def _address(name: str, email: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    if name := " ".join(_clean(name).replace('"', "’").split()):  # a parameter can quote neither quotes nor line ends
        address.params["CN"] = vText(name)
    return address


def _clean(text: str) -> str:
    """Return ``text`` without the control characters that some programs refuse a whole file for."""
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]+", " ", re.sub(r"\r\n?", "\n", text))
