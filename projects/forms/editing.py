"""What staff type to open a project, to correct it, to note the premises it looks for."""

from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Lower
from django.utils import timezone
from phonenumber_field.formfields import PhoneNumberField

from coopconnexion.accounts.models import Organisation, Person, User
from coopconnexion.addresses import AddressField
from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.db import NameKey
from coopconnexion.territories.models import Territory, Theme
from coopconnexion.text_fields import OneLineField
from projects.enums import Source
from projects.forms.steps import DayInput
from projects.models import Project
from projects.services.opening import FIRST_STEP, FIRST_STEP_WITHIN

EARLIEST, FARTHEST = date(2000, 1, 1), timedelta(days=10 * 366)
"""When premises may be wanted from."""
CONTACT = ("first_name", "last_name", "email", "phone")


def source_choices() -> list[tuple[str, str]]:
    return [("", "Choisir…"), *((value, label.capitalize()) for value, label in Source.choices)]


def unknown_or_not(label: str) -> forms.NullBooleanField:
    choices = [("unknown", "On ne sait pas"), ("true", "Oui"), ("false", "Non")]
    field = forms.NullBooleanField(label=label, required=False)
    field.widget.choices = choices
    return field


class AboutProjectForm(forms.Form):
    """What a project is, and where it comes from."""

    title = OneLineField(label="Titre", max_length=200, help_text="Par exemple : « épicerie de produits locaux ».")
    pitch = forms.CharField(
        label="Présentation", required=False, max_length=4000, widget=forms.Textarea({"rows": 5, "maxlength": 4000})
    )
    intended_activity = OneLineField(label="Activité envisagée", required=False, max_length=200)
    themes = forms.ModelMultipleChoiceField(
        label="Thèmes", queryset=Theme.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    source = forms.ChoiceField(
        label="Provenance",
        choices=source_choices,
        help_text="« Inconnue » si la personne ne sait plus.",
        error_messages={"required": "Dites d’où vient ce projet : « inconnue » est une réponse."},
    )
    source_detail = OneLineField(label="Précision sur la provenance", required=False, max_length=200)
    referrer = forms.ModelChoiceField(
        label="Prescripteur", queryset=Organisation.objects.none(), required=False, empty_label="Aucun"
    )
    is_test = forms.BooleanField(label="Projet d’essai", required=False, help_text="Ne compte dans aucun chiffre.")

    def __init__(self, *args, themes: QuerySet[Theme], referrers: QuerySet[Organisation], **kwargs):
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        self.fields["themes"].queryset = themes.order_by("position", "label", "pk")
        self.fields["referrer"].queryset = referrers


class WatchedProjectForm(AboutProjectForm):
    """A project, and the colleagues who follow it without having charge of it."""

    observers = forms.ModelMultipleChoiceField(
        label="Observateurs",
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Les collègues qui suivent ce projet sans en avoir la charge.",
    )

    field_order = ["title", "pitch", "intended_activity", "themes", "source", "source_detail", "referrer", "observers"]

    def __init__(self, *args, project: Project, colleagues: QuerySet[User], **kwargs):
        worn = Q(retired_at=None) | Q(pk__in=project.themes.values("pk"))
        known = {"themes": Theme.objects.filter(worn), "referrers": Organisation.objects.referrers(project.referrer_id)}
        super().__init__(*args, **known, **kwargs)
        self.fields["observers"].queryset = colleagues


class ProjectForm(EditedMeanwhile, WatchedProjectForm):
    """A project as it stands; two people who correct it are told of each other."""


class ProjectAddForm(AboutProjectForm):
    """A project and its holder: known, or new; somebody who looks the same is asked about once."""

    first_name = OneLineField(label="Prénom", max_length=100)
    last_name = OneLineField(label="Nom", max_length=100)
    email = AddressField(label="Courriel", max_length=254, required=False)
    phone = PhoneNumberField(
        label="Téléphone",
        required=False,
        widget=forms.TextInput({"type": "tel", "inputmode": "tel"}),
        error_messages={"invalid": "Saisissez un numéro de téléphone comme 06 12 34 56 78."},
    )
    same_as = forms.ModelChoiceField(
        label="Est-ce la même personne ?",
        queryset=Person.objects.none(),
        required=False,
        widget=forms.RadioSelect,
        empty_label="Non, c’est une autre personne",
    )
    seen_doubles = forms.CharField(required=False, widget=forms.HiddenInput, max_length=200)
    territory = forms.ModelChoiceField(label="Territoire", queryset=Territory.objects.none(), empty_label="Choisir…")
    advisor = forms.ModelChoiceField(label="Référent·e", queryset=User.objects.none(), empty_label="Choisir…")
    next_step = OneLineField(label="Prochaine étape", max_length=200)
    next_step_on = forms.DateField(label="Pour le", widget=DayInput)

    def __init__(self, *args, people, person, territories, advisors, **kwargs):
        initial = {"next_step": FIRST_STEP, "next_step_on": timezone.localdate() + FIRST_STEP_WITHIN}
        kwargs["initial"] = initial | (kwargs.get("initial") or {})
        super().__init__(*args, themes=Theme.objects.active(), referrers=Organisation.objects.referrers(), **kwargs)
        self.people, self.person, self.doubles = people, person, []
        self.fields["territory"].queryset, self.fields["advisor"].queryset = territories, advisors
        for name in CONTACT if person else ():
            self.fields[name].required = False
        self.fields["same_as"].queryset = people

    def clean(self):
        data = super().clean()
        if not self.person and not self.errors:
            if not data["email"] and not data["phone"]:
                raise ValidationError("Indiquez un courriel ou un téléphone, pour pouvoir joindre la personne.")
            self._ask_about_doubles(data)
        return data

    def _ask_about_doubles(self, data) -> None:
        """Refuse once, when somebody with the same e-mail, or the same names and phone, is already there."""
        self.doubles = list(lookalikes(self.people, data))
        found = ",".join(str(each.pk) for each in self.doubles)
        self.fields["same_as"].queryset = self.people.filter(pk__in=[each.pk for each in self.doubles])
        if found and data["seen_doubles"] != found:
            self.data = self.data.copy()
            self.data["seen_doubles"] = found
            raise ValidationError(
                "Une personne qui ressemble à celle-ci est déjà connue : dites si c’est la même.", code="double"
            )

    @property
    def holder(self) -> Person | None:
        return self.person or self.cleaned_data["same_as"]

    @property
    def contact(self) -> dict:
        data = self.cleaned_data
        return {name: str(data[name] or "") for name in CONTACT}

    @property
    def wishes(self) -> dict:
        left_out = {*CONTACT, "same_as", "seen_doubles"}
        return {name: value for name, value in self.cleaned_data.items() if name not in left_out}


def lookalikes(people: QuerySet[Person], data: dict) -> QuerySet[Person]:
    """Return those of ``people`` with this e-mail, or with these names and this phone."""
    same = Q(pk__in=[])
    if data["email"]:
        same |= Q(address=data["email"].lower())
    if data["phone"]:
        same |= Q(phone=data["phone"], name_key=NameKey(Value(f"{data['first_name']} {data['last_name']}")))
    return people.alias(address=Lower("email")).filter(same).order_by("name_key", "pk")[:10]


class PremisesNeedForm(EditedMeanwhile, forms.Form):
    """The premises a project looks for; what is left empty is unknown."""

    min_area_m2 = forms.IntegerField(label="Surface minimale (m²)", required=False, min_value=1, max_value=100_000)
    max_area_m2 = forms.IntegerField(label="Surface maximale (m²)", required=False, min_value=1, max_value=100_000)
    max_monthly_rent = forms.DecimalField(
        label="Loyer maximal (€ par mois)", required=False, min_value=0, max_digits=8, decimal_places=2
    )
    needs_step_free = unknown_or_not("Accès de plain-pied")
    needs_shop_window = unknown_or_not("Vitrine")
    needs_water = unknown_or_not("Point d’eau")
    needs_extraction = unknown_or_not("Extraction (cuisine)")
    wanted_from = forms.DateField(label="À partir du", required=False, widget=DayInput)
    note = forms.CharField(label="Précisions", required=False, max_length=2000, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"label_suffix": ""} | kwargs)

    def clean_wanted_from(self):
        day = self.cleaned_data["wanted_from"]
        if day and not EARLIEST <= day <= timezone.localdate() + FARTHEST:
            raise ValidationError("Vérifiez la date : au plus tard dans dix ans.", code="date_implausible")
        return day
