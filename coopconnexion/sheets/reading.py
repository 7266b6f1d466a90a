"""A table inside a file: its header found below titles, its columns by any of their names, its rows converted."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import BinaryIO

from django.core.exceptions import ValidationError

from coopconnexion.french import NARROW
from coopconnexion.sheets.scan import ERROR, FORMULA, column_letters
from coopconnexion.sheets.sources import Grid, Limits, grids, sample
from coopconnexion.sheets.values import ERROR_CELL, Cell, Convert, fold, is_blank

HEADER_ROWS = 20
MERGED_ABOVE = 2  # rows above the header whose merged cells may reach down into it


@dataclass(frozen=True)
class Column:
    """A column to find: its ``key`` in the rows, its French ``label``, what its cells are, other names it may have.

    A ``required`` column must be there; ``filled`` says that none of its cells may be empty, else they read as None.
    """

    key: str
    label: str
    convert: Convert
    synonyms: tuple[str, ...] = ()
    required: bool = False
    filled: bool = False

    @property
    def names(self) -> set[str]:
        return {fold(each) for each in (self.key, self.label, *self.synonyms)}


@dataclass(frozen=True)
class CellError:
    """What is wrong in one cell, or in a whole row when ``column`` is empty; ``row`` is the number its author sees."""

    row: int
    column: str
    message: str

    def __str__(self):
        where = f"Ligne {self.row}, {self.column}" if self.column else f"Ligne {self.row}"
        return f"{where}{NARROW}: {self.message}"


@dataclass(frozen=True)
class Row:
    """One row that is not empty; ``values`` has no key for a column that is missing or a cell that is wrong."""

    number: int
    values: dict[str, object]
    errors: list[CellError]


@dataclass
class Table:
    """The rows of a file; iterate as often as needed, one row in memory at a time.

    ``unknown`` names the columns that were set aside; ``empty_rows`` is known once iterated.
    """

    grid: Grid
    header: int
    columns: dict[int, Column]
    unknown: list[str] = field(default_factory=list)
    empty_rows: int = 0

    def place(self, column: Column) -> str:
        """« colonne C (Mois) »."""
        position = next(position for position, each in self.columns.items() if each == column)
        return f"colonne {column_letters(position + 1)} ({column.label})"

    def __iter__(self) -> Iterator[Row]:
        self.empty_rows = 0
        places = {column.key: self.place(column) for column in self.columns.values()}
        with closing(self.grid.rows()) as rows:
            for number, cells in enumerate(rows, 1):
                if number <= self.header:
                    continue
                if all(map(is_blank, cells)) and not self.has_flaw(number):
                    self.empty_rows += 1
                    continue
                yield self.row(number, cells, places)

    def has_flaw(self, number: int) -> bool:
        return any((number, position + 1) in self.grid.flaws for position in self.columns)

    def row(self, number: int, cells: list[Cell], places: dict[str, str]) -> Row:
        values, errors = {}, []
        for position, column in self.columns.items():
            value = cells[position] if position < len(cells) else None
            try:
                values[column.key] = converted(value, column, self.grid.flaws.get((number, position + 1)))
            except ValidationError as refusal:
                errors.append(CellError(number, places[column.key], refusal.messages[0]))
        return Row(number, values, errors)


def converted(value: Cell, column: Column, flaw: str | None) -> object:
    """:raises ValidationError: what is wrong with the cell, and what to write instead"""
    if isinstance(value, str):
        if ERROR_CELL.fullmatch(value.strip()):
            flaw = flaw or ERROR
        elif value.lstrip().startswith("="):
            flaw = FORMULA
    if flaw:
        raise ValidationError(flaw, code="cell_formula")
    if is_blank(value):
        if column.filled:
            raise ValidationError(f"cette cellule est vide{NARROW}: remplissez-la.", code="cell_empty")
        return None
    return column.convert(value)


def read_table(file: BinaryIO, *, name: str, columns: Sequence[Column], limits: Limits = Limits()) -> Table:  # noqa: B008
    """Return the table of a CSV, XLSX, XLS or ODS file called ``name``, once its header is found.

    Iterating over it may refuse too: the file is read as it goes.

    :raises ValidationError: file_*, archive_*, too_many_rows, too_many_columns, header_missing, column_missing,
        column_twice
    """
    best: tuple[int, Grid, int, list[Cell]] | None = None
    for grid in grids(file, name=name, limits=limits):
        number, labels, known = find_header(sample(grid), columns)
        if known and (best is None or known > best[0]):
            best = known, grid, number, labels
    if best is None:
        expected = ", ".join(each.label for each in columns)
        raise ValidationError(
            f"Aucune ligne d’en-têtes reconnue dans les {HEADER_ROWS} premières lignes. Colonnes attendues{NARROW}:"
            f" {expected}.",
            code="header_missing",
        )
    _, grid, number, labels = best
    found, unknown = match_columns(labels, columns)
    check_required(found, columns)
    return Table(grid=grid, header=number, columns=found, unknown=unknown)


def find_header(rows: list[list[Cell]], columns: Sequence[Column]) -> tuple[int, list[Cell], int]:
    """Return the number, the labels and how many are known of the row that looks most like a header."""
    names = set().union(*(each.names for each in columns))
    best: tuple[int, list[Cell], int] = (0, [], 0)
    for index in range(min(len(rows), HEADER_ROWS)):
        labels = with_merged(rows, index)
        known = sum(fold(label) in names for label in labels if isinstance(label, str))
        own = sum(fold(label) in names for label in rows[index] if isinstance(label, str))
        if own and known > best[2]:
            best = index + 1, labels, known
    return best


def with_merged(rows: list[list[Cell]], index: int) -> list[Cell]:
    """Return a row whose empty cells take what stands above: a merged cell has its value in its first row only."""
    width = max(len(row) for row in rows[max(0, index - MERGED_ABOVE) : index + 1])
    labels: list[Cell] = [None] * width
    for row in rows[max(0, index - MERGED_ABOVE) : index + 1]:
        for position, value in enumerate(row):
            labels[position] = labels[position] if is_blank(value) else value
    return labels


def match_columns(labels: list[Cell], columns: Sequence[Column]) -> tuple[dict[int, Column], list[str]]:
    """:raises ValidationError: column_twice"""
    by_name = {name: column for column in columns for name in column.names}
    found: dict[int, Column] = {}
    unknown = []
    for position, label in enumerate(labels):
        column = by_name.get(fold(label)) if isinstance(label, str) else None
        if column in found.values():
            first = next(each for each, known in found.items() if known == column)
            raise ValidationError(
                f"Deux colonnes donnent «{NARROW}{column.label}{NARROW}» ({column_letters(first + 1)} et"
                f" {column_letters(position + 1)}){NARROW}: gardez-en une seule.",
                code="column_twice",
            )
        if column:
            found[position] = column
        elif not is_blank(label):
            unknown.append(" ".join(str(label).split())[:60])
    return found, unknown


def check_required(found: dict[int, Column], columns: Sequence[Column]) -> None:
    missing = [each.label for each in columns if each.required and each not in found.values()]
    if missing:
        labels = ", ".join(f"«{NARROW}{each}{NARROW}»" for each in missing)
        what = "la colonne" if len(missing) == 1 else "les colonnes"
        raise ValidationError(
            f"Il manque {what} {labels}{NARROW}: ajoutez, ou renommez l’en-tête.", code="column_missing"
        )
