from django.db.models import Avg, Case, Count, Exists, F, FloatField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import TruncDate
from django.db.models.lookups import GreaterThanOrEqual

from coopconnexion.partnerships.indicators import Flow, Scope, Stock, in_percent, register
from premises.documents.vacancy import TRUE_CLOSURES, last_seen
from premises.enums import EMPTY_STATES, Availability, FollowUpDetail, FollowUpStatus, GapStatus, OccupancyState
from premises.models import FollowUp, MissingActivity, Observation, SurveyCampaign, Unit, UnitInterest
from premises.rules.vacancy import FEWEST

SEEN_PER_UNSEEN = 9
"""A survey knows its park when it saw nine units for each that it did not see (``rules.vacancy.WHOLE_FROM``)."""


def walks(scope: Scope) -> QuerySet:
    """Surveys of whole towns that are over."""
    return scope.within(SurveyCampaign.objects.closed().filter(streets=[]))


def whole_walks(scope: Scope) -> QuerySet:
    """Those that know the whole park of their town."""
    seen = Observation.objects.filter(campaign=OuterRef(OuterRef("pk")), unit=OuterRef("pk"))
    sights = Observation.objects.filter(campaign=OuterRef("pk")).order_by().values("campaign")
    there = Unit.objects.filter(
        Q(closed_on=None) | Q(closed_on__gt=OuterRef("over_on")),
        territory=OuterRef("territory"),
        commune=OuterRef("commune"),
        closed_because__in=TRUE_CLOSURES,
        created_at__lte=OuterRef("closed_at"),
    )
    unseen = there.filter(~Exists(seen)).order_by().values("commune").annotate(number=Count("pk")).values("number")
    told = sights.annotate(number=Count("unit", distinct=True)).values("number")
    rows = walks(scope).filter(is_exhaustive=True).alias(over_on=TruncDate("closed_at"))
    rows = rows.alias(seen_units=told, unseen_units=unseen)
    return rows.filter(Q(unseen_units=None) | Q(seen_units__gte=SEEN_PER_UNSEEN * F("unseen_units")))


def vacant(scope: Scope) -> QuerySet:
    return last_seen(walks(scope)).filter(counted__in=sorted(EMPTY_STATES))


def whole(scope: Scope) -> QuerySet:
    return last_seen(whole_walks(scope)).exclude(counted=OccupancyState.UNKNOWN)


def observations(scope: Scope) -> QuerySet:
    return scope.within(Observation.objects.all(), "campaign__territory")


def exits(scope: Scope) -> QuerySet:
    done = FollowUp.objects.filter(status=FollowUpStatus.DONE, detail=FollowUpDetail.VACANCY_ENDED)
    return scope.within(done, "unit__territory")


def lent(scope: Scope) -> QuerySet:
    return scope.within(Unit.objects.filter(provisions__isnull=False))


def published(scope: Scope) -> QuerySet:
    return scope.within(Unit.objects.filter(published_at__isnull=False, availability=Availability.YES))


def interests(scope: Scope) -> QuerySet:
    return scope.within(UnitInterest.objects.filter(project__is_test=False), "unit__territory")


def confirmed(scope: Scope) -> QuerySet:
    known = (GapStatus.CONFIRMED, GapStatus.IN_PROGRESS, GapStatus.FILLED)
    return scope.within(MissingActivity.objects.filter(status__in=known))


def gaps(scope: Scope) -> QuerySet:
    return scope.within(MissingActivity.objects.all())


UNITS_ONCE = Count("unit", distinct=True)
SHARE_VACANT = Avg(
    Case(When(counted__in=sorted(EMPTY_STATES), then=Value(1.0)), default=Value(0.0)), output_field=FloatField()
)

register(
    Flow(
        key="premises.vacancy_rate",
        label="taux de vacance",
        unit="%",
        definition=(
            "Cellules vacantes ou jamais occupées, divisées par les cellules relevées, lors des tours de terrain de"
            " communes entières, terminés, dont le premier jour tombe dans la période. Ne comptent que les tours dont"
            " le parc est connu\u202f: tous les commerces au registre, neuf sur dix vus\u202f; pas de taux sous quatre"
            " cellules."
        ),
        rows=whole,
        day="campaign__starts_on",
        measure=Case(When(GreaterThanOrEqual(Count("pk"), FEWEST), then=SHARE_VACANT), default=None),
        read=in_percent,
        nothing=None,
    )
)
register(
    Flow(
        key="premises.vacant",
        label="cellules vacantes",
        unit="cellules",
        definition=(
            "Cellules vues vacantes ou jamais occupées lors des tours de terrain de communes entières, terminés, dont"
            " le premier jour tombe dans la période\u202f; chacune compte une fois."
        ),
        rows=vacant,
        day="campaign__starts_on",
        measure=UNITS_ONCE,
    )
)
register(
    Flow(
        key="premises.surveyed",
        label="cellules relevées",
        unit="cellules",
        definition="Cellules vues au moins une fois dans la période lors d’un tour de terrain ou d’un relevé importé.",
        rows=observations,
        day=TruncDate("seen_at"),
        measure=UNITS_ONCE,
    )
)
register(
    Flow(
        key="premises.vacancy_ended",
        label="sorties de vacance",
        unit="cellules",
        definition=(
            "Cellules dont le suivi s’est terminé dans la période par une sortie de vacance. Celles qui n’étaient pas"
            " vacantes, ou qui n’existent plus, n’en sont pas."
        ),
        rows=exits,
        day=TruncDate("written_at"),
        measure=UNITS_ONCE,
    )
)
register(
    Stock(
        key="premises.lent",
        label="cellules mises à disposition",
        unit="cellules",
        definition=(
            "Cellules qu’une ville met à disposition par convention le dernier jour de la période\u202f; chacune"
            " compte une fois."
        ),
        rows=lent,
        starts_on="provisions__starts_on",
        ends_on="provisions__ends_on",
    )
)
register(
    Stock(
        key="premises.on_offer",
        label="locaux proposés au public",
        unit="cellules",
        definition=(
            "Cellules à louer publiées au plus tard le dernier jour de la période, qui existaient encore ce jour-là et"
            " n’ont pas été retirées depuis."
        ),
        rows=published,
        starts_on="published_at__date",
        ends_on="closed_on",
    )
)
register(
    Flow(
        key="premises.interests",
        label="intérêts reçus pour des locaux",
        unit="intérêts",
        definition=(
            "Intérêts d’un projet pour un local, dits dans la période par le public ou notés par l’équipe, retirés"
            " depuis ou non, hors projets d’essai."
        ),
        rows=interests,
        day=TruncDate("said_at"),
    )
)
register(
    Flow(
        key="premises.gaps_confirmed",
        label="activités manquantes confirmées",
        unit="activités",
        definition=(
            "Activités manquantes dont le constat tombe dans la période et que l’équipe a confirmées, celles en projet"
            " ou comblées depuis comprises."
        ),
        rows=confirmed,
        day="observed_on",
    )
)
register(
    Flow(
        key="premises.gaps_filled",
        label="activités manquantes comblées",
        unit="activités",
        definition="Activités manquantes comblées dont la date d’ouverture tombe dans la période.",
        rows=gaps,
        day="filled_on",
    )
)
