"""What stands in the cells of XLSX and ODS files besides values (formulas, errors), and how far the cells reach.

Read as a stream, before calamine lays a sheet out whole: one cell at the far end of a sheet would cost gigabytes.
"""

import re
from collections.abc import Callable
from typing import BinaryIO
from xml.parsers import expat
from zipfile import ZipFile

from django.core.exceptions import ValidationError

from coopconnexion.archives import DAMAGED, LOCKED, TOO_LARGE
from coopconnexion.french import NARROW

MAX_ELEMENTS = 5_000_000  # 20,000 rows of 60 cells have half of it
Flaws = dict[tuple[int, int], str]
CheckExtent = Callable[[int, int], None]

FORMULA = (
    f"cette cellule contient une formule{NARROW}: copiez-la, puis collez-la sur place avec «{NARROW}Collage spécial,"
    f" valeurs{NARROW}»."
)
ERROR = f"cette cellule contient une erreur du tableur{NARROW}: corrigez-la ou videz-la."
REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")


def parse(stream: BinaryIO, on_start: Callable[[str, dict], None], max_elements: int = MAX_ELEMENTS) -> None:
    """Tell ``on_start`` each element, by its name without prefix; declared entities are refused.

    :raises ValidationError: archive_damaged, archive_too_large
    """
    count = 0

    def counted(name: str, attrs: dict) -> None:
        nonlocal count
        count += 1
        if count > max_elements:
            raise ValidationError(TOO_LARGE, code="archive_too_large")
        on_start(name.rpartition(":")[2], attrs)

    parser = expat.ParserCreate()
    parser.StartElementHandler = counted
    parser.StartDoctypeDeclHandler = refuse_doctype
    try:
        parser.ParseFile(stream)
    except (expat.ExpatError, ValueError, KeyError) as error:
        raise ValidationError(DAMAGED, code="archive_damaged") from error


def refuse_doctype(*args) -> None:
    raise ValidationError(DAMAGED, code="archive_damaged")


def parse_member(
    archive: ZipFile, name: str, on_start: Callable[[str, dict], None], max_elements: int = MAX_ELEMENTS
) -> None:
    """:raises ValidationError: archive_damaged, when there is no such member too"""
    try:
        stream = archive.open(name)
    except KeyError:
        raise ValidationError(DAMAGED, code="archive_damaged") from None
    with stream:
        parse(stream, on_start, max_elements)


# --- XLSX ------------------------------------------------------------------------------------------------------------


def scan_xlsx(archive: ZipFile, check_extent: CheckExtent, max_elements: int = MAX_ELEMENTS) -> dict[str, Flaws]:
    """Return the flaws of each sheet by its name."""
    found = {}
    for name, member in xlsx_sheets(archive).items():
        scan = XlsxScan(check_extent)
        parse_member(archive, member, scan.on_start, max_elements)
        found[name] = scan.flaws
    return found


def xlsx_sheets(archive: ZipFile) -> dict[str, str]:
    """Return the member of each sheet by its name; charts have none."""
    names, targets = {}, {}

    def on_sheet(name: str, attrs: dict) -> None:
        if name == "sheet":
            keys = [value for key, value in attrs.items() if key.rpartition(":")[2] == "id"]
            names[attrs["name"]] = keys[0] if keys else ""

    def on_relation(name: str, attrs: dict) -> None:
        if name == "Relationship" and attrs["Type"].endswith("/worksheet"):
            target = attrs["Target"]
            targets[attrs["Id"]] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"

    parse_member(archive, "xl/workbook.xml", on_sheet)
    parse_member(archive, "xl/_rels/workbook.xml.rels", on_relation)
    return {name: targets[key] for name, key in names.items() if key in targets}


class XlsxScan:
    """Follow the cells of one sheet."""

    def __init__(self, check_extent: CheckExtent):
        self.check_extent = check_extent
        self.flaws: Flaws = {}
        self.row = self.column = 0

    def on_start(self, name: str, attrs: dict) -> None:
        if name == "row":
            self.row, self.column = int(attrs.get("r", self.row + 1)), 0
        elif name == "c":
            self.move(attrs.get("r"))
            if attrs.get("t") == "e":
                self.flaws[self.row, self.column] = ERROR
        elif name in ("v", "is", "f"):
            self.check_extent(self.row, self.column)
            if name == "f":
                self.flaws[self.row, self.column] = FORMULA

    def move(self, reference: str | None) -> None:
        found = REFERENCE.fullmatch(reference) if reference else None
        if found:
            self.row, self.column = int(found[2]), column_number(found[1])
        else:
            self.column += 1


def column_number(letters: str) -> int:
    """« A » is 1, « AA » is 27."""
    number = 0
    for each in letters:
        number = number * 26 + ord(each) - 64
    return number


def column_letters(number: int) -> str:
    """1 is « A », 27 is « AA »."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# --- ODS -------------------------------------------------------------------------------------------------------------


def scan_ods(archive: ZipFile, check_extent: CheckExtent, max_elements: int = MAX_ELEMENTS) -> dict[str, Flaws]:
    """Return the flaws of each sheet by its name."""
    if "META-INF/manifest.xml" in archive.namelist() and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise ValidationError(LOCKED, code="file_locked")
    scan = OdsScan(check_extent)
    parse_member(archive, "content.xml", scan.on_start, max_elements)
    return scan.sheets


class OdsScan:
    """Follow the cells of every sheet; equal neighbours stand once, with how often."""

    def __init__(self, check_extent: CheckExtent):
        self.check_extent = check_extent
        self.sheets: dict[str, Flaws] = {}
        self.flaws: Flaws = {}
        self.row = self.last_row = self.column = 0

    def on_start(self, name: str, attrs: dict) -> None:
        if name == "table":
            self.flaws = self.sheets.setdefault(attrs.get("table:name", ""), {})
            self.last_row = 0
        elif name == "table-row":
            self.row = self.last_row + 1
            self.last_row += int(attrs.get("table:number-rows-repeated", 1))
            self.column = 0
        elif name in ("table-cell", "covered-table-cell"):
            self.on_cell(attrs)

    def on_cell(self, attrs: dict) -> None:
        first = self.column + 1
        self.column += int(attrs.get("table:number-columns-repeated", 1))
        formula = "table:formula" in attrs
        if not formula and "office:value-type" not in attrs:
            return
        self.check_extent(self.last_row, self.column)
        if formula or attrs.get("calcext:value-type") == "error":
            for row in range(self.row, self.last_row + 1):
                for column in range(first, self.column + 1):
                    self.flaws[row, column] = FORMULA if formula else ERROR
