"""What became of somebody who left: one choice, and a few words."""

from django import forms

from coopconnexion.backoffice import EditedMeanwhile
from members.enums import Outcome


class AnswerForm(forms.Form):
    """What the person says of themselves."""

    outcome = forms.ChoiceField(
        label="Votre situation aujourd’hui",
        choices=[(each.value, each.label) for each in Outcome if each != Outcome.UNREACHABLE],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez votre situation."},
    )
    note = forms.CharField(
        label="Quelques mots", max_length=300, required=False, widget=forms.Textarea({"rows": 3, "maxlength": 300})
    )


class NoteForm(EditedMeanwhile, AnswerForm):
    """What staff learned, even that there is nothing to learn."""

    outcome = forms.ChoiceField(
        label="Situation",
        choices=Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une situation."},
    )
