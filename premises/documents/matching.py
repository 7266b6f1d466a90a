"""Projects, missing activities and units brought together, each pair with its reasons, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import cached_property

from coopconnexion.accounts.models import User
from coopconnexion.territories.models import Activity, FacilityType
from premises.documents.neighbours import Neighbour, Supply, neighbours_of, supply_of
from premises.enums import EMPTY_STATES, TRADING, Availability
from premises.models import MissingActivity, Occupancy, Unit
from premises.rules import matching as rules
from premises.rules.matching import Facts, Match, Need, Trade
from projects.models import PremisesNeed, Project

SHOWN = 5
NEWEST = 500
"""Of the units on offer, how many are compared with the ideas shown to the public: those offered last."""


@dataclass(frozen=True)
class UnitFit:
    """A unit and how it suits; ``fellows`` are those who do the same in its street."""

    unit: Unit
    match: Match
    fellows: tuple[str, ...] = ()


@dataclass(frozen=True)
class GapFit:
    gap: MissingActivity
    reason: str


@dataclass(frozen=True)
class ProjectFit:
    """A project with how a unit suits it, or why it would fill a gap."""

    project: Project
    match: Match = field(default_factory=Match)
    reason: str = ""


@dataclass(frozen=True)
class Found:
    """The first rows of a list in order, and how many they are in all."""

    rows: list
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


def first(rows: list, shown: int = SHOWN) -> Found:
    return Found(rows[:shown], len(rows))


# --- trades ----------------------------------------------------------------------------------------------------------


class Lexicon:
    """The activities of our list with their codes: three queries, made when something is asked."""

    @cached_property
    def labels(self) -> dict[int, str]:
        return dict(Activity.objects.active().order_by("label").values_list("pk", "label"))

    @cached_property
    def naf(self) -> dict[int, set[str]]:
        return self._links(Activity.naf_codes.through.objects.values_list("activity", "nafcode"))

    @cached_property
    def types(self) -> dict[int, set[str]]:
        rows = FacilityType.objects.filter(activities__isnull=False)
        return self._links(rows.values_list("activities", "code"))

    @staticmethod
    def _links(rows: Iterable[tuple[int, str]]) -> dict[int, set[str]]:
        found: dict[int, set[str]] = defaultdict(set)
        for activity, code in rows:
            found[activity].add(code)
        return found

    def activities_of(self, project: Project) -> list[int]:
        """What staff chose of the list, else what the words of the project name."""
        if project.activity_id:
            return [project.activity_id]
        return rules.activities_named(project.intended_activity, self.labels)

    def trade_of(self, project: Project) -> Trade:
        return self.trade(self.activities_of(project), text=project.intended_activity)

    def trade(self, activities: Iterable[int], *, text: str = "", naf: str | None = None, kind: str = "") -> Trade:
        keys = frozenset(activities)
        return Trade(
            activities=keys,
            naf=frozenset({*([naf] if naf else ()), *(code for key in keys for code in self.naf.get(key, ()))}),
            types=frozenset({*([kind] if kind else ()), *(code for key in keys for code in self.types.get(key, ()))}),
            text=text,
        )

    def trade_of_gap(self, gap: MissingActivity) -> Trade:
        activities = [gap.activity_id] if gap.activity_id else []
        return self.trade(activities, text=gap.label, naf=gap.naf_id, kind=gap.type_code)


def gaps_of(project: Project, gaps: Iterable[MissingActivity], lexicon: Lexicon) -> list[GapFit]:
    """Those of ``gaps`` that the project would fill, the surest evidence first."""
    trade = lexicon.trade_of(project)
    found = [GapFit(gap, reason) for gap in gaps if (reason := rules.same_trade(trade, lexicon.trade_of_gap(gap)))]
    return sorted(found, key=lambda each: (rules.surest(each.reason), each.gap.label, each.gap.pk))


# --- units -----------------------------------------------------------------------------------------------------------


def need_of(project: Project) -> Need | None:
    """What the project said that it looks for; None when nobody wrote anything down."""
    need = PremisesNeed.objects.filter(project=project).first()
    return need and need_from(need)


def need_from(row: PremisesNeed) -> Need:
    return Need(
        min_area=row.min_area_m2,
        max_area=row.max_area_m2,
        max_rent=row.max_monthly_rent,
        wanted_from=row.wanted_from,
        **{name: getattr(row, f"needs_{name}") for name in rules.EQUIPMENT},
    )


def facts_of(unit: Unit, *, is_public: bool = False) -> Facts:
    """What is known of a unit; for the public, without the rent that the team keeps for itself."""
    return Facts(
        area=unit.floor_area_m2,
        rent=None if is_public and not unit.rent_is_public else unit.monthly_rent,
        is_empty=unit.is_empty or (unit.availability == Availability.YES and unit.state not in TRADING),
        free_from=getattr(unit, "free_from", None),
        is_to_let=True if unit.availability == Availability.YES else None,
        **{name: getattr(unit, name) for name in rules.EQUIPMENT},
    )


def perhaps_to_let(units: QuerySet[Unit], today: date) -> QuerySet[Unit]:
    """Those to let, and the empty ones of which nobody knows; with the day their occupant leaves."""
    held = Occupancy.objects.on(today).filter(unit=OuterRef("pk")).order_by("-starts_on")
    offered = Q(availability=Availability.YES) | Q(availability=Availability.UNKNOWN, state__in=sorted(EMPTY_STATES))
    return units.standing().filter(offered).annotate(free_from=Subquery(held.values("ends_on")[:1]))


def within_reach(need: Need) -> Q:
    """The units that are not hopelessly too small, too large or too dear."""
    bounds = Q()
    if need.min_area is not None:
        bounds &= Q(floor_area_m2=None) | Q(floor_area_m2__gte=need.min_area / rules.REACH)
    if need.max_area is not None:
        bounds &= Q(floor_area_m2=None) | Q(floor_area_m2__lte=need.max_area * rules.REACH)
    if need.max_rent is not None:
        bounds &= Q(monthly_rent=None) | Q(monthly_rent__lte=need.max_rent * rules.REACH)
    return bounds


def by_match(fit: UnitFit) -> tuple:
    return *fit.match.rank, fit.unit.street, fit.unit.number or 0, fit.unit.pk


def units_for_project(
    project: Project, need: Need, *, user: User, today: date, neighbours: Iterable[Neighbour] = ()
) -> Found:
    """The units of the register that suit what the project looks for, best first: one query."""
    units = Unit.objects.visible_to(user).filter(within_reach(need), territory=project.territory_id)
    near = list(neighbours)
    fits = [
        UnitFit(unit, rules.match(need, facts_of(unit)), fellows_in(unit, near))
        for unit in perhaps_to_let(units, today).select_related("commune")
    ]
    return first(sorted(fits, key=by_match))


def fellows_in(unit: Unit, neighbours: list[Neighbour]) -> tuple[str, ...]:
    return tuple(each.name for each in neighbours if each.commune == unit.commune_id and each.street == unit.street)


def offers_for_project(project: Project, need: Need) -> Found:
    """The units on offer that suit a project, as who carries it may read them: one query."""
    units = Unit.objects.on_offer().filter(territory=project.territory_id).select_related("commune")
    facts = ((unit, facts_of(unit, is_public=True)) for unit in units.order_by("-published_at", "pk")[:NEWEST])
    matches = ((unit, rules.match(need, told, seeks="vous cherchez", hidden_rent=True)) for unit, told in facts)
    fits = [UnitFit(unit, match) for unit, match in matches if len(match.misses) < 2]
    return first(sorted(fits, key=by_match))


# --- the page of a project -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Prospects:
    """What the inventory and the register offer a project, and what it asks of us first."""

    activities: list[str]
    is_guessed: bool
    gaps: list[GapFit]
    need: Need | None
    units: Found
    supply: list[Supply]
    neighbours: list[Neighbour]


def prospects_of(project: Project, *, user: User, today: date) -> Prospects:
    """Bring a project together with the gaps of its territory, the units that suit it, and those who do the same."""
    lexicon = Lexicon()
    activities = lexicon.activities_of(project)
    labels = [lexicon.labels[each] for each in activities if each in lexicon.labels]
    gaps = MissingActivity.objects.visible_to(user).live().filter(territory=project.territory_id)
    need = need_of(project)
    told = labels or [project.intended_activity] * bool(project.intended_activity)
    around = neighbours_of(lexicon.trade_of(project), told, project.territory, user=user, today=today)
    return Prospects(
        activities=labels,
        is_guessed=bool(labels) and not project.activity_id,
        gaps=gaps_of(project, gaps.select_related("commune"), lexicon),
        need=need,
        units=units_for_project(project, need, user=user, today=today, neighbours=around) if need else Found([], 0),
        supply=supply_of(project.territory, activities),
        neighbours=around,
    )


def gaps_for_project(project: Project, *, today: date) -> list[GapFit]:
    """The published gaps that a project would fill: what its holder may read."""
    gaps = MissingActivity.objects.published(today).filter(territory=project.territory_id)
    return gaps_of(project, gaps.select_related("commune"), Lexicon())


# --- the page of a unit, and of a gap --------------------------------------------------------------------------------


def seeking(territory: int, *, user: User, today: date) -> QuerySet[Project]:
    """The open projects of a territory that the user may see and that have no premises yet."""
    housed = Occupancy.objects.ending_after(today).filter(project=OuterRef("pk"))
    rows = Project.objects.visible_to(user).open().counted().filter(~Exists(housed), territory=territory)
    return rows.select_related("holder", "advisor", "premises_need")


def reaching(unit: Unit) -> Q:
    """The needs that a unit is not hopelessly far from."""
    bounds, need = Q(), "premises_need__"
    if unit.floor_area_m2 is not None:
        low, high = f"{need}min_area_m2", f"{need}max_area_m2"
        bounds &= Q(**{low: None}) | Q(**{f"{low}__lte": unit.floor_area_m2 * rules.REACH})
        bounds &= Q(**{high: None}) | Q(**{f"{high}__gte": unit.floor_area_m2 / rules.REACH})
    if unit.monthly_rent is not None:
        rent = f"{need}max_monthly_rent"
        bounds &= Q(**{rent: None}) | Q(**{f"{rent}__gte": unit.monthly_rent / rules.REACH})
    return bounds


def projects_for_unit(unit: Unit, *, user: User, today: date) -> Found:
    """The open projects whose need the unit suits, best first: one query, two with an occupant."""
    rows = seeking(unit.territory_id, user=user, today=today).filter(reaching(unit), premises_need__isnull=False)
    facts = facts_of(perhaps_to_let(Unit.objects.filter(pk=unit.pk), today).first() or unit)
    fits = [ProjectFit(project, rules.match(need_from(project.premises_need), facts)) for project in rows]
    return first(sorted(fits, key=lambda fit: (*fit.match.rank, fit.project.created_at, fit.project.pk)))


def projects_for_gap(gap: MissingActivity, *, user: User, today: date) -> Found:
    """The open projects that would fill the gap, the surest evidence first: four queries at most."""
    lexicon = Lexicon()
    theirs = lexicon.trade_of_gap(gap)
    told = Q(activity__isnull=False) | ~Q(intended_activity="")
    rows = seeking(gap.territory_id, user=user, today=today).filter(told)
    found = ((project, rules.same_trade(lexicon.trade_of(project), theirs)) for project in rows)
    fits = [ProjectFit(project, reason=reason) for project, reason in found if reason]
    return first(sorted(fits, key=lambda fit: (rules.surest(fit.reason), fit.project.created_at, fit.project.pk)))


@dataclass(frozen=True)
class Fitting:
    """The units that would suit a gap, and what its trade asks of a unit."""

    units: Found
    asked: str = ""


def units_for_gap(gap: MissingActivity, *, user: User, today: date) -> Fitting:
    """The units of the register that would suit the trade that is missing, in its sector: three queries."""
    units = Unit.objects.visible_to(user).filter(territory=gap.territory_id, commune=gap.commune_id)
    rows = perhaps_to_let(units, today).select_related("commune").order_by("-published_at", "pk")
    return fitting(gap, list(rows), Lexicon(), is_public=False)


def fitting(gap: MissingActivity, units: Iterable[Unit], lexicon: Lexicon, *, is_public: bool) -> Fitting:
    """Sort those of ``units`` that stand in the town and the sector of a gap by what its trade asks."""
    asked, why = rules.asked_by_trade(lexicon.trade_of_gap(gap).naf)
    need = Need(**asked)
    there = [unit for unit in units if unit.commune_id == gap.commune_id and is_there(unit, gap)]
    fits = [UnitFit(unit, rules.match(need, facts_of(unit, is_public=is_public))) for unit in there]
    return Fitting(first(sorted((fit for fit in fits if not fit.match.misses), key=by_match)), why)


def is_there(unit: Unit, gap: MissingActivity) -> bool:
    """Whether a unit stands in the sector of a gap, or one of the two has none."""
    return not gap.sector or not unit.sector or rules.stems(unit.sector) == rules.stems(gap.sector)


def offers_for_gaps(gaps: Iterable[MissingActivity], *, lexicon: Lexicon) -> dict[int, Fitting]:
    """The units on offer that would suit each gap, as the public may read them: two queries."""
    rows = list(gaps)
    units = Unit.objects.on_offer().filter(commune__in={gap.commune_id for gap in rows}).select_related("commune")
    newest = list(units.order_by("-published_at", "pk")[:NEWEST])
    return {gap.pk: fitting(gap, newest, lexicon, is_public=True) for gap in rows}
