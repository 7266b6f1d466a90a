"""The whole park of the town centre: some two hundred and twenty units beside those of the story, all invented.

Streets are real; numbers, areas, uses and positions (a line along each street) are not.
"""

from dataclasses import dataclass

from coopconnexion.site.demo.story import Story
from coopconnexion.territories.models import Activity
from premises.enums import Availability, Condition, DatePrecision, OccupancyState
from premises.models import Unit
from premises.rules.dates import as_precise


@dataclass(frozen=True)
class Street:
    """``count`` units between two points (latitude, longitude), on both sides unless it is a square or a gallery."""

    name: str
    sector: str
    count: int
    start: tuple[float, float]
    end: tuple[float, float]
    vacant: int
    """How many of them are vacant today."""
    both_sides: bool = True


CENTRE, FAUBOURG, LILLE = "Centre-ville", "Faubourg d’Arras", "Rue de Lille"
STREETS = (
    Street("Grand’Place", CENTRE, 34, (50.53068, 2.64010), (50.53010, 2.64105), 2, both_sides=False),
    Street("rue Sadi-Carnot", CENTRE, 52, (50.53005, 2.64070), (50.52690, 2.64235), 8),
    Street("boulevard Raymond-Poincaré", CENTRE, 28, (50.52880, 2.63760), (50.52700, 2.63990), 4),
    Street("galerie des Treilles", CENTRE, 16, (50.53065, 2.64160), (50.53105, 2.64195), 9, both_sides=False),
    Street("rue Ferdinand-Bar", CENTRE, 18, (50.52960, 2.64330), (50.52890, 2.64560), 1),
    Street("rue du Tir", FAUBOURG, 10, (50.52560, 2.63880), (50.52470, 2.63960), 2),
    Street("rue du Faubourg-d’Arras", FAUBOURG, 26, (50.52500, 2.64120), (50.52100, 2.64350), 3),
    Street("rue Michelet", FAUBOURG, 12, (50.52480, 2.64520), (50.52340, 2.64610), 1),
    Street("rue de Lille", LILLE, 28, (50.53150, 2.64600), (50.53480, 2.65380), 4),
)
ACTIVITIES = (
    *("boulangerie", "coiffure", "restaurant", "banque", "optique", "vetements", "beaute", "pharmacie", "cafe"),
    *("agence-immo", "tabac", "fleuriste", "restaurant", "vetements", "telephonie", "coiffure", "bijouterie"),
    *("boucherie", "vetements", "restaurant", "chaussures", "epicerie", "beaute", "librairie", "pressing"),
)
"""Keys of our list of activities, as often as in a town centre."""


def tell(story: Story) -> None:
    activities = {each.key: each for each in Activity.objects.filter(key__in=ACTIVITIES)}
    rank = Unit.objects.count()
    for street in STREETS:
        known = set(Unit.objects.filter(street=street.name).values_list("number", flat=True))
        numbers = [number for number in _numbers(street) if number not in known][: street.count]
        empty = set(story.chance.sample(range(len(numbers)), street.vacant))
        units = []
        for place, number in enumerate(numbers):
            rank += 1
            activity = activities[ACTIVITIES[rank % len(ACTIVITIES)]]
            units.append(_unit(story, street, number, rank, activity, is_vacant=place in empty))
        Unit.objects.bulk_create(units)
    _place_the_known(story)


def _numbers(street: Street) -> list[int]:
    """Return house numbers in order: all of a square, some of either side of a street."""
    if not street.both_sides:
        return list(range(1, 2 * street.count))
    return [1 + 2 * each + each % 2 for each in range(2 * street.count)]


def _unit(story: Story, street: Street, number: int, rank: int, activity, *, is_vacant: bool) -> Unit:
    chance = story.chance
    latitude, longitude = _position(street, number)
    area = chance.choice((32, 38, 45, 52, 60, 68, 75, 90, 110, 140))
    unit = Unit(
        reference=f"BET-{rank:03d}",
        territory=story.territories["bethune"],
        commune=story.communes["Béthune"],
        number=number,
        street=street.name,
        sector=street.sector,
        postal_code="62400",
        latitude=latitude,
        longitude=longitude,
        floor_area_m2=area,
        sales_area_m2=round(area * 0.7),
        shop_window=True,
        step_free=chance.choice((True, True, False, None)),
        condition=chance.choice((Condition.GOOD, Condition.GOOD, Condition.WORK, Condition.UNKNOWN)),
        activity_label=activity.label,
        activity=activity,
        state=OccupancyState.OCCUPIED,
        availability=Availability.NO,
        created_at=story.moment(story.months_ago(14), 9),
    )
    if is_vacant:
        _empty(story, unit)
    return unit


def _empty(story: Story, unit: Unit) -> None:
    """Vacant for one month to four years; the older, the less exactly one knows since when."""
    months = story.chance.choice((1, 3, 5, 8, 11, 16, 23, 29, 38, 47))
    precision = DatePrecision.DAY if months < 6 else DatePrecision.MONTH if months < 30 else DatePrecision.YEAR
    unit.state, unit.availability = OccupancyState.VACANT, Availability.UNKNOWN
    unit.vacant_since = as_precise(story.months_ago(months), precision)
    unit.vacant_since_precision = precision


def _position(street: Street, number: int) -> tuple[float, float]:
    part = min(1.0, number / (3 * street.count))
    along = tuple(a + (b - a) * part for a, b in zip(street.start, street.end, strict=True))
    side = 0.00008 if street.both_sides and number % 2 else 0.0
    return round(along[0] + side, 6), round(along[1] + side, 6)


def _place_the_known(story: Story) -> None:
    """Give the units of the story the sector and the position of their street."""
    streets = {street.name: street for street in STREETS}
    units = list(Unit.objects.filter(latitude=None, street__in=streets))
    for unit in units:
        unit.sector = streets[unit.street].sector
        unit.latitude, unit.longitude = _position(streets[unit.street], unit.number)
    Unit.objects.bulk_update(units, ["sector", "latitude", "longitude"])
