"""What the office types about a survey."""

from django import forms
from django.core.exceptions import ValidationError

from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.territories.forms import CommuneField
from coopconnexion.territories.models import Territory
from premises.enums import Settlement
from premises.models import SurveyCampaign

LONGEST_STREET, MOST_STREETS = 150, 200


class StreetsField(forms.CharField):
    """Streets, one a line; its clean value is a list."""

    widget = forms.Textarea({"rows": 5})

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value):
        streets = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(streets) > MOST_STREETS:
            raise ValidationError("Trop de voies pour un tour\u202f: ne tapez rien pour toutes.", code="too_many")
        for street in streets:
            if len(street) > LONGEST_STREET:
                message = f"Une voie a au plus {LONGEST_STREET} lettres\u202f: une seule par ligne."
                raise ValidationError(message, code="street_too_long")
        return streets


class CampaignFields(forms.Form):
    """What an opening and a correction share."""

    title = forms.CharField(label="Nom du tour", max_length=150, help_text="Par exemple\u202f: Tour d’automne 2026.")
    starts_on = forms.DateField(label="À partir du", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    streets = StreetsField(
        label="Voies",
        required=False,
        help_text="Une par ligne, dans l’ordre de la marche. Rien\u202f: toutes celles de la commune.",
    )
    is_exhaustive = forms.BooleanField(
        label="Tous les commerces de la zone sont au registre, même occupés",
        required=False,
        help_text=SurveyCampaign._meta.get_field("is_exhaustive").help_text,
    )


class CampaignAddForm(CampaignFields):
    territory = forms.ModelChoiceField(Territory.objects.none(), label="Territoire", empty_label=None)
    commune = CommuneField()

    field_order = ["territory", "commune", "title"]

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = Territory.objects.offered_to(user).order_by("name")


class CampaignChangeForm(EditedMeanwhile, CampaignFields):
    pass


class SettleForm(forms.Form):
    """Which of the two is right, by the button that was pressed."""

    settlement = forms.ChoiceField(choices=Settlement)
