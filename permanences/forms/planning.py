"""What staff type to plan: schedules, closures, and what happens to a day."""

from copy import copy

from django import forms
from django.core.exceptions import ValidationError

from coopconnexion.periods import LastDayField
from coopconnexion.territories.models import Territory
from coopconnexion.text_fields import OneLineField
from coopconnexion.time_fields import DelayField, DelaysField, day_input, refuse_far_day, time_input
from permanences.models import Permanence, Schedule, Slot
from permanences.services.planning import DAY_PLAN_FIELDS
from premises.models import Venue

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
