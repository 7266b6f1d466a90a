"""Lists brought in a spreadsheet: each row tried with the services of its app, then all written or none.

The check writes every row as the import would, then takes it all back: what it says is what would happen.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction

from coopconnexion.accounts.models import RowImport, User
from coopconnexion.backoffice.imports import CHANGED, NEW, UNCHANGED, Outcome, RowList, lists, refused
from coopconnexion.db import lock_name
from coopconnexion.kept_files import CHANGES_KEPT, ERRORS_KEPT, STALE, digest, forget_file, stored
from coopconnexion.sheets import CellError, Limits, Row, Table, read_table
from coopconnexion.uploads import clean_name

MOST_ROWS = 500
LIMITS = Limits(rows=MOST_ROWS)


def check_rows(*, key: str, file: BinaryIO, filename: str, by: User, at: datetime) -> RowImport:
    """Try every row of a file and keep what was found: counts, changes, errors by row. Nothing is written.

    :raises ValidationError: when the file as a whole cannot be read, no_rows
    """
    row_list = lists[key]
    table = read_table(file, name=filename, columns=row_list.columns, limits=LIMITS)
    counts = {NEW: 0, CHANGED: 0, UNCHANGED: 0, "wrong": 0}
    changes, errors = [], []
    with transaction.atomic():
        for row, outcome, wrong in tried(table, row_list, by, at):
            counts["wrong" if wrong else outcome.kind] += 1
            errors += wrong
            if outcome and outcome.kind == CHANGED:
                changes.append({"row": row.number, "what": outcome.what, "fields": outcome.changes})
        transaction.set_rollback(True)
    if not sum(counts.values()):
        raise ValidationError("Ce fichier a des en-têtes mais aucune ligne en dessous.", code="no_rows")
    counts |= {"empty": table.empty_rows, "unknown_columns": table.unknown}
    kept = RowImport(
        key=key,
        filename=clean_name(filename),
        sha256=digest(file),
        counts=counts,
        changes=changes[:CHANGES_KEPT],
        errors=[{"row": each.row, "column": each.column, "message": each.message} for each in errors[:ERRORS_KEPT]],
        uploaded_by=by,
        uploaded_at=at,
    )
    return save(kept, file, filename)


@transaction.atomic
def save(kept: RowImport, file: BinaryIO, filename: str) -> RowImport:
    if not kept.counts["wrong"]:  # else nobody will confirm it
        file.seek(0)
        kept.file.save(f"{kept.key}{Path(filename).suffix.lower()}", File(file), save=False)
    kept.save()
    return kept


def tried(table: Table, row_list: RowList, by: User, at: datetime) -> Iterator[tuple[Row, Outcome | None, list]]:
    """Yield each row with what it did, or with what is wrong with it; a row that is refused leaves nothing."""
    places = {column.key: table.place(column) for column in table.columns.values()}
    for row in table:
        if row.errors:
            yield row, None, row.errors
            continue
        try:
            with transaction.atomic():
                outcome = row_list.write(row.values, by=by, at=at)
        except ValidationError as refusal:
            yield row, None, [CellError(row.number, *each) for each in refused(refusal, places)]
        else:
            yield row, outcome, []


@transaction.atomic
def apply_rows(*, row_import: RowImport, by: User, at: datetime) -> RowImport:
    """Write every row of a checked file, or none; a second call finds it done. Two imports wait for each other.

    :raises ValidationError: import_discarded, import_has_errors, import_file_lost, import_stale
    """
    lock_name(f"rows:{row_import.key}")
    kept = RowImport.objects.select_for_update(of=("self",)).get(pk=row_import.pk)
    if kept.applied_at:
        return kept
    if kept.discarded_at:
        raise ValidationError(
            "Cet import a été abandonné\u202f: apportez le fichier à nouveau.", code="import_discarded"
        )
    if kept.counts["wrong"]:
        raise ValidationError(
            "Des lignes sont à corriger dans le fichier\u202f: corrigez-les, puis apportez-le à nouveau.",
            code="import_has_errors",
        )
    counts = {NEW: 0, CHANGED: 0, UNCHANGED: 0}
    row_list = lists[kept.key]
    with stored(kept) as file:
        table = read_table(file, name=kept.filename, columns=row_list.columns, limits=LIMITS)
        for _, outcome, wrong in tried(table, row_list, by, at):
            if wrong:
                raise ValidationError(
                    f"Depuis la vérification, une ligne n’est plus bonne. {wrong[0]} Apportez le fichier à nouveau.",
                    code="import_stale",
                )
            counts[outcome.kind] += 1
    kept.counts, kept.applied_at = kept.counts | counts, at
    kept.save(update_fields=["counts", "applied_at"])
    forget_file(kept)
    return kept


@transaction.atomic
def discard_rows(*, row_import: RowImport, at: datetime) -> RowImport:
    """Give a checked file up; nothing was written.

    :raises ValidationError: import_applied
    """
    kept = RowImport.objects.select_for_update(of=("self",)).get(pk=row_import.pk)
    if kept.applied_at:
        raise ValidationError("Cet import est déjà fait\u202f: il ne s’abandonne plus.", code="import_applied")
    if not kept.discarded_at:
        kept.discarded_at, kept.errors, kept.changes = at, [], []
        kept.save(update_fields=["discarded_at", "errors", "changes"])
        forget_file(kept)
    return kept


def discard_stale_rows(*, at: datetime) -> None:
    """Give up what was checked long ago and waits for nobody any more: it names people."""
    for each in RowImport.objects.waiting().filter(uploaded_at__lt=at - STALE).order_by("pk"):
        discard_rows(row_import=each, at=at)
