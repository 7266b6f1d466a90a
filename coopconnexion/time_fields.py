"""Days, hours and delays as staff type them."""

import re
from datetime import date

from django import forms
from django.core.exceptions import ValidationError

UNITS = {"semaine": 7 * 1440, "sem": 7 * 1440, "jour": 1440, "j": 1440, "heure": 60, "h": 60}
DELAY = re.compile(
    r"(\d{1,5})\s*(semaines?|sem|jours?|j|heures?|h|minutes?|min|mn)?(?:\s*(\d{1,2})(?:\s*(?:min|mn))?)?"
)
LONGEST_DELAY = 60 * 1440
MOST_REMINDERS = 6


def read_delay(text: str) -> int:
    """Return the minutes of « 7 j », « 2 h », « 1 h 30 », « 45 min »; a bare number is minutes.

    :raises ValueError: when the text says something else
    """
    match = DELAY.fullmatch(text.strip().lower())
    if not match:
        raise ValueError(f"not a delay: {text}")
    number, unit, minutes = int(match[1]), (match[2] or "min").removesuffix("s"), int(match[3] or 0)
    if minutes and unit not in ("h", "heure"):
        raise ValueError(f"not a delay: {text}")
    return number * UNITS.get(unit, 1) + minutes


def delay_words(minutes: int) -> str:
    """Return minutes as staff type them: the reverse of :func:`read_delay`."""
    if minutes and minutes % 1440 == 0:
        return f"{minutes // 1440} j"
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02}" if rest else f"{hours} h"


class DelayField(forms.CharField):
    """A delay typed as « 2 h »; its value is in minutes."""

    default_error_messages = {
        "delay": "Écrivez un délai comme «\u202f7 j\u202f», «\u202f2 h\u202f», «\u202f1 h 30\u202f» ou "
        "«\u202f45 min\u202f», de 60 jours au plus."
    }

    def prepare_value(self, value):
        return delay_words(value) if isinstance(value, int) else value

    def to_python(self, value):
        text = super().to_python(value)
        return self.minutes(text) if text else None

    def minutes(self, text: str) -> int:
        try:
            minutes = read_delay(text)
        except ValueError:
            raise ValidationError(self.error_messages["delay"], code="delay") from None
        if minutes > LONGEST_DELAY:
            raise ValidationError(self.error_messages["delay"], code="delay")
        return minutes


class DelaysField(DelayField):
    """Several delays, with commas; the value is a list of minutes, the longest first."""

    default_error_messages = {"too_many": f"Au plus {MOST_REMINDERS} rappels."}

    def prepare_value(self, value):
        return ", ".join(map(delay_words, value)) if isinstance(value, list) else value

    def to_python(self, value):
        parts = re.split(r"[,;]|\bet\b", forms.CharField.to_python(self, value))
        minutes = {self.minutes(part) for part in parts if part.strip()} - {0}
        if len(minutes) > MOST_REMINDERS:
            raise ValidationError(self.error_messages["too_many"], code="too_many")
        return sorted(minutes, reverse=True)


def refuse_far_day(day: date) -> None:
    """Refuse the slips of typing that no calendar follows: 9999, or 26 for 2026."""
    if not 2000 <= day.year < 2100:
        raise ValidationError("Vérifiez l’année.", code="far_day")


def day_input(**attrs) -> forms.DateInput:
    return forms.DateInput({"type": "date", **attrs}, format="%Y-%m-%d")


def time_input() -> forms.TimeInput:
    return forms.TimeInput({"type": "time", "step": 300}, format="%H:%M")
