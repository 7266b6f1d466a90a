"""Addresses as lists of shops write them, taken apart: number, bis or ter, street, and what stands around them.

Street types and their abbreviations: the list of the Base adresse nationale, and what is met in files of the DGFiP.
"""

import re
import unicodedata
from dataclasses import dataclass

LARGEST_NUMBER = 99_999  # in Montréal five digits are common; six are a code
REPETITIONS = {"b": "bis", "t": "ter", "q": "quater"}
WORDED = {"bis", "ter", "quater", "quinquies", "sexies"}
SMALL_WORDS = {
    "à", "au", "aux", "chez", "d", "de", "des", "du", "en", "entre", "et", "l", "la", "le", "les", "lès", "par", "sous",
    "sur",
}  # fmt: skip
STREET_TYPES = {
    "all": "allée", "allee": "allée", "allees": "allées", "av": "avenue", "ave": "avenue", "avenue": "avenue",
    "bd": "boulevard", "bld": "boulevard", "blvd": "boulevard", "boul": "boulevard", "boulevard": "boulevard",
    "bv": "boulevard", "car": "carrefour", "carr": "carrefour", "carrefour": "carrefour",
    "ccal": "centre commercial", "ch": "chemin", "che": "chemin", "chem": "chemin", "chemin": "chemin",
    "chs": "chaussée", "chaussee": "chaussée", "cite": "cité", "cour": "cour", "cours": "cours", "crs": "cours",
    "dom": "domaine", "domaine": "domaine", "esp": "esplanade", "esplanade": "esplanade", "fg": "faubourg",
    "faubourg": "faubourg", "gal": "galerie", "galerie": "galerie", "gpl": "grand place", "gr": "grande rue",
    "ham": "hameau", "hameau": "hameau", "imp": "impasse", "impasse": "impasse", "ld": "lieu-dit", "lot": "lotissement",
    "lotissement": "lotissement", "mail": "mail", "pas": "passage", "pass": "passage", "passage": "passage",
    "pce": "place", "pl": "place", "place": "place", "placette": "placette", "plc": "place", "prom": "promenade",
    "promenade": "promenade", "prv": "parvis", "parvis": "parvis", "quai": "quai", "qu": "quai", "r": "rue",
    "res": "résidence", "residence": "résidence", "rle": "ruelle", "rpt": "rond-point", "rte": "route",
    "route": "route", "rue": "rue", "ruelle": "ruelle", "sen": "sente", "sente": "sente", "sent": "sentier",
    "sentier": "sentier", "sq": "square", "square": "square", "trav": "traverse", "traverse": "traverse",
    "ven": "venelle", "venelle": "venelle", "villa": "villa", "voie": "voie", "za": "zone d’activité",
    "zac": "zone d’aménagement concerté", "zi": "zone industrielle",
}  # fmt: skip

NUMBERED = re.compile(r"(?:n\s?[°ºo]\s?)?0*(\d{1,6})(?![\d°ºᵉ])(?!e?r?e?s?\b(?<=\d[eè]))", re.I)
RANGE = re.compile(r"\s*(-|/|à|au|et|&)\s*0*(\d{1,5})(?!\w)\s*(?!mai\b|juin\b|janvier\b)", re.I)
REPEATED = re.compile(rf"\s*[-.]?\s*({'|'.join(sorted(WORDED))}|[a-z])(?![\w’'.])\s*", re.I)
NUMBER_LAST = re.compile(r"^(?P<street>\D.*?),\s*(?P<number>\d{1,5}\s*[a-z]{0,6})$", re.I)
TOWN = re.compile(r"[\s,;]+(\d{2}\s?\d{3})\s+(\D+)$")
ROMAN = re.compile(r"(?=[IVX]{2})X{0,3}(IX|IV|V?I{0,3})")
ELIDED = re.compile(r"\b([dl])[ '’](?=[aeiouyhàâéèêëîïôœùû])", re.I)


@dataclass(frozen=True)
class Address:
    """« 12 bis, avenue du 8-Mai-1945 » in its parts; what is not said is None or empty."""

    number: int | None
    repetition: str
    street: str
    postal_code: str = ""
    town: str = ""


