"""What staff type when somebody leaves, comes back, or is followed by somebody else."""

from django import forms

from coopconnexion.accounts.models import User
from coopconnexion.backoffice import EditedMeanwhile
from members.forms.contracts import day_field, last_day_field
from members.models import ExitReason, Member


class DepartureForm(forms.Form):
    """The last day in the coop, and why."""

    left_on = last_day_field("Dernier jour dans la coopérative")
    reason = forms.ModelChoiceField(ExitReason.objects.none(), label="Motif")
    note = forms.CharField(
        label="Précisions",
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="Pour l’équipe ; la personne les lit aussi si elle demande ses données.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].queryset = ExitReason.objects.active().order_by("position", "label", "pk")


class CorrectDepartureForm(EditedMeanwhile, DepartureForm):
    """A departure noted already; its own reason stays possible even retired."""

    def __init__(self, *args, edited, **kwargs):
        super().__init__(*args, edited=edited, **kwargs)
        reasons = ExitReason.objects.active() | ExitReason.objects.filter(pk=edited.reason_id)
        self.fields["reason"].queryset = reasons.order_by("position", "label", "pk")


class ReturnForm(forms.Form):
    """The first day back."""

    returned_on = day_field("Revenu·e le")
    stays_associate = forms.BooleanField(label="Est toujours associé·e", required=False)

    def __init__(self, *args, member: Member, **kwargs):
        super().__init__(*args, **kwargs)
        if not member.associated_on:
            del self.fields["stays_associate"]


class HandoverForm(forms.Form):
    """Members to hand over, and to whom."""

    members = forms.ModelMultipleChoiceField(
        Member.objects.none(),
        label="Membres",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins un membre."},
    )
    to = forms.ModelChoiceField(User.objects.none(), label="Nouvelle personne référente")

    def __init__(self, *args, members, advisors, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["members"].queryset = members
        self.fields["to"].queryset = advisors
