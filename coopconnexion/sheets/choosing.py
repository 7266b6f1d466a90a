"""Tables whose sheet, header row and columns somebody chooses: files of others, never twice alike."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import BinaryIO

from django.core.exceptions import ValidationError

from coopconnexion.french import NARROW
from coopconnexion.sheets.reading import CellError, Column, converted, find_header, with_merged
from coopconnexion.sheets.scan import column_letters
from coopconnexion.sheets.sources import TEXT, Grid, Limits, grids, kind_of, sample
from coopconnexion.sheets.values import Cell, fold, is_blank

SHOWN_ROWS = 30
SHOWN_CELL = 80
TOTALS = ("total", "totaux", "sous total", "ensemble", "nombre de")


@dataclass(frozen=True)
class Sheet:
    """What one reads of a sheet before choosing: its first rows as text, and where its header seems to be."""

    name: str
    rows: list[list[str]]
    header: int
    known: int


def sheets_of(file: BinaryIO, *, name: str, columns: Sequence[Column], limits: Limits) -> list[Sheet]:
    """Return the sheets of a file, the likeliest first; a CSV file has the one its separator makes.

    :raises ValidationError: what :func:`coopconnexion.sheets.sources.grids` refuses, and file_no_rows
    """
    found = []
    for grid in grids(file, name=name, limits=limits, with_json=True):
        rows = sample(grid)
        if any(not all(map(is_blank, row)) for row in rows):
            number, _, known = find_header(rows, columns)
            found.append(Sheet(grid.name, [shown(row) for row in rows], number or widest(rows), known))
    if not found:
        raise ValidationError("Ce fichier n’a aucune ligne remplie.", code="file_no_rows")
    best = max(found, key=lambda sheet: (sheet.known, len(sheet.rows[sheet.header - 1])))
    if kind_of(file) == TEXT:
        return [best]
    return [best, *(each for each in found if each is not best)]


def widest(rows: list[list[Cell]]) -> int:
    """Return the number of the first row that has the most filled cells: none of its names is known."""
    filled = [sum(not is_blank(cell) for cell in row) for row in rows]
    return filled.index(max(filled)) + 1


def shown(row: list[Cell]) -> list[str]:
    return ["" if value is None else harmless_text(value)[:SHOWN_CELL] for value in row]


def harmless_text(value: Cell) -> str:
    """Return what a database takes: neither null characters nor halves of letters."""
    return str(value).replace("\x00", "").strip().encode(errors="ignore").decode()


def labels_at(rows: list[list[str]], header: int) -> list[str]:
    """Return the labels of a header row, merged cells above counted in; unnamed columns are told by their letters."""
    labels = with_merged(rows, header - 1) if 0 < header <= len(rows) else []
    return [
        f"Colonne {column_letters(position + 1)}" if is_blank(label) else " ".join(str(label).split())[:100]
        for position, label in enumerate(labels)
    ]


@dataclass(frozen=True)
class ChosenRow:
    """One row: the values of the chosen columns, what is wrong, and the text of the columns that nobody chose."""

    number: int
    values: dict[str, object]
    errors: list[CellError]
    others: dict[str, str]


@dataclass
class ChosenTable:
    """The rows below a header; group rows, totals and empty rows are passed over and counted once iterated."""

    grid: Grid
    header: int
    labels: list[str]
    columns: dict[int, Column]
    ignored: frozenset[int] = frozenset()
    passed: dict[str, int] = field(default_factory=dict)

    def __post_init__(self):
        self.places = {
            column.key: f"colonne {column_letters(position + 1)} ({self.labels[position]})"
            for position, column in self.columns.items()
        }
        self.kept = [each for each in range(len(self.labels)) if each not in self.columns.keys() | self.ignored]

    def __iter__(self) -> Iterator[ChosenRow]:
        return (self.row(number, cells) for number, cells in self.bare())

    def bare(self) -> Iterator[tuple[int, list[Cell]]]:
        """Yield the rows of data as they stand, with their numbers."""
        self.passed = {"empty": 0, "group": 0, "total": 0}
        with closing(self.grid.rows()) as rows:
            for number, cells in enumerate(rows, 1):
                if number <= self.header:
                    continue
                if kind := self.kind(cells):
                    self.passed[kind] += 1
                else:
                    yield number, cells

    def kind(self, cells: list[Cell]) -> str:
        """Say « empty », « group » (a lone cell among several columns) or « total »; nothing for a row of data."""
        filled = [value for value in cells if not is_blank(value)]
        if not filled:
            return "empty"
        if is_total(filled, len(self.labels)):
            return "total"
        return "group" if len(filled) == 1 and len(self.labels) > 2 else ""

    def row(self, number: int, cells: list[Cell]) -> ChosenRow:
        values, errors = {}, []
        for position, column in self.columns.items():
            value = cells[position] if position < len(cells) else None
            try:
                values[column.key] = converted(value, column, self.grid.flaws.get((number, position + 1)))
            except ValidationError as refusal:
                errors.append(CellError(number, self.places[column.key], refusal.messages[0]))
        if any(not is_blank(value) for value in cells[len(self.labels) :]):
            errors.append(CellError(number, "", too_wide(len(cells), len(self.labels))))
        return ChosenRow(number, values, errors, self.others(cells))

    def others(self, cells: list[Cell]) -> dict[str, str]:
        return {
            self.labels[position]: harmless_text(cells[position])
            for position in self.kept
            if position < len(cells) and not is_blank(cells[position])
        }


def is_total(filled: list[Cell], width: int) -> bool:
    """Tell a total by its first cell, and by how few it fills: « TOTAL ACCESS » is a shop."""
    if not isinstance(filled[0], str) or 2 * len(filled) > max(4, width):
        return False
    return fold(filled[0]).startswith(TOTALS)


def too_wide(cells: int, labels: int) -> str:
    flaw = "un séparateur est de trop, ou un guillemet manque"
    return f"cette ligne a {cells} cellules, l’en-tête {labels}{NARROW}: {flaw}."


def open_chosen(
    file: BinaryIO,
    *,
    name: str,
    sheet: str,
    header: int,
    columns: dict[int, Column],
    limits: Limits,
    ignored: Collection[int] = (),
) -> ChosenTable:
    """Return the table of a sheet, under a header row, with the column that each position holds.

    The cells of the other columns come as text, those of the ``ignored`` ones not at all.

    :raises ValidationError: what :func:`coopconnexion.sheets.sources.grids` refuses, sheet_missing, header_missing
    """
    for grid in grids(file, name=name, limits=limits, with_json=True):
        if grid.name == sheet:
            labels = labels_at([shown(row) for row in sample(grid)], header)
            if not labels or max(columns, default=-1) >= len(labels):
                raise ValidationError(
                    f"La ligne {header} de ce fichier n’est pas celle des en-têtes choisis{NARROW}: choisissez-la à"
                    " nouveau.",
                    code="header_missing",
                )
            return ChosenTable(grid, header, labels, columns, frozenset(ignored))
    raise ValidationError(f"Ce fichier n’a plus de feuille «{NARROW}{sheet}{NARROW}».", code="sheet_missing")
