from django import forms

from coopconnexion.partnerships import indicators
from coopconnexion.partnerships.models import Objective


class ObjectiveForm(forms.ModelForm):
    """The indicator is one that an app measures; an old objective keeps the key it has."""

    indicator = forms.ChoiceField(label="indicateur")

    class Meta:
        model = Objective
        fields = ["amendment", "indicator", "label", "target", "starts_on", "ends_on"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        choices, key = indicators.choices(), self.instance.indicator
        known = not key or key in dict(choices)
        self.fields["indicator"].choices = choices if known else [*choices, (key, f"{key} (n’est plus mesuré)")]
