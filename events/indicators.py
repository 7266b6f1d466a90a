"""What events and the network are measured by."""

from django.db.models import F, QuerySet
from django.db.models.functions import TruncDate

from coopconnexion.partnerships.indicators import Flow, Scope, register
from events.enums import Outcome
from events.models import Attendance, Event, NetworkLink, Registration


def held(scope: Scope) -> QuerySet:
    return scope.within(Event.objects.held())


def registrations(scope: Scope) -> QuerySet:
    seated = Registration.objects.seated().filter(event__cancelled_at=None, event__published_at__isnull=False)
    return scope.within(seated, "event__territory")


def came(scope: Scope) -> QuerySet:
    attended = Attendance.objects.filter(outcome=Outcome.ATTENDED, session__cancelled_at=None)
    return scope.within(attended, "event__territory")


def links(scope: Scope) -> QuerySet:
    return scope.within(NetworkLink.objects.all(), "actor__territory")


register(
    Flow(
        key="events.held",
        label="évènements tenus",
        unit="évènements",
        definition="Évènements publiés et non annulés dont la première séance tombe dans la période.",
        rows=held,
        day=TruncDate("starts_at"),
    )
)
register(
    Flow(
        key="events.registrations",
        label="inscriptions aux évènements",
        unit="inscriptions",
        definition=(
            "Places prises et non rendues aux évènements de la période, publiés et non annulés\u202f; la liste "
            "d’attente n’y est pas."
        ),
        rows=registrations,
        day=TruncDate("event__starts_at"),
    )
)
register(
    Flow(
        key="events.attendances",
        label="présences aux évènements",
        unit="présences",
        definition="Présences notées aux séances de la période\u202f: qui vient à deux séances compte deux fois.",
        rows=came,
        day=TruncDate("session__starts_at"),
    )
)
register(
    Flow(
        key="events.links",
        label="maillage",
        unit="liens",
        definition=(
            "Liens notés dans la période entre un acteur du réseau et un projet ou un évènement\u202f: qui a aidé qui. "
            "Compte le territoire de l’acteur."
        ),
        rows=links,
        day=F("happened_on"),
    )
)
