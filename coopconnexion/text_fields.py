"""What people type on one line, and the names that travel in our messages."""

import re

from django import forms

SITE_ADDRESS = re.compile(r"[/@<>\\]|www\.|\w{3,}\.[a-z]{2,}\b", re.IGNORECASE)


class OneLineField(forms.CharField):
    """Text on one line: inner white space and line breaks become one space."""

    def to_python(self, value):
        return " ".join(super().to_python(value).split())


def refuse_site_address(name: str) -> None:
    """Refuse a name that bears the address of a site: it would travel in our messages to whoever's e-mail was typed."""
    if SITE_ADDRESS.search(name):
        raise forms.ValidationError("Écrivez un nom, sans adresse de site ni de courriel.", code="site_address")


class LongTextField(forms.CharField):
    """A text of at most ``longest`` characters, lines counted as people see them; browsers do not cut it unsaid."""

    def __init__(self, *, longest: int, **kwargs):
        self.longest = longest
        super().__init__(**{"widget": forms.Textarea({"rows": 6}), **kwargs})

    def to_python(self, value):
        text = super().to_python(value).replace("\r\n", "\n")
        if len(text) > self.longest:
            raise forms.ValidationError(
                f"Ce texte fait {len(text)} caractères\u202f: gardez l’essentiel, {self.longest} au plus.",
                code="max_length",
            )
        return text
