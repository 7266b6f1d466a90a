"""What a holder types of their project, in three short steps; ``answers`` are values that JSON knows."""

import re
from datetime import date
from uuid import uuid4

from django import forms
from django.utils.dates import MONTHS

from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.identity_form import IdentityForm
from coopconnexion.periods import months_later
from coopconnexion.territories.models import Territory, Theme
from coopconnexion.text_fields import LongTextField, OneLineField

MONTHS_AHEAD = 18
FEATURES = (
    ("needs_step_free", "accès de plain-pied"),
    ("needs_shop_window", "une vitrine"),
    ("needs_water", "un point d’eau"),
    ("needs_extraction", "une extraction (pour cuisiner)"),
)
HEARD_FROM = (
    "le bouche-à-oreille",
    "France Travail, la mission locale ou une association",
    "la ville",
    "un évènement",
    "les réseaux sociaux",
    "une recherche sur internet",
    "une affiche ou la presse",
)


class ContactFields(IdentityForm):
    """Step 1: who writes."""

    field_order = ["first_name", "last_name", "email", "phone"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = "Nous y envoyons un lien pour reprendre votre projet quand vous voulez."
        self.fields["phone"].help_text = "Pour vous rappeler."

    def answers(self) -> dict:
        data = self.cleaned_data
        return {name: str(data[name] or "") for name in ("first_name", "last_name", "email", "phone")}


class StartForm(ContactFields):
    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class ContactStepForm(EditedMeanwhile, ContactFields):
    """The same, corrected later."""


class ProjectStepForm(EditedMeanwhile, forms.Form):
    """Step 2: what, and where."""

    territory = forms.ModelChoiceField(
        label="Où voulez-vous vous lancer\u202f?",
        queryset=Territory.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez le territoire le plus proche de votre projet.",
            "invalid_choice": "Ce territoire n’est plus proposé\u202f: choisissez-en un autre.",
        },
    )
    title = OneLineField(
        label="Votre projet en quelques mots",
        max_length=200,
        help_text="Par exemple\u202f: «\u202fépicerie de produits locaux\u202f».",
    )
    pitch = LongTextField(
        label="Racontez-nous",
        required=False,
        longest=4000,
        help_text="Pour qui, pourquoi, où vous en êtes\u202f: quelques phrases suffisent, même si tout est flou.",
    )
    intended_activity = OneLineField(
        label="Activité envisagée",
        required=False,
        max_length=200,
        help_text="Si vous la connaissez déjà\u202f: «\u202fboulangerie\u202f», «\u202fréparation de vélos\u202f»…",
    )
    themes = forms.ModelMultipleChoiceField(
        label="Thèmes",
        queryset=Theme.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Plusieurs choix possibles.",
        error_messages={"invalid_choice": "Un thème n’est plus proposé\u202f: choisissez parmi ceux de la liste."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, rows in (
            ("territory", Territory.objects.order_by("name", "pk")),
            ("themes", Theme.objects.active().order_by("position", "label", "pk")),
        ):
            self.fields[name].queryset = rows
            self.fields[name].choices = [(row.pk, str(row)) for row in rows]
        if len(self.fields["territory"].choices) == 1:
            self.initial["territory"] = self.fields["territory"].choices[0][0]

    def answers(self) -> dict:
        data = self.cleaned_data
        told = {name: data[name] for name in ("title", "pitch", "intended_activity")}
        return told | {"territory": data["territory"].pk, "themes": [theme.pk for theme in data["themes"]]}


class TypedNumber:
    """Field mixin: read « 1 200 € » and « 60 m² » as people type them."""

    def to_python(self, value):
        return super().to_python(re.sub(r"\s|€|m²|m2|euros?", "", str(value or "").lower()))


class AreaField(TypedNumber, forms.IntegerField):
    pass


class RentField(TypedNumber, forms.DecimalField):
    pass


def number_input() -> forms.TextInput:
    return forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})


class NeedsStepForm(EditedMeanwhile, forms.Form):
    """Step 3: the premises, if any, and how the person heard of the coop."""

    premises = forms.ChoiceField(
        label="Cherchez-vous un local\u202f?",
        choices=[("yes", "oui"), ("no", "non"), ("unknown", "je ne sais pas encore")],
        initial="unknown",
        widget=forms.RadioSelect,
        error_messages={"required": "Dites-nous si vous cherchez un local, ou que vous ne savez pas encore."},
    )
    min_area_m2 = AreaField(
        label="Surface minimale, en m²", required=False, min_value=1, max_value=5000, widget=number_input()
    )
    max_area_m2 = AreaField(
        label="Surface maximale, en m²", required=False, min_value=1, max_value=5000, widget=number_input()
    )
    max_monthly_rent = RentField(
        label="Loyer maximal, en euros par mois",
        required=False,
        min_value=0,
        max_digits=8,
        decimal_places=2,
        localize=True,
        widget=number_input(),
    )
    features = forms.MultipleChoiceField(
        label="Il me faut", choices=FEATURES, required=False, widget=forms.CheckboxSelectMultiple
    )
    wanted_from = forms.ChoiceField(label="À partir de quand\u202f?", required=False)
    note = LongTextField(
        label="Autre chose à savoir sur le local",
        required=False,
        longest=1000,
        widget=forms.Textarea({"rows": 3}),
    )
    heard_from = forms.ChoiceField(
        label="Comment nous avez-vous connus\u202f?",
        required=False,
        choices=[("", "Je préfère ne pas répondre"), *((each, each) for each in (*HEARD_FROM, "autrement"))],
    )

    def __init__(self, *args, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["wanted_from"].choices = coming_months(today, self.initial.get("wanted_from"))
        for name in ("min_area_m2", "max_area_m2"):
            self.fields[name].error_messages["invalid"] = "Écrivez un nombre de mètres carrés, comme 60."
        self.fields["max_monthly_rent"].error_messages["invalid"] = "Écrivez une somme en euros, comme 450."

    def clean(self):
        data = super().clean() or self.cleaned_data
        least, most = data.get("min_area_m2"), data.get("max_area_m2")
        if least and most and least > most:
            self.add_error("max_area_m2", "La surface maximale est plus petite que la minimale.")
        return data

    def answers(self) -> dict:
        data = self.cleaned_data
        rent = data["max_monthly_rent"]
        return data | {"max_monthly_rent": None if rent is None else str(rent)}


def coming_months(today: date, kept: str | None) -> list[tuple[str, str]]:
    """Return the months to choose from; one chosen earlier stays."""
    first = today.replace(day=1)
    months = [months_later(first, number) for number in range(1, MONTHS_AHEAD + 1)]
    if kept and re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-01", kept) and (chosen := date.fromisoformat(kept)) != first:
        months = sorted({*months, chosen})
    words = [(month.isoformat(), f"{MONTHS[month.month]} {month.year}") for month in months]
    return [("", "Je ne sais pas encore"), (first.isoformat(), "Dès que possible"), *words]
