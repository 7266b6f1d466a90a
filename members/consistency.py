"""What does not hold together about members, though the database lets it be."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from coopconnexion.backoffice import consistency
from members.careers import deadlines
from members.enums import DeadlineKind
from members.models import Business, Contract, Departure, Member


def member_page(row) -> str:
    return reverse("members_staff:member", args=[row.pk if isinstance(row, Member) else row.member_id])


@consistency.register(
    "Contrats qui courent après une sortie",
    model=Contract,
    sentence="{row} court après la sortie de la personne\u202f: corrigez l’un ou l’autre.",
    related=("kind", "member__person"),
    territory="member__territory",
    url=member_page,
    position=40,
)
def contracts_after_departure(contracts: QuerySet) -> QuerySet:
    away = Departure.objects.filter(
        Q(returned_on=None) | Q(returned_on__gt=OuterRef("starts_on")), member=OuterRef("member")
    )
    return contracts.filter(Exists(away.filter(left_on__lt=OuterRef("ends_on"))) | Q(Exists(away), ends_on=None))


@consistency.register(
    "Délais d’association dépassés",
    model=Contract,
    sentence="{row}\u202f: la date limite d’association est passée, rien n’a été décidé.",
    related=("kind", "member__person"),
    territory="member__territory",
    url=member_page,
    position=41,
)
def association_overdue(contracts: QuerySet) -> QuerySet:
    members = Member.objects.filter(pk__in=contracts.order_by().values("member"))
    rows = deadlines(members, timezone.localdate())
    late = [row.pk for row in rows if row.is_late and row.kind == DeadlineKind.ASSOCIATION]
    return contracts.filter(pk__in=late)


@consistency.register(
    "Membres présents sans contrat",
    model=Member,
    sentence="{row} n’a pas de contrat en cours ni à venir, et aucune sortie n’est notée.",
    related=("person",),
    territory="territory",
    url=member_page,
    position=42,
)
def present_without_contract(members: QuerySet) -> QuerySet:
    today = timezone.localdate()
    current = Contract.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today), member=OuterRef("pk"))
    return members.present().filter(~Exists(current))


@consistency.register(
    "Entreprises sans membre",
    model=Business,
    sentence="{row} est ouverte sans membre qui la porte.",
    position=43,
)
def businesses_without_member(businesses: QuerySet) -> QuerySet:
    carried = Business.members.through.objects.filter(
        business=OuterRef("pk"), member__in=Member.objects.present().values("pk")
    )
    today = timezone.localdate()
    return businesses.filter(~Exists(carried)).filter(Q(closed_on=None) | Q(closed_on__gt=today))


@consistency.register(
    "Associations avant le premier contrat",
    model=Member,
    sentence="{row} est noté·e associé·e avant son premier contrat.",
    related=("person",),
    territory="territory",
    url=member_page,
    position=44,
)
def associated_before_any_contract(members: QuerySet) -> QuerySet:
    before = Contract.objects.filter(member=OuterRef("pk"), starts_on__lte=OuterRef("associated_on"))
    return members.filter(~Exists(before), associated_on__isnull=False)
