"""What staff read of an event: its people in order, each with their state, and the table to take away."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from coopconnexion.notices.models import Message
from events.models import Event, Registration

MESSAGES_SHOWN = 100

HEADER = [
    *("Titre", "Nature", "Début", "Fin", "Séances", "Lieu", "Territoire", "Ouvert à", "Places", "Inscrits"),
    *("En attente", "État"),
]


@dataclass(frozen=True)
class Row:
    """A registration as the page of its event shows it; ``position`` on the waiting list, from 1."""

    registration: Registration
    position: int = 0

    @property
    def state(self) -> str:
        each = self.registration
        if each.left_at:
            return "désisté·e" if each.withdrawn_by == "participant" else "retiré·e"
        if each.is_held:
            return "à confirmer"
        if each.is_waiting:
            return f"en attente, {self.position}{'er' if self.position == 1 else 'e'} rang"
        return "a une place"

    @property
    def tone(self) -> str:
        each = self.registration
        return "neutral" if each.left_at else "success" if each.is_seated else "warning"


def people_of(event: Event) -> dict[str, list[Row]]:
    """Return who has a place, who waits and who withdrew, in order of joining: one query."""
    rows = event.registrations.select_related("person", "registered_by").in_order()
    found: dict[str, list[Row]] = {"seated": [], "waiting": [], "gone": []}
    position = 0
    for each in rows:
        if each.left_at:
            found["gone"].append(Row(each))
        elif each.is_seated:
            found["seated"].append(Row(each))
        else:
            position += not each.is_held
            found["waiting"].append(Row(each, 0 if each.is_held else position))
    return found


def messages_of(event: Event) -> QuerySet[Message]:
    """Return what was written about the registrations of ``event``, the latest first.

    The key of each message says which registration it is about: one person may come to several events.
    """
    registration = Cast(F("person__registrations__pk"), CharField())
    about = Concat(Value("registration:"), registration, Value(":"))
    rows = Message.objects.filter(person__registrations__event=event, key__startswith=about)
    return rows.order_by("-created_at", "-pk")[:MESSAGES_SHOWN]


def state_of(event: Event, at: datetime) -> str:
    """In one French word, for lists."""
    if event.cancelled_at:
        return "annulé"
    if event.published_at is None:
        return "brouillon"
    return "passé" if event.ends_at <= at else "à venir"


def table(events: Iterable[Event], at: datetime) -> Iterator[list]:
    """Yield a line of cells for each event with its counts."""
    for event in events:
        yield [
            *(event.title, event.get_kind_display(), timezone.localtime(event.starts_at)),
            *(timezone.localtime(event.ends_at), event.session_count, str(event.venue), str(event.territory)),
            *(event.get_audience_display(), event.capacity, event.taken, event.waiting_count, state_of(event, at)),
        ]
