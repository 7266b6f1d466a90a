"""What a holder changes of their own project."""

from django import forms

from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.text_fields import LongTextField, OneLineField


class PitchForm(EditedMeanwhile, forms.Form):
    pitch = LongTextField(
        label="Présentation",
        required=False,
        longest=4000,
        help_text="Pour qui, pourquoi, où vous en êtes\u202f: ce que l’équipe doit savoir avant de vous revoir.",
    )
    intended_activity = OneLineField(label="Activité envisagée", required=False, max_length=200)
