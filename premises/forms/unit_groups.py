"""What staff type to put units together."""

from django import forms

from coopconnexion.accounts.models import User
from coopconnexion.territories.models import Territory
from coopconnexion.text_fields import OneLineField
from premises.models import UnitGroup


class GroupChoiceForm(forms.Form):
    """A group where the user works."""

    group = forms.ModelChoiceField(UnitGroup.objects.none(), label="Groupe", empty_label=None)

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        groups = UnitGroup.objects.filter(territory__in=Territory.objects.offered_to(user))
        self.fields["group"].queryset = groups.order_by("name", "pk")


class PutInGroupForm(GroupChoiceForm):
    """A known group, or the name of a new one."""

    name = OneLineField(label="Ou un nouveau groupe, nommé", required=False, max_length=80)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["group"].required = False
        self.fields["group"].empty_label = "Un nouveau groupe"

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("group") and not cleaned.get("name"):
            self.add_error("name", "Choisissez un groupe, ou nommez-en un nouveau.")
        return cleaned


class GroupNameForm(forms.Form):
    name = OneLineField(label="Nom du groupe", max_length=80)
