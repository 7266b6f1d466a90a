"""What staff type of a unit that a city lends to the coop."""

from django import forms

from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.partnerships.models import Partnership
from coopconnexion.periods import LastDayField
from coopconnexion.uploads import DocumentField
from premises.forms.unit_actions import DayField
from premises.models import Unit

DAY = {"type": "date"}


class ProvisionForm(forms.Form):
    partnership = forms.ModelChoiceField(Partnership.objects.none(), label="Convention", empty_label="Choisir…")
    starts_on = DayField(label="Du")
    ends_on = LastDayField(
        label="Dernier jour",
        required=False,
        widget=forms.DateInput(DAY, format="%Y-%m-%d"),
        help_text="Vide si aucun terme n’est prévu.",
    )
    upload = DocumentField(
        label="Document", required=False, help_text="La convention ou l’avenant\u202f; il rejoint ceux de la cellule."
    )

    def __init__(self, *args, unit: Unit, **kwargs):
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        rows = Partnership.objects.filter(territory=unit.territory_id)
        self.fields["partnership"].queryset = rows.order_by("-starts_on", "pk")


class ProvisionChangeForm(EditedMeanwhile, ProvisionForm):
    """A provision as it stands; who saves second reads what the first saved."""


class ProvisionEndForm(EditedMeanwhile, forms.Form):
    ends_on = LastDayField(label="Dernier jour", widget=forms.DateInput(DAY, format="%Y-%m-%d"))
