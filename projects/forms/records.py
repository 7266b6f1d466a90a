"""What staff write about a project: interviews, notes, documents; all private unless they say otherwise."""

from django import forms
from django.utils import timezone

from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.uploads import FORMATS, MAX_BYTES, DocumentField, megabytes
from members.enums import MeetingMode
from projects.forms.steps import NextStepForm

LONGEST_TEXT = 20_000
SHARE = "Partager avec la personne"
SHARE_HELP = "Sinon, seule l’équipe le lit."
EARLIEST_YEAR = 2000


class MomentInput(forms.DateTimeInput):
    def __init__(self, **kwargs):
        super().__init__({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M", **kwargs)


def share_field() -> forms.BooleanField:
    return forms.BooleanField(label=SHARE, required=False, help_text=SHARE_HELP)


class InterviewForm(NextStepForm):
    """A talk, and what comes next when the project goes on."""

    held_at = forms.DateTimeField(label="Quand", widget=MomentInput)
    mode = forms.ChoiceField(label="Comment", choices=MeetingMode)
    minutes = forms.IntegerField(label="Durée (minutes)", required=False, min_value=1, max_value=600)
    summary = forms.CharField(
        label="Compte rendu", max_length=LONGEST_TEXT, widget=forms.Textarea({"rows": 10, "maxlength": LONGEST_TEXT})
    )
    is_shared = share_field()

    field_order = ["held_at", "mode", "minutes", "summary", "is_shared", "next_step", "next_step_on"]

    def __init__(self, *args, asks_next_step: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not asks_next_step:
            del self.fields["next_step"], self.fields["next_step_on"]

    def clean_held_at(self):
        held_at = self.cleaned_data["held_at"]
        if held_at.year < EARLIEST_YEAR or held_at > timezone.now() + timezone.timedelta(minutes=5):
            raise forms.ValidationError("Un entretien se note une fois tenu : vérifiez la date.", code="held_at")
        return held_at


class InterviewCorrectionForm(EditedMeanwhile, InterviewForm):
    """An interview as it was noted; two people who correct it are told of each other."""


class NoteForm(forms.Form):
    text = forms.CharField(
        label="Note", max_length=LONGEST_TEXT, widget=forms.Textarea({"rows": 4, "maxlength": LONGEST_TEXT})
    )
    is_shared = share_field()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"label_suffix": ""} | kwargs)


class NoteCorrectionForm(EditedMeanwhile, NoteForm):
    """A note as it was written; two people who rewrite it are told of each other."""


class DocumentForm(forms.Form):
    title = forms.CharField(label="Titre", max_length=200)
    upload = DocumentField(
        label="Fichier",
        help_text=f"{megabytes(MAX_BYTES)} au plus. "
        f"Types acceptés : {', '.join(dict.fromkeys(each.label for each in FORMATS.values()))}.",
        error_messages={"required": "Choisissez un fichier."},
    )
    is_shared = share_field()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
