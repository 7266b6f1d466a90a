"""How many establishments a town has, against what towns like it have for as many inhabitants.

A low density proves no need: the result is a gap to the reference, which somebody who knows the town confirms or not.

For an activity, with n establishments and P inhabitants, over reference towns r without the town itself:

- density = 10 000 · n / P, reference = 10 000 · Σn(r) / ΣP(r), pooled: medians of rare trades are often zero;
- expected = reference · P / 10 000, missing = expected - n, index = 100 · density / reference;
- presence = how many of the reference towns have one.

Levels are decided on whole numbers, never on what is rounded to be shown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from premises.enums import GAPS, Level

PER = 10_000  # inhabitants
FEWEST_TOWNS = 3
LEVELS = tuple(Level)


@dataclass(frozen=True)
class Reference:
    """Establishments over inhabitants, as two whole numbers; and how many of the towns have any."""

    number: int
    population: int
    present: int = 0
    towns: int = 0

    @property
    def density(self) -> float:
        """Per 10 000 inhabitants."""
        return PER * self.number / self.population

    def expected(self, population: int) -> float:
        return self.number * population / self.population


@dataclass(frozen=True)
class Gap:
    """One activity of a town against its reference; ``number`` is None where the source says nothing of it."""

    code: str
    number: int | None
    population: int
    pooled: Reference | None
    median: Reference | None
    level: Level
    level_by_median: Level

    @property
    def density(self) -> float | None:
        return None if self.number is None else PER * self.number / self.population

    @property
    def expected(self) -> float | None:
        return self.pooled and self.pooled.expected(self.population)

    @property
    def missing(self) -> float | None:
        """How many establishments fewer than expected; negative where there are more."""
        return None if self.number is None or self.pooled is None else self.expected - self.number

    @property
    def index(self) -> float | None:
        """100 where the town is as dense as its reference."""
        if self.number is None or self.pooled is None or not self.pooled.number:
            return None
        return 100 * self.number * self.pooled.population / (self.population * self.pooled.number)

    @property
    def is_gap(self) -> bool:
        return self.level in GAPS

    @property
    def is_fragile(self) -> bool:
        """Whether another reference, the median town, tells otherwise."""
        return self.level != self.level_by_median

    @property
    def rank_key(self) -> tuple[int, Fraction | int, str]:
        """Level, then what is missing, exactly: two that lack as much stand in the order of their codes."""
        if self.number is None or self.pooled is None:
            return LEVELS.index(self.level), 0, self.code
        over = self.number - Fraction(self.pooled.number * self.population, self.pooled.population)
        return LEVELS.index(self.level), over, self.code


def level(number: int, population: int, reference: Reference) -> Level:
    """Return the first level that fits; every comparison is made between whole numbers."""
    if reference.number == 0:
        return Level.UNMEASURABLE
    ours, theirs = number * reference.population, reference.number * population
    one = reference.population  # an establishment, in the same unit
    if number == 0 and 2 * theirs >= one:
        return Level.ABSENT
    if 2 * ours < theirs and theirs - ours >= one:
        return Level.STRONG
    if 4 * ours < 3 * theirs and theirs - ours >= one:
        return Level.MODERATE
    if 4 * ours > 5 * theirs and ours - theirs >= one:
        return Level.OVER
    return Level.BALANCED


def pooled(towns: Iterable[tuple[int, int]]) -> Reference:
    """Add up the towns, given as (establishments, inhabitants)."""
    rows = list(towns)
    return Reference(
        number=sum(number for number, _ in rows),
        population=sum(population for _, population in rows),
        present=sum(number > 0 for number, _ in rows),
        towns=len(rows),
    )


def median(towns: Iterable[tuple[int, int]]) -> Reference:
    """Return the density of the town in the middle, exactly; the mean of the two in the middle of an even number."""
    rows = sorted(towns, key=lambda row: row[0] / row[1])
    middle = len(rows) // 2
    if len(rows) % 2:
        return Reference(*rows[middle])
    (low, fewer), (high, more) = rows[middle - 1], rows[middle]
    return Reference(low * more + high * fewer, 2 * fewer * more)


def gap(code: str, number: int | None, population: int, towns: Iterable[tuple[int | None, int]]) -> Gap:
    """Compare a town of ``population`` with ``towns``, given as (establishments or None, inhabitants).

    Towns of which the source says nothing are left out; with fewer than three others nothing is measured.
    """
    rows = [(each, inhabitants) for each, inhabitants in towns if each is not None]
    if number is None or len(rows) < FEWEST_TOWNS:
        found = Level.UNKNOWN if number is None else Level.UNMEASURABLE
        return Gap(code, number, population, None, None, found, found)
    all_of_them, middle = pooled(rows), median(rows)
    found = level(number, population, all_of_them)
    by_median = level(number, population, middle) if middle.number else _without_median(found)
    return Gap(code, number, population, all_of_them, middle, found, by_median)


def _without_median(found: Level) -> Level:
    """Half of the towns have none: by the median nothing is missing, and nothing more can be said."""
    return Level.BALANCED if found in GAPS else found


def ranked(
    counts: Mapping[str, Mapping[str, int | None]], populations: Mapping[str, int], *, town: str, group: Iterable[str]
) -> list[Gap]:
    """Return every activity of ``counts`` (code → town → establishments) for a town, the largest gaps first.

    A town that ``counts`` does not name has an unknown number; the town itself is left out of its group.
    """
    others = [each for each in group if each != town]
    rows = [
        gap(code, found.get(town), populations[town], ((found.get(each), populations[each]) for each in others))
        for code, found in counts.items()
    ]
    return sorted(rows, key=lambda row: row.rank_key)


def like(population: int, others: Mapping[str, int], *, most: int = 12) -> list[str]:
    """Return the towns of half to twice ``population``, the nearest in size first, then by code."""
    near = [code for code, theirs in others.items() if population <= 2 * theirs and theirs <= 2 * population]
    return sorted(near, key=lambda code: (abs(others[code] - population), code))[:most]


def shown(value: float | None, places: int) -> str:
    """« 1,2 », « −0,3 », « 0,0 » and never « −0,0 »; empty for what is unknown."""
    if value is None:
        return ""
    text = f"{value:.{places}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return text.replace("-", "−").replace(".", ",")
