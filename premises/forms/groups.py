"""A group of towns, typed one on a line."""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError

from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.territories.forms import CommuneField
from coopconnexion.territories.models import Commune

MOST_LINES = 200


def town_words(commune: Commune) -> str:
    """« Lens (62300) », as :class:`CommuneField` reads it."""
    return f"{commune.name} ({commune.postal_codes[0]})" if commune.postal_codes else commune.name


class TownsField(forms.CharField):
    """Read a town on each line; its clean value is a list of :class:`Commune`, each once."""

    def __init__(self, **kwargs):
        super().__init__(**{"widget": forms.Textarea({"rows": 12, "autocomplete": "off"})} | kwargs)

    def prepare_value(self, value):
        if value is None or isinstance(value, str):
            return value
        return "\n".join(town_words(each) for each in value)

    def to_python(self, value) -> list[Commune]:
        if isinstance(value, list):
            return value
        lines = [line.strip(" ,;") for line in super().to_python(value).splitlines()]
        named = [line for line in lines if line]
        if len(named) > MOST_LINES:
            raise ValidationError(f"Pas plus de {MOST_LINES} communes.", code="too_many_towns")
        return list({each.pk: each for each in self.found(named)}.values())

    @staticmethod
    def found(named: Iterable[str]) -> list[Commune]:
        reader, towns, errors = CommuneField(), [], []
        for line in named:
            try:
                towns.append(reader.clean(line))
            except ValidationError as refusal:
                errors.append(f"«\u202f{line[:60]}\u202f». {refusal.messages[0]}")
        if errors:
            raise ValidationError(errors, code="towns_unknown")
        return towns


class GroupForm(forms.Form):
    name = forms.CharField(label="Nom", max_length=100)
    communes = TownsField(
        label="Communes",
        help_text="Une par ligne, avec son code postal si plusieurs portent ce nom. Trois au moins. La commune étudiée "
        "peut y être : elle est toujours laissée hors de sa propre référence.",
    )


class GroupChangeForm(EditedMeanwhile, GroupForm):
    """Who saves second reads what the first saved."""
