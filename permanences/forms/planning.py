"""What staff type to plan: schedules, closures, and what happens to a day."""

import re
from copy import copy
from datetime import date

from django import forms
from django.core.exceptions import ValidationError

from coopconnexion.periods import LastDayField
from coopconnexion.territories.models import Territory
from coopconnexion.text_fields import OneLineField
from permanences.models import Permanence, Schedule, Slot
from permanences.services.planning import DAY_PLAN_FIELDS
from premises.models import Venue

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


DAY_PLAN_WIDGETS = {
    "held_on": day_input(),
    "starts_on": day_input(),
    "opens_at": time_input(),
    "closes_at": time_input(),
    "break_starts_at": time_input(),
    "break_ends_at": time_input(),
    "booking_paused_message": forms.Textarea({"rows": 2}),
}


class DayPlanForm(forms.ModelForm):
    """Hours, slots and booking of a day; checked like the model, never saved from here."""

    notice_minutes = DelayField(
        label="Réservation au plus tard, avant le rendez-vous",
        help_text="Par exemple «\u202f2 h\u202f» ou «\u202f1 j\u202f». L’équipe réserve jusqu’au début.",
    )
    reminder_minutes = DelaysField(
        label="Rappels, avant le rendez-vous",
        required=False,
        help_text="Séparés par des virgules, par exemple «\u202f7 j, 1 j, 2 h\u202f». Vide\u202f: aucun rappel.",
    )

    def __init__(self, *args, venues, instance=None, **kwargs):
        super().__init__(*args, instance=copy(instance or self._meta.model()), **kwargs)
        self.fields["venue"].queryset = venues

    @property
    def values(self) -> dict:
        """The clean values of the model's own fields."""
        return {name: self.cleaned_data[name] for name in self._meta.fields}


class ScheduleForm(DayPlanForm):
    """The rule of a schedule; its territory is chosen once, at creation."""

    ends_on = LastDayField(
        label="Valable jusqu’au (dernier jour)",
        required=False,
        widget=day_input(),
        help_text="Vide\u202f: sans fin.",
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    reason = OneLineField(
        label="Motif, écrit aux personnes déplacées ou annulées",
        required=False,
        max_length=200,
        help_text="Par exemple «\u202fla salle est prise le matin\u202f».",
    )

    class Meta:
        model = Schedule
        fields = [
            *("name", "venue", "nth", "weekday", "holiday_rule", "months_ahead", "starts_on", "ends_on"),
            *DAY_PLAN_FIELDS,
        ]
        widgets = DAY_PLAN_WIDGETS

    def clean_months_ahead(self):
        months = self.cleaned_data["months_ahead"]
        if not 1 <= months <= 36:
            raise ValidationError("Choisissez de 1 à 36 mois.", code="rule")
        return months


class NewScheduleForm(ScheduleForm):
    class Meta(ScheduleForm.Meta):
        fields = ["territory", *ScheduleForm.Meta.fields]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = Territory.objects.order_by("name", "pk")


class PermanenceForm(DayPlanForm):
    """One day of no schedule."""

    held_on = forms.DateField(label="Date", widget=day_input(), validators=[refuse_far_day])

    class Meta:
        model = Permanence
        fields = ["venue", "held_on", *DAY_PLAN_FIELDS]
        widgets = DAY_PLAN_WIDGETS


class ClosureForm(forms.Form):
    starts_on = forms.DateField(label="Premier jour", widget=day_input())
    ends_on = LastDayField(label="Dernier jour", widget=day_input())
    reason = OneLineField(label="Motif", max_length=200, help_text="Par exemple «\u202fcongés d’été\u202f».")

    def clean(self):
        cleaned_data = super().clean()
        first, end = cleaned_data.get("starts_on"), cleaned_data.get("ends_on")
        if first and end and end <= first:
            self.add_error("ends_on", ValidationError("Le dernier jour vient avant le premier.", code="period_empty"))
        return cleaned_data


class SequenceForm(forms.Form):
    """Remembers which revision of the permanence the page showed."""

    sequence = forms.IntegerField(widget=forms.HiddenInput)


class PermanenceMoveForm(SequenceForm):
    held_on = forms.DateField(label="Nouvelle date", widget=day_input(), validators=[refuse_far_day])
    opens_at = forms.TimeField(label="Nouvelle heure d’ouverture", widget=time_input())
    venue = forms.ModelChoiceField(label="Lieu", queryset=Venue.objects.none())
    reason = OneLineField(
        label="Motif",
        required=False,
        max_length=200,
        help_text="Le public et les personnes concernées le lisent, par exemple «\u202ftravaux à La Fabrique\u202f».",
    )

    def __init__(self, *args, venues, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["venue"].queryset = venues


class PermanenceCancelForm(SequenceForm):
    reason = OneLineField(
        label="Motif",
        required=False,
        max_length=200,
        help_text="Le public et les personnes concernées le lisent.",
    )


class SlotsForm(forms.Form):
    """Slots of one permanence, ticked."""

    slots = forms.ModelMultipleChoiceField(
        label="Créneaux",
        queryset=Slot.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Cochez au moins un créneau.",
            "invalid_choice": "Un créneau a changé entre-temps.",
        },
    )

    def __init__(self, *args, slots, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["slots"].queryset = slots


class SlotsCloseForm(SlotsForm):
    reason = OneLineField(
        label="Motif", required=False, max_length=200, help_text="Les personnes qui avaient réservé le lisent."
    )


class PauseForm(forms.Form):
    message = forms.CharField(
        label="Message au public",
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text="Il remplace le choix des créneaux, par exemple «\u202fAppelez-nous pour prendre rendez-vous\u202f».",
    )
