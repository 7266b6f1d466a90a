"""Cells as values: what people type in French spreadsheets, or a message that says what to write instead."""

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from coopconnexion.french import NARROW

Cell = str | int | float | bool | date | datetime | time | timedelta | None
Convert = Callable[[Cell], object]

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)
HUGE = 10**15
EXCEL_EPOCH = date(1899, 12, 30)
ERROR_CELL = re.compile(r"#(REF|N/A|VALUE|DIV/0|NAME|NUM|NULL|NOM|VALEUR|NOMBRE|NUL|SPILL|CALC)[!?]?|Err:\d{3}", re.I)
MONTHS = ["janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre", "novembre"]
MONTHS.append("decembre")
NUMBERED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d+)")
ISO = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[T ]00:00(?::00)?)?")
WORDED = re.compile(r"(?:[a-z]+\.? )?(?:(\d{1,2})(?:er)? )?([a-z]+)\.?[ -](\d{4})")
MONTH_ONLY = re.compile(r"(\d{1,2})[/.-](\d{4})")
UNITS = re.compile(r"[\s\u00a0\u202f'’]|€|eur(os?)?\s*$", re.I)
GROUPED = re.compile(r"\d{1,3}(\.\d{3})+,\d*|\d{1,3}(,\d{3})+\.\d*")  # 1.234,56 and 1,234.56
AMBIGUOUS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")  # 1.234
SEVERAL_THOUSANDS = re.compile(r"[1-9]\d{0,2}([.,])\d{3}(\1\d{3})+")  # 1.234.567


def fold(text: object) -> str:
    """Strip a label to what makes two the same: case, accents, punctuation and what stands in parentheses aside."""
    plain = unicodedata.normalize("NFKD", re.sub(r"\([^)]*\)", " ", str(text)).replace(".", "").replace("œ", "oe"))
    kept = "".join(each for each in plain.casefold() if not unicodedata.combining(each))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", kept).split())


def is_blank(value: Cell) -> bool:
    return value is None or (isinstance(value, str) and not value.strip(" \t\r\n\u00a0\u202f\ufeff"))


def quoted(value: Cell) -> str:
    if isinstance(value, bool):
        value = "VRAI" if value else "FAUX"
    shown = value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value)
    return f"«{NARROW}{shown[:60]}{NARROW}»"


def refuse(message: str, code: str) -> ValidationError:
    return ValidationError(message, code=code)


def text(*, max_length: int = 200) -> Convert:
    """Read a text; numbers become their digits, spaces inside are made single."""

    def convert(value: Cell) -> str:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        words = value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value)
        words = " ".join("".join(each for each in words if each.isprintable() or each.isspace()).split())
        words = words[1:] if words[:1] == "'" and words[1:2] in tuple("=+-@") else words  # as our exports defuse it
        if len(words) > max_length:
            raise refuse(f"Ce texte dépasse {max_length} caractères : raccourcissez-le.", "text_too_long")
        return words

    return convert


def email(value: Cell) -> str:
    """Read an address, in lower case."""
    address = str(value).strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise refuse(f"{quoted(value)} n’est pas une adresse e-mail.", "email_invalid") from None
    return address


def boolean(value: Cell) -> bool:
    """Read « oui », « non », « x », 1, 0; an empty cell never comes here."""
    word = fold(value)
    if word in {"oui", "o", "x", "vrai", "true", "1", "1 0"}:
        return True
    if word in {"non", "n", "faux", "false", "0", "0 0"}:
        return False
    raise refuse(f"{quoted(value)} : écrivez «{NARROW}oui{NARROW}» ou «{NARROW}non{NARROW}».", "boolean_invalid")


# --- numbers ---------------------------------------------------------------------------------------------------------


def decimal(*, places: int = 2, minimum: Decimal | None = None, maximum: Decimal = Decimal(10**9)) -> Convert:
    """Read a number as French people write it: « 1 234,56 € », « 1.234,56 », « -12,5 », « (12,50) »."""

    def convert(value: Cell) -> Decimal:
        number = from_cell(value, places)
        if -number.as_tuple().exponent > places and number != round(number, places):
            raise refuse(f"{quoted(value)} a plus de {places} décimales : arrondissez.", "too_many_decimals")
        if minimum is not None and number < minimum:
            raise refuse(f"{quoted(value)} est trop petit : le minimum est {minimum}.", "number_too_small")
        if abs(number) > maximum:
            raise refuse(f"{quoted(value)} est trop grand : vérifiez le nombre de chiffres.", "number_too_large")
        return round(number, places)

    return convert


def integer(*, minimum: int | None = None, maximum: int = 10**9) -> Convert:
    """Read a whole number."""
    whole = decimal(places=0, minimum=minimum if minimum is None else Decimal(minimum), maximum=Decimal(maximum))
    return lambda value: int(whole(value))


