"""Calendar rules of metropolitan France."""

from datetime import date
from functools import cache

import holidays


@cache
def _holidays_of(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("FR", years=year, language="fr")


def public_holiday(day: date) -> str | None:
    """Return the French name of the public holiday that falls on ``day``, else ``None``."""
    name = _holidays_of(day.year).get(day)
    return name and name.replace("'", "’")
