"""Days that come back, and the wall clock of Paris: values in, values out."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import IntegerChoices

PARIS = ZoneInfo("Europe/Paris")


class Weekday(IntegerChoices):
    """Numbered as ``date.weekday()``."""

    MONDAY = 0, "lundi"
    TUESDAY = 1, "mardi"
    WEDNESDAY = 2, "mercredi"
    THURSDAY = 3, "jeudi"
    FRIDAY = 4, "vendredi"
    SATURDAY = 5, "samedi"
    SUNDAY = 6, "dimanche"


class Nth(IntegerChoices):
    """Which weekday of the month."""

    FIRST = 1, "1er"
    SECOND = 2, "2e"
    THIRD = 3, "3e"
    FOURTH = 4, "4e"
    LAST = -1, "dernier"


def nth_weekday(year: int, month: int, nth: int, weekday: int) -> date:
    """Return the first to fourth ``weekday`` (0 is Monday) of a month, or the last with -1."""
    days_in_month = monthrange(year, month)[1]
    if nth == -1:
        last = date(year, month, days_in_month)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    if not 1 <= nth <= 4:
        raise ValueError(f"no weekday number {nth} in every month")
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def nth_weekdays(nth: int, weekday: int, first: date, until: date) -> Iterator[date]:
    """Yield the days of « the ``nth`` ``weekday`` of the month » in ``[first, until)``."""
    for index in range(first.year * 12 + first.month - 1, until.year * 12 + until.month):
        day = nth_weekday(index // 12, index % 12 + 1, nth, weekday)
        if first <= day < until:
            yield day


def weekly_days(first: date, until: date, *, every: int = 1) -> Iterator[date]:
    """Yield ``first`` and the same weekday every ``every`` weeks, before ``until``.

    :raises ValueError: when ``every`` is no positive number
    """
    if every < 1:
        raise ValueError("weeks are counted from one")
    day = first
    while day < until:
        yield day
        day += timedelta(weeks=every)


def at_wall_time(day: date, wall: time) -> datetime:
    """Return the instant of a wall time in Paris.

    The hour that does not exist in March is read an hour later; of the one that comes twice in October, the first.
    """
    return datetime.combine(day, wall, tzinfo=PARIS).astimezone(UTC).astimezone(PARIS)


def midnight(day: date) -> datetime:
    """Return the instant at which ``day`` begins in Paris."""
    return at_wall_time(day, time())
