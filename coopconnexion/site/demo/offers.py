"""Units that the city shows to let, with a drawing of each, and the projects that want them."""

from dataclasses import dataclass
from decimal import Decimal

from coopconnexion.site.demo.story import Story, days
from premises import services
from premises.enums import Availability, InterestOrigin
from premises.models import Unit, UnitInterest
from projects.models import PremisesNeed


@dataclass(frozen=True)
class Offer:
    """A unit of the story to let; ``rent`` is monthly, shown when ``shown``."""

    number: int
    street: str
    rent: int
    note: str
    shown: bool = True
    extraction: bool | None = None
    since: int = 30


OFFERS = (
    Offer(57, "rue Sadi-Carnot", 720, "Ancien opticien : grande vitrine, réserve, arrière-cour.", extraction=False),
    Offer(24, "Grand’Place", 1450, "Ancienne agence bancaire face au beffroi. La ville peut aider.", shown=False),
    Offer(5, "boulevard Raymond-Poincaré", 780, "Près de la gare, passage toute la journée.", extraction=False),
    Offer(22, "boulevard Raymond-Poincaré", 690, "Deux vitrines d’angle, chauffage neuf."),
    Offer(2, "galerie des Treilles", 310, "Petite boutique sous verrière : idéale pour se lancer.", since=90),
    Offer(6, "galerie des Treilles", 340, "Boutique à l’essai possible : six mois à loyer réduit.", since=90),
    Offer(101, "rue de Lille", 980, "Vaste surface d’exposition, six places devant la porte.", extraction=False),
    Offer(18, "rue du Tir", 420, "Ancienne boucherie : chambre froide, point d’eau, extraction.", extraction=True),
)
WANTED = (
    ("La Cantine de Nadia", 18, "rue du Tir", "La chambre froide m’éviterait bien des frais."),
    ("Sols et murs d’Artois", 101, "rue de Lille", ""),
    ("Le Petit Bouchon", 2, "galerie des Treilles", "Peut-on visiter un samedi ?"),
)
NEEDS = {
    "La Cantine de Nadia": {"min_area_m2": 40, "max_area_m2": 90, "max_monthly_rent": 700, "needs_extraction": True},
    "Sols et murs d’Artois": {"min_area_m2": 120, "max_area_m2": 250, "max_monthly_rent": 1100},
    "Le Petit Bouchon": {"min_area_m2": 30, "max_area_m2": 50, "max_monthly_rent": 400},
}
OWNERS = ("SCI du Beffroi", "M. et Mme Lecoutre", "Indivision Wattel", "SCI Les Treilles")


def tell(story: Story) -> None:
    director = story.users["directrice"]
    for place, offer in enumerate(OFFERS):
        unit = Unit.objects.get(number=offer.number, repetition="", street=offer.street)
        at = story.moment(story.today - days(offer.since), 11)
        services.change_unit(
            unit=unit,
            by=director,
            at=at,
            availability=Availability.YES,
            monthly_rent=Decimal(offer.rent),
            monthly_charges=Decimal(offer.rent // 10),
            rent_is_public=offer.shown,
            public_note=offer.note,
            extraction=offer.extraction,
            owner_name=OWNERS[place % len(OWNERS)],
            owner_contact=f"03 53 01 9{place:03d}",
        )
        services.publish_unit(unit=unit, by=director, at=at)
    _tell_interests(story)


def _tell_interests(story: Story) -> None:
    projects = {each.title: each for each in story.projects}
    for title, need in NEEDS.items():
        PremisesNeed.objects.update_or_create(project=projects[title], defaults=need)
    for place, (title, number, street, message) in enumerate(WANTED):
        UnitInterest.objects.create(
            project=projects[title],
            unit=Unit.objects.get(number=number, repetition="", street=street),
            origin=InterestOrigin.PUBLIC,
            message=message,
            said_at=story.moment(story.today - days(4 + 6 * place), 20),
        )