def split_address(text: str) -> Address:
    """Take an address on one line apart: « 0012BIS, AV DU 8 MAI 1945 » is 12, « bis », « avenue du 8 Mai 1945 »."""
    line, postal_code, town = without_town(" ".join(str(text).split()))
    if last := NUMBER_LAST.match(line):
        line = f"{last['number']} {last['street']}"
    found = NUMBERED.match(line)
    if not found or int(found[1]) > LARGEST_NUMBER:
        return Address(None, "", street_words(line), postal_code, town)
    number, rest = int(found[1]), line[found.end() :]
    repetition, rest = split_repetition(rest)
    if not rest.strip(" ,;-"):
        return Address(number or None, repetition, "", postal_code, town)
    return Address(number or None, repetition, street_words(rest), postal_code, town)


def without_town(line: str) -> tuple[str, str, str]:
    """Return the line without « 62400 Béthune » at its end, and these two."""
    found = TOWN.search(line)
    if not found:
        return line, "", ""
    return line[: found.start()], found[1].replace(" ", ""), found[2].strip(" ,;")


def split_repetition(rest: str) -> tuple[str, str]:
    """Return what follows a number, « bis » or « à 14 », and what is left of the line."""
    if found := RANGE.match(rest):
        word = {"-": "à", "/": "à", "au": "à", "&": "et"}.get(found[1].lower(), found[1].lower())
        return f"{word} {int(found[2])}", rest[found.end() :]
    found = REPEATED.match(rest)
    if found and not is_street_type(found[1], rest[found.end() :]):
        return repetition_words(found[1]), rest[found.end() :]
    return "", rest


def split_number(text: str) -> tuple[int | None, str]:
    """« 0012B » is 12 and « bis ».

    :raises ValueError: when it is no number of a street
    """
    typed = str(text).strip()
    found = NUMBERED.match(typed)
    if not found or int(found[1]) > LARGEST_NUMBER:
        raise ValueError(typed)
    repetition, rest = split_repetition(typed[found.end() :])
    if rest.strip(" .,;-"):
        raise ValueError(typed)
    return int(found[1]) or None, repetition


def is_street_type(letter: str, after: str) -> bool:
    """« 12 R de Lille » is a street; « 12 R rue de Lille » is a letter; « 3 à Tournai » is no letter either."""
    if letter.lower() not in ("r", "à"):
        return False
    return fold(after.split(" ", 1)[0]) not in STREET_TYPES


def repetition_words(typed: str) -> str:
    """Say « B », « BIS » or « bis » the same way; another letter stays, as a capital."""
    word = str(typed).strip(" .,-").lower()
    return REPETITIONS.get(word) or (word if word in WORDED else word.upper()[:10])


def street_words(text: str) -> str:
    """Write a street as people read it: its type in full, no capitals throughout; accents that lack stay away."""
    line = re.sub(r"\s+", " ", str(text)).strip(" ,;-")
    if line and not any(each.islower() for each in line):
        line = lowered(line)
    first, _, rest = line.partition(" ")
    if rest and first.lower() == "r.":
        return f"rue {rest}"
    kind = STREET_TYPES.get(fold(first))
    if kind is None or (not rest and len(first) < 4):
        return line
    return f"{kind} {rest}".strip(" ,;-")


def joined_street(kind: str, *names: str) -> str:
    """Return the street of a list that keeps its type and its name apart."""
    return street_words(" ".join(filter(None, (str(each).strip() for each in (kind, *names)))))


def lowered(line: str) -> str:
    """« RUE DU POT D ETAIN » is « Rue du Pot d’Etain »."""
    words = []
    for word in line.split(" "):
        if word.lower() in SMALL_WORDS:
            words.append(word.lower())
        elif ROMAN.fullmatch(word):
            words.append(word)
        else:
            words.append("-".join(each if ROMAN.fullmatch(each) else each.capitalize() for each in word.split("-")))
    joined = ELIDED.sub(lambda found: f"{found[1].lower()}’", " ".join(words))
    return re.sub(r"’(\w)", lambda found: "’" + found[1].upper(), joined)


def fold(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.strip(" .,").casefold())
    return "".join(each for each in plain if not unicodedata.combining(each))
