"""The people of an event as a table to take away: one row per person and session."""

from collections.abc import Iterator

from django.utils import timezone

from events.documents.presence import by_name
from events.enums import Outcome
from events.models import Event

HEADER = [
    *("Évènement", "Séance", "Début", "Fin", "Nom", "Prénom", "Structure", "Courriel", "Téléphone", "Inscription"),
    *("Inscrit le", "État", "Présence"),
]
"""Columns are only ever added at the end: partners' macros rely on their order."""


def table(event: Event, *, with_contacts: bool) -> Iterator[list]:
    """Yield a line of cells for each person and each session that is held: three queries."""
    sessions = list(event.sessions.filter(cancelled_at=None).in_order())
    noted = {(each.registration_id, each.session_id): each.outcome for each in event.attendances.all()}
    for registration in by_name(event.registrations.all()):
        person = registration.person
        contacts = (person.email, str(person.phone)) if with_contacts else ("", "")
        for session in sessions:
            outcome = noted.get((registration.pk, session.pk), "")
            yield [
                *(event.title, session.title, timezone.localtime(session.starts_at)),
                *(timezone.localtime(session.ends_at), person.last_name, person.first_name),
                *(registration.organisation_name, *contacts, registration.get_channel_display()),
                *(timezone.localtime(registration.joined_at), state_words(registration)),
                Outcome(outcome).label if outcome else "",
            ]


def state_words(registration) -> str:
    if registration.left_at:
        return "retirée"
    return "place" if registration.is_seated else "en attente"
