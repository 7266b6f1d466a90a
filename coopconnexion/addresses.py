"""E-mail addresses as they are kept, and the form field that reads them."""

import re
import unicodedata

from django import forms
from django.core.exceptions import ValidationError


def normalise_email(typed: str) -> str:
    """Return the address as it is kept: lower case, the usual slips of typing and pasting mended.

    ``mailto:``, spaces of every kind, doubled dots, dots beside the @ and at the ends, stray brackets and commas go.
    """
    address = unicodedata.normalize("NFKC", typed)
    address = "".join(letter for letter in address if not letter.isspace() and unicodedata.category(letter) != "Cf")
    address = address.lower().strip("<>,;").removeprefix("mailto:")
    address = re.sub(r"\.{2,}", ".", address)
    return _ascii_domain(address.replace(".@", "@").replace("@.", "@").strip(".,;<>"))


def _ascii_domain(address: str) -> str:
    """Return the address with its domain as mail servers know it: « bücher.fr » is « xn--bcher-kva.fr »."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{domain.encode('idna').decode('ascii')}"
    except UnicodeError:  # no domain at all: the form says so
        return address


def is_plain_address(address: str) -> bool:
    """Tell whether a normalised address is one that mail programs cannot take for several: ASCII, unquoted."""
    return address.isascii() and address.count("@") == 1 and not re.search(r"[\s\x00-\x1f\"(),:;<>\[\\\]]", address)


def refuse_odd_address(address: str) -> None:
    """Refuse what is an address on paper only: quoted, or hiding a second one behind a comma of another alphabet."""
    if not is_plain_address(address):
        raise ValidationError("Saisissez une adresse de courriel valide.", code="invalid")


class AddressField(forms.EmailField):
    """An e-mail address, mended first and checked as it will be kept."""

    default_validators = [*forms.EmailField.default_validators, refuse_odd_address]

    def to_python(self, value):
        return normalise_email(super().to_python(value))
