from django.db.models import Avg, Count, Exists, F, FloatField, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, Coalesce, NullIf, TruncDate

from coopconnexion.partnerships.indicators import Flow, Scope, in_days, in_percent, register
from permanences.enums import Outcome
from permanences.models import Booking, Permanence, Slot, WaitingListEntry

DAY = "permanence__held_on"


def share(part: Count, whole: Count):
    """Return ``part / whole``, null where there is nothing."""
    return Cast(part, FloatField()) / NullIf(Cast(whole, FloatField()), 0.0)


def standing(scope: Scope) -> QuerySet:
    return scope.within(Booking.objects.standing(), "permanence__territory").filter(project__is_test=False)


def attended(scope: Scope) -> QuerySet:
    return standing(scope).filter(outcome=Outcome.ATTENDED)


def offered_slots(scope: Scope) -> QuerySet:
    held = Slot.objects.open().filter(permanence__cancelled_at=None)
    return scope.within(held, "permanence__territory")


def permanences(scope: Scope) -> QuerySet:
    return scope.within(Permanence.objects.all())


STANDING = Q(bookings__cancelled_at=None, bookings__released_at=None, bookings__project__is_test=False)
ASKED_AT = Coalesce("waiting_entry__joined_at", "booked_at")
GOT_ANOTHER = Booking.objects.standing().filter(person=OuterRef("waiting_entries__person"), permanence=OuterRef("pk"))
UNSERVED_WAITING = Q(waiting_entries__served_at=None, waiting_entries__project__is_test=False) & ~Exists(GOT_ANOTHER)
JOINED = WaitingListEntry.objects.filter(form_token=OuterRef("missed_requests__form_token"))
UNSERVED_REQUESTS = Q(missed_requests__served_at=None) & ~Exists(JOINED)


register(
    Flow(
        key="permanences.bookings",
        label="rendez-vous pris",
        unit="rendez-vous",
        definition="Rendez-vous des permanences de la période, ni annulés ni libérés, hors projets d’essai.",
        rows=standing,
        day=F(DAY),
    )
)
register(
    Flow(
        key="permanences.attended",
        label="personnes reçues",
        unit="rendez-vous",
        definition="Rendez-vous des permanences de la période où la personne est venue, hors projets d’essai.",
        rows=attended,
        day=F(DAY),
    )
)
register(
    Flow(
        key="permanences.no_show_rate",
        label="absences",
        unit="%",
        definition=(
            "Part des absences non excusées parmi les rendez-vous dont l’issue est connue, venus ou absents\u202f: "
            "les personnes excusées et les présences restées à renseigner ne comptent ni d’un côté ni de l’autre."
        ),
        rows=standing,
        day=F(DAY),
        measure=share(
            Count("pk", filter=Q(outcome=Outcome.NO_SHOW)),
            Count("pk", filter=Q(outcome__in=[Outcome.NO_SHOW, Outcome.ATTENDED])),
        ),
        read=in_percent,
        nothing=None,
    )
)
register(
    Flow(
        key="permanences.lead_days",
        label="délai avant le rendez-vous",
        unit="jours",
        definition=(
            "Nombre moyen de jours entre le jour de la demande, liste d’attente comprise, et celui du rendez-vous, "
            "pour les rendez-vous des "
            "permanences de la période, ni annulés ni libérés, hors projets d’essai."
        ),
        rows=standing,
        day=F(DAY),
        measure=Avg(F(DAY) - TruncDate(ASKED_AT)),
        read=in_days,
        nothing=None,
    )
)
register(
    Flow(
        key="permanences.fill_rate",
        label="remplissage",
        unit="%",
        definition=(
            "Part des créneaux ouverts des permanences de la période, hors permanences annulées, qui ont un "
            "rendez-vous ni annulé ni libéré, hors projets d’essai."
        ),
        rows=offered_slots,
        day=F(DAY),
        measure=share(Count("pk", filter=STANDING, distinct=True), Count("pk", distinct=True)),
        read=in_percent,
        nothing=None,
    )
)
register(
    Flow(
        key="permanences.unmet_demand",
        label="demandes sans créneau",
        unit="demandes",
        definition=(
            "Demandes arrivées quand le créneau voulu n’était plus libre et personnes en liste d’attente, pour les "
            "permanences de la période, qui n’ont finalement obtenu aucun créneau\u202f; hors projets d’essai."
        ),
        rows=permanences,
        day=F("held_on"),
        measure=Count("missed_requests", filter=UNSERVED_REQUESTS, distinct=True)
        + Count("waiting_entries", filter=UNSERVED_WAITING, distinct=True),
    )
)
