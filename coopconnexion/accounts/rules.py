"""What makes two typed addresses the same: computed on values alone."""

import re
import unicodedata


def normalise_email(typed: str) -> str:
    """Return the address as it is kept: lower case, the usual slips of typing and pasting mended.

    ``mailto:``, spaces of every kind, doubled dots, dots beside the @ and at the ends, stray brackets and commas go.
    """
    address = unicodedata.normalize("NFKC", typed)
    address = "".join(letter for letter in address if not letter.isspace() and unicodedata.category(letter) != "Cf")
    address = address.lower().strip("<>,;").removeprefix("mailto:")
    address = re.sub(r"\.{2,}", ".", address)
    return address.replace(".@", "@").replace("@.", "@").strip(".,;<>")
