"""What staff say of a unit that stands in the register: what it became, how it is followed, what shows it."""

from datetime import date

from django import forms

from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.uploads import DocumentField, PictureField
from premises.enums import (
    DETAILED,
    DETAILS_OF,
    ClosureReason,
    DatePrecision,
    FollowUpDetail,
    FollowUpStatus,
    OccupancyState,
)
from premises.models import Unit
from premises.rules.dates import read


class PreciseDayField(forms.CharField):
    """A day, a month or a year as people type them; its clean value is a pair (first day, precision), or ``None``."""

    default_error_messages = {"invalid": "Tapez un jour (12/03/2026), un mois (03/2026) ou une année (2026)."}

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        try:
            day, precision = read(text)
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
        return day, DatePrecision(precision)


class DayField(forms.DateField):
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class StateForm(EditedMeanwhile, forms.Form):
    state = forms.ChoiceField(label="Elle est", choices=OccupancyState, widget=forms.RadioSelect)
    on = PreciseDayField(
        label="Depuis, ou vue ainsi le",
        required=False,
        max_length=20,
        help_text="Un jour (12/03/2026), un mois (03/2026) ou une année (2026). Rien\u202f: aujourd’hui.",
    )
    sign_name = forms.CharField(
        label="Enseigne", required=False, max_length=150, help_text="Celle qu’on lit sur la vitrine, ou la dernière."
    )

    def __init__(self, *args, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self):
        data = super().clean() or self.cleaned_data
        if "on" in data:
            data["on"], data["precision"] = data["on"] or (self.today, DatePrecision.DAY)
        return data


def steps() -> list:
    """The closed list of the follow-up: each status with the details that belong to it."""
    groups = []
    for status, details in DETAILS_OF.items():
        alone = [] if status in DETAILED else [(f"{status}:", status.label)]
        more = [(f"{status}:{detail}", f"{status.label}\u202f: {detail.label}") for detail in details]
        groups.append((status.label.capitalize(), alone + more))
    return groups


class FollowFields(forms.Form):
    step = forms.ChoiceField(
        label="Où en est le suivi",
        choices=steps,
        help_text="Seule une sortie de vacance compte comme une réussite.",
    )
    note = forms.CharField(label="Remarque", required=False, widget=forms.Textarea({"rows": 3}))

    def clean(self):
        data = super().clean() or self.cleaned_data
        if "step" in data:
            status, _, detail = data.pop("step").partition(":")
            data["status"], data["detail"] = FollowUpStatus(status), FollowUpDetail(detail) if detail else ""
        return data


class FollowForm(EditedMeanwhile, FollowFields):
    """The follow-up of one unit; who saves second reads what the first saved."""


def step_of(unit: Unit) -> str:
    return f"{unit.followup}:{unit.followup_detail}"


class UnitNoteForm(forms.Form):
    text = forms.CharField(
        label="Note", widget=forms.Textarea({"rows": 4}), help_text="Pour l’équipe. Elle ne se modifie pas ensuite."
    )


class PhotoFields(forms.Form):
    description = forms.CharField(
        label="Ce que montre l’image",
        max_length=200,
        help_text="Pour qui ne la voit pas. Personne n’y est reconnaissable.",
    )
    is_public = forms.BooleanField(label="Visible du public, si la cellule l’est", required=False)


class PhotoAddForm(PhotoFields):
    picture = PictureField(
        label="Image", help_text="PNG, JPEG ou WebP, 10 Mo au plus. Le lieu noté par l’appareil est effacé."
    )

    field_order = ["picture"]


class PhotoChangeForm(EditedMeanwhile, PhotoFields):
    is_first = forms.BooleanField(label="La montrer en premier", required=False)


class UnitDocumentForm(forms.Form):
    title = forms.CharField(label="Titre", max_length=200)
    upload = DocumentField(label="Fichier", help_text="PDF, image, texte ou tableur, 10 Mo au plus.")


class CloseForm(forms.Form):
    because = forms.ChoiceField(
        label="Parce qu’elle est",
        choices=[each for each in ClosureReason.choices if each[0] != ClosureReason.SPLIT],
        widget=forms.RadioSelect,
    )
    on = DayField(label="Depuis le")


class SplitForm(forms.Form):
    doors = forms.CharField(
        label="Ses parties",
        widget=forms.Textarea({"rows": 4}),
        help_text="Une par ligne, au moins deux\u202f: «\u202fporte A\u202f», «\u202fcôté cour\u202f»…",
    )
    on = DayField(label="Depuis le")

    def clean_doors(self):
        return [line.strip() for line in self.cleaned_data["doors"].splitlines() if line.strip()]
