"""Rates of vacancy of surveys by town, sector and street, and what became of each unit from one survey to the next.

A unit counts as it was last seen during the survey; where the office kept the register against a sight, as the register
said. What was registered by mistake never counts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.fields.json import KT
from django.db.models.functions import TruncDate

from coopconnexion.charts import Chart, Series, lines
from coopconnexion.french import NBSP
from premises.enums import (
    EMPTY_STATES,
    Change,
    ClosureReason,
    FollowUpDetail,
    FollowUpStatus,
    NoRate,
    OccupancyState,
    Settlement,
)
from premises.models import FollowUp, Observation, SurveyCampaign, Unit
from premises.rules.vacancy import VacancyRate, change_of, is_whole
from premises.rules.walks import street_key

TRUE_CLOSURES = ("", *(each for each in ClosureReason if each != ClosureReason.MISTAKE))
COUNTED = Case(
    When(conflict__settlement=Settlement.REGISTER, then=KT("conflict__state")),
    default=F("state"),
    output_field=CharField(),
)

WHY_NONE = {
    NoRate.NOTHING_SEEN: "Pas de taux\u202f: rien n’a été vu.",
    NoRate.PARTIAL_PARK: "Pas de taux\u202f: le parc n’est pas connu en entier.",
    NoRate.TOO_FEW: "Pas de taux\u202f: moins de quatre cellules relevées.",
}
CHARTED = 5
"""Sectors with a line of their own: colours run out."""


@dataclass(frozen=True)
class Line:
    """What a survey found in a town, a sector or a street."""

    name: str
    is_exhaustive: bool
    vacant: int = 0
    works: int = 0
    total: int = 0
    seen: int = 0
    unseen: int = 0

    @property
    def park(self) -> int:
        return self.seen + self.unseen

    @property
    def rate(self) -> VacancyRate:
        whole = is_whole(is_exhaustive=self.is_exhaustive, seen=self.seen, unseen=self.unseen)
        return VacancyRate(self.vacant, self.total, whole)

    @property
    def words(self) -> str:
        """« 16,3 %, vacance très élevée (Procos) », or why there is no rate."""
        rate = self.rate
        if rate.refusal:
            return WHY_NONE[rate.refusal]
        return f"{self._percent}, vacance {rate.band.label} (Procos)"

    @property
    def short_words(self) -> str:
        """« 16,3 %, très élevée », or why there is no rate."""
        return self.words if self.rate.refusal else f"{self._percent}, {self.rate.band.label}"

    @property
    def _percent(self) -> str:
        return str(self.rate.value).replace(".", ",") + f"{NBSP}%"

    def __add__(self, other: "Line") -> "Line":
        numbers = ("vacant", "works", "total", "seen", "unseen")
        return Line(
            self.name, self.is_exhaustive, **{name: getattr(self, name) + getattr(other, name) for name in numbers}
        )


@dataclass(frozen=True)
class Rates:
    """The rates of one survey; streets and sectors in the order of their names."""

    campaign: SurveyCampaign
    town: Line
    sectors: list[Line]
    streets: list[Line]


def rates_of(campaigns: Iterable[SurveyCampaign]) -> list[Rates]:
    """Return the rates of surveys, in their order: two queries, whatever their number."""
    campaigns = list(campaigns)
    found: dict[int, list[tuple[str, str, dict]]] = defaultdict(list)
    for pk, sector, street, numbers in _seen(campaigns):
        found[pk].append((sector, street, numbers))
    zones = {each.pk: {street_key(street) for street in each.streets} for each in campaigns}
    for pk, sector, street, numbers in _unseen(campaigns):
        if not zones[pk] or street_key(street) in zones[pk]:
            found[pk].append((sector, street, numbers))
    return [_rates(each, found[each.pk]) for each in campaigns]


def _rates(campaign: SurveyCampaign, cells: list[tuple[str, str, dict]]) -> Rates:
    streets, sectors = {}, {}
    town = Line(str(campaign.commune), campaign.is_exhaustive)
    for sector, street, numbers in cells:
        cell = Line("", campaign.is_exhaustive, **numbers)
        town += cell
        for found, key, name in ((streets, street_key(street), street), (sectors, street_key(sector), sector)):
            found[key] = found.get(key, Line(name, campaign.is_exhaustive)) + cell
    return Rates(campaign, town, _by_name(sectors), _by_name(streets))


def _by_name(lines: dict[str, Line]) -> list[Line]:
    """Order lines by name, what has none last; nothing where nothing has a name."""
    return [lines[key] for key in sorted(lines, key=lambda key: (key == "", key))] if set(lines) != {""} else []


def last_seen(campaigns: list[SurveyCampaign] | QuerySet[SurveyCampaign]) -> QuerySet[Observation]:
    """Return the last sight of each unit by each survey, with the state ``counted``."""
    rows = Observation.objects.filter(campaign__in=campaigns)
    last = rows.order_by("campaign", "unit", "-seen_at", "-pk").distinct("campaign", "unit")
    true = Observation.objects.filter(pk__in=last.values("pk"), unit__closed_because__in=TRUE_CLOSURES)
    return true.annotate(counted=COUNTED)


def _seen(campaigns: list[SurveyCampaign]) -> Iterator[tuple[int, str, str, dict]]:
    numbers = {
        "vacant": Count("pk", filter=Q(counted__in=sorted(EMPTY_STATES))),
        "works": Count("pk", filter=Q(counted=OccupancyState.TRANSITION)),
        "total": Count("pk", filter=~Q(counted=OccupancyState.UNKNOWN)),
        "seen": Count("pk"),
    }
    rows = last_seen(campaigns).order_by().values("campaign", "unit__sector", "unit__street").annotate(**numbers)
    for row in rows.order_by("unit__street", "unit__sector"):
        yield row["campaign"], row["unit__sector"], row["unit__street"], {name: row[name] for name in numbers}


def _unseen(campaigns: list[SurveyCampaign]) -> Iterator[tuple[int, str, str, dict]]:
    """Yield how many units of each street stood there, as far as the register knew, and were not seen."""
    told = ("pk", "territory", "sector", "street", "created_at", "closed_on", "closed_because")
    there = Q(unit_territory=F("territory"), unit_closed_because__in=TRUE_CLOSURES)
    still = Q(unit_closed_on=None)
    then = Q(closed_at__isnull=False, unit_created_at__lte=F("closed_at"))
    stood = Q(closed_at=None) & still | then & (still | Q(unit_closed_on__gt=TruncDate("closed_at")))
    sight = Observation.objects.filter(campaign=OuterRef("pk"), unit=OuterRef("unit_pk"))
    rows = (
        SurveyCampaign.objects.filter(pk__in=[each.pk for each in campaigns])
        .alias(**{f"unit_{name}": F(f"commune__units__{name}") for name in told})  # one join, which filters would not
        .filter(~Exists(sight), there, stood)
        .values(campaign=F("pk"), sector=F("unit_sector"), street=F("unit_street"))
        .annotate(number=Count("unit_pk"))
    )
    for row in rows.order_by("street", "sector"):
        yield row["campaign"], row["sector"], row["street"], {"unseen": row["number"]}


def chart_of(series: list[Rates]) -> Chart:
    """Return the rates of surveys of one town, oldest first, for the town and for its sectors."""
    labels = [f"{each.campaign.starts_on:%m/%Y}" for each in series]
    names = {line.name: None for each in series for line in each.sectors if line.name}
    by_sector = [{line.name: line.rate.value for line in each.sectors} for each in series]
    shown = [Series("Commune", [each.town.rate.value for each in series])]
    shown += [Series(name, [found.get(name) for found in by_sector]) for name in list(names)[:CHARTED]]
    return lines("Taux de vacance d’un tour à l’autre", labels, shown, "%")


# --- from one survey to the next -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """A unit at two surveys; ``before`` and ``now`` are states, or ``None`` where it was not seen."""

    unit: Unit
    before: str | None
    now: str | None
    change: Change

    @property
    def words(self) -> tuple[str, str]:
        return tuple(OccupancyState(state).label if state else "pas vue" for state in (self.before, self.now))


@dataclass(frozen=True)
class Comparison:
    """What became of the units of a survey since the ``previous`` one, if there is one."""

    campaign: SurveyCampaign
    previous: SurveyCampaign | None
    rows: list[Compared] = field(default_factory=list)

    @property
    def counts(self) -> list[tuple[Change, int]]:
        """How many units each change has, those that none has apart; « was not vacant » is no way out of vacancy."""
        counts = Counter(row.change for row in self.rows)
        return [(change, counts[change]) for change in Change if counts[change]]

    def of(self, *changes: Change) -> list[Compared]:
        return [row for row in self.rows if row.change in changes]


def previous_of(campaign: SurveyCampaign) -> SurveyCampaign | None:
    """Return the last survey before this one that went by its whole zone and is over."""
    earlier = SurveyCampaign.objects.closed().filter(territory=campaign.territory_id, commune=campaign.commune_id)
    earlier = earlier.filter(Q(starts_on__lt=campaign.starts_on) | Q(starts_on=campaign.starts_on, pk__lt=campaign.pk))
    zone = {street_key(street) for street in campaign.streets}
    for each in earlier.order_by("-starts_on", "-pk"):
        if not each.streets or (zone and zone <= {street_key(street) for street in each.streets}):
            return each
    return None


def compare(campaign: SurveyCampaign) -> Comparison:
    """Compare a survey with the previous one, unit by unit: three queries, whatever their number."""
    previous = previous_of(campaign)
    states: dict[tuple[int, int], str] = {
        (campaign_pk, unit_pk): state
        for campaign_pk, unit_pk, state in last_seen([each for each in (campaign, previous) if each]).values_list(
            "campaign", "unit", "counted"
        )
    }
    now = {unit: state for (pk, unit), state in states.items() if pk == campaign.pk}
    before = {unit: state for (pk, unit), state in states.items() if pk != campaign.pk}
    rows = [_compared(unit, before, now) for unit in _units(campaign, previous, now)]
    return Comparison(campaign, previous, [row for row in rows if row.change != Change.GONE or row.before])


def _compared(unit: Unit, before: dict[int, str], now: dict[int, str]) -> Compared:
    states = before.get(unit.pk), now.get(unit.pk)
    denied = unit.ended == FollowUpDetail.WAS_NOT_VACANT
    return Compared(unit, *states, change_of(*states, was_not_vacant=denied, is_gone=unit.closed_on is not None))


def _units(campaign: SurveyCampaign, previous: SurveyCampaign | None, seen: Iterable[int]) -> QuerySet[Unit]:
    """Return the units of the zone of a survey, with how their follow-up ``ended`` first since the previous one."""
    zone = Unit.objects.in_zone(campaign).filter(closed_because__in=TRUE_CLOSURES)
    if campaign.closed_at:
        zone = zone.filter(Q(created_at__lte=campaign.closed_at) | Q(pk__in=list(seen)))
    done = FollowUp.objects.filter(unit=OuterRef("pk"), status=FollowUpStatus.DONE)
    if previous:
        done = done.filter(written_at__gte=previous.opened_at)
    first = done.order_by("written_at", "pk").values("detail")[:1]
    return zone.annotate(ended=Subquery(first)).order_by("street", "number", "repetition", "pk")
