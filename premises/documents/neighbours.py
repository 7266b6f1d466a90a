"""Who does the same in a town, and what it has enough of: a new shop completes the offer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.core.exceptions import ValidationError
from django.db.models import Q, Value

from coopconnexion.accounts.models import User
from coopconnexion.db import NameKey
from coopconnexion.territories.models import Commune, Territory
from members.models import Business
from premises.documents.comparison import Comparison, Line, compare, proposed_group
from premises.enums import TRADING
from premises.models import CountSet, Unit
from premises.rules import matching as rules
from premises.rules.matching import Trade
from premises.rules.shortages import shown

NEIGHBOURS = 20


@dataclass(frozen=True)
class Neighbour:
    """Somebody who does the same in town; ``street`` is empty where it is not known."""

    name: str
    street: str
    commune: str
    address: str = ""
    is_of_the_coop: bool = False


def neighbours_of(trade: Trade, labels: list[str], territory: Territory, *, user: User, today: date) -> list[Neighbour]:
    """Who does the same as ``trade`` in the towns of a territory: two queries.

    :param labels: the names of the trade, to read what others are said to do
    """
    asked = [Trade(trade.activities, trade.naf, text=label) for label in labels]
    if not asked:
        return []
    return [
        *shops_like(asked, territory, user),
        *businesses_like(asked, territory, user=user, today=today),
    ]


def told_like(column: str, asked: list[Trade]) -> Q:
    """The rows whose words hold those of one of the trades, roughly: the rule reads them again."""
    beginnings = {stem for each in asked for name in rules.names(each.text) for stem in name}
    return reduce(or_, (Q(**{f"{column}__contains": NameKey(Value(stem))}) for stem in sorted(beginnings)), Q(pk=None))


def shops_like(asked: list[Trade], territory: Territory, user: User) -> list[Neighbour]:
    told = told_like("told", asked) | Q(activity__in=asked[0].activities) | Q(naf__in=asked[0].naf)
    units = Unit.objects.visible_to(user).standing().filter(territory=territory, state__in=sorted(TRADING))
    rows = units.alias(told=NameKey("activity_label")).filter(told).order_by("street", "number", "pk")
    return [
        Neighbour(unit.sign_name or unit.activity_label, unit.street, unit.commune_id, unit.address)
        for unit in rows[:NEIGHBOURS]
        if any(rules.same_trade(trade_of_shop(unit), each) for each in asked)
    ]


def trade_of_shop(unit: Unit) -> Trade:
    codes = frozenset({unit.naf_id} - {None})
    return Trade(frozenset({unit.activity_id} - {None}), codes, text=unit.activity_label)


def businesses_like(asked: list[Trade], territory: Territory, *, user: User, today: date) -> list[Neighbour]:
    """The businesses of members in the towns of the territory."""
    businesses = Business.objects.visible_to(user).on(today).filter(commune__in=territory.communes.values("pk"))
    rows = businesses.alias(told=NameKey("activity")).filter(told_like("told", asked)).order_by("name", "pk")
    return [
        Neighbour(each.name, "", each.commune_id, each.activity, is_of_the_coop=True)
        for each in rows[:NEIGHBOURS]
        if any(rules.is_named(one.text, each.activity) for one in asked)
    ]


# --- what a town has enough of ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Supply:
    """How the offer of a town stands for a trade, with what it rests on."""

    line: Line
    comparison: Comparison

    @property
    def is_over(self) -> bool:
        return self.line.gap.level == "over"

    @property
    def words(self) -> str:
        """« 90 comptés, 52,0 attendus »."""
        return f"{self.line.gap.number} comptés, {shown(self.line.gap.expected, 1)} attendus"


def supply_of(territory: Territory, activities: Iterable[int]) -> list[Supply]:
    """How the largest town of a territory stands for some activities, by the latest statistics and towns of its size.

    Nothing without statistics, or where they cannot be compared. Eight queries at most.
    """
    keys = set(activities)
    latest = keys and CountSet.objects.filter(retired_at=None).order_by("-vintage", "kind", "pk").first()
    town = latest and town_of(territory)
    if not town:
        return []
    try:
        told = compare(commune=town, group=proposed_group(town, latest), count_set=latest)
    except ValidationError:
        return []
    measured = [line for line in told.lines if line.gap.number is not None and line.gap.pooled is not None]
    return [Supply(line, told) for line in measured if keys & {each.pk for each in line.activities}]


def town_of(territory: Territory) -> Commune | None:
    return territory.communes.filter(population__isnull=False).order_by("-population", "pk").first()
