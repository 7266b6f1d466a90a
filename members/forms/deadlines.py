"""What « Échéances » is filtered by."""

from django import forms

from coopconnexion.accounts.models import User
from coopconnexion.territories.models import Territory
from members.enums import DeadlineKind
from members.models import Member

MONTHS = [("", "toutes"), ("1", "un mois"), ("3", "trois mois"), ("6", "six mois"), ("12", "un an")]


class DeadlineFilterForm(forms.Form):
    """Advisors and territories are those of the members whom the user sees."""

    kind = forms.ChoiceField(label="Nature", choices=[("", "toutes"), *DeadlineKind.choices], required=False)
    advisor = forms.ModelChoiceField(User.objects.none(), label="Référent·e", required=False, empty_label="tou·tes")
    territory = forms.ModelChoiceField(Territory.objects.none(), label="Territoire", required=False, empty_label="tous")
    months = forms.TypedChoiceField(label="D’ici", choices=MONTHS, required=False, coerce=int, empty_value=None)
    late = forms.BooleanField(label="Dépassées seulement", required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        members = Member.objects.visible_to(user).order_by()
        advisors = User.objects.filter(pk__in=members.values("advisor"))
        self.fields["advisor"].queryset = advisors.order_by("name", "email", "pk")
        ids = user.staff_territory_ids()
        territories = Territory.objects.all() if ids is None else Territory.objects.filter(pk__in=ids)
        self.fields["territory"].queryset = territories.order_by("name", "pk")
