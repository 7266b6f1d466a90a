"""What staff type about an event, its sessions and its series."""

from datetime import date, datetime, time

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from coopconnexion.accounts.models import User
from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.periods import LastDayField
from coopconnexion.recurrence import PARIS, Nth, Weekday, at_wall_time
from coopconnexion.territories.models import Territory, Theme
from coopconnexion.text_fields import OneLineField
from coopconnexion.time_fields import DelaysField, day_input, refuse_far_day, time_input
from events.enums import Audience, EventKind, Frequency
from events.models import Event, EventSession, default_reminders
from events.services import Times
from premises.models import Venue


class DayField(forms.DateField):
    """A day that calendars follow."""

    default_validators = [refuse_far_day]

    def __init__(self, **kwargs):
        super().__init__(**{"widget": day_input()} | kwargs)


class HourField(forms.TimeField):
    def __init__(self, **kwargs):
        super().__init__(**{"widget": time_input()} | kwargs)


class MomentField(forms.DateTimeField):
    """A day and an hour, in Paris."""

    widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def validate(self, value):
        super().validate(value)
        if value is not None:
            refuse_far_day(value.date())


class NotifyForm(forms.Form):
    """Whether those concerned are written to; a field of the forms of what was announced."""

    notify = forms.BooleanField(
        label="Prévenir par courriel les personnes inscrites et celles qui attendent",
        required=False,
        initial=True,
        help_text="Décochez si elles le savent déjà.",
    )


def refuse_backwards(form: forms.Form, cleaned: dict) -> dict:
    """Refuse an end that does not come after the start, at its field."""
    if {"day", "starts", "ends"} <= cleaned.keys() and cleaned["ends"] <= cleaned["starts"]:
        form.add_error("ends", ValidationError("La fin doit venir après le début.", code="period_empty"))
    return cleaned


class TimesForm(forms.Form):
    """When, and where, a session is held."""

    day = DayField(label="Jour")
    starts = HourField(label="Début")
    ends = HourField(label="Fin")
    session_title = OneLineField(label="Intitulé de la séance", required=False, max_length=200)
    session_venue = forms.ModelChoiceField(
        Venue.objects.none(), label="Autre lieu", required=False, empty_label="Le lieu de l’évènement"
    )

    def __init__(self, *args, territory: Territory, **kwargs):
        super().__init__(*args, **kwargs)
        venues = Venue.objects.filter(territory=territory).select_related("commune")
        self.fields["session_venue"].queryset = venues.order_by("name", "pk")

    def clean(self):
        return refuse_backwards(self, super().clean())

    def times(self) -> Times:
        data = self.cleaned_data
        return Times(
            at_wall_time(data["day"], data["starts"]),
            at_wall_time(data["day"], data["ends"]),
            data["session_title"],
            data["session_venue"],
        )

    @staticmethod
    def initial_of(session: EventSession) -> dict:
        start, end = session.starts_at.astimezone(PARIS), session.ends_at.astimezone(PARIS)
        return {
            "day": start.date(),
            "starts": start.time(),
            "ends": end.time(),
            "session_title": session.title,
            "session_venue": session.venue_id,
        }


class SessionForm(NotifyForm, TimesForm):
    field_order = ["day", "starts", "ends", "session_title", "session_venue", "notify"]


