"""The law on contracts as pure computation: months, the three-year clock, renewals, the situation on a day.

Periods are half-open pairs ``(starts_on, ends_on)``; an end that is ``None`` is not known yet.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from coopconnexion.periods import months_later
from members.enums import ContractNature, DeadlineKind, Situation

Period = tuple[date, date]
OpenPeriod = tuple[date, date | None]

CLOCK_MONTHS = 36
"""Months from the contract to association, before deduction (C. trav. L7331-3)."""

ALERT_MONTHS = (6, 3, 1)
"""How many months before a legal end somebody is told."""

INQUIRY_MONTHS = (6, 12, 24, 36)
"""How many months after leaving somebody is asked what became of them."""

ANSWER_CHANGEABLE = timedelta(days=30)
"""How long an answer about life after the coop may still be changed by its author."""


# --- months ----------------------------------------------------------------------------------------------------------


def months_and_days(starts_on: date, ends_on: date) -> tuple[int, int]:
    """Return the whole months of a half-open period, then the days left: 1 March to 15 April is (1, 14)."""
    months = (ends_on.year - starts_on.year) * 12 + ends_on.month - starts_on.month
    if months_later(starts_on, months) > ends_on:
        months -= 1
    return months, (ends_on - months_later(starts_on, months)).days


def union(periods: Iterable[Period]) -> list[Period]:
    """Return the disjoint periods that cover the same days, in order; neighbours that touch become one."""
    joined: list[Period] = []
    for starts_on, ends_on in sorted(periods):
        if joined and starts_on <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ends_on))
        else:
            joined.append((starts_on, ends_on))
    return joined


# --- the three-year clock --------------------------------------------------------------------------------------------


def time_deducted(clock_starts_on: date, earlier: Iterable[OpenPeriod]) -> tuple[int, int]:
    """Return the months and days of the contracts before the clock, counted once where they overlap.

    Gaps do not count, nor what runs on after the clock has started. An earlier contract without an end runs up to it.
    """
    before = [
        (starts_on, min(ends_on or clock_starts_on, clock_starts_on))
        for starts_on, ends_on in earlier
        if starts_on < clock_starts_on
    ]
    lengths = [months_and_days(*period) for period in union(before)]
    return sum(months for months, _ in lengths), sum(days for _, days in lengths)


def association_deadline(clock_starts_on: date, earlier: Iterable[OpenPeriod]) -> date:
    """Return the last day to become an associate: three years less the earlier contracts (C. trav. L7331-3).

    Months are taken off first, then days; the delay may be nil, never negative. See docs/adr/0009.
    """
    months, days = time_deducted(clock_starts_on, earlier)
    deadline = months_later(clock_starts_on, CLOCK_MONTHS - months) - timedelta(days=days)
    return max(deadline, clock_starts_on)


# --- limits and renewals ---------------------------------------------------------------------------------------------


def latest_end(starts_on: date, max_months: int | None) -> date | None:
    """Return the latest exclusive end of a contract: 12 months from 1 March end before 1 March."""
    return None if max_months is None else months_later(starts_on, max_months)


def series_and_ranks(
    periods: Sequence[OpenPeriod], departures: Iterable[OpenPeriod], nature: str
) -> list[tuple[int, int]]:
    """Return (series, rank) of the contracts of one kind, given in order of their start.

    A contract renews the one before it, with or without a gap (C. com. L127-1: two renewals, whatever their length),
    unless the member left in between; a contract of employment also starts a series after any gap.
    """
    exits = list(departures)
    ranks: list[tuple[int, int]] = []
    for number, (starts_on, _) in enumerate(periods):
        if not number:
            ranks.append((1, 0))
            continue
        before = periods[number - 1]
        series, rank = ranks[-1]
        ranks.append((series + 1, 0) if _breaks(before, starts_on, exits, nature) else (series, rank + 1))
    return ranks


def _breaks(before: OpenPeriod, starts_on: date, departures: list[OpenPeriod], nature: str) -> bool:
    """Tell whether a contract that starts on this day is a new one rather than the renewal of the one ``before``."""
    if any(before[0] < left_on <= starts_on for left_on, _ in departures):
        return True
    return nature == ContractNature.EMPLOYMENT and before[1] is not None and before[1] < starts_on


# --- the situation ---------------------------------------------------------------------------------------------------


def holds(period: OpenPeriod, day: date) -> bool:
    """Tell whether ``day`` lies within a half-open period."""
    return period[0] <= day and (period[1] is None or day < period[1])


def situation(
    day: date,
    contracts: Iterable[tuple[str, date, date | None]],
    departures: Iterable[OpenPeriod] = (),
    associated_on: date | None = None,
) -> Situation:
    """Return where somebody stands on ``day``; ``contracts`` are (nature, start, exclusive end)."""
    if any(holds(away, day) for away in departures):
        return Situation.LEFT
    begun = [(nature, starts_on, ends_on) for nature, starts_on, ends_on in contracts if starts_on <= day]
    current = {nature for nature, starts_on, ends_on in begun if holds((starts_on, ends_on), day)}
    if ContractNature.EMPLOYMENT in current:
        return Situation.ASSOCIATE if associated_on and associated_on <= day else Situation.EMPLOYED
    if current:
        return Situation.SUPPORTED
    return Situation.BETWEEN if begun else Situation.CANDIDATE


# --- alerts ----------------------------------------------------------------------------------------------------------


def alert_due(today: date, *, kind: str, deadline_on: date, starts_on: date, raised: Iterable[int] = ()) -> int | None:
    """Return how many months before ``deadline_on`` an alert is due today, ``None`` when there is nothing to say.

    Of several that are due at once only the nearest is given. A contract is not announced to end on the day when it
    begins, save by the last alert; what has been over for a month is left to the list.
    """
    if today > months_later(deadline_on, 1):
        return None
    reached = [
        months
        for months in ALERT_MONTHS
        if months_later(deadline_on, -months) <= today
        and (kind == DeadlineKind.ASSOCIATION or months == 1 or months_later(deadline_on, -months) > starts_on)
    ]
    if not reached or any(given <= min(reached) for given in raised):
        return None
    return min(reached)
