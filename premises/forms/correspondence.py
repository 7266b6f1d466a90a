"""An activity and its codes, typed one on a line."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet, Value

from coopconnexion.backoffice import EditedMeanwhile
from coopconnexion.db import NameKey
from coopconnexion.territories.models import Activity, FacilityType, NafCode

MOST_LINES = 50
NAF = re.compile(r"(\d\d)\.?(\d\d)([A-Z])\b", re.IGNORECASE)
TYPE = re.compile(r"\b([A-G]\d{3})\b", re.IGNORECASE)
YEAR = re.compile(r"\b(20\d\d)\b")


class CodesField(forms.CharField):
    """Read a code on each line, whatever follows it; its clean value is a list of rows, each once."""

    def __init__(self, **kwargs):
        super().__init__(**{"widget": forms.Textarea({"rows": 6, "autocomplete": "off"}), "required": False} | kwargs)

    def prepare_value(self, value):
        if value is None or isinstance(value, str):
            return value
        return "\n".join(self.words(each) for each in value)

    def to_python(self, value) -> list:
        if isinstance(value, list):
            return value
        lines = [line.strip() for line in super().to_python(value).splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise ValidationError(f"Pas plus de {MOST_LINES} codes.", code="too_many_codes")
        found, errors = {}, []
        for line in lines:
            rows = self.found(line)
            found |= {each.pk: each for each in rows}
            if not rows:
                errors.append(f"«\u202f{line[:60]}\u202f»\u202f: {self.UNKNOWN}")
        if errors:
            raise ValidationError(errors, code="codes_unknown")
        return list(found.values())


class NafField(CodesField):
    """« 47.24Z », « 4724z », or the code followed by its label."""

    UNKNOWN = "ce code n’est pas dans la NAF rév. 2."

    @staticmethod
    def words(code: NafCode) -> str:
        return str(code)

    @staticmethod
    def found(line: str) -> list[NafCode]:
        code = NAF.match(line)
        return list(NafCode.objects.filter(pk=f"{code[1]}.{code[2]}{code[3].upper()}")) if code else []


class TypesField(CodesField):
    """« B207 (2024) », or « B202 » for every vintage that has it."""

    UNKNOWN = "ce type n’est pas dans la BPE, ou pas dans ce millésime."

    @staticmethod
    def words(each: FacilityType) -> str:
        return f"{each.code} ({each.vintage}) {each.label}"

    @staticmethod
    def found(line: str) -> list[FacilityType]:
        code = TYPE.match(line)
        if not code:
            return []
        types = FacilityType.objects.filter(code=code[1].upper()).order_by("vintage")
        year = YEAR.search(line[code.end() :][:8])
        return list(types.filter(vintage=int(year[1])) if year else types)


class ActivityForm(forms.Form):
    label = forms.CharField(label="Activité", max_length=120)
    naf_codes = NafField(
        label="Codes NAF rév. 2",
        help_text="Un par ligne, par exemple 47.24Z. Ils comptent l’activité dans SIRENE.",
    )
    facility_types = TypesField(
        label="Types de la BPE",
        help_text="Un par ligne, par exemple B207 (2024). Sans année, tous les millésimes qui ont ce code.",
    )


class ActivityChangeForm(EditedMeanwhile, ActivityForm):
    """Who saves second reads what the first saved."""


class ActivityFilterForm(forms.Form):
    """Which activities the list shows: all of it stands in the address."""

    q = forms.CharField(label="Chercher", max_length=100, required=False)
    montrer = forms.ChoiceField(
        label="Montrer",
        required=False,
        choices=[
            ("", "Les activités proposées"),
            ("sans_naf", "Sans code NAF"),
            ("sans_bpe", "Sans type de la BPE"),
            ("retirees", "Les retirées"),
        ],
    )

    def __init__(self, data):
        super().__init__(data, label_suffix="")

    def kept(self, activities: QuerySet[Activity]) -> QuerySet[Activity]:
        """Return those that answer; none when a filter cannot be read."""
        if not self.is_valid():
            return activities.none()
        shown = self.cleaned_data["montrer"]
        activities = activities.filter(retired_at__isnull=shown != "retirees")
        if shown == "sans_naf":
            activities = activities.filter(naf_codes=None)
        if shown == "sans_bpe":
            activities = activities.filter(facility_types=None)
        return self.searched(activities, self.cleaned_data["q"])

    @staticmethod
    def searched(activities: QuerySet[Activity], words: str) -> QuerySet[Activity]:
        if not words:
            return activities
        named = activities.alias(name=NameKey("label")).filter(name__contains=NameKey(Value(words)))
        naf, code = NAF.match(words), Q(facility_types__code__iexact=words) | Q(naf_codes__code__istartswith=words)
        if naf:
            code |= Q(naf_codes=f"{naf[1]}.{naf[2]}{naf[3].upper()}")
        return activities.filter(Q(pk__in=named.values("pk")) | Q(pk__in=Activity.objects.filter(code).values("pk")))
