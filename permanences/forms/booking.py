"""What visitors type to book, and to find their link again."""

from uuid import uuid4

from django import forms

from coopconnexion.addresses import AddressField
from coopconnexion.identity_form import IdentityForm
from coopconnexion.territories.models import Theme
from coopconnexion.text_fields import OneLineField
from permanences.models import Slot
from permanences.services.requests import Contact


class ContactForm(IdentityForm):
    """Who asks, and for what project."""

    title = OneLineField(
        label="Votre projet en quelques mots",
        max_length=200,
        help_text="Par exemple\u202f: «\u202fépicerie de produits locaux\u202f».",
    )
    pitch = forms.CharField(
        label="Où en êtes-vous\u202f?",
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 4}),
        help_text="Deux ou trois phrases suffisent\u202f: elles aident à préparer le rendez-vous.",
    )
    themes = forms.ModelMultipleChoiceField(
        label="Thèmes",
        queryset=Theme.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Plusieurs choix possibles.",
    )
    intended_activity = OneLineField(
        label="Activité envisagée",
        required=False,
        max_length=200,
        help_text="Si vous la connaissez déjà\u202f: «\u202fboulangerie\u202f», «\u202fréparation de vélos\u202f»…",
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["themes"].queryset = Theme.objects.active().order_by("position", "label", "pk")
        self.fields["email"].help_text = "Nous y envoyons la confirmation et le lien pour déplacer ou annuler."
        self.fields["phone"].help_text = "Pour vous prévenir vite si la permanence change."

    def contact(self) -> Contact:
        names = ("first_name", "last_name", "email", "title", "pitch", "intended_activity", "themes")
        data = self.cleaned_data
        return Contact(phone=str(data["phone"] or ""), **{name: data[name] for name in names})


class BookingForm(ContactForm):
    """A contact and one of the slots of a permanence, which the view has looked up."""

    slot = forms.CharField(
        label="Créneau", widget=forms.HiddenInput, error_messages={"required": "Choisissez un créneau."}
    )
    missed = forms.BooleanField(required=False, widget=forms.HiddenInput)  # this form already lost a slot

    field_order = ["slot"]

    def __init__(self, *args, asked_slot: Slot | None, **kwargs):
        super().__init__(*args, **kwargs)
        self.asked_slot = asked_slot

    def clean_slot(self):
        if self.asked_slot is None:
            raise forms.ValidationError(
                "Ce créneau n’existe pas ou n’est plus proposé. Choisissez-en un autre.", code="invalid_choice"
            )
        return self.asked_slot


class LinkRequestForm(forms.Form):
    """« Renvoyer mon lien »: the same answer whether or not the address is known."""

    email = AddressField(
        label="Courriel",
        max_length=254,
        help_text="L’adresse que vous avez donnée en prenant rendez-vous ou en vous inscrivant sur la liste d’attente.",
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email"}),
    )


class CancelForm(forms.Form):
    reason = OneLineField(
        label="Motif",
        required=False,
        max_length=300,
        help_text="Si vous voulez bien nous le dire.",
    )


class MoveForm(forms.Form):
    slot = forms.ModelChoiceField(
        label="Nouveau créneau",
        queryset=Slot.objects.none(),
        error_messages={
            "required": "Choisissez un créneau.",
            "invalid_choice": "Ce créneau n’existe pas ou n’est plus proposé. Choisissez-en un autre.",
        },
    )

    def __init__(self, *args, slots, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["slot"].queryset = slots
