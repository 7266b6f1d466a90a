"""When people may register, be promoted and be reminded; which days a series gives: values in, values out."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils import timezone

from coopconnexion.recurrence import nth_weekdays, weekly_days
from coopconnexion.territories.rules import public_holiday
from events.enums import Frequency

PROMOTION_STOPS = timedelta(hours=2)
"""Before the start: who learns later than that of a place cannot come; it stays for those who come by."""

OCCURRENCES_AT_MOST = 60


def promotion_deadline(starts_at: datetime, closes_at: datetime) -> datetime:
    """Return until when a freed place goes to who waits: the end of registration, two hours before the start."""
    return min(closes_at, starts_at - PROMOTION_STOPS)


def first_of_days(starts: Iterable[datetime]) -> list[datetime]:
    """Return the first of the instants of each day in Paris, in order: one reminder a day is enough."""
    firsts: dict[date, datetime] = {}
    for start in sorted(starts):
        firsts.setdefault(timezone.localdate(start), start)
    return list(firsts.values())


def series_days(
    *,
    frequency: str,
    starts_on: date,
    ends_on: date,
    every: int = 1,
    nth: int | None = None,
    weekday: int | None = None,
    keeps_holidays: bool = False,
) -> tuple[list[date], list[date]]:
    """Return the days that a rule gives in ``[starts_on, ends_on)``, and those that it gives up as public holidays.

    :raises ValueError: when the rule gives more than ``OCCURRENCES_AT_MOST`` days
    """
    if frequency == Frequency.WEEKLY:
        days = list(weekly_days(starts_on, ends_on, every=every))
    else:
        days = list(nth_weekdays(nth, weekday, starts_on, ends_on))
    if len(days) > OCCURRENCES_AT_MOST:
        raise ValueError(f"more than {OCCURRENCES_AT_MOST} days")
    given_up = [] if keeps_holidays else [day for day in days if public_holiday(day)]
    return [day for day in days if day not in given_up], given_up