class EventFields(forms.Form):
    """What an addition and a correction share."""

    title = OneLineField(label="Titre", max_length=200)
    kind = forms.ChoiceField(label="Nature", choices=EventKind.choices)
    audience = forms.ChoiceField(label="Ouvert à", choices=Audience.choices)
    capacity = forms.IntegerField(
        label="Places", required=False, min_value=1, max_value=5000, help_text="Vide\u202f: sans limite."
    )
    description = forms.CharField(
        label="Présentation", required=False, max_length=5000, widget=forms.Textarea({"rows": 6})
    )
    themes = forms.ModelMultipleChoiceField(
        Theme.objects.none(), label="Thèmes", required=False, widget=forms.CheckboxSelectMultiple
    )
    registration_opens_at = MomentField(
        label="Inscriptions en ligne à partir du", required=False, help_text="Vide\u202f: dès la publication."
    )
    registration_closes_at = MomentField(
        label="Inscriptions en ligne jusqu’au", required=False, help_text="Vide\u202f: jusqu’au début."
    )
    reminder_minutes = DelaysField(
        label="Rappels", required=False, help_text="Avant chaque jour de séance\u202f: «\u202f2 j, 3 h\u202f»."
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["themes"].queryset = Theme.objects.active().order_by("position", "label", "pk")


class EventAddForm(EventFields):
    """A new event with its first session; the others are added from its page."""

    venue = forms.ModelChoiceField(Venue.objects.none(), label="Lieu", empty_label=None)
    day = DayField(label="Jour")
    starts = HourField(label="Début")
    ends = HourField(label="Fin")

    field_order = ["title", "kind", "venue", "day", "starts", "ends", "audience", "capacity", "description", "themes"]

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        territories = Territory.objects.offered_to(user)
        venues = Venue.objects.filter(territory__in=territories).select_related("territory", "commune")
        self.fields["venue"].queryset = venues.order_by("name", "pk")
        self.fields["reminder_minutes"].initial = default_reminders()

    def clean(self):
        return refuse_backwards(self, super().clean())

    def told(self) -> dict:
        """Return what ``plan_event`` wants."""
        data = dict(self.cleaned_data)
        day, starts, ends = (data.pop(name) for name in ("day", "starts", "ends"))
        times = Times(at_wall_time(day, starts), at_wall_time(day, ends))
        return data | {"territory": data["venue"].territory, "sessions": [times]}


class EventEditForm(EditedMeanwhile, EventFields):
    pass


class DuplicateForm(forms.Form):
    first_day = DayField(label="Premier jour de la copie", help_text="Les heures et les écarts restent les mêmes.")


class EventMoveForm(NotifyForm):
    """Where the whole event goes."""

    day = DayField(label="Nouveau premier jour")
    starts = HourField(label="Début")
    venue = forms.ModelChoiceField(Venue.objects.none(), label="Lieu", empty_label=None)

    field_order = ["day", "starts", "venue", "notify"]

    def __init__(self, *args, event: Event, **kwargs):
        start = timezone.localtime(event.starts_at)
        kwargs["initial"] = {"day": start.date(), "starts": start.time(), "venue": event.venue_id, "notify": True}
        super().__init__(*args, **kwargs)
        venues = Venue.objects.filter(territory=event.territory_id).select_related("commune")
        self.fields["venue"].queryset = venues.order_by("name", "pk")

    def moment(self) -> datetime:
        return at_wall_time(self.cleaned_data["day"], self.cleaned_data["starts"])


class CancelForm(NotifyForm):
    reason = OneLineField(
        label="Motif", required=False, max_length=300, help_text="Il figure dans le message et sur la page publique."
    )

    field_order = ["reason", "notify"]


class SeriesForm(forms.Form):
    """The rule by which an event comes back."""

    frequency = forms.ChoiceField(label="Rythme", choices=Frequency.choices, widget=forms.RadioSelect)
    every = forms.IntegerField(label="Toutes les … semaines", min_value=1, max_value=26, initial=1, required=False)
    nth = forms.TypedChoiceField(
        label="Rang dans le mois", choices=[("", "—"), *Nth.choices], coerce=int, empty_value=None, required=False
    )
    weekday = forms.TypedChoiceField(
        label="Jour du mois", choices=[("", "—"), *Weekday.choices], coerce=int, empty_value=None, required=False
    )
    starts_on = DayField(label="À partir du", help_text="Premier jour du rythme à la semaine.")
    ends_on = LastDayField(label="Jusqu’au", widget=day_input(), validators=[refuse_far_day])
    keeps_holidays = forms.BooleanField(label="Maintenir les jours fériés", required=False)

    def clean_every(self):
        return self.cleaned_data["every"] or 1


class SeriesExtendForm(forms.Form):
    ends_on = LastDayField(label="Prolonger jusqu’au", widget=day_input(), validators=[refuse_far_day])


def starting(day: date, hour: int = 14) -> dict:
    """Return the first values of a new event."""
    return {"day": day, "starts": time(hour), "ends": time(hour + 2)}
