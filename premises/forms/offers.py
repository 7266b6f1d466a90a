"""How visitors type what they look for."""

import re

from django import forms


class MeasureField(forms.DecimalField):
    """A surface or a rent as people type it: « 62,5 », « 60 m² », « 1 200 € »."""

    default_error_messages = {"invalid": "Écrivez un nombre, comme 60 ou 62,5."}

    def to_python(self, value):
        typed = re.sub(r"\s|€|m²|m2|euros?", "", str(value or "").lower())
        return super().to_python(typed.replace(",", "."))
