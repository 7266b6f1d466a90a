"""What staff type to welcome a member, and to say where they belong."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Lower
from django.utils import timezone
from phonenumber_field.formfields import PhoneNumberField

from coopconnexion.accounts.enums import Source
from coopconnexion.accounts.models import Organisation, Person, User
from coopconnexion.addresses import AddressField
from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.db import NameKey
from coopconnexion.territories.models import Territory
from coopconnexion.text_fields import OneLineField
from members.services.profiles import RESENT_WITHIN

CONTACT = ("first_name", "last_name", "email", "phone")


def source_choices() -> list[tuple[str, str]]:
    return [("", "Choisir…"), *((value, label.capitalize()) for value, label in Source.choices)]


class BelongingForm(forms.Form):
    """Where a member belongs, who follows them, how they came."""

    territory = forms.ModelChoiceField(Territory.objects.none(), label="Territoire", empty_label="Choisir…")
    advisor = forms.ModelChoiceField(
        User.objects.none(), label="Référent·e", required=False, empty_label="Personne pour l’instant"
    )
    source = forms.ChoiceField(
        label="Provenance",
        choices=source_choices,
        error_messages={"required": "Dites d’où vient cette personne\u202f: «\u202finconnue\u202f» est une réponse."},
    )
    referrer = forms.ModelChoiceField(
        Organisation.objects.none(), label="Prescripteur", required=False, empty_label="Aucun"
    )

    def __init__(self, *args, territories: QuerySet, advisors: QuerySet, referrer_id: int | None = None, **kwargs):
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        self.fields["territory"].queryset, self.fields["advisor"].queryset = territories, advisors
        self.fields["referrer"].queryset = Organisation.objects.referrers(referrer_id)


class MemberForm(EditedMeanwhile, BelongingForm):
    """A member as they stand; two people who correct them are told of each other."""


class MemberAddForm(BelongingForm):
    """Somebody known, or new; somebody who looks the same is asked about once."""

    first_name = OneLineField(label="Prénom", max_length=100)
    last_name = OneLineField(label="Nom", max_length=100)
    email = AddressField(label="Courriel", max_length=254, required=False)
    phone = PhoneNumberField(
        label="Téléphone",
        required=False,
        widget=forms.TextInput({"type": "tel", "inputmode": "tel"}),
        error_messages={"invalid": "Saisissez un numéro de téléphone comme 06\u00a012\u00a034\u00a056\u00a078."},
    )
    same_as = forms.ModelChoiceField(
        Person.objects.none(),
        label="Est-ce la même personne\u202f?",
        required=False,
        widget=forms.RadioSelect,
        empty_label="Non, c’est une autre personne",
    )
    seen_doubles = forms.CharField(required=False, widget=forms.HiddenInput, max_length=200)

    def __init__(self, *args, people: QuerySet[Person], person: Person | None, **kwargs):
        super().__init__(*args, **kwargs)
        self.people, self.person, self.doubles = people, person, []
        for name in CONTACT if person else ():
            self.fields[name].required = False
        self.fields["same_as"].queryset = people

    def clean(self):
        data = super().clean() or self.cleaned_data
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
                "Une personne qui ressemble à celle-ci est déjà connue\u202f: dites si c’est la même.", code="double"
            )

    @property
    def who(self) -> Person | None:
        return self.person or self.cleaned_data["same_as"]

    @property
    def contact(self) -> dict[str, str]:
        return {name: str(self.cleaned_data[name] or "") for name in CONTACT}

    @property
    def belonging(self) -> dict:
        return {name: self.cleaned_data[name] for name in BelongingForm.base_fields}


def lookalikes(people: QuerySet[Person], data: dict) -> QuerySet[Person]:
    """Return those of ``people`` with this e-mail or with these names and phone, but who will be recognised."""
    name = NameKey(Value(f"{data['first_name']} {data['last_name']}"))
    same, recognised = Q(pk__in=[]), Q(pk__in=[])
    if data["email"]:
        same |= Q(address=data["email"].lower())
        recognised = Q(address=data["email"].lower(), name_key=name)
    else:  # made from this very form, sent twice
        recognised = Q(email="", created_at__gte=timezone.now() - RESENT_WITHIN)
    if data["phone"]:
        same |= Q(phone=data["phone"], name_key=name)
    rows = people.alias(address=Lower("email")).filter(same).exclude(recognised)
    return rows.order_by("name_key", "pk")[:10]
