"""What visitors type to register for an event, to withdraw, and to find their link again."""

from uuid import uuid4

from django import forms

from coopconnexion.addresses import AddressField
from coopconnexion.identity_form import IdentityForm
from coopconnexion.text_fields import OneLineField
from events.services import Attendee


class RegistrationForm(IdentityForm):
    """Who comes, and what they would like us to know."""

    organisation_name = OneLineField(
        label="Votre structure",
        required=False,
        max_length=200,
        help_text="Entreprise, association, collectivité\u202f: si vous venez pour elle.",
    )
    message = forms.CharField(
        label="Un mot pour les organisateurs",
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text="Une question à poser, un besoin d’accessibilité…",
    )
    wants_newsletter = forms.BooleanField(
        label="Je souhaite recevoir la lettre d’information de CoopConnexion",
        required=False,
        help_text="Vous pourrez y renoncer à tout moment.",
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = "Nous y envoyons la confirmation et le lien pour vous désister."
        self.fields["phone"].help_text = "Pour vous prévenir vite si l’évènement change."

    def attendee(self) -> Attendee:
        names = ("first_name", "last_name", "email", "organisation_name", "message", "wants_newsletter")
        data = self.cleaned_data
        return Attendee(phone=str(data["phone"] or ""), **{name: data[name] for name in names})


class WithdrawForm(forms.Form):
    reason = OneLineField(label="Motif", required=False, max_length=300, help_text="Si vous voulez bien nous le dire.")


class LinkRequestForm(forms.Form):
    """« Recevoir mon lien »: the same answer whether or not the address is known."""

    email = AddressField(
        label="Courriel",
        max_length=254,
        help_text="L’adresse que vous avez donnée en vous inscrivant.",
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email"}),
    )
