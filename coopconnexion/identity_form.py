"""Who a visitor is, as every public form asks it."""

from django import forms
from phonenumber_field.formfields import PhoneNumberField

from coopconnexion.addresses import AddressField
from coopconnexion.text_fields import OneLineField, refuse_site_address


class IdentityForm(forms.Form):
    """Name, e-mail and phone; the honeypot is filled by robots only."""

    first_name = OneLineField(
        label="Prénom",
        max_length=100,
        validators=[refuse_site_address],
        widget=forms.TextInput({"autocomplete": "given-name", "autocapitalize": "words"}),
    )
    last_name = OneLineField(
        label="Nom",
        max_length=100,
        validators=[refuse_site_address],
        widget=forms.TextInput({"autocomplete": "family-name", "autocapitalize": "words"}),
    )
    email = AddressField(
        label="Courriel",
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email"}),
    )
    phone = PhoneNumberField(
        label="Téléphone",
        required=False,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        error_messages={"invalid": "Saisissez un numéro de téléphone comme 06\u00a012\u00a034\u00a056\u00a078."},
    )
    site_web = forms.CharField(
        label="Ne remplissez pas ce champ",
        required=False,
        widget=forms.TextInput({"tabindex": "-1", "autocomplete": "off"}),
    )

    error_css_class = "field--invalid"

    @property
    def is_robot(self) -> bool:
        return bool(self.cleaned_data.get("site_web"))
