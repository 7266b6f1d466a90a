"""Which town, which statistics and which other towns: all of it stands in the address."""

from django import forms

from coopconnexion.territories.forms import CommuneField
from coopconnexion.territories.models import Territory
from premises.models import CountSet, ReferenceGroup


class ComparisonForm(forms.Form):
    """The latest set and the towns of the same size, unless one chooses otherwise."""

    commune = CommuneField()
    jeu = forms.ModelChoiceField(CountSet.objects.none(), label="Statistiques", empty_label=None)
    groupe = forms.ModelChoiceField(
        ReferenceGroup.objects.none(),
        label="Comparée à",
        required=False,
        empty_label="Les communes de même taille",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        self.fields["jeu"].queryset = CountSet.objects.filter(retired_at=None).order_by("-vintage", "kind", "pk")
        self.fields["groupe"].queryset = ReferenceGroup.objects.order_by("name")


class GapFromComparisonForm(forms.Form):
    """A line of a comparison, to bring into the inventory of a territory where one works."""

    territory = forms.ModelChoiceField(Territory.objects.none())
    code = forms.CharField(max_length=60)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = Territory.objects.offered_to(user)
