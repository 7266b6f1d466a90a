"""What staff type about contracts; the last day is typed, the exclusive end is stored."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.periods import LastDayField
from members.enums import AmendmentSubject
from members.models import ContractKind


def day_input(**attrs) -> forms.DateInput:
    return forms.DateInput({"type": "date", **attrs}, format="%Y-%m-%d")


def day_field(label: str, **options) -> forms.DateField:
    return forms.DateField(label=label, widget=day_input(), **options)


def last_day_field(label: str = "Dernier jour", **options) -> LastDayField:
    return LastDayField(label=label, widget=day_input(), **options)


def euros_field(label: str, max_digits: int = 10, **options) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=max_digits, decimal_places=2, required=False, **options)


def rate_field(**options) -> forms.DecimalField:
    return forms.DecimalField(
        label="Taux de contribution (%)", max_digits=4, decimal_places=2, min_value=0, max_value=50, **options
    )


class DetailsForm(forms.Form):
    """What a contract says beside its kind and its dates."""

    weekly_hours = forms.DecimalField(
        label="Heures par semaine", max_digits=4, decimal_places=2, min_value=0, max_value=48, required=False
    )
    activity_started_on = day_field("Début d’activité", required=False)
    objective_amount = euros_field("Objectif d’activité (€)", min_value=0)
    objective_months = forms.IntegerField(label="Sur combien de mois", min_value=1, max_value=120, required=False)
    programme = forms.CharField(
        label="Programme et engagements", max_length=5000, required=False, widget=forms.Textarea({"rows": 4})
    )


class SignForm(DetailsForm):
    """A new contract; only the kinds that are still offered."""

    kind = forms.ModelChoiceField(ContractKind.objects.none(), label="Nature")
    starts_on = day_field("Premier jour")
    ends_on = last_day_field(required=False, help_text="Vide\u202f: sans fin, pour un CESA ou un CDI.")
    signed_on = day_field("Signé le", required=False)
    contribution_rate = rate_field(required=False)
    fixed_pay = euros_field("Part fixe (€ par mois)", max_digits=8, min_value=0)

    field_order = [
        *("kind", "starts_on", "ends_on", "signed_on", "contribution_rate", "fixed_pay", "weekly_hours"),
        *("activity_started_on", "objective_amount", "objective_months", "programme"),
    ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].queryset = ContractKind.objects.active().order_by("label", "pk")


class CorrectForm(EditedMeanwhile, DetailsForm):
    """A contract typed wrong; its own kind stays possible even retired."""

    kind = forms.ModelChoiceField(ContractKind.objects.none(), label="Nature")
    starts_on = day_field("Premier jour")
    ends_on = last_day_field(required=False, help_text="Vide\u202f: sans fin.")
    signed_on = day_field("Signé le", required=False)
    ended_early_because = forms.CharField(label="Motif de fin anticipée", max_length=200, required=False)

    field_order = ["kind", "starts_on", "ends_on", "signed_on", "ended_early_because"]

    def __init__(self, *args, edited, **kwargs):
        super().__init__(*args, edited=edited, **kwargs)
        kinds = ContractKind.objects.active() | ContractKind.objects.filter(pk=edited.kind_id)
        self.fields["kind"].queryset = kinds.order_by("label", "pk")


class RenewForm(forms.Form):
    """The contract that follows."""

    starts_on = day_field("Premier jour")
    ends_on = last_day_field()
    signed_on = day_field("Signé le", required=False)


class AmendForm(forms.Form):
    """An amendment: its subject says which of the other fields are read."""

    subject = forms.ChoiceField(label="Objet", choices=AmendmentSubject.choices)
    effective_on = day_field("Prend effet le")
    signed_on = day_field("Signé le", required=False)
    text = forms.CharField(label="Contenu", max_length=5000, widget=forms.Textarea({"rows": 4}))
    contribution_rate = rate_field(required=False, help_text="Pour un avenant sur la contribution ou la part fixe.")
    fixed_pay = euros_field("Part fixe (€ par mois)", max_digits=8, min_value=0)
    weekly_hours = forms.DecimalField(
        label="Heures par semaine",
        max_digits=4,
        decimal_places=2,
        min_value=0,
        max_value=48,
        required=False,
        help_text="Pour un avenant sur la durée du travail.",
    )
    objective_amount = euros_field("Objectif d’activité (€)", min_value=0, help_text="Pour un avenant sur l’objectif.")
    objective_months = forms.IntegerField(label="Sur combien de mois", min_value=1, max_value=120, required=False)
    ends_on = last_day_field("Nouveau dernier jour", required=False, help_text="Pour un avenant sur la date de fin.")


class AmendmentForm(EditedMeanwhile, forms.Form):
    """What may be put right of an amendment; the rest is removed and noted anew."""

    signed_on = day_field("Signé le", required=False)
    text = forms.CharField(label="Contenu", max_length=5000, widget=forms.Textarea({"rows": 4}))


class TermsForm(forms.Form):
    """The rate and the fixed pay from a day on."""

    starts_on = day_field("À partir du")
    contribution_rate = rate_field()
    fixed_pay = euros_field("Part fixe (€ par mois)", max_digits=8, min_value=0)


class EndEarlyForm(forms.Form):
    ends_on = last_day_field("Nouveau dernier jour")
    because = forms.CharField(label="Motif", max_length=200)


class AssociateForm(EditedMeanwhile, forms.Form):
    """An association that took place; one to come is not noted yet."""

    associated_on = day_field("Associé·e depuis le")
    share_count = forms.IntegerField(label="Nombre de parts", min_value=1, max_value=1_000_000, required=False)
    share_amount = euros_field("Montant des parts (€)", min_value=0)

    def clean_associated_on(self):
        day = self.cleaned_data["associated_on"]
        if day > timezone.localdate():
            raise ValidationError("L’association se note une fois acquise.", code="associated_in_future")
        return day
