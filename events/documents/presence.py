"""Whose presence nobody has noted yet, and the list of a session as its host reads it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, QuerySet

from coopconnexion.db import folded
from events.enums import Outcome
from events.models import Attendance, Event, EventSession, Registration


def sessions_to_note(at: datetime) -> QuerySet[EventSession]:
    """The sessions that are over, with people who have a place and of whom nobody has said whether they came."""
    noted = Attendance.objects.filter(registration=OuterRef("pk"), session=OuterRef(OuterRef("pk")))
    unnoted = Registration.objects.seated().filter(~Exists(noted), event=OuterRef("event"))
    return EventSession.objects.held().filter(Exists(unnoted), ends_at__lte=at)


def events_to_note(events: QuerySet[Event], at: datetime) -> QuerySet[Event]:
    """Those of ``events`` that have such a session."""
    return events.held().filter(pk__in=sessions_to_note(at).values("event"))


@dataclass(frozen=True)
class Line:
    """A person expected at a session, and what is noted of them, if anything."""

    registration: Registration
    outcome: str = ""

    @property
    def label(self) -> str:
        return Outcome(self.outcome).label if self.outcome else "à noter"


def by_name(registrations: QuerySet[Registration]) -> QuerySet[Registration]:
    """In the order of a list that one reads at a door."""
    rows = registrations.select_related("person")
    return rows.order_by(folded(F("person__last_name")), folded(F("person__first_name")), "pk")


def lines_of(session: EventSession) -> tuple[list[Line], list[Line]]:
    """Return those who have a place, then those who wait, each by name: two queries."""
    noted = dict(session.attendances.values_list("registration", "outcome"))
    standing = by_name(Registration.objects.standing().filter(event=session.event_id))
    lines = [Line(each, noted.get(each.pk, "")) for each in standing]
    return [each for each in lines if each.registration.is_seated], [
        each for each in lines if not each.registration.is_seated
    ]
