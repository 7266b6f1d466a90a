from django import forms


class RowImportForm(forms.Form):
    """A list in a spreadsheet."""

    file = forms.FileField(
        label="Fichier",
        widget=forms.FileInput({"accept": ".csv,.txt,.tsv,.xlsx,.xls,.ods"}),
        help_text="CSV, XLSX, XLS ou ODS, cinq cents lignes et 10 Mo au plus. Rien n’est écrit avant votre accord.",
        error_messages={"empty": "Ce fichier est vide\u202f: choisissez-en un autre."},
    )


class ComponentsForm(forms.Form):
    """One field of each sort, to look at."""

    name = forms.CharField(label="Nom", help_text="Comme sur votre carte d’identité.")
    email = forms.EmailField(label="Courriel")
    note = forms.CharField(label="Remarque", required=False, widget=forms.Textarea({"rows": 3}))
    themes = forms.MultipleChoiceField(
        label="Thèmes",
        required=False,
        choices=[("ess", "Économie sociale et solidaire"), ("court", "Circuits courts")],
        widget=forms.CheckboxSelectMultiple,
    )
    territory = forms.ChoiceField(label="Territoire", choices=[("", "Choisir…"), ("b", "Béthune"), ("l", "Lens")])
