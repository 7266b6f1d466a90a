"""What is typed about a business for the public directory."""

from django import forms
from django.core.validators import URLValidator

from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.uploads import PictureField

WEB_ADDRESS = URLValidator(schemes=["http", "https"], message="Donnez l’adresse d’un site : https://…")


class CardForm(EditedMeanwhile, forms.Form):
    """The card; its picture is checked and made anew before it comes here."""

    description = forms.CharField(
        label="Présentation",
        max_length=600,
        required=False,
        widget=forms.Textarea({"rows": 5, "maxlength": 600}),
        help_text="Ce que vous faites, pour qui, où vous trouver : 600 signes au plus.",
    )
    website = forms.URLField(
        label="Site web", required=False, assume_scheme="https", max_length=200, validators=[WEB_ADDRESS]
    )
    picture = PictureField(
        label="Image",
        required=False,
        max_side=1200,
        help_text="JPEG, PNG ou WebP ; le lieu et l’appareil n’y restent pas inscrits.",
    )
    picture_description = forms.CharField(
        label="Ce que montre l’image", max_length=200, required=False, help_text="Pour qui ne la voit pas."
    )
    remove_picture = forms.BooleanField(label="Retirer l’image", required=False)

    def __init__(self, *args, edited, **kwargs):
        super().__init__(*args, edited=edited, **{"label_suffix": ""} | kwargs)
        if not edited.picture:
            del self.fields["remove_picture"]
