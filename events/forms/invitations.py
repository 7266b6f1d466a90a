"""What staff type to invite, and what a guest answers."""

import re
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from coopconnexion.accounts.models import User
from coopconnexion.text_fields import OneLineField
from events.enums import InvitationRole
from events.models import NetworkActor
from events.services.invitations import GUESTS_AT_ONCE, LIFETIME_DAYS, LONGEST_DAYS, Guest

NAMED = re.compile(r"^(?P<name>[^<>]*)<(?P<email>[^<>\s]+)>$")


class GuestsField(forms.CharField):
    """Addresses, one a line or with commas, bare or as « Nom <adresse> »; its clean value is a list of guests."""

    widget = forms.Textarea({"rows": 4})

    def clean(self, value):
        parts = [part.strip() for part in re.split(r"[\n,;]", super().clean(value)) if part.strip()]
        if len(parts) > GUESTS_AT_ONCE:
            raise ValidationError(f"Au plus {GUESTS_AT_ONCE} adresses à la fois.", code="too_many")
        return [self.guest(part) for part in parts]

    def guest(self, part: str) -> Guest:
        found = NAMED.match(part)
        email, name = (found["email"], found["name"].strip()) if found else (part, "")
        try:
            validate_email(email)
        except ValidationError:
            raise ValidationError(f"«\u202f{part[:80]}\u202f» n’est pas une adresse.", code="not_an_address") from None
        return Guest(email, name)


class InviteForm(forms.Form):
    actors = forms.ModelMultipleChoiceField(
        NetworkActor.objects.none(),
        label="Acteurs du réseau",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Ceux dont nous avons le courriel.",
    )
    guests = GuestsField(
        label="Autres adresses",
        required=False,
        max_length=10_000,
        help_text="Une par ligne, ou séparées par des virgules.",
    )
    role = forms.ChoiceField(label="En tant que", choices=InvitationRole.choices)
    message = forms.CharField(
        label="Mot d’accompagnement", required=False, max_length=2000, widget=forms.Textarea({"rows": 4})
    )
    days = forms.IntegerField(
        label="Réponse attendue dans (jours)", min_value=1, max_value=LONGEST_DAYS, initial=LIFETIME_DAYS
    )

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        actors = NetworkActor.objects.visible_to(user).active().select_related("organisation", "person")
        reached = actors.exclude(organisation__email="", person=None).exclude(person__email="", organisation=None)
        self.fields["actors"].queryset = reached.order_by("organisation__name", "person__last_name", "pk")

    def all_guests(self) -> list[Guest]:
        known = []
        for actor in self.cleaned_data["actors"]:
            subject = actor.organisation or actor.person
            known.append(Guest(subject.email, str(actor), actor))
        return known + self.cleaned_data["guests"]


class AcceptForm(forms.Form):
    first_name = OneLineField(label="Prénom", max_length=100, widget=forms.TextInput({"autocomplete": "given-name"}))
    last_name = OneLineField(label="Nom", max_length=100, widget=forms.TextInput({"autocomplete": "family-name"}))
    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class DeclineForm(forms.Form):
    reason = OneLineField(
        label="Un mot", required=False, max_length=300, help_text="Si vous voulez bien nous dire pourquoi."
    )
