"""Members as the rows of a list, and as a table to take away: exactly what is filtered, in its order."""

from collections.abc import Iterator
from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Min, OuterRef, QuerySet, Subquery

from coopconnexion.accounts.models import User
from coopconnexion.accounts.permissions import can_see_contacts
from coopconnexion.french import phone_words
from members.enums import Situation
from members.models import Business, Contract, Departure, Member

CHUNK = 2000  # rows kept in memory
FACTS = [
    "Référence",
    "Prénom",
    "Nom",
    "Territoire",
    "Référent·e",
    "Situation",
    "Contrat en cours",
    "Premier contrat le",
    "Associé·e depuis le",
    "Entreprises",
    "Provenance",
    "Prescripteur",
    "Sorti·e depuis le",
]
CONTACTS = ["Courriel", "Téléphone"]
SHOWN_IN_A_ROW = (
    *("associated_on", "person__first_name", "person__last_name", "territory__name"),
    *("advisor__name", "advisor__email"),
)


def at_a_glance(rows: QuerySet[Member], today: date) -> QuerySet[Member]:
    """Fetch with members, who have their ``situation``, all that a row of the list shows: one query."""
    kinds = Contract.objects.on(today).filter(member=OuterRef("pk")).order_by("starts_on", "pk")
    names = Business.objects.on(today).filter(members=OuterRef("pk")).order_by("name", "pk")
    return rows.select_related("person", "territory", "advisor").annotate(
        contract_labels=ArraySubquery(kinds.values("kind__label")),
        business_names=ArraySubquery(names.values("name")),
    )


def in_a_row(rows: QuerySet[Member], today: date) -> QuerySet[Member]:
    """Fetch what a row of the list shows and nothing else."""
    return at_a_glance(rows, today).only(*SHOWN_IN_A_ROW)


def situation_label(member: Member) -> str:
    return str(Situation(member.situation).label)


def header(*, with_contacts: bool) -> list[str]:
    return FACTS + (CONTACTS if with_contacts else [])


def table(rows: QuerySet[Member], today: date, *, user: User) -> Iterator[list]:
    """Yield a line of cells for each member; contacts only where ``user`` may see them."""
    theirs = Contract.objects.filter(member=OuterRef("pk")).order_by().values("member")
    left = Departure.objects.filter(member=OuterRef("pk"), left_on__lte=today).open()
    full = (
        at_a_glance(rows, today)
        .select_related("referrer")
        .annotate(
            first_on=Subquery(theirs.annotate(first=Min("starts_on")).values("first")),
            left_on=Subquery(left.values("left_on")[:1]),
        )
    )
    for member in full.iterator(chunk_size=CHUNK):
        yield facts(member) + (contacts(member) if can_see_contacts(user, member.territory_id) else [])


def facts(member: Member) -> list:
    return [
        member.reference,
        member.person.first_name,
        member.person.last_name,
        str(member.territory),
        str(member.advisor or ""),
        situation_label(member),
        ", ".join(member.contract_labels),
        member.first_on,
        member.associated_on,
        ", ".join(member.business_names),
        member.get_source_display(),
        str(member.referrer or ""),
        member.left_on,
    ]


def contacts(member: Member) -> list[str]:
    return [member.person.email, phone_words(member.person.phone)]
