"""Files of tables as rows of cells: CSV in four encodings, XLSX, XLS, ODS, JSON, bounded before and while read."""

import codecs
import csv
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from io import IOBase, TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from django.core.exceptions import ValidationError
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum, load_workbook

from coopconnexion.archives import DAMAGED, LOCKED, open_archive
from coopconnexion.french import NARROW
from coopconnexion.sheets.records import record_rows
from coopconnexion.sheets.scan import MAX_ELEMENTS, Flaws, scan_ods, scan_xlsx
from coopconnexion.sheets.values import Cell
from coopconnexion.sheets.xls import scan_xls
from coopconnexion.uploads import CONTROL_CODES, ENCODINGS, check_size

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SEPARATORS = ";,\t|"
TEXT, XLSX, ODS, XLS, JSON = "CSV", "XLSX", "ODS", "XLS", "GeoJSON"
EXTENSIONS = {".csv": TEXT, ".txt": TEXT, ".tsv": TEXT, ".xlsx": XLSX, ".ods": ODS, ".xls": XLS}
JSON_EXTENSIONS = {".json": JSON, ".geojson": JSON}
SAMPLE_ROWS = 30
LONGEST_ROW = 100  # lines of one row of a CSV file: more are those of a quote that nobody closed
CHUNK = 1 << 16


@dataclass(frozen=True)
class Limits:
    """What a file may hold at most; ``unpacked`` is what its archive unpacks to, ``elements`` those of its XML."""

    bytes: int = 10_000_000
    rows: int = 20_000
    columns: int = 60
    unpacked: int = 80_000_000
    elements: int = MAX_ELEMENTS


@dataclass(frozen=True)
class Grid:
    """One sheet: its rows, the first of the file first, and the cells that hold no plain value."""

    name: str
    rows: Callable[[], Iterator[list[Cell]]]
    flaws: Flaws = field(default_factory=dict)


def refusal(message: str, code: str) -> ValidationError:
    return ValidationError(message, code=code)


def grids(file: BinaryIO, *, name: str, limits: Limits, with_json: bool = False) -> Iterator[Grid]:
    """Yield the visible sheets of a file, or one grid for each separator that a CSV file may have.

    ``with_json``: lists of JSON objects are accepted too.

    :raises ValidationError: file_too_large, file_empty, file_kind, file_content, file_locked, archive_damaged,
        archive_too_large, too_many_rows, too_many_columns
    """
    check_size(file, max_bytes=limits.bytes)
    known = EXTENSIONS | JSON_EXTENSIONS if with_json else EXTENSIONS
    wanted = known.get(Path(name).suffix.lower())
    if wanted is None:
        accepted = "XLS, ODS ou GeoJSON" if with_json else "XLS ou ODS"
        raise refusal(
            f"Ce type de fichier n’est pas accepté{NARROW}: enregistrez-le en CSV, XLSX, {accepted}.", "file_kind"
        )
    found = kind_of(file)
    if found == XLS and wanted == XLSX:
        scan_xls(file, check_extent=lambda rows, columns: None)  # an encrypted XLSX stands in a compound file
    if found != (TEXT if wanted == JSON else wanted):
        raise wrong_content(Path(name).suffix, wanted)
    if wanted == JSON:
        yield json_grid(file, limits)
    else:
        yield from (csv_grids(file, limits) if wanted == TEXT else workbook_grids(file, wanted, limits))


def wrong_content(extension: str, wanted: str) -> ValidationError:
    return refusal(
        f"Ce fichier porte l’extension «{NARROW}{extension}{NARROW}» mais son contenu n’est pas du {wanted}"
        f"{NARROW}: ouvrez-le dans un tableur et enregistrez-le en XLSX.",
        "file_content",
    )


def kind_of(file: BinaryIO) -> str | None:
    file.seek(0)
    start = file.read(1 << 12)
    if start.startswith(OLE):
        return XLS
    if start.startswith(ZIP):
        return zip_kind(start)
    unreadable = CONTROL_CODES.search(start) and not start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    markup = start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"  # a page that a site calls « .xls » or « .csv »
    return None if (unreadable and not looks_utf16(start)) or markup else TEXT


def zip_kind(start: bytes) -> str:
    """An ODS file begins with its type, uncompressed: the format says so."""
    return ODS if b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet" in start[:200] else XLSX


def looks_utf16(start: bytes) -> bool:
    """Without a mark: every other byte of plain letters is zero."""
    return len(start) > 3 and 0 in (start[0], start[1]) and start.count(0) * 3 > len(start)


# --- text ------------------------------------------------------------------------------------------------------------


def csv_grids(file: BinaryIO, limits: Limits) -> Iterator[Grid]:
    encoding = encoding_of(file)
    declared = declared_separator(file, encoding)
    for separator in declared or SEPARATORS:
        rows = partial(csv_rows, file, encoding, separator, limits, skip_first=bool(declared))
        yield Grid(name=separator, rows=rows)


def encoding_of(file: BinaryIO) -> str:
    file.seek(0)
    start = file.read(64)
    for mark, encoding in ENCODINGS.items():
        if start.startswith(mark):
            return encoding
    if looks_utf16(start):
        return "utf-16-be" if start[0] == 0 else "utf-16-le"
    return "utf-8" if is_utf8(file) else "cp1252"


