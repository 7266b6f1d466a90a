from datetime import date

from django import forms
from django.core.exceptions import ValidationError

from coopconnexion.accounts.enums import Role
from coopconnexion.addresses import AddressField
from coopconnexion.periods import LastDayField, months_later
from coopconnexion.territories.models import Territory

OFFICIAL_MONTHS = 12


class InvitationForm(forms.Form):
    """Whom to let in, as what, where and until when; an official gets a year unless another day is given."""

    email = AddressField(label="Courriel")
    name = forms.CharField(label="Prénom et nom", max_length=200)
    role = forms.ChoiceField(label="Rôle", choices=Role)
    territory = forms.ModelChoiceField(
        Territory.objects.order_by("name", "pk"),
        label="Territoire",
        required=False,
        empty_label="Tous les territoires",
        help_text="La direction voit tous les territoires ; un·e élu·e, un seul.",
    )
    ends_on = LastDayField(
        label="Dernier jour",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Vide : sans fin pour l’équipe, un an pour un·e élu·e ou un·e agent·e de la ville.",
    )

    def __init__(self, *args, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_ends_on(self):
        ends_on = self.cleaned_data["ends_on"]
        if ends_on and ends_on <= self.today:
            raise ValidationError("Ce jour est passé : choisissez-en un à venir.", code="day_past")
        return ends_on

    def clean(self):
        data = super().clean()
        if data.get("role") == Role.OFFICIAL and "ends_on" in data and data["ends_on"] is None:
            data["ends_on"] = months_later(self.today, OFFICIAL_MONTHS)
        return data
