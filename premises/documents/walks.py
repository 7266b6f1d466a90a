"""A survey as it is walked: street by street, door by door, with what was seen already; nothing of the owners."""

from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID, uuid4

from coopconnexion.french import NARROW
from premises.enums import Finding, OccupancyState
from premises.models import Observation, SurveyCampaign, Unit
from premises.rules.walks import SIDES, door_key, side_of, street_key

SHOWN = ("number", "repetition", "street", "building", "floor", "door", "state", "sign_name", "activity_label")
WHY = {
    "changed_meanwhile": "a changé pendant que vous marchiez",
    "seen_later": "a été revue après vous",
    "occupied": "est occupée par une entreprise de la coopérative",
}


@dataclass(frozen=True)
class Stop:
    """A unit on the way; ``client_id`` names what would be sent of it by a browser without scripts."""

    unit: Unit
    seen: Observation | None
    client_id: UUID = field(default_factory=uuid4)

    @property
    def again(self) -> str:
        """What a sign, a note or a photo alone repeats; nothing when nothing was ever known."""
        if self.seen:
            return self.seen.finding
        return "" if self.unit.state == OccupancyState.UNKNOWN else Finding.UNCHANGED

    @property
    def conflict(self) -> str:
        return conflict_words(self.seen) if self.seen and not self.seen.settled_at else ""


@dataclass(frozen=True)
class Street:
    name: str
    key: str
    stops: list[Stop]

    @property
    def seen(self) -> int:
        return sum(1 for stop in self.stops if stop.seen)

    @property
    def is_done(self) -> bool:
        return self.seen == len(self.stops)

    @property
    def sides(self) -> list[tuple[str, list[Stop]]]:
        """The sides that have doors, odd numbers first."""
        return [(side, list(stops)) for side, stops in groupby(self.stops, lambda stop: side_of(stop.unit.number))]

    @property
    def first_left(self) -> Stop | None:
        """Where to go on in a street that was begun."""
        return next((stop for stop in self.stops if not stop.seen), None) if self.seen else None

    def after(self, unit_pk: int) -> Stop | None:
        """Return the next stop that nobody has seen, past this one first."""
        places = [stop.unit.pk for stop in self.stops]
        begun = places.index(unit_pk) + 1 if unit_pk in places else 0
        return next((stop for stop in self.stops[begun:] + self.stops[:begun] if not stop.seen), None)


def walk_of(campaign: SurveyCampaign) -> list[Street]:
    """Return the streets of a survey in the order it names them, else by name; one without units too if it is named."""
    seen = {row.unit_id: row for row in campaign.observations.order_by("seen_at", "pk")}
    streets = {key_of(name): Street(name, key_of(name), []) for name in campaign.streets}
    units = Unit.objects.in_zone(campaign).standing().only(*SHOWN)
    for unit in sorted(units, key=lambda unit: street_key(unit.street)):
        key = key_of(unit.street)
        streets.setdefault(key, Street(unit.street, key, [])).stops.append(Stop(unit, seen.get(unit.pk)))
    for street in streets.values():
        street.stops.sort(key=_place)
    return list(streets.values())


def key_of(street: str) -> str:
    """Return what names a street in an address."""
    return street_key(street) or "_"


def _place(stop: Stop) -> tuple:
    unit = stop.unit
    return (SIDES.index(side_of(unit.number)), *door_key(unit.number, unit.repetition, unit.place), unit.pk)


def conflict_words(observation: Observation) -> str:
    """Say why an observation is not in the register yet, or nothing when it is."""
    if observation.conflict is None:
        return ""
    state = OccupancyState(observation.conflict["state"]).label
    reason = WHY.get(observation.conflict["reason"], WHY["changed_meanwhile"])
    return (
        f"Cette cellule {reason}{NARROW}: le registre dit «{NARROW}{state}{NARROW}»."
        " Votre observation est gardée, l’équipe tranchera."
    )
