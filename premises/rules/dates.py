"""Days known to the day, to the month or to the year, as people type and read them."""

import re
from datetime import date

from django.utils.dates import MONTHS

from coopconnexion.sheets.values import parse_day, parse_month

DAY, MONTH, YEAR = "day", "month", "year"


def as_precise(day: date, precision: str) -> date:
    """Return the first day of the month or of the year, when no more is known."""
    if precision == YEAR:
        return date(day.year, 1, 1)
    return day.replace(day=1) if precision == MONTH else day


def words(day: date, precision: str) -> str:
    """« 12 mars 2026 », « mars 2026 » or « 2026 »."""
    if precision == YEAR:
        return str(day.year)
    month = f"{MONTHS[day.month]} {day.year}"
    number = "1er" if day.day == 1 else str(day.day)
    return month if precision == MONTH else f"{number}\u00a0{month}"


def typed(day: date | None, precision: str) -> str:
    """Return what one types to say it: « 12/03/2026 », « 03/2026 », « 2026 »."""
    if day is None:
        return ""
    return day.strftime({YEAR: "%Y", MONTH: "%m/%Y"}.get(precision, "%d/%m/%Y"))


def read(text: str) -> tuple[date, str]:
    """Read « 12/03/2026 », « 2026-03-12 », « 12 mars 2026 », « 03/2026 », « 2026-03 », « mars 2026 » or « 2026 ».

    :return: the first day, and how precise it is

    :raises ValueError: for anything else, and for a day that no calendar has
    """
    if day := parse_day(text):
        return day, DAY
    if day := parse_month(text):
        return day, MONTH
    text = text.strip().replace(".", "/").replace(" ", "")
    if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
        day, month, year = map(int, found.groups())
        return date(year, month, day), DAY
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        return date(*map(int, found.groups())), DAY
    if found := re.fullmatch(r"(\d{1,2})/(\d{4})", text):
        return date(int(found[2]), int(found[1]), 1), MONTH
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})", text):
        return date(int(found[1]), int(found[2]), 1), MONTH
    if re.fullmatch(r"\d{4}", text):
        return date(int(text), 1, 1), YEAR
    raise ValueError(text)
