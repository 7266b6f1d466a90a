"""What staff type of monthly statements: a file, the figures of a month, which ones to add up."""

from django import forms

from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.sheets import values
from coopconnexion.territories.models import Territory

ACCEPTED = ".csv,.txt,.tsv,.xlsx,.xls,.ods"
SPANS = [("12", "12 derniers mois"), ("24", "24 derniers mois")]


class ConvertedField(forms.CharField):
    """Read what people type as the cells of their files are read."""

    def __init__(self, *, convert: values.Convert, **kwargs):
        self.convert = convert
        super().__init__(**kwargs)

    def to_python(self, value):
        typed = super().to_python(value)
        return self.convert(typed) if typed else None


class AmountField(ConvertedField):
    """An amount in euros, « 1 234,56 »."""

    def __init__(self, **kwargs):
        widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(**{"convert": values.decimal(), "widget": widget, **kwargs})

    def prepare_value(self, value):
        return value if value is None or isinstance(value, str) else str(value).replace(".", ",")


class MonthField(ConvertedField):
    """A month, as its first day; browsers without a field for months take « 12/2026 »."""

    def __init__(self, **kwargs):
        super().__init__(**{"convert": values.month(), "widget": forms.TextInput({"type": "month"}), **kwargs})

    def prepare_value(self, value):
        return value if value is None or isinstance(value, str) else f"{value:%Y-%m}"


class StatementForm(forms.Form):
    month = MonthField(label="Mois", help_text="Par exemple 12/2026.")
    turnover = AmountField(label="Chiffre d’affaires (€)")
    purchases = AmountField(label="Achats (€)", required=False)
    contribution = AmountField(label="Contribution (€)", required=False)
    gross_pay = AmountField(label="Salaire brut (€)", required=False)


class StatementCorrectForm(EditedMeanwhile, StatementForm):
    """A statement known already: who saves second reads what the first saved."""


class ImportForm(forms.Form):
    file = forms.FileField(
        label="Fichier des relevés",
        widget=forms.FileInput({"accept": ACCEPTED}),
        help_text="CSV, XLSX, XLS ou ODS, 10 Mo au plus. Rien n’est écrit avant votre accord.",
        error_messages={"empty": "Ce fichier est vide\u202f: choisissez-en un autre."},
    )


class FiguresForm(forms.Form):
    """Which statements to add up; anything unknown shows the last twelve months of all."""

    territoire = forms.ModelChoiceField(
        Territory.objects.none(), label="Territoire", to_field_name="slug", required=False, empty_label="Tous"
    )
    mois = forms.TypedChoiceField(label="Période", choices=SPANS, required=False, coerce=int, empty_value=12)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        ids = user.staff_territory_ids()
        territories = Territory.objects.all() if ids is None else Territory.objects.filter(pk__in=ids)
        self.fields["territoire"].queryset = territories.order_by("name", "pk")
