"""When permanences fall and how their slots are cut: values in, values out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from coopconnexion.recurrence import PARIS, at_wall_time, nth_weekday, nth_weekdays
from coopconnexion.territories.rules import public_holiday
from permanences.enums import HolidayRule

WEEK = timedelta(weeks=1)
LONGEST_SHIFT = 3 * WEEK  # 1 and 8 May are both holidays: one week is not always enough, a month would be another one
EARLIEST_ARRIVAL = timedelta(minutes=30)  # before the appointment: people come early, and are received early


@dataclass(frozen=True)
class Closed:
    """Days without permanence: ``[starts_on, ends_on)``."""

    starts_on: date
    ends_on: date
    reason: str

    def covers(self, day: date) -> bool:
        return self.starts_on <= day < self.ends_on


@dataclass(frozen=True)
class PlannedDay:
    """What a rule gives for one month; ``held_on`` is ``None`` when there is no permanence, for ``no_reason``."""

    planned_on: date
    held_on: date | None
    holiday: str = ""
    shift_reason: str = ""
    no_reason: str = ""

    @property
    def is_shifted(self) -> bool:
        return self.held_on is not None and self.held_on != self.planned_on


def planned_days(
    *,
    nth: int,
    weekday: int,
    holiday_rule: str,
    first: date,
    until: date,
    closures: list[Closed] | tuple[Closed, ...] = (),
    ends_on: date | None = None,
) -> list[PlannedDay]:
    """Return what the rule gives for each planned day in ``[first, until)``, in order.

    A day shifted after a holiday is never another holiday, never another planned day and never past ``ends_on``.
    """
    return [
        _planned_day(day, holiday_rule=holiday_rule, closures=closures, ends_on=ends_on, nth=nth, weekday=weekday)
        for day in nth_weekdays(nth, weekday, first, until)
    ]


def _planned_day(day: date, *, holiday_rule: str, closures, ends_on: date | None, nth: int, weekday: int) -> PlannedDay:
    holiday = public_holiday(day) or ""
    if closure := _closure_of(day, closures):
        return PlannedDay(day, None, holiday, no_reason=closure.reason)
    if not holiday or holiday_rule == HolidayRule.KEEP:
        return PlannedDay(day, day, holiday)
    if holiday_rule == HolidayRule.SKIP:
        return PlannedDay(day, None, holiday, no_reason=holiday)
    held_on = _next_free_week(day, nth=nth, weekday=weekday)
    if held_on is None or (ends_on and held_on >= ends_on):
        return PlannedDay(day, None, holiday, no_reason=holiday)
    if closure := _closure_of(held_on, closures):
        return PlannedDay(day, None, holiday, no_reason=closure.reason)
    return PlannedDay(day, held_on, holiday, shift_reason=holiday)


def _next_free_week(day: date, *, nth: int, weekday: int) -> date | None:
    """Return the same weekday a week later, or more when that is a holiday or another month's planned day."""
    later = day + WEEK
    while later <= day + LONGEST_SHIFT:
        if not public_holiday(later) and later != nth_weekday(later.year, later.month, nth, weekday):
            return later
        later += WEEK
    return None


def _closure_of(day: date, closures) -> Closed | None:
    return next((closure for closure in closures if closure.covers(day)), None)


def slot_times(
    *,
    day: date,
    opens_at: time,
    closes_at: time,
    break_starts_at: time | None,
    break_ends_at: time | None,
    slot_minutes: int,
) -> list[tuple[datetime, datetime]]:
    """Cut a day into slots of ``slot_minutes`` elapsed minutes, as aware instants in Paris.

    A slot that would run into the break or past closing is not made; slots start again at the end of the break.
    """
    spans = [(opens_at, closes_at)]
    if break_starts_at and break_ends_at:
        spans = [(opens_at, break_starts_at), (break_ends_at, closes_at)]
    return [
        slot
        for start, end in spans
        for slot in _cut(at_wall_time(day, start), at_wall_time(day, end), timedelta(minutes=slot_minutes))
    ]


def _cut(start: datetime, end: datetime, length: timedelta) -> Iterator[tuple[datetime, datetime]]:
    begins, closing = start.astimezone(UTC), end.astimezone(UTC)  # arithmetic in UTC: elapsed time, not wall time
    while begins + length <= closing:
        yield begins.astimezone(PARIS), (begins + length).astimezone(PARIS)
        begins += length


def shifted_wall_times(
    *, held_on: date, opens_at: time, times: list[time | None], to_day: date, to_opens_at: time
) -> list[time | None]:
    """Shift wall times of a day as its opening is shifted.

    :raises ValueError: when one of them would fall on another day
    """
    moved_by = datetime.combine(to_day, to_opens_at) - datetime.combine(held_on, opens_at)
    shifted = [wall and datetime.combine(held_on, wall) + moved_by for wall in times]
    if any(moment and moment.date() != to_day for moment in shifted):
        raise ValueError("the day would run past midnight")
    return [moment and moment.time() for moment in shifted]
