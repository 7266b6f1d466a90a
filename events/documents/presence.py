"""Whose presence nobody has noted yet."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from events.models import Attendance, Event, EventSession, Registration


def sessions_to_note(at: datetime) -> QuerySet[EventSession]:
    """The sessions that are over, with people who have a place and of whom nobody has said whether they came."""
    noted = Attendance.objects.filter(registration=OuterRef("pk"), session=OuterRef(OuterRef("pk")))
    unnoted = Registration.objects.seated().filter(~Exists(noted), event=OuterRef("event"))
    return EventSession.objects.held().filter(Exists(unnoted), ends_at__lte=at)


def events_to_note(events: QuerySet[Event], at: datetime) -> QuerySet[Event]:
    """Those of ``events`` that have such a session."""
    return events.held().filter(pk__in=sessions_to_note(at).values("event"))
