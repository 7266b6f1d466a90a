"""What does not hold together about units and missing activities, though the database lets it be."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from coopconnexion.backoffice import consistency
from premises.models import MissingActivity, Occupancy, Provision, Unit


def unit_page(row: Unit | Occupancy | Provision) -> str:
    return reverse("premises_staff:unit", args=[row.pk if isinstance(row, Unit) else row.unit_id])


@consistency.register(
    "Locaux vides où quelqu’un est noté",
    model=Unit,
    sentence="{row} est dit vide, mais une occupation y court\u202f: corrigez l’un ou l’autre.",
    territory="territory",
    url=unit_page,
    position=50,
)
def empty_and_occupied(units: QuerySet) -> QuerySet:
    here = Occupancy.objects.on(timezone.localdate()).filter(unit=OuterRef("pk"))
    return units.empty().filter(Exists(here))


@consistency.register(
    "Locaux disparus encore proposés",
    model=Unit,
    sentence="{row} n’existe plus, mais reste marqué comme montré au public.",
    territory="territory",
    url=unit_page,
    position=51,
)
def closed_and_published(units: QuerySet) -> QuerySet:
    return units.filter(closed_on__isnull=False, published_at__isnull=False)


@consistency.register(
    "Occupations de locaux disparus",
    model=Occupancy,
    sentence="{row}\u202f: l’occupation court après la fin du local.",
    related=("unit__commune", "member__person", "project"),
    territory="unit__territory",
    url=unit_page,
    position=52,
)
def occupancies_after_closing(occupancies: QuerySet) -> QuerySet:
    return occupancies.filter(after_closing())


@consistency.register(
    "Mises à disposition de locaux disparus",
    model=Provision,
    sentence="{row}\u202f: elle court après la fin du local.",
    related=("unit__commune",),
    territory="unit__territory",
    url=unit_page,
    position=53,
)
def provisions_after_closing(provisions: QuerySet) -> QuerySet:
    return provisions.filter(after_closing())


def after_closing() -> Q:
    return Q(unit__closed_on__isnull=False) & (Q(ends_on=None) | Q(ends_on__gt=F("unit__closed_on")))


@consistency.register(
    "Activités manquantes à revoir",
    model=MissingActivity,
    sentence="{row} devait être revue\u202f: confirmez-la, ou écartez-la.",
    related=("commune",),
    territory="territory",
    url=lambda gap: reverse("gaps_staff:gap", args=[gap.pk]),
    position=54,
)
def gaps_to_review(gaps: QuerySet) -> QuerySet:
    return gaps.stale(timezone.localdate())
