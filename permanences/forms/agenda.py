"""What staff type on the page of a permanence: who calls, notes, why a booking ends."""

from django import forms
from django.core.exceptions import ValidationError

from coopconnexion.accounts.models import Organisation, Person
from coopconnexion.text_fields import OneLineField
from permanences.enums import CancelledBy
from permanences.forms.booking import ContactForm
from permanences.models import Booking, Slot
from projects.models import Project

NO_TITLE = "Donnez au projet quelques mots, ou choisissez-en un."
CALLER_FIELDS = ("first_name", "last_name", "email", "phone")


class PeriodForm(forms.Form):
    """Which permanences to list; anything unknown shows the coming ones of every territory."""

    PERIODS = (("a-venir", "À venir"), ("passees", "Passées"))

    periode = forms.ChoiceField(label="Période", choices=PERIODS, required=False)
    territoire = forms.ModelChoiceField(
        label="Territoire", queryset=None, to_field_name="slug", required=False, empty_label="Tous"
    )

    def __init__(self, *args, territories, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["territoire"].queryset = territories


class CallerForm(ContactForm):
    """A person known or new, one of their projects or a new one, and who sent them."""

    person = forms.ModelChoiceField(queryset=Person.objects.none(), required=False, widget=forms.HiddenInput)
    project = forms.ModelChoiceField(
        label="Projet",
        queryset=Project.objects.none(),
        required=False,
        widget=forms.RadioSelect,
        empty_label="Un nouveau projet",
    )
    referrer = forms.ModelChoiceField(
        label="Orientée par",
        queryset=Organisation.objects.none(),
        required=False,
        empty_label="Personne, elle vient d’elle-même",
        help_text="Le prescripteur, s’il y en a un ; s’il a un courriel, nous lui disons le rendez-vous.",
    )

    def __init__(self, *args, people, person=None, projects=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.known_person = person
        self.fields["referrer"].queryset = Organisation.objects.referrers()
        self.fields["person"].queryset = people
        self.fields["project"].queryset = Project.objects.none() if projects is None else projects
        self.fields["email"].required = False
        self.fields["email"].help_text = "Sans courriel, prévenez la personne par téléphone."
        self.fields["title"].label = "Le projet en quelques mots"
        self.fields["pitch"].label = "Ce que la personne attend du rendez-vous"
        self.fields["title"].required = not projects
        self.fields["title"].error_messages["required"] = NO_TITLE
        self.fields["phone"].help_text = ""
        for name in CALLER_FIELDS if person else ():
            self.fields[name].required = False

    def clean(self):
        data = super().clean()
        if not self.known_person and not data.get("email") and not data.get("phone") and not self.errors:
            raise ValidationError("Indiquez un téléphone ou un courriel, pour pouvoir prévenir la personne.")
        if not data.get("project") and not data.get("title") and "title" not in self.errors:
            self.add_error("title", NO_TITLE)
        return data


class CallerBookingForm(CallerForm):
    """A caller, and the free slot they want."""

    slot = forms.ModelChoiceField(
        label="Créneau",
        queryset=Slot.objects.none(),
        error_messages={
            "required": "Choisissez un créneau.",
            "invalid_choice": "Ce créneau n’est plus proposé. Choisissez-en un autre.",
        },
    )

    def __init__(self, *args, slots, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["slot"].queryset = slots


class StaffMoveForm(forms.Form):
    slot = forms.ModelChoiceField(
        label="Nouveau créneau",
        queryset=Slot.objects.none(),
        error_messages={"required": "Choisissez un créneau.", "invalid_choice": "Ce créneau n’est plus proposé."},
    )

    def __init__(self, *args, slots, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["slot"].queryset = slots


class NoteForm(forms.ModelForm):
    class Meta:
        model = Booking
        fields = ["staff_note"]


class EndForm(forms.Form):
    """A cancellation that staff record."""

    by = forms.ChoiceField(choices=CancelledBy, error_messages={"invalid_choice": "Dites qui annule."})
    reason = OneLineField(label="Motif", required=False, max_length=300)
