"""A list of units that somebody brings: the file and its source, its sheet, how its columns are read."""

from pathlib import Path

from django import forms
from django.core.exceptions import ValidationError

from coopconnexion.territories.models import Territory
from coopconnexion.uploads import LIST_MAX_BYTES, check_size
from premises.enums import DatePrecision, OccupancyState
from premises.models import UnitImport, UnitSource
from premises.rules.columns import COLUMNS, IGNORED, KEPT

EXTENSIONS = (".csv", ".txt", ".xlsx", ".xls", ".ods", ".geojson", ".json")
READ_AS = [(KEPT, "Garder telle quelle"), (IGNORED, "Ne pas garder"), *((each.key, each.label) for each in COLUMNS)]


class UnitFileForm(forms.Form):
    source = forms.ModelChoiceField(
        UnitSource.objects.none(),
        label="Source déjà connue",
        required=False,
        empty_label="Une nouvelle source, nommée ci-dessous",
        help_text="Ses colonnes sont lues comme la dernière fois, et ses cellules retrouvées.",
    )
    name = forms.CharField(
        label="Nom de la nouvelle source",
        max_length=150,
        required=False,
        help_text="Par exemple\u202f: LOCOMVAC de la DGFiP, relevé du service commerce.",
    )
    territory = forms.ModelChoiceField(
        Territory.objects.none(), label="Territoire de la nouvelle source", empty_label=None, required=False
    )
    licence = forms.CharField(
        label="Licence",
        max_length=100,
        required=False,
        help_text="Pour des données ouvertes\u202f: Licence Ouverte 2.0, ODbL…",
    )
    file = forms.FileField(
        label="Fichier",
        widget=forms.FileInput({"accept": ",".join(EXTENSIONS)}),
        help_text="CSV, XLSX, XLS, ODS ou GeoJSON, tel qu’il est livré, 60\u202fMo au plus.",
        error_messages={"empty": "Ce fichier est vide\u202f: choisissez-en un autre."},
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        territories = Territory.objects.offered_to(user)
        self.fields["territory"].queryset = territories.order_by("name", "pk")
        sources = UnitSource.objects.visible_to(user).filter(territory__in=territories)
        self.fields["source"].queryset = sources.order_by("name", "pk")

    def clean_file(self):
        file = self.cleaned_data["file"]
        check_size(file, max_bytes=LIST_MAX_BYTES)
        if Path(file.name).suffix.lower() not in EXTENSIONS:
            raise ValidationError(
                "Ce type de fichier n’est pas accepté. Types acceptés\u202f: CSV, XLSX, XLS, ODS, GeoJSON.", "file_kind"
            )
        return file

    def clean(self):
        told = super().clean()
        if told.get("source"):
            return {name: told[name] for name in ("source", "file") if name in told}
        told.pop("source", None)
        if not told.get("name"):
            self.add_error("name", ValidationError("Choisissez une source, ou nommez-en une.", code="source_missing"))
        if not told.get("territory"):
            self.add_error("territory", ValidationError("Choisissez un territoire.", code="territory_missing"))
        return told


class SheetForm(forms.Form):
    """Which sheet of the file; which of its rows holds the names of the columns."""

    sheet = forms.ChoiceField(label="Feuille")
    header_row = forms.TypedChoiceField(label="Ligne des en-têtes", coerce=int, required=False, empty_value=None)

    def __init__(self, *args, unit_import: UnitImport, **kwargs):
        super().__init__(*args, **kwargs)
        self.unit_import = unit_import
        self.sheets = {each["name"]: each for each in unit_import.counts.get("sheets", [])}
        longest = max((len(each["rows"]) for each in self.sheets.values()), default=0)
        self.fields["sheet"].choices = [(name, name or "La seule") for name in self.sheets]
        self.fields["sheet"].required = "" not in self.sheets
        self.fields["header_row"].choices = [(number, number) for number in range(1, longest + 1)]

    def clean(self):
        """Another sheet comes with the header that seems to be its own."""
        told = super().clean()
        if self.errors:
            return told
        found = self.sheets.get(told["sheet"])
        if found and (told["sheet"] != self.unit_import.sheet or not told["header_row"]):
            told["header_row"] = found["header"]
        return told


def step_of(unit_import: UnitImport) -> str:
    """Return what tells the columns on a page from those of another sheet, chosen meanwhile."""
    return f"{unit_import.header_row} {unit_import.sheet}".strip()


class ColumnsForm(forms.Form):
    """What each column of the file is, and what the file does not say of itself."""

    step = forms.CharField(widget=forms.HiddenInput, required=False)
    surveyed_on = forms.DateField(
        label="Relevé du",
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text="Le jour où l’état des locaux est vrai. À laisser vide si une colonne le dit.",
    )
    survey_precision = forms.ChoiceField(label="Cette date est connue", choices=DatePrecision)
    commune = forms.ChoiceField(
        label="Commune de tout le fichier",
        required=False,
        help_text="Pour un fichier qui ne la dit pas.",
    )
    state_of_all = forms.ChoiceField(
        label="Occupation de toutes les lignes",
        required=False,
        choices=[("", "Celle que dit le fichier"), *OccupancyState.choices],
        help_text="Une liste de locaux vacants ne le dit pas toujours dans une colonne.",
    )
    whole_park = forms.BooleanField(
        label="Ce fichier donne tous les locaux, même occupés",
        required=False,
        help_text="Sinon, aucun taux de vacance n’en sort.",
    )

    def __init__(self, *args, unit_import: UnitImport, labels: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        self.unit_import = unit_import
        communes = unit_import.source.territory.communes.order_by("name", "pk")
        self.fields["commune"].choices = [("", "Celle que dit le fichier"), *communes.values_list("pk", "name")]
        for position, label in enumerate(labels):
            self.fields[f"column_{position}"] = forms.ChoiceField(label=label, required=False, choices=READ_AS)

    def clean_step(self):
        if self.cleaned_data["step"] != step_of(self.unit_import):
            raise ValidationError(
                "La feuille ou la ligne des en-têtes a changé entre-temps\u202f: relisez les colonnes.",
                code="step_stale",
            )
        return self.cleaned_data["step"]

    def clean(self):
        """Gather the columns, as the service takes them."""
        told = super().clean()
        told.pop("step", None)
        columns = {name: told.pop(name) for name in list(told) if name.startswith("column_")}
        return told | {"columns": {int(name.removeprefix("column_")): key for name, key in columns.items()}}

    def options(self):
        """Return the fields that are not columns of the file."""
        return [self[name] for name in self.base_fields if name != "step"]


def begun(unit_import: UnitImport) -> dict:
    """Return what a form of columns shows first: as the source had them, or as they seem to be."""
    told = dict(unit_import.mapping)
    columns = {f"column_{position}": key for position, key in told.pop("columns", {}).items()}
    return told | columns | {"surveyed_on": unit_import.surveyed_on, "step": step_of(unit_import)}
