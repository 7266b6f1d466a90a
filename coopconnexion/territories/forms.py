"""A commune typed by its name, with the postal code when several bear it."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, Value

from coopconnexion.db import NameKey
from coopconnexion.territories.models import Commune

LONGEST = 120  # characters


class CommuneField(forms.Field):
    """Read « Béthune », « Béthune (62400) » or « 62400 Béthune »; its clean value is a :class:`Commune` or ``None``."""

    UNKNOWN = "Cette commune n’est pas connue : vérifiez son nom, ou ajoutez son code postal."

    def __init__(self, **kwargs):
        super().__init__(**{"label": "Commune"} | kwargs)
        self.widget.attrs.update({"autocomplete": "off", "maxlength": LONGEST})

    def prepare_value(self, value):
        if isinstance(value, int | str) and str(value).isalnum() and len(str(value)) == 5:  # an INSEE code
            value = Commune.objects.filter(pk=str(value)).first() or value
        return str(value) if isinstance(value, Commune) else value

    def to_python(self, value):
        if isinstance(value, Commune):
            return value
        text = str(value or "").strip()
        if len(text) > LONGEST:
            raise ValidationError(self.UNKNOWN, code="commune_unknown")
        return self._find(text) if text else None

    def _find(self, text: str) -> Commune:
        postal_code = re.search(r"\b\d{5}\b", text)
        name = re.sub(r"[\d()]", " ", text).strip()
        found = Commune.objects.alias(key=NameKey(F("name")))
        if name:
            found = found.filter(key=NameKey(Value(name)))
        if postal_code:
            found = found.filter(postal_codes__contains=[postal_code[0]])
        found = list(found.order_by("name", "pk")[:6])
        if not found or not (name or postal_code):
            raise ValidationError(self.UNKNOWN, code="commune_unknown")
        if len(found) > 1:
            names = ", ".join(f"{each.name} ({', '.join(each.postal_codes[:2]) or each.pk})" for each in found[:5])
            raise ValidationError(
                f"Plusieurs communes se nomment ainsi : {names}. Précisez le code postal.", code="commune_ambiguous"
            )
        return found[0]
