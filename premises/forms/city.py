"""How officials narrow the list of the units of their territory."""

from django import forms

from premises.enums import OccupancyState


class CityUnitsForm(forms.Form):
    voie = forms.CharField(label="Rue", required=False, max_length=100)
    etat = forms.ChoiceField(label="Occupation", required=False, choices=[("", "toutes"), *OccupancyState.choices])
    friche = forms.BooleanField(label="Vacantes depuis deux ans ou plus", required=False)