def is_utf8(file: BinaryIO) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def as_text(file: BinaryIO, encoding: str) -> Iterator[TextIOWrapper]:
    """Open the bytes as text, and leave the file open when done."""
    file.seek(0)
    while not isinstance(file, IOBase) and hasattr(file, "file"):
        file = file.file  # Django's files wrap the true one
    lines = TextIOWrapper(file, encoding=encoding, newline="")
    try:
        with readable():
            yield lines
    finally:
        lines.detach()


def declared_separator(file: BinaryIO, encoding: str) -> str:
    """Return what Excel's first line « sep=; » says."""
    with as_text(file, encoding) as lines:
        first = lines.readline(20).strip().strip('"')
    return first[4:] if first[:4].lower() == "sep=" and first[4:] in tuple(SEPARATORS) else ""


def csv_rows(
    file: BinaryIO, encoding: str, separator: str, limits: Limits, *, skip_first: bool
) -> Iterator[list[Cell]]:
    """Yield the rows as a spreadsheet numbers them: a cell of several lines is in one row."""
    number = 0
    with as_text(file, encoding) as lines:
        if skip_first:
            lines.readline()
        reader = csv.reader(lines, delimiter=separator)
        before, width = 0, 0
        try:
            for number, row in enumerate(reader, 1):
                check_extent(number, len(row), limits)
                if reader.line_num - before > LONGEST_ROW:
                    raise badly_formed(number)
                unclosed = reader.line_num - before > 1 and len(row) < width
                before, width = reader.line_num, len(row)
                yield row
        except csv.Error:
            raise badly_formed(number + 1) from None
        except UnicodeError:
            raise unreadable(f", vers la ligne {number + 1}") from None
        if number and unclosed:
            raise badly_formed(number)


def badly_formed(row: int) -> ValidationError:
    return refusal(
        f"Ce fichier CSV est mal formé à la ligne {row} (un guillemet manque, ou une cellule est démesurée){NARROW}:"
        " corrigez-la, ou enregistrez le fichier en XLSX.",
        "file_content",
    )


def unreadable(where: str = "") -> ValidationError:
    return refusal(
        f"Les accents de ce fichier sont illisibles{where}{NARROW}: enregistrez-le en CSV UTF-8 ou en XLSX.",
        "file_encoding",
    )


@contextmanager
def readable() -> Iterator[None]:
    """Turn what Python says of a text into what its author can do."""
    try:
        yield
    except UnicodeError:
        raise unreadable() from None


def json_grid(file: BinaryIO, limits: Limits) -> Grid:
    """Return the objects of a list as rows, their properties as the first one."""
    names, rows = record_rows(as_text, file, encoding_of(file))
    check_extent(1, len(names), limits)
    return Grid(JSON, partial(bounded, rows, limits))


def bounded(rows: Callable[[], Iterator[list[Cell]]], limits: Limits) -> Iterator[list[Cell]]:
    with closing(rows()) as found:
        for number, row in enumerate(found, 1):
            check_extent(number, len(row), limits)
            yield row


def check_extent(rows: int, columns: int, limits: Limits) -> None:
    """:raises ValidationError: too_many_rows, too_many_columns"""
    if rows > limits.rows:
        raise refusal(
            f"Ce fichier a plus de {limits.rows} lignes{NARROW}: découpez-le en plusieurs fichiers.", "too_many_rows"
        )
    if columns > limits.columns:
        raise refusal(
            f"Ce fichier a plus de {limits.columns} colonnes{NARROW}: supprimez celles qui ne servent pas.",
            "too_many_columns",
        )


# --- workbooks -------------------------------------------------------------------------------------------------------


def workbook_grids(file: BinaryIO, kind: str, limits: Limits) -> Iterator[Grid]:
    """Yield the visible sheets; what no cell is reached without is checked first: calamine lays a sheet out whole."""
    flaws = scanned(file, kind, limits)
    file.seek(0)
    with calamine_errors():
        workbook = load_workbook(file)
    for each in workbook.sheets_metadata:
        if each.visible == SheetVisibleEnum.Visible:
            yield Grid(each.name, partial(sheet_rows, workbook, each.name), flaws.get(each.name, {}))


def scanned(file: BinaryIO, kind: str, limits: Limits) -> dict[str, Flaws]:
    def check(rows: int, columns: int) -> None:
        check_extent(rows, columns, limits)

    if kind == XLS:
        return scan_xls(file, check)
    with open_archive(file, max_bytes=limits.unpacked) as archive:
        if kind == XLSX and "xl/workbook.xml" not in archive.namelist():
            raise wrong_content(".xlsx", XLSX)
        return (scan_xlsx if kind == XLSX else scan_ods)(archive, check, limits.elements)


@contextmanager
def calamine_errors() -> Iterator[None]:
    try:
        yield
    except PasswordError:
        raise refusal(LOCKED, "file_locked") from None
    except CalamineError:
        raise refusal(DAMAGED, "archive_damaged") from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of Rust: a file twisted beyond what calamine foresaw
            raise
        raise refusal(DAMAGED, "archive_damaged") from None


def sheet_rows(workbook: CalamineWorkbook, name: str) -> Iterator[list[Cell]]:
    """Yield every row from the first of the sheet, every cell from column A."""
    with calamine_errors():
        sheet = workbook.get_sheet_by_name(name)
        if sheet.start is None:
            return
        left = [None] * sheet.start[1]
        for row in sheet.iter_rows():
            yield left + row


def sample(grid: Grid) -> list[list[Cell]]:
    """Return the first rows, where the header is looked for."""
    with closing(grid.rows()) as rows:
        return list(islice(rows, SAMPLE_ROWS))
