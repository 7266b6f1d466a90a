"""What staff type of who trades in a unit, and under what title."""

from django import forms

from coopconnexion.accounts.models import Organisation, User
from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.periods import LastDayField
from members.models import Member
from premises.enums import OccupancyState, TenureKind
from premises.forms.unit_actions import DayField
from premises.forms.units import AmountField, capitalised
from projects.models import Project

DAY = {"type": "date"}


class OccupancyFields(forms.Form):
    tenure = forms.ChoiceField(label="Titre d’occupation", choices=capitalised(TenureKind.choices))
    starts_on = DayField(label="Du")
    ends_on = LastDayField(
        label="Dernier jour",
        required=False,
        widget=forms.DateInput(DAY, format="%Y-%m-%d"),
        help_text="Vide pour un bail sans terme. Trois ans en tout pour des baux dérogatoires, six mois à l’essai.",
    )
    lease_holder = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="Titulaire du bail",
        required=False,
        empty_label="L’occupant lui-même",
        help_text="La coopérative ou la ville, quand elles signent à sa place.",
    )
    monthly_rent = AmountField(label="Loyer mensuel hors taxes (€)", max_digits=9, decimal_places=2)
    note = forms.CharField(label="Remarque", required=False, widget=forms.Textarea({"rows": 2}), max_length=2000)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        self.fields["lease_holder"].queryset = Organisation.objects.order_by("name", "pk")


class OccupancyAddForm(OccupancyFields):
    """A member or a project of the territory moves in."""

    member = forms.ModelChoiceField(
        Member.objects.none(), label="Membre", required=False, empty_label="Aucun\u202f: un projet"
    )
    project = forms.ModelChoiceField(
        Project.objects.none(), label="Ou projet", required=False, empty_label="Aucun\u202f: un membre"
    )

    field_order = ["member", "project"]

    def __init__(self, *args, unit, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        here = {"territory": unit.territory_id}
        members = Member.objects.visible_to(user).present().filter(**here).select_related("person")
        self.fields["member"].queryset = members.order_by("person__name_key", "pk")
        projects = Project.objects.visible_to(user).open().filter(**here)
        self.fields["project"].queryset = projects.order_by("title", "pk")

    def clean(self):
        data = super().clean() or self.cleaned_data
        if bool(data.get("member")) == bool(data.get("project")) and not self.errors:
            self.add_error("member", "Choisissez un membre ou un projet\u202f: l’un des deux.")
        return data


class OccupancyChangeForm(EditedMeanwhile, OccupancyFields):
    """An occupancy as it stands; who saves second reads what the first saved."""


class OccupancyEndForm(EditedMeanwhile, forms.Form):
    ends_on = LastDayField(label="Dernier jour", widget=forms.DateInput(DAY, format="%Y-%m-%d"))
    is_empty = forms.BooleanField(
        label="La cellule est vide ensuite", required=False, initial=True, help_text="Sinon, notez qui la reprend."
    )


class OccupancyRemoveForm(EditedMeanwhile, forms.Form):
    """The confirmation, and what the unit is then when nobody else is there."""

    state = forms.ChoiceField(
        label="Ce qu’est la cellule",
        choices=capitalised((each.value, each.label) for each in OccupancyState if each != OccupancyState.OCCUPIED),
        initial=OccupancyState.UNKNOWN,
        help_text="Retenu si cette occupation la disait occupée et que personne d’autre n’y est noté.",
    )


class InterestForm(forms.Form):
    """A project of the territory wants the unit."""

    project = forms.ModelChoiceField(Project.objects.none(), label="Projet", empty_label="Choisir…")
    message = forms.CharField(label="Ce qui l’intéresse", required=False, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args, unit, user: User, **kwargs):
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        rows = Project.objects.visible_to(user).open().filter(territory=unit.territory_id)
        self.fields["project"].queryset = rows.order_by("title", "pk")
