"""A town against towns like it, from one set of counts: what it has less of, and how far to trust that."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import F

from coopconnexion.territories.models import Activity, Commune, FacilityType
from premises.enums import CountKind
from premises.models import CountedCommune, CountSet, EstablishmentCount
from premises.rules.shortages import FEWEST_TOWNS, Gap, like, ranked, shown

ROWS = 10_000
"""Counts read at a time."""


@dataclass(frozen=True)
class Line:
    """A gap with its words; ``activities`` are those of our list that the code stands for."""

    gap: Gap
    label: str
    activities: tuple[Activity, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """The result, with its group, its vintage and its sources."""

    commune: Commune
    group: list[Commune]
    count_set: CountSet
    population_year: int | None
    lines: list[Line]

    @property
    def gaps(self) -> list[Line]:
        """What the town has less of than its like: as many as there are, never a round number."""
        return [line for line in self.lines if line.gap.is_gap]

    @property
    def over(self) -> list[Line]:
        return [line for line in self.lines if line.gap.level == "over"]

    @property
    def population(self) -> int:
        return sum(each.population for each in self.group)

    @property
    def neighbours(self) -> list[Commune]:
        """Towns of the group in the same intercommunality: what one lacks may stand next door."""
        epci = self.commune.epci_code
        return [each for each in self.group if epci and each.epci_code == epci]


def proposed_group(commune: Commune, count_set: CountSet) -> list[Commune]:
    """Return the towns of the set of half to twice the population of ``commune``, the nearest in size first."""
    if not commune.population:
        return []
    counted = Commune.objects.filter(
        pk__in=CountedCommune.objects.filter(count_set=count_set).values("commune"),
        population__range=((commune.population + 1) // 2, 2 * commune.population),
        population_year=commune.population_year,
    ).exclude(pk=commune.pk)
    found = {each.pk: each for each in counted}
    return [found[code] for code in like(commune.population, {code: each.population for code, each in found.items()})]


def compare(*, commune: Commune, group: Sequence[Commune], count_set: CountSet) -> Comparison:
    """Compare ``commune`` with ``group``, from which it is left out: four queries.

    :raises ValidationError: commune_not_counted, population_unknown, population_years_mixed, group_too_small
    """
    others = [each for each in group if each.pk != commune.pk]
    refuse_unknown(commune, others, count_set)
    codes = [commune.pk, *(each.pk for each in others)]
    counts = counted(count_set, codes)
    populations = {each.pk: each.population for each in (commune, *others)}
    labels, activities = words_of(count_set)
    lines = [
        Line(gap, labels.get(gap.code, gap.code), tuple(activities.get(gap.code, ())))
        for gap in ranked(counts, populations, town=commune.pk, group=codes[1:])
    ]
    return Comparison(commune, others, count_set, commune.population_year, lines)


def refuse_unknown(commune: Commune, others: Sequence[Commune], count_set: CountSet) -> None:
    covered = set(
        CountedCommune.objects.filter(count_set=count_set, commune__in=[commune, *others]).values_list(
            "commune", flat=True
        )
    )
    if missing := [str(each) for each in (commune, *others) if each.pk not in covered]:
        raise ValidationError(
            f"Absente de {count_set}\u202f: {', '.join(missing)}. Choisissez un autre jeu, ou un autre groupe.",
            code="commune_not_counted",
        )
    if unknown := [str(each) for each in (commune, *others) if not each.population]:
        raise ValidationError(f"Population inconnue\u202f: {', '.join(unknown)}.", code="population_unknown")
    if len({each.population_year for each in (commune, *others)}) > 1:
        raise ValidationError(
            "Les populations sont d’années différentes\u202f: elles ne se comparent pas. Rechargez les communes.",
            code="population_years_mixed",
        )
    if len(others) < FEWEST_TOWNS:
        raise ValidationError(
            f"Il faut au moins {FEWEST_TOWNS} communes de référence\u202f: ajoutez-en au groupe.",
            code="group_too_small",
        )


def counted(count_set: CountSet, communes: Iterable[str]) -> dict[str, dict[str, int | None]]:
    """Return the numbers by code and commune, by activity for SIRENE: what has no row is zero. One or two queries."""
    communes = list(communes)
    numbers: dict[str, dict[str, int | None]] = {code: dict.fromkeys(communes, 0) for code in count_set.codes}
    rows = EstablishmentCount.objects.filter(count_set=count_set, commune__in=communes)
    for code, commune, number in rows.values_list("code", "commune", "number").iterator(chunk_size=ROWS):
        if code not in numbers:
            numbers[code] = dict.fromkeys(communes, 0)
        numbers[code][commune] = number
    return numbers if count_set.kind == CountKind.BPE else by_activity(numbers, communes)


def by_activity(numbers: dict[str, dict[str, int | None]], communes: list[str]) -> dict[str, dict[str, int | None]]:
    """Add up the NAF codes of each activity of our list: one query.

    An activity with a code that was not looked for when the file was counted is unknown, not smaller.
    """
    codes: dict[str, list[str]] = defaultdict(list)
    links = Activity.naf_codes.through.objects.filter(activity__retired_at=None)
    for key, code in links.values_list("activity__key", "nafcode"):
        codes[key].append(code)
    return {
        key: {commune: sum(numbers[code].get(commune) or 0 for code in theirs) for commune in communes}
        if all(code in numbers for code in theirs)
        else dict.fromkeys(communes)
        for key, theirs in codes.items()
        if any(code in numbers for code in theirs)
    }


def words_of(count_set: CountSet) -> tuple[dict[str, str], dict[str, list[Activity]]]:
    """Return the labels of the codes of a set, and the activities that they stand for: two queries at most."""
    if count_set.kind != CountKind.BPE:
        found = {each.key: each for each in Activity.objects.active()}
        return {key: each.label for key, each in found.items()}, {key: [each] for key, each in found.items()}
    types = FacilityType.objects.filter(vintage=count_set.vintage, code__in=count_set.codes)
    activities: dict[str, list[Activity]] = defaultdict(list)
    for each in (
        Activity.objects.active().filter(facility_types__in=types).annotate(type_code=F("facility_types__code"))
    ):
        activities[each.type_code].append(each)
    return dict(types.values_list("code", "label")), activities


def figures_of(line: Line, comparison: Comparison) -> dict:
    """Return a result as the inventory keeps it, with everything it rests on."""
    gap = line.gap
    return {
        "code": gap.code,
        "activité": line.label,
        "comptés": gap.number,
        "attendus": shown(gap.expected, 1),
        "écart": shown(gap.missing, 1),
        "indice": shown(gap.index, 0),
        "niveau": str(gap.level.label),
        "fragile": gap.is_fragile,
        "groupe": [str(each) for each in comparison.group],
        "statistiques": str(comparison.count_set),
        "licence": comparison.count_set.licence,
        "population": comparison.population_year,
    }
