"""Register of what the apps measure; objectives, dashboards, exports and reports read nothing else.

A flow is counted over a period, by the day on which its rows fall; a stock is counted on the last day of the period, by
the periods of its rows. Each app's ``indicators.py`` registers its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from django.db.models import Aggregate, Count, Expression, F, Q, QuerySet
from django.db.models.functions import TruncMonth, TruncQuarter, TruncYear

from coopconnexion.periods import last_day

Number = int | Decimal | None
SMALLEST_SHOWN = 5


class Hidden(StrEnum):
    """What stands in the place of a number that could point at somebody."""

    FEW = "moins de 5"


def masked(value: Number, *groups: int | None) -> Number | Hidden:
    """Return ``value``, or what hides it when it rests on a group of one to four people.

    ``groups`` are the counts of people that it tells of; without them, the value is one itself.
    """
    few = any(group and 0 < group < SMALLEST_SHOWN for group in (groups or (value,)))
    return Hidden.FEW if few else value


class Step(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def months(self) -> int:
        return {Step.MONTH: 1, Step.QUARTER: 3, Step.YEAR: 12}[self]

    def start(self, day: date) -> date:
        """Return the first day of the step that ``day`` is in."""
        return day.replace(month=(day.month - 1) // self.months * self.months + 1, day=1)

    def next(self, start: date) -> date:
        years, month = divmod(start.month - 1 + self.months, 12)
        return date(start.year + years, month + 1, 1)


TRUNCATE = {Step.MONTH: TruncMonth, Step.QUARTER: TruncQuarter, Step.YEAR: TruncYear}


@dataclass(frozen=True)
class Scope:
    """Territories (``None``: all of them) over the half-open period ``[starts_on, ends_on)``."""

    starts_on: date
    ends_on: date
    territory_ids: frozenset[int] | None = None

    def within(self, rows: QuerySet, territory: str = "territory") -> QuerySet:
        """Keep the rows of these territories, found at the path ``territory``."""
        return rows if self.territory_ids is None else rows.filter(**{f"{territory}__in": self.territory_ids})

    def steps(self, step: Step) -> list[tuple[date, date]]:
        """Return the half-open steps of the period, the first and the last cut to it."""
        cuts, start = [], step.start(self.starts_on)
        while start < self.ends_on:
            following = step.next(start)
            cuts.append((max(start, self.starts_on), min(following, self.ends_on)))
            start = following
        return cuts


def as_it_is(value) -> Number:
    return value


def in_percent(share) -> Decimal | None:
    """Round a share between 0 and 1 to a tenth of a percent."""
    return None if share is None else Decimal(str(share * 100)).quantize(Decimal("0.1"))


def in_days(delay: timedelta | None) -> Decimal | None:
    """Round a delay to a tenth of a day."""
    return None if delay is None else Decimal(str(delay / timedelta(days=1))).quantize(Decimal("0.1"))


@dataclass(frozen=True)
class Indicator:
    """What is measured, in words; a new ``definition`` gets a new ``version``.

    ``rows`` returns the rows of a scope's territories; ``measure`` sums up a group of them and ``read`` turns that into
    the number; ``nothing`` is the number of an empty group. A ``sensitive`` one could point at people: whoever is not
    of the coop reads ``shown_value`` and ``shown_series``, masked where any of its ``groups`` of people is too small.
    """

    key: str
    label: str
    unit: str
    definition: str
    rows: Callable[[Scope], QuerySet]
    measure: Aggregate | Expression = field(default_factory=lambda: Count("pk"))
    read: Callable[[object], Number] = as_it_is
    nothing: Number = 0
    version: int = 1
    sensitive: bool = False
    groups: tuple[Aggregate | Expression, ...] = ()

    def value(self, scope: Scope) -> Number:
        """Return the number of ``scope``, in one query."""
        raise NotImplementedError

    def series(self, scope: Scope, step: Step) -> list[tuple[date, Number]]:
        """Return the first day and the number of every step of ``scope``, in one query."""
        raise NotImplementedError

    def shown_value(self, scope: Scope) -> Number | Hidden:
        """Return the number of ``scope`` as anybody may read it, in one query."""
        value = self.value(scope)
        return masked(value) if self.sensitive else value

    def shown_series(self, scope: Scope, step: Step) -> list[tuple[date, Number | Hidden]]:
        """Return the first day and the number of every step as anybody may read them, in one query."""
        series = self.series(scope, step)
        return [(start, masked(number)) for start, number in series] if self.sensitive else series

    def _number(self, measured) -> Number:
        return self.nothing if measured is None else self.read(measured)


@dataclass(frozen=True, kw_only=True)
class Flow(Indicator):
    """Counted by the day on which its rows fall: a date, or an expression that gives one."""

    day: str | Expression
    kind: str = "flow"

    def _dated(self, scope: Scope) -> QuerySet:
        rows = self.rows(scope).alias(indicator_day=F(self.day) if isinstance(self.day, str) else self.day)
        return rows.filter(indicator_day__gte=scope.starts_on, indicator_day__lt=scope.ends_on)

    def value(self, scope):
        return self._number(self._dated(scope).aggregate(measured=self.measure)["measured"])

    def series(self, scope, step):
        found = self._by_step(scope, step, measured=self.measure)
        return [(start, self._number(found.get(step.start(start), [None])[0])) for start, _ in scope.steps(step)]

    def shown_value(self, scope):
        if not (self.sensitive and self.groups):
            return super().shown_value(scope)
        found = self._dated(scope).aggregate(measured=self.measure, **self._counts())
        return masked(self._number(found.pop("measured")), *found.values())

    def shown_series(self, scope, step):
        if not (self.sensitive and self.groups):
            return super().shown_series(scope, step)
        found = self._by_step(scope, step, measured=self.measure, **self._counts())
        numbers = [(start, found.get(step.start(start), [None])) for start, _ in scope.steps(step)]
        return [(start, masked(self._number(measured), *counts)) for start, (measured, *counts) in numbers]

    def _counts(self) -> dict[str, Aggregate | Expression]:
        return {f"group_{number}": count for number, count in enumerate(self.groups)}

    def _by_step(self, scope: Scope, step: Step, **measures) -> dict[date, list]:
        dated = self._dated(scope).annotate(indicator_step=TRUNCATE[step]("indicator_day")).values("indicator_step")
        rows = dated.annotate(**measures).values_list("indicator_step", *measures).order_by()
        return {start: numbers for start, *numbers in rows}


@dataclass(frozen=True, kw_only=True)
class Stock(Indicator):
    """Counted on a day: the rows whose half-open period holds it."""

    starts_on: str = "starts_on"
    ends_on: str = "ends_on"
    kind: str = "stock"

    def _on(self, day: date) -> Q:
        open_end = Q(**{f"{self.ends_on}__isnull": True}) | Q(**{f"{self.ends_on}__gt": day})
        return open_end & Q(**{f"{self.starts_on}__lte": day})

    def _counts(self, scope: Scope, days: list[date]) -> list[Number]:
        counts = {f"on_{n}": Count("pk", filter=self._on(day), distinct=True) for n, day in enumerate(days)}
        found = self.rows(scope).aggregate(**counts)
        return [found[name] for name in counts]

    def value(self, scope):
        return self._counts(scope, [last_day(scope.ends_on)])[0]

    def series(self, scope, step):
        cuts = scope.steps(step)
        counts = self._counts(scope, [last_day(end) for _, end in cuts])
        return [(start, count) for (start, _), count in zip(cuts, counts, strict=True)]


_indicators: dict[str, Indicator] = {}


def register(indicator: Indicator) -> Indicator:
    """Add ``indicator`` under its key.

    :raises ValueError: when the key is taken
    """
    if indicator.key in _indicators:
        raise ValueError(f"Two indicators are named {indicator.key!r}.")
    _indicators[indicator.key] = indicator
    return indicator


def get(key: str) -> Indicator:
    """:raises KeyError: when no app measures ``key``"""
    return _indicators[key]


def every() -> list[Indicator]:
    """Return the indicators in the order of their keys."""
    return [_indicators[key] for key in sorted(_indicators)]


def choices() -> list[tuple[str, str]]:
    """Return keys and labels, for forms."""
    return [(indicator.key, indicator.label) for indicator in every()]
