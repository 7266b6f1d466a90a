"""Some twenty-five commercial units in real streets of Béthune; numbers, areas and uses are invented."""

from dataclasses import dataclass

from coopconnexion.partnerships.models import Partnership
from coopconnexion.periods import months_later
from coopconnexion.site.demo.reference import read
from coopconnexion.site.demo.story import Story
from premises.enums import DatePrecision, OccupancyState, TenureKind
from premises.models import Occupancy, Provision, Unit


@dataclass(frozen=True)
class Shop:
    """A unit; ``vacant`` is a number of months, ``member`` the first business of its occupant."""

    number: str
    street: str
    area: int
    activity: str
    vacant: int | None = None
    member: str = ""
    tenure: TenureKind = TenureKind.COMMERCIAL_LEASE
    lent: bool = False


LENT, TRIAL = TenureKind.PROVISION, TenureKind.TRIAL_SHOP
SHORT, LEASE = TenureKind.SHORT_LEASE, TenureKind.COMMERCIAL_LEASE
SHOPS = (
    Shop("8", "rue Sadi-Carnot", 62, "agence de voyages", member="L’Épi et la Plume", tenure=LENT, lent=True),
    Shop("14 bis", "rue Sadi-Carnot", 48, "cordonnerie", member="Second Fil", tenure=LENT, lent=True),
    Shop("31", "rue Sadi-Carnot", 55, "mercerie", member="Retouches Sadi", tenure=LEASE),
    Shop("57", "rue Sadi-Carnot", 80, "opticien", vacant=9),
    Shop("112", "rue Sadi-Carnot", 41, "salon de coiffure"),
    Shop("3", "Grand’Place", 120, "prêt-à-porter"),
    Shop("17", "Grand’Place", 95, "chocolaterie", member="Ch’ti Torréfacteur", tenure=SHORT),
    Shop("24", "Grand’Place", 140, "banque", vacant=31),
    Shop("38", "Grand’Place", 66, "parfumerie"),
    Shop("5", "boulevard Raymond-Poincaré", 74, "téléphonie", vacant=14),
    Shop("19", "boulevard Raymond-Poincaré", 58, "sandwicherie", member="La Table de Nour", tenure=SHORT),
    Shop("22", "boulevard Raymond-Poincaré", 88, "chaussures", vacant=26),
    Shop("40", "boulevard Raymond-Poincaré", 52, "pressing"),
    Shop("2", "galerie des Treilles", 36, "bijouterie fantaisie", vacant=40),
    Shop("6", "galerie des Treilles", 44, "jeux vidéo", vacant=40),
    Shop("9", "galerie des Treilles", 39, "lingerie", vacant=40),
    Shop("12", "rue Ferdinand-Bar", 70, "garage à vélos", member="Vélo Lawe", tenure=LEASE),
    Shop("28", "rue Ferdinand-Bar", 61, "fleuriste"),
    Shop("101", "rue de Lille", 150, "carrelage", vacant=5),
    Shop("245", "rue de Lille", 210, "magasin de meubles", member="Bois d’Artois", tenure=LEASE),
    Shop("18", "rue du Tir", 46, "boucherie", vacant=11),
    Shop("33", "rue du Faubourg-d’Arras", 68, "boulangerie", vacant=4, member="La Fournée lente", tenure=LEASE),
    Shop("210", "rue du Faubourg-d’Arras", 54, "pharmacie"),
    Shop("7", "rue de la Faïencerie", 90, "imprimerie", member="Encre et Papier", tenure=TRIAL),
    Shop("44", "avenue du 8-Mai-1945", 57, "bureau de tabac", vacant=19),
    Shop("15", "rue Michelet", 49, "toilettage"),
)


def tell(story: Story, partnership: Partnership) -> None:
    known = {row["voie"] for row in read("bethune_voies.csv")}
    for rank, shop in enumerate(SHOPS, start=1):
        if shop.street not in known:
            raise ValueError(f"unknown street: {shop.street}")
        unit = _tell_unit(story, shop, rank)
        if shop.lent:
            Provision.objects.create(partnership=partnership, unit=unit, starts_on=partnership.starts_on)
        if shop.member:
            _move_in(story, shop, unit)


def _tell_unit(story: Story, shop: Shop, rank: int) -> Unit:
    return Unit.objects.create(
        reference=f"BET-{rank:03d}",
        territory=story.territories["bethune"],
        number=int(shop.number.split()[0]),
        repetition=" ".join(shop.number.split()[1:]),
        street=shop.street,
        postal_code="62400",
        commune=story.communes["Béthune"],
        floor_area_m2=shop.area,
        activity_label=shop.activity,
        state=OccupancyState.OCCUPIED if shop.vacant is None else OccupancyState.VACANT,
        vacant_since=None if shop.vacant is None else story.months_ago(shop.vacant).replace(day=1),
        vacant_since_precision="" if shop.vacant is None else DatePrecision.MONTH,
    )


def _move_in(story: Story, shop: Shop, unit: Unit) -> None:
    """Two months after the contract; who left the coop, or a unit vacant since, is history."""
    member = story.members[shop.member]
    starts_on = months_later(member.contracts.order_by("starts_on", "pk").first().starts_on, 2)
    ends_on = min(filter(None, (member.left_on, unit.vacant_since)), default=None)
    Occupancy.objects.create(unit=unit, member=member, tenure=shop.tenure, starts_on=starts_on, ends_on=ends_on)
