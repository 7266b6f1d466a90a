"""Who came to which session: one tap, a code that is read, or somebody who comes by."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from coopconnexion.accounts.models import User
from events.enums import Channel, Outcome
from events.models import Attendance, EventSession, Registration
from events.services.registrations import lock_registration

EARLIEST_ARRIVAL = timedelta(hours=1)
"""Before a session: people come early, and are received early."""


@transaction.atomic
def note_attendance(
    *, registration: Registration, session: EventSession, outcome: Outcome | str, by: User | None, at: datetime
) -> Attendance | None:
    """Note whether the person came to the session; an empty ``outcome`` clears what was noted.

    Who waited for a place and came is there: they take none of the places.

    :raises ValidationError: unknown_outcome, other_event, session_cancelled, not_begun, registration_over, no_place
    """
    if outcome not in ("", *Outcome.values):
        raise ValidationError("Cette présence n’existe pas.", code="unknown_outcome")
    registration = lock_registration(registration)
    _refuse_session(registration, session, outcome, at)
    if registration.left_at:
        raise ValidationError("Cette personne s’est désistée\u202f: inscrivez-la de nouveau.", code="registration_over")
    known = Attendance.objects.filter(registration=registration, session=session)
    if not outcome:
        known.delete()
        return None
    _seat(registration, outcome, at)
    noted, is_new = Attendance.objects.get_or_create(
        registration=registration,
        session=session,
        defaults={"event": registration.event, "outcome": outcome, "noted_at": at, "noted_by": by},
    )
    if not is_new and noted.outcome != outcome:
        noted.outcome, noted.noted_at, noted.noted_by = outcome, at, by
        noted.save(update_fields=["outcome", "noted_at", "noted_by"])
    return noted


def _refuse_session(registration: Registration, session: EventSession, outcome: str, at: datetime) -> None:
    if session.event_id != registration.event_id:
        raise ValidationError("Cette personne est inscrite à un autre évènement.", code="other_event")
    if session.cancelled_at or registration.event.cancelled_at:
        raise ValidationError("Cette séance est annulée.", code="session_cancelled")
    if outcome and session.starts_at > at + (EARLIEST_ARRIVAL if outcome == Outcome.ATTENDED else timedelta(0)):
        raise ValidationError(
            "Une arrivée se note dès l’heure qui précède la séance, une absence une fois la séance commencée.",
            code="not_begun",
        )


def _seat(registration: Registration, outcome: str, at: datetime) -> None:
    if registration.is_seated:
        return
    if outcome != Outcome.ATTENDED:
        raise ValidationError("Cette personne n’avait pas de place\u202f: rien n’est à noter.", code="no_place")
    registration.channel, registration.served_at = Channel.ON_SITE, at
    registration.confirmed_at = registration.confirmed_at or at
    registration.save(update_fields=["channel", "served_at", "confirmed_at"])


@transaction.atomic
def note_all_present(*, session: EventSession, by: User | None, at: datetime) -> int:
    """Note as present all those with a place of whom nothing is noted; return how many.

    :raises ValidationError: session_cancelled, not_begun
    """
    session = EventSession.objects.select_related("event").get(pk=session.pk)
    if session.cancelled_at or session.event.cancelled_at:
        raise ValidationError("Cette séance est annulée.", code="session_cancelled")
    if session.starts_at > at:
        raise ValidationError("La séance n’a pas commencé.", code="not_begun")
    unnoted = Registration.objects.seated().filter(event=session.event_id).exclude(attendances__session=session.pk)
    rows = [
        Attendance(
            event=session.event,
            registration=registration,
            session=session,
            outcome=Outcome.ATTENDED,
            noted_at=at,
            noted_by=by,
        )
        for registration in unnoted.order_by("pk")
    ]
    Attendance.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def session_of_the_moment(registration: Registration, at: datetime) -> EventSession | None:
    """Return the session that one arrives at now: the one that goes on or begins within the hour."""
    held = registration.event.sessions.filter(cancelled_at=None, ends_at__gt=at)
    return held.filter(starts_at__lte=at + EARLIEST_ARRIVAL).order_by("starts_at").first()
