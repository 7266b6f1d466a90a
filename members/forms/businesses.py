"""What staff type about a business."""

from django import forms
from django.db.models import Q

from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.territories.forms import CommuneField
from coopconnexion.territories.models import Theme
from coopconnexion.text_fields import OneLineField
from members.forms.contracts import day_field, last_day_field
from members.forms.meetings import MembersField
from members.models import Business
from members.services import members_worked_with


class BusinessForm(forms.Form):
    """A business; retired themes stay on what wears them."""

    name = OneLineField(label="Nom", max_length=200)
    activity = OneLineField(
        label="Activité",
        max_length=200,
        help_text="En quelques mots\u202f: «\u202fboulangerie\u202f», «\u202fconseil en paie\u202f».",
    )
    commune = CommuneField(
        required=False, help_text="Où elle exerce\u202f; avec le code postal si plusieurs ont ce nom."
    )
    themes = forms.ModelMultipleChoiceField(
        Theme.objects.none(), label="Thèmes", required=False, widget=forms.CheckboxSelectMultiple
    )
    opened_on = day_field("Ouverte le")

    def __init__(self, *args, business: Business | None = None, **kwargs):
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        worn = Q(retired_at=None) | Q(pk__in=business.themes.values("pk") if business else [])
        self.fields["themes"].queryset = Theme.objects.filter(worn).order_by("position", "label", "pk")
        self.fields["opened_on"].required = not business or business.opened_on is not None


class BusinessChangeForm(EditedMeanwhile, BusinessForm):
    """The same, unless somebody changed it meanwhile."""


class BusinessCloseForm(forms.Form):
    closed_on = last_day_field("Dernier jour d’activité")


class BusinessJoinForm(forms.Form):
    members = MembersField(
        label="Qui la rejoint", max_length=500, help_text="Noms ou références (M45), séparés par des virgules."
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        self.fields["members"].members = members_worked_with(user)
