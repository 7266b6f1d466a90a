"""A file of statistics to count: what it is, of which year."""

from pathlib import Path

from django import forms
from django.core.exceptions import ValidationError

from coopconnexion.uploads import check_size
from premises.enums import CountKind

EXTENSIONS = (".csv", ".gz", ".txt", ".zip")


class CountFileForm(forms.Form):
    kind = forms.ChoiceField(label="Source", choices=CountKind, widget=forms.RadioSelect)
    vintage = forms.IntegerField(
        label="Millésime",
        min_value=1990,
        max_value=2100,
        help_text="L’année des données, pas celle du téléchargement. Un fichier d’un autre millésime est refusé.",
    )
    label = forms.CharField(
        label="Intitulé",
        max_length=150,
        required=False,
        help_text="Par exemple « BPE, commerces (Nord et Pas-de-Calais) ». Le même intitulé remplace le jeu précédent.",
    )
    file = forms.FileField(
        label="Fichier",
        widget=forms.FileInput({"accept": ",".join(EXTENSIONS)}),
        help_text="CSV tel que l’INSEE le livre, ou son archive .zip ou .gz, 10 Mo au plus.",
        error_messages={"empty": "Ce fichier est vide\u202f: choisissez-en un autre."},
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        check_size(file)
        if Path(file.name).suffix.lower() not in EXTENSIONS:
            raise ValidationError(
                "Ce type de fichier n’est pas accepté. Types acceptés\u202f: CSV, ZIP, GZ.", "file_kind"
            )
        return file
