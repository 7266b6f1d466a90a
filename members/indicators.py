from decimal import Decimal

from django.db.models import Avg, Case, Count, DecimalField, FloatField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from coopconnexion.partnerships.indicators import Flow, Scope, Stock, in_percent, register
from members.enums import Outcome
from members.models import Contract, Departure, Member, OutcomeInquiry, Statement

SURVIVAL_MONTHS = (12, 24, 36)
RUNNING = Count("pk", filter=Q(outcome=Outcome.RUNNING))


def contracts(scope: Scope) -> QuerySet:
    return scope.within(Contract.objects.all(), "member__territory")


def members(scope: Scope) -> QuerySet:
    return scope.within(Member.objects.all())


def departures(scope: Scope) -> QuerySet:
    return scope.within(Departure.objects.all(), "member__territory")


def statements(scope: Scope) -> QuerySet:
    return scope.within(Statement.objects.all(), "member__territory")


def signed(key: str):
    """First contracts of a kind; a renewal is the same support going on."""

    def rows(scope: Scope) -> QuerySet:
        return contracts(scope).filter(kind__key=key, renewal_rank=0)

    return rows


def answered(months: int):
    """The questions of so many months that got news."""

    def rows(scope: Scope) -> QuerySet:
        inquiries = scope.within(OutcomeInquiry.objects.all(), "departure__member__territory")
        news = inquiries.filter(months=months, answered_at__isnull=False, departure__returned_on=None)
        return news.exclude(outcome=Outcome.UNREACHABLE)

    return rows


register(
    Stock(
        key="members.active_contracts",
        label="contrats en cours",
        unit="contrats",
        definition="Contrats en vigueur le dernier jour de la période, toutes natures confondues.",
        rows=contracts,
    )
)
register(
    Stock(
        key="members.present",
        label="membres présents",
        unit="membres",
        definition=(
            "Personnes qui ont au moins un contrat en vigueur le dernier jour de la période, quelle qu’en soit la"
            " nature\u202f; chacune compte une fois."
        ),
        rows=members,
        starts_on="contracts__starts_on",
        ends_on="contracts__ends_on",
    )
)
for key, name in (("cape", "CAPE"), ("cesa", "CESA")):
    register(
        Flow(
            key=f"members.{key}_signed",
            label=f"{name} signés",
            unit="contrats",
            definition=(
                f"{name} dont la date de signature, ou à défaut le premier jour, tombe dans la période."
                " Les renouvellements ne comptent pas."
            ),
            rows=signed(key),
            day=Coalesce("signed_on", "starts_on"),
        )
    )
register(
    Flow(
        key="members.associated",
        label="personnes devenues associées",
        unit="membres",
        definition="Membres dont la date d’association tombe dans la période.",
        rows=members,
        day="associated_on",
    )
)
register(
    Flow(
        key="members.exits",
        label="sorties",
        unit="sorties",
        definition="Sorties dont le premier jour hors de la coopérative tombe dans la période, tous motifs confondus.",
        rows=departures,
        day="left_on",
    )
)
register(
    Flow(
        key="members.turnover",
        label="chiffre d’affaires des membres",
        unit="€",
        definition="Somme des chiffres d’affaires des relevés mensuels dont le mois tombe dans la période.",
        rows=statements,
        day="month",
        measure=Sum("turnover", output_field=DecimalField(max_digits=14, decimal_places=2)),
        nothing=Decimal(0),
        sensitive=True,
        groups=(Count("member", distinct=True),),
    )
)
for months in SURVIVAL_MONTHS:
    register(
        Flow(
            key=f"members.survival_{months}",
            label=f"activités qui durent {months} mois après la sortie",
            unit="%",
            definition=(
                f"Parmi les personnes sorties depuis {months} mois dans la période et dont on a des nouvelles, part de"
                " celles dont l’activité continue. Ne comptent ni les personnes sans"
                " nouvelles, ni celles qui sont revenues."
            ),
            rows=answered(months),
            day="due_on",
            measure=Avg(
                Case(When(outcome=Outcome.RUNNING, then=Value(1.0)), default=Value(0.0)), output_field=FloatField()
            ),
            read=in_percent,
            nothing=None,
            sensitive=True,
            groups=(RUNNING, Count("pk"), Count("pk") - RUNNING),
        )
    )
