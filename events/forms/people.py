"""What staff type to register somebody, or to take them off."""

from uuid import uuid4

from django import forms

from coopconnexion.identity_form import IdentityForm
from coopconnexion.text_fields import OneLineField


class SomebodyForm(IdentityForm):
    """Somebody on the phone, at the desk, or who came by; the e-mail may be missing."""

    organisation_name = OneLineField(label="Structure", required=False, max_length=200)
    came = forms.BooleanField(
        label="Cette personne est venue sans s’être inscrite",
        required=False,
        help_text="Elle ne prend aucune place, et rien ne lui est écrit.",
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].required = False
        self.fields["email"].help_text = "Sans courriel, rien ne lui est écrit\u202f: prévenez-la par téléphone."
        del self.fields["site_web"]


class WithdrawSomebodyForm(forms.Form):
    reason = OneLineField(label="Motif", required=False, max_length=300)
    notify = forms.BooleanField(
        label="Prévenir cette personne par courriel",
        required=False,
        initial=True,
        help_text="Décochez si elle le sait déjà.",
    )
