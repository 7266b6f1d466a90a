"""What staff type about a missing activity."""

from django import forms

from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.territories.forms import CommuneField
from coopconnexion.territories.models import Activity, Territory
from coopconnexion.uploads import DocumentField
from premises.enums import GapSource, GapStatus
from premises.models import MissingActivity, Unit
from premises.services.gaps import STEPS
from projects.models import Project


class DayField(forms.DateField):
    def __init__(self, **kwargs):
        super().__init__(**{"widget": forms.DateInput({"type": "date"}, format="%Y-%m-%d")} | kwargs)


class GapFields(forms.Form):
    """What an addition and a correction share."""

    label = forms.CharField(label="Activité", max_length=200)
    activity = forms.ModelChoiceField(
        Activity.objects.none(), label="Activité de la liste", required=False, empty_label="Aucune de la liste"
    )
    sector = forms.CharField(label="Secteur", max_length=100, required=False)
    reason = forms.CharField(label="Pourquoi", required=False, widget=forms.Textarea({"rows": 3}))
    source = forms.ChoiceField(label="Source", choices=GapSource.choices)
    source_detail = forms.CharField(label="Précision sur la source", max_length=200, required=False)
    observed_on = DayField(label="Constatée le")
    review_on = DayField(
        label="À revoir le", required=False, help_text="Douze mois après le constat, si vous n’en dites rien."
    )
    evidence = forms.CharField(
        label="Éléments à l’appui",
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="Il en faut pour la confirmer.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["activity"].queryset = Activity.objects.active().order_by("label")


class GapAddForm(GapFields):
    territory = forms.ModelChoiceField(Territory.objects.none(), label="Territoire", empty_label=None)
    commune = CommuneField()

    field_order = ["territory", "commune", "label"]

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = Territory.objects.offered_to(user).order_by("name")


class GapChangeForm(EditedMeanwhile, GapFields):
    review_on = DayField(label="À revoir le")
    idea = forms.CharField(
        label="Présentation publique",
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text="Ce que liront les personnes qui cherchent une idée, une fois l’activité confirmée.",
    )


class GapEvidenceForm(forms.Form):
    upload = DocumentField(
        label="Fichier", help_text="PDF, image, texte ou tableur, 10\u202fMo au plus. Il remplace celui d’avant."
    )


class GapMoveForm(forms.Form):
    """The next status, with what explains it."""

    to = forms.ChoiceField(label="Elle devient")
    project = forms.ModelChoiceField(Project.objects.none(), label="Projet", required=False, empty_label="Aucun")
    unit = forms.ModelChoiceField(
        Unit.objects.none(), label="Cellule où elle s’est ouverte", required=False, empty_label="Aucune"
    )
    filled_on = DayField(label="Comblée le", required=False)
    note = forms.CharField(label="Ce qui l’explique", max_length=300, required=False)

    def __init__(self, *args, gap: MissingActivity, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [(each.value, each.label) for each in STEPS[gap.status]]
        projects = Project.objects.visible_to(user).filter(territory=gap.territory_id).not_archived()
        self.fields["project"].queryset = projects.order_by("title", "pk")
        units = Unit.objects.visible_to(user).standing().filter(territory=gap.territory_id)
        self.fields["unit"].queryset = units.order_by("street", "number", "pk")

    def clean_to(self):
        return GapStatus(self.cleaned_data["to"])
