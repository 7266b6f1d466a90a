"""How long a unit has been empty, when its first day is known to the day, to the month or to the year only.

Two years without use make a derelict shop (CGI, art. 1530). What is not known is not held against the owner: « 2024 »
may be the last of December.
"""

from datetime import date, timedelta

from coopconnexion.periods import months_later
from premises.rules.dates import DAY, MONTH, YEAR

DERELICT_MONTHS = 24
SOON_MONTHS = 3


def last_possible(since: date, precision: str) -> date:
    """Return the latest day on which the vacancy may have begun."""
    months = {YEAR: 12, MONTH: 1}.get(precision, 0)
    return months_later(since, months) - timedelta(days=1) if months else since


def derelict_on(since: date, precision: str) -> date:
    """Return the day from which the unit has been empty for two years, for sure."""
    return months_later(last_possible(since, precision), DERELICT_MONTHS)


def is_derelict(since: date | None, precision: str, today: date) -> bool:
    return since is not None and derelict_on(since, precision) <= today


def begun_by(today: date, months: int) -> dict[str, date]:
    """Return, for each precision, the last ``vacant_since`` that makes a vacancy of ``months`` months ``today``."""
    limit = months_later(today, -months)
    if (today + timedelta(days=1)).day == 1:  # the 30 of April is also a month after the 31 of March
        limit = months_later(limit.replace(day=1), 1) - timedelta(days=1)
    after = limit + timedelta(days=1)
    return {DAY: limit, MONTH: months_later(after.replace(day=1), -1), YEAR: date(after.year - 1, 1, 1)}


def months_empty(since: date, precision: str, today: date) -> int:
    """Return how many whole months the unit has been empty, for sure."""
    begun = last_possible(since, precision)
    months = (today.year - begun.year) * 12 + today.month - begun.month
    return max(0, months - (months_later(begun, months) > today))
