"""Monthly statements: typed one by one, or brought in a file that is checked, then applied whole."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import connection, transaction
from django.utils import timezone

from coopconnexion.accounts.models import User
from coopconnexion.db import constraint_errors, lock_name
from coopconnexion.kept_files import CHANGES_KEPT, ERRORS_KEPT, STALE, digest, forget_file, stored
from coopconnexion.refusals import refusal_at
from coopconnexion.sheets import CellError
from coopconnexion.uploads import clean_name
from members.models import Member, Statement, StatementImport
from members.services.locks import lock_member
from members.services.statement_rows import FIGURES, StatementRow, known_figures, open_table, statement_rows


@transaction.atomic
def enter_statement(
    *,
    member: Member,
    month: date,
    turnover: Decimal,
    purchases: Decimal | None = None,
    contribution: Decimal | None = None,
    gross_pay: Decimal | None = None,
    corrects: Statement | None = None,
    by: User,
    at: datetime,
) -> Statement:
    """Write the figures of a member's month, as a new statement or on the one it ``corrects``; ``None`` is unknown.

    :raises ValidationError: month_to_come, month_invalid, gross_pay_negative, statement_exists
    """
    month = month.replace(day=1)
    if month > timezone.localdate(at):
        raise refusal_at("month", "Ce mois est à venir\u202f: vérifiez-le.", "month_to_come")
    statement = Statement(member=lock_member(member))
    if corrects:
        statement = Statement.objects.select_for_update(of=("self",)).get(pk=corrects.pk, member=member)
    statement.month, statement.turnover, statement.purchases = month, turnover, purchases
    statement.contribution, statement.gross_pay = contribution, gross_pay
    statement.entered_by, statement.entered_at, statement.imported_by = by, at, None
    with constraint_errors(Statement):
        statement.save()
    return statement


@transaction.atomic
def remove_statement(*, statement: Statement) -> None:
    """Delete a month typed by mistake; the history keeps its figures."""
    lock_member(statement.member)
    Statement.objects.get(pk=statement.pk).delete()


# --- a file: checked -------------------------------------------------------------------------------------------------


@transaction.atomic
def check_statements(*, file: BinaryIO, filename: str, by: User, at: datetime) -> StatementImport:
    """Read a file without writing any statement, and keep it with what was found: counts, errors by row, changes.

    :raises ValidationError: when the file as a whole cannot be read
    """
    table = open_table(file, filename)
    counts = {"new": 0, "changed": 0, "unchanged": 0, "wrong": 0, "changes": []}
    errors: list[CellError] = []
    for batch in statement_rows(table, by=by, today=timezone.localdate(at)):
        count_batch(batch, counts)
        errors += [error for row in batch for error in row.errors][: ERRORS_KEPT - len(errors)]
    counts |= {"empty": table.empty_rows, "unknown_columns": table.unknown}
    if not any(counts[name] for name in ("new", "changed", "unchanged", "wrong")):
        raise ValidationError("Ce fichier a des en-têtes mais aucune ligne en dessous.", code="no_rows")
    kept = StatementImport(
        filename=clean_name(filename),
        sha256=digest(file),
        uploaded_by=by,
        uploaded_at=at,
        counts=counts,
        errors=[{"row": each.row, "column": each.column, "message": each.message} for each in errors],
    )
    if not counts["wrong"]:  # else nobody will confirm it
        file.seek(0)
        kept.file.save(f"releves{Path(filename).suffix.lower()}", File(file), save=False)
    kept.save()
    return kept


def count_batch(batch: list[StatementRow], counts: dict) -> None:
    known = known_figures(batch)
    for row in batch:
        if row.errors:
            counts["wrong"] += 1
            continue
        before = known.get(row.key)
        kind = "new" if before is None else "changed" if differences(before, row.figures) else "unchanged"
        counts[kind] += 1
        if kind == "changed" and len(counts["changes"]) < CHANGES_KEPT:
            counts["changes"].append(
                {
                    "row": row.number,
                    "member": row.member,
                    "month": row.month.isoformat(),
                    "figures": differences(before, row.figures),
                }
            )


def differences(before: dict[str, Decimal | None], after: dict[str, Decimal]) -> dict[str, list[str | None]]:
    """Return the figures that differ, before and after, as JSON may hold them."""
    return {
        name: [None if before[name] is None else str(before[name]), str(value)]
        for name, value in after.items()
        if before[name] != value
    }


# --- a file: applied or discarded ------------------------------------------------------------------------------------


@transaction.atomic
def apply_statements(*, statement_import: StatementImport, by: User, at: datetime) -> StatementImport:
    """Write every row of a checked file, or none; a second call finds it done. Two imports wait for each other.

    :raises ValidationError: import_discarded, import_has_errors, import_file_lost, import_stale
    """
    lock_name("members.statements")
    kept = StatementImport.objects.select_for_update(of=("self",)).get(pk=statement_import.pk)
    if kept.applied_at:
        return kept
    if kept.discarded_at:
        raise ValidationError(
            "Cet import a été abandonné\u202f: apportez le fichier à nouveau.", code="import_discarded"
        )
    if kept.counts.get("wrong"):
        raise ValidationError(
            "Des lignes sont à corriger dans le fichier\u202f: corrigez-les, puis apportez-le à nouveau.",
            code="import_has_errors",
        )
    with stored(kept) as file, constraint_errors(Statement):
        new, changed, read = write_rows(file, kept, by, at)
    kept.counts = kept.counts | {"new": new, "changed": changed, "unchanged": read - new - changed}
    kept.applied_at = at
    kept.save(update_fields=["counts", "applied_at"])
    forget_file(kept)
    return kept


@transaction.atomic
def discard_statements(*, statement_import: StatementImport, at: datetime) -> StatementImport:
    """Give a checked file up; nothing was written.

    :raises ValidationError: import_applied
    """
    kept = StatementImport.objects.select_for_update(of=("self",)).get(pk=statement_import.pk)
    if kept.applied_at:
        raise ValidationError("Cet import est déjà fait\u202f: il ne s’abandonne plus.", code="import_applied")
    if not kept.discarded_at:
        kept.discarded_at, kept.errors, kept.counts = at, [], kept.counts | {"changes": []}
        kept.save(update_fields=["discarded_at", "errors", "counts"])
        forget_file(kept)
    return kept


def discard_stale_imports(*, at: datetime) -> None:
    """Give up what was checked long ago and waits for nobody any more: it names people."""
    waiting = StatementImport.objects.filter(applied_at=None, discarded_at=None, uploaded_at__lt=at - STALE)
    for each in waiting.order_by("pk"):
        discard_statements(statement_import=each, at=at)


STAGING = """
CREATE TEMPORARY TABLE IF NOT EXISTS statement_staging (
    member_id bigint, month date, turnover numeric, purchases numeric, contribution numeric, gross_pay numeric
) ON COMMIT DELETE ROWS
"""
COPY = f"COPY statement_staging (member_id, month, {', '.join(FIGURES)}) FROM STDIN"
UPSERT = """
WITH written AS (
    INSERT INTO members_statement AS known (
        member_id, month, turnover, purchases, contribution, gross_pay, imported_by_id, entered_by_id, entered_at
    )
    SELECT member_id, month, turnover, purchases, contribution, gross_pay, %s, %s, %s FROM statement_staging
    ON CONFLICT (member_id, month) DO UPDATE SET
        turnover = excluded.turnover,
        purchases = COALESCE(excluded.purchases, known.purchases),
        contribution = COALESCE(excluded.contribution, known.contribution),
        gross_pay = COALESCE(excluded.gross_pay, known.gross_pay),
        imported_by_id = excluded.imported_by_id,
        entered_by_id = excluded.entered_by_id,
        entered_at = excluded.entered_at
    WHERE (known.turnover, known.purchases, known.contribution, known.gross_pay) IS DISTINCT FROM (
        excluded.turnover, COALESCE(excluded.purchases, known.purchases),
        COALESCE(excluded.contribution, known.contribution), COALESCE(excluded.gross_pay, known.gross_pay)
    )
    RETURNING xmax = 0 AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written
"""
HOLD = """
WITH held AS (
    SELECT id FROM members_member WHERE id IN (SELECT member_id FROM statement_staging) ORDER BY id FOR KEY SHARE
)
SELECT (SELECT count(*) FROM held) = (SELECT count(DISTINCT member_id) FROM statement_staging)
"""
"""Whether every member of the rows is still there, held until the import ends."""


def write_rows(file: BinaryIO, kept: StatementImport, by: User, at: datetime) -> tuple[int, int, int]:
    """Write the rows through a staging table; return how many are new, changed, read.

    :raises ValidationError: import_stale, when a row that was right no longer is
    """
    read = 0
    table = open_table(file, kept.filename)
    with connection.cursor() as cursor:
        cursor.execute(STAGING)
        cursor.execute("TRUNCATE statement_staging")
        for batch in statement_rows(table, by=by, today=timezone.localdate(at)):
            if wrong := [error for row in batch for error in row.errors]:
                raise ValidationError(
                    f"Depuis la vérification, une ligne n’est plus bonne. {wrong[0]} Apportez le fichier à nouveau.",
                    code="import_stale",
                )
            with cursor.copy(COPY) as copy:
                for row in batch:
                    copy.write_row((row.member, row.month, *(row.typed.get(name) for name in FIGURES)))
            read += len(batch)
        _hold_members(cursor)
        cursor.execute(UPSERT, [kept.pk, by.pk, at])
        new, changed = cursor.fetchone()
    return new, changed, read


def _hold_members(cursor) -> None:
    cursor.execute(HOLD)
    if not cursor.fetchone()[0]:
        raise ValidationError(
            "Depuis la vérification, un de ces membres n’est plus là\u202f: apportez le fichier à nouveau.",
            code="import_stale",
        )
