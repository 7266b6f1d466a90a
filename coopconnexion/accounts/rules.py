"""What makes two typed addresses or names the same: computed on values alone."""

import re
import unicodedata


def normalise_email(typed: str) -> str:
    """Return the address as it is kept: lower case, without spaces and the usual slips (``..``, ``.@``, ``mailto:``)."""
    address = unicodedata.normalize("NFKC", typed)
    address = re.sub(r"\s+", "", address).lower().removeprefix("mailto:")
    address = re.sub(r"\.{2,}", ".", address).replace(".@", "@").replace("@.", "@")
    return address.strip(".,;<>")


def name_key(first_name: str, last_name: str) -> str:
    """Fold a name as the database's ``name_key`` does: case, accents, hyphens and spaces aside."""
    folded = unicodedata.normalize("NFKD", f"{first_name} {last_name}")
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter)).lower()
    return re.sub(r"[^a-z0-9]+", " ", plain).strip()
