"""What staff type about the documents of members, and what their list is filtered by."""

from django import forms

from coopconnexion.accounts.models import User
from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.territories.models import Territory
from coopconnexion.uploads import FORMATS, MAX_BYTES, DocumentField, megabytes
from members.checklist import TO_CHASE, active_kinds
from members.enums import DocumentState, IssuedKind
from members.forms.contracts import day_field
from members.models import DocumentKind, Member

ACCEPTED = ", ".join(dict.fromkeys(each.label for each in FORMATS.values()))


class ReceiveForm(forms.Form):
    """A document that came, with its file or as a mere note."""

    kind = forms.ModelChoiceField(DocumentKind.objects.none(), label="Pièce")
    received_on = day_field("Reçue le")
    valid_until = day_field(
        "Valable jusqu’au", required=False, help_text="Vide : calculé d’après la durée de validité de la pièce."
    )
    note = forms.CharField(label="Précisions", max_length=200, required=False)
    upload = DocumentField(
        label="Fichier",
        required=False,
        help_text=f"{megabytes(MAX_BYTES)} au plus. Types acceptés : {ACCEPTED}. Vide : notée sans copie.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].queryset = active_kinds()


class CorrectReceivedForm(EditedMeanwhile, ReceiveForm):
    """A document noted wrongly; its own kind stays possible even retired."""

    remove_file = forms.BooleanField(label="Supprimer le fichier gardé", required=False)

    def __init__(self, *args, edited, **kwargs):
        super().__init__(*args, edited=edited, **kwargs)
        kinds = DocumentKind.objects.active() | DocumentKind.objects.filter(pk=edited.kind_id)
        self.fields["kind"].queryset = kinds.order_by("position", "label", "pk")
        if edited.file:
            self.fields["upload"].help_text = f"Vide : le fichier « {edited.filename} » reste. {ACCEPTED}."
        else:
            del self.fields["remove_file"]


class IssueForm(forms.Form):
    """Which document to give; the year counts for a statement alone."""

    kind = forms.ChoiceField(choices=IssuedKind)
    year = forms.IntegerField(required=False, min_value=2000, max_value=9999)


class MissingFilterForm(forms.Form):
    """Advisors and territories are those of the members whom the user sees."""

    kind = forms.ModelChoiceField(DocumentKind.objects.none(), label="Pièce", required=False, empty_label="toutes")
    state = forms.ChoiceField(label="État", required=False)
    advisor = forms.ModelChoiceField(User.objects.none(), label="Référent·e", required=False, empty_label="tou·tes")
    territory = forms.ModelChoiceField(Territory.objects.none(), label="Territoire", required=False, empty_label="tous")

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].queryset = active_kinds()
        chosen = [(each.value, each.label) for each in DocumentState if each in TO_CHASE]
        self.fields["state"].choices = [("", "à demander"), *chosen]
        members = Member.objects.visible_to(user).order_by()
        advisors = User.objects.filter(pk__in=members.values("advisor"))
        self.fields["advisor"].queryset = advisors.order_by("name", "email", "pk")
        ids = user.staff_territory_ids()
        territories = Territory.objects.all() if ids is None else Territory.objects.filter(pk__in=ids)
        self.fields["territory"].queryset = territories.order_by("name", "pk")
