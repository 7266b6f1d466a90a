"""What does not hold together about events, though the database lets it be."""

from datetime import timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from coopconnexion.backoffice import consistency
from events.documents.presence import events_to_note
from events.models import Event

FORGOTTEN = timedelta(days=14)


def event_page(event: Event) -> str:
    return reverse("events_staff:event", args=[event.pk])


@consistency.register(
    "Évènements dont personne n’a noté les présences",
    model=Event,
    sentence="«\u202f{row}\u202f» est passé depuis plus de deux semaines, et des présences restent à noter.",
    territory="territory",
    url=event_page,
    position=60,
)
def presence_forgotten(events: QuerySet) -> QuerySet:
    return events_to_note(events, timezone.now() - FORGOTTEN)


@consistency.register(
    "Brouillons d’évènements dont la date est passée",
    model=Event,
    sentence="«\u202f{row}\u202f» n’a jamais été publié\u202f: publiez-le s’il a eu lieu, ou effacez-le.",
    territory="territory",
    url=event_page,
    position=61,
)
def draft_outdated(events: QuerySet) -> QuerySet:
    return events.filter(published_at=None, cancelled_at=None, ends_at__lte=timezone.now())
