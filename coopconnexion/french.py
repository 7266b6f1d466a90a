"""Dates, times and phones in French words; functions for Python, filters (built in) for every template."""

from datetime import date, datetime, time, timedelta

from django import template
from django.utils import timezone
from django.utils.dates import MONTHS, WEEKDAYS
from phonenumber_field.phonenumber import PhoneNumber

register = template.Library()

NBSP = "\u00a0"
NARROW = "\u202f"


def _local_day(value: date | datetime) -> date:
    return timezone.localtime(value).date() if isinstance(value, datetime) else value


@register.filter
def day_words(value: date | datetime) -> str:
    """« jeudi 6 mai 2027 », « jeudi 1er avril 2027 »."""
    day = _local_day(value)
    number = "1er" if day.day == 1 else str(day.day)
    return f"{WEEKDAYS[day.weekday()]} {number}{NBSP}{MONTHS[day.month]} {day.year}"


@register.filter
def date_words(value: date | datetime) -> str:
    """« 6 mai 2027 », « 1er avril 2027 »."""
    return day_words(value).partition(" ")[2]


@register.filter
def short_day(value: date | datetime) -> str:
    """« jeu. 6 mai »."""
    day = _local_day(value)
    number = "1er" if day.day == 1 else str(day.day)
    return f"{str(WEEKDAYS[day.weekday()])[:3]}. {number}{NBSP}{MONTHS[day.month]}"


@register.filter
def time_words(value: time | datetime) -> str:
    """« 14 h 30 », « 9 h »."""
    moment = timezone.localtime(value).time() if isinstance(value, datetime) else value
    minutes = f"{NBSP}{moment.minute:02}" if moment.minute else ""
    return f"{moment.hour}{NBSP}h{minutes}"


@register.filter
def moment_words(value: datetime) -> str:
    """« jeudi 6 mai 2027 à 14 h 30 »."""
    return f"{day_words(value)} à{NBSP}{time_words(value)}"


def relative_day(day: date, *, today: date) -> str:
    """« aujourd’hui », « demain », else the day in words with its article."""
    if day == today:
        return "aujourd’hui"
    if day == today + timedelta(days=1):
        return "demain"
    return f"le {day_words(day)}"


@register.filter
def minutes_words(minutes: int) -> str:
    """« 2 heures », « 1 jour », « 45 minutes »: the largest exact unit."""
    for size, unit in ((1440, "jour"), (60, "heure"), (1, "minute")):
        if minutes % size == 0 and minutes >= size:
            return count_words(minutes // size, unit)
    return count_words(0, "minute")


def count_words(number: int, singular: str, plural: str | None = None) -> str:
    """« 1 place », « 2 places », « 0 place »: singular below two, as French has it."""
    return f"{number}{NBSP}{singular if abs(number) < 2 else plural or singular + 's'}"


@register.filter
def counted(number: int, words: str) -> str:
    """``{{ n|counted:"place,places" }}``; the plural may be left out."""
    singular, _, plural = words.partition(",")
    return count_words(number, singular, plural or None)


@register.filter
def phone_words(value: PhoneNumber | str) -> str:
    """« 06 12 34 56 78 » with spaces that do not break; foreign numbers in international form."""
    if not value:
        return ""
    text = value.as_national if isinstance(value, PhoneNumber) and value.country_code == 33 else str(value)
    return text.replace(" ", NBSP)