def from_cell(value: Cell, places: int) -> Decimal:
    if isinstance(value, bool | date | time | timedelta):
        raise refuse(f"{quoted(value)} n’est pas un nombre.", "number_invalid")
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise refuse(f"{quoted(value)} n’est pas un nombre.", "number_invalid")
        if abs(value) >= HUGE:
            raise refuse(f"{quoted(value)} est trop grand\u202f: vérifiez le nombre de chiffres.", "number_too_large")
        return round(Decimal(repr(value)), places + 6)  # 0.1 + 0.2 is 0.3 in any sheet
    return from_words(str(value))


def from_words(typed: str) -> Decimal:
    words = UNITS.sub("", typed).replace("−", "-")
    digits = words.strip("()").strip("-").removeprefix("+")
    balanced = words.startswith("(") == words.endswith(")") and words.count("-") <= 1
    plain_digits = without_separators(digits, typed)
    if not balanced or not re.fullmatch(r"\d{1,15}(\.\d*)?|\.\d+", plain_digits):
        raise refuse(f"{quoted(typed)} n’est pas un nombre.", "number_invalid")
    return -Decimal(plain_digits) if words != digits and words[0] != "+" else Decimal(plain_digits)


def without_separators(digits: str, typed: str) -> str:
    """Return the digits with a point for the decimals and nothing between the thousands."""
    if GROUPED.fullmatch(digits):
        thousands = "," if digits.rfind(",") < digits.rfind(".") else "."
        return digits.replace(thousands, "").replace(",", ".")
    if AMBIGUOUS.fullmatch(digits):
        raise refuse(
            f"{quoted(typed)} peut se lire de deux façons : écrivez sans séparateur de milliers.", "number_ambiguous"
        )
    if SEVERAL_THOUSANDS.fullmatch(digits):
        return re.sub("[.,]", "", digits)
    return digits.replace(",", ".")


# --- days and months -------------------------------------------------------------------------------------------------


def day(*, earliest: date = EARLIEST, latest: date = LATEST) -> Convert:
    """Read a date in ``[earliest, latest)``: a date cell, 31/12/2026, 2026-12-31, « 31 décembre 2026 »."""

    def convert(value: Cell) -> date:
        found = from_date_cell(value) or parse_day(str(value))
        return plausible(found, value, earliest, latest, "31/12/2026")

    return convert


def month(*, earliest: date = EARLIEST, latest: date = LATEST) -> Convert:
    """Read a month as its first day: as a date is, or 12/2026, 2026-12, « déc. 2026 »."""

    def convert(value: Cell) -> date:
        found = from_date_cell(value) or parse_month(str(value)) or parse_day(str(value))
        return plausible(found and found.replace(day=1), value, earliest, latest, "12/2026")

    return convert


def plausible(found: date | None, value: Cell, earliest: date, latest: date, example: str) -> date:
    if found is None:
        raise refuse(f"{quoted(value)} n’est pas une date : écrivez-la comme {example}.", "date_invalid")
    if not earliest <= found < latest:
        raise refuse(
            f"{quoted(found)} n’est pas une date plausible (de {earliest.year} à {latest.year}) : vérifiez l’année.",
            "date_implausible",
        )
    return found


def from_date_cell(value: Cell) -> date | None:
    """Read a cell that is a date, or the number of days that stands behind one."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str) and re.fullmatch(r"[2-7]\d{4}", value.strip()):  # 46387 in a CSV file
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and 1 <= value < 2_958_466:
        return EXCEL_EPOCH + timedelta(days=int(value))
    return None


def parse_day(typed: str) -> date | None:
    words = plain(typed)
    if found := NUMBERED.fullmatch(words):
        return made(found[3], found[2], found[1])
    if (found := ISO.fullmatch(words)) and found[3]:
        return made(found[1], found[2], found[3])
    if (found := WORDED.fullmatch(words)) and found[1]:
        return made(found[3], month_number(found[2]), found[1])
    return None


def parse_month(typed: str) -> date | None:
    words = plain(typed)
    if found := MONTH_ONLY.fullmatch(words):
        return made(found[2], found[1], 1)
    if (found := ISO.fullmatch(words)) and not found[3]:
        return made(found[1], found[2], 1)
    if (found := WORDED.fullmatch(words)) and not found[1]:
        return made(found[3], month_number(found[2]), 1)
    return None


def plain(typed: str) -> str:
    decomposed = unicodedata.normalize("NFKD", typed.casefold())
    return " ".join("".join(each for each in decomposed if not unicodedata.combining(each)).split())


def month_number(word: str) -> int:
    """Return 12 for « dec », « decem », « decembre »; 0 for what begins no month, or two."""
    found = [number for number, name in enumerate(MONTHS, 1) if len(word) >= 3 and name.startswith(word)]
    return found[0] if len(found) == 1 else 0


def made(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        return date(int(year), int(month), int(day)) if len(str(year)) == 4 else None
    except ValueError:
        return None
