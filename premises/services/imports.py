"""Lists of units brought in files: received, prepared, checked by a worker, then written whole by another or given up.

``started_at`` is a worker's claim: empty while one is awaited. A worker that dies leaves nothing half written; a beat
job asks for another, once, then says so.
"""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from coopconnexion import jobs
from coopconnexion.accounts.models import User
from coopconnexion.db import constraint_errors, lock_name
from coopconnexion.kept_files import STALE, digest, forget_file, stored
from coopconnexion.sheets import ChosenTable, labels_at, sheets_of
from coopconnexion.sheets.values import fold
from coopconnexion.territories.models import Territory
from coopconnexion.uploads import clean_name
from premises.enums import DatePrecision, ImportState, OccupancyState
from premises.models import Unit, UnitImport, UnitReference, UnitSource
from premises.rules.columns import BY_KEY, COLUMNS, IGNORED, lists_vacant_units, propose, year_of_name
from premises.services import import_merging, import_staging
from premises.services.import_rows import LIMITS, Reading, open_units, refuse_nowhere, towns_of

DEAD = timedelta(minutes=10)
"""A claim older than this is a dead worker's: tasks are killed before."""
ATTEMPTS = 2
TASKS = {ImportState.CHECKING: "premises.check_units", ImportState.APPLYING: "premises.apply_units"}
READY = (ImportState.RECEIVED, ImportState.CHECKED, ImportState.FAILED)
ENDED = (ImportState.APPLIED, ImportState.DISCARDED)
SHEETS_KEPT = 10


def refused(message: str, code: str) -> ValidationError:
    return ValidationError(message, code=code)


# --- received --------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_unit_source(*, territory: Territory, name: str, licence: str = "") -> UnitSource:
    """Name where lists of units come from.

    :raises ValidationError: source_exists
    """
    with constraint_errors(UnitSource):
        return UnitSource.objects.create(territory=territory, name=name.strip(), licence=licence.strip())


@transaction.atomic
def receive_units(*, source: UnitSource, file: BinaryIO, filename: str, by: User, at: datetime) -> UnitImport:
    """Keep a file of units, with what its columns seem to be; nothing of the register changes.

    :raises ValidationError: when the file as a whole cannot be read
    """
    sheets = sheets_of(file, name=filename, columns=COLUMNS, limits=LIMITS)[:SHEETS_KEPT]
    kept = UnitImport(
        source=source,
        filename=clean_name(filename),
        sha256=digest(file),
        uploaded_by=by,
        uploaded_at=at,
        counts={"sheets": [{"name": each.name, "rows": each.rows, "header": each.header} for each in sheets]},
    )
    propose_columns(kept, sheets[0].name, sheets[0].header)
    file.seek(0)
    kept.file.save(f"cellules{Path(filename).suffix.lower()}", File(file), save=False)
    kept.save()
    return kept


@transaction.atomic
def bring_units(
    *, file: BinaryIO, filename: str, by: User, at: datetime, source: UnitSource | None = None, **named
) -> UnitImport:
    """Keep a file of a source that is known, or that is named now as :func:`add_unit_source` takes it.

    :raises ValidationError: what :func:`add_unit_source` and :func:`receive_units` refuse
    """
    return receive_units(source=source or add_unit_source(**named), file=file, filename=filename, by=by, at=at)


def propose_columns(kept: UnitImport, sheet: str, header: int) -> None:
    """Set the columns of a sheet as its source had them last time, or as their names tell."""
    rows = next(each["rows"] for each in kept.counts["sheets"] if each["name"] == sheet)
    labels = labels_at(rows, header)
    known = kept.source.mapping
    columns = propose(labels, rows[header:], known.get("columns", {}))
    vacant = OccupancyState.VACANT if lists_vacant_units(kept.filename, labels) else ""
    day = year_of_name(kept.filename)
    kept.sheet, kept.header_row, kept.surveyed_on = sheet, header, day
    kept.mapping = {
        "columns": {str(position): key for position, key in columns.items()},
        "commune": known.get("commune", ""),
        "whole_park": kept.source.whole_park,
        "state_of_all": kept.source.state_of_all if known else vacant,
        "survey_precision": DatePrecision.YEAR if day else DatePrecision.DAY,
    }


def labels_of(unit_import: UnitImport) -> list[str]:
    """Return the labels of the header that was chosen; none once the file has gone."""
    for each in unit_import.counts.get("sheets", []):
        if each["name"] == unit_import.sheet:
            return labels_at(each["rows"], unit_import.header_row)
    return []


# --- prepared --------------------------------------------------------------------------------------------------------


@transaction.atomic
def choose_sheet(*, unit_import: UnitImport, sheet: str, header_row: int) -> UnitImport:
    """Read the columns of another sheet, or under another header row.

    :raises ValidationError: import_busy, import_ended, sheet_missing, header_missing
    """
    kept = ready(unit_import)
    found = next((each for each in kept.counts["sheets"] if each["name"] == sheet), None)
    if found is None:
        raise refused("Ce fichier n’a pas cette feuille\u202f: choisissez-en une autre.", "sheet_missing")
    if not 0 < header_row <= len(found["rows"]):
        raise refused("Choisissez une des lignes montrées pour les en-têtes.", "header_missing")
    propose_columns(kept, sheet, header_row)
    kept.save(update_fields=["sheet", "header_row", "mapping", "surveyed_on"])
    return kept


@transaction.atomic
def check_asked(
    *,
    unit_import: UnitImport,
    columns: dict[int, str],
    commune: str = "",
    surveyed_on: date | None = None,
    survey_precision: str = DatePrecision.DAY,
    whole_park: bool = False,
    state_of_all: str = "",
) -> UnitImport:
    """Keep how a file is to be read, for its source too, and ask a worker to check it.

    :raises ValidationError: import_busy, import_ended, column_twice, street_missing, day_missing, commune_missing
    """
    kept = ready(unit_import)
    refuse_columns(kept, columns, commune, surveyed_on)
    kept.mapping = {
        "columns": {str(position): key for position, key in columns.items() if key},
        "commune": commune,
        "whole_park": whole_park,
        "state_of_all": state_of_all,
        "survey_precision": survey_precision,
    }
    kept.surveyed_on = surveyed_on
    remember(kept)
    kept.counts = {"sheets": kept.counts["sheets"]}
    kept.errors, kept.changes, kept.refusal, kept.ended_at = [], [], "", None
    hand_over(kept, ImportState.CHECKING)
    return kept


def ready(unit_import: UnitImport) -> UnitImport:
    """Lock an import that no worker holds and that has not ended.

    :raises ValidationError: import_busy, import_ended
    """
    kept = UnitImport.objects.select_for_update(of=("self",)).select_related("source__territory").get(pk=unit_import.pk)
    if kept.state in ENDED or not kept.file:
        raise refused("Cet import est terminé\u202f: apportez le fichier à nouveau.", "import_ended")
    if kept.state not in READY:
        raise refused("Ce fichier est en cours de traitement\u202f: attendez qu’il le soit.", "import_busy")
    return kept


def refuse_columns(kept: UnitImport, columns: dict[int, str], commune: str, surveyed_on: date | None) -> None:
    chosen = [key for key in columns.values() if key and key != IGNORED]
    for key in chosen:
        if chosen.count(key) > 1:
            raise refused(
                f"Deux colonnes sont choisies pour «\u202f{BY_KEY[key].label}\u202f»\u202f: gardez-en une seule.",
                "column_twice",
            )
    if not {"street", "address"} & set(chosen):
        raise refused("Choisissez la colonne de l’adresse, ou celle de la voie.", "street_missing")
    if surveyed_on is None and "surveyed_on" not in chosen:
        raise refused("Indiquez la date du relevé, ou la colonne qui la donne.", "day_missing")
    told = {"insee", "town", "postal_code"} & set(chosen) or {"dsf", "commune_code"} <= set(chosen)
    if not told and not commune:
        raise refused("Choisissez la commune de tout le fichier, ou la colonne qui la donne.", "commune_missing")


def remember(kept: UnitImport) -> None:
    """Keep for the next file of the source how this one is read."""
    labels = labels_of(kept)
    source = kept.source
    told = {fold(labels[int(position)]): key for position, key in kept.mapping["columns"].items()}
    source.mapping = {"columns": told, "commune": kept.mapping["commune"]}
    source.whole_park, source.state_of_all = kept.mapping["whole_park"], kept.mapping["state_of_all"]
    source.save(update_fields=["mapping", "whole_park", "state_of_all"])


def hand_over(kept: UnitImport, state: ImportState) -> None:
    """Wait for a worker."""
    kept.state, kept.started_at, kept.done, kept.total = state, None, 0, 0
    kept.save()
    jobs.enqueue(TASKS[state], unit_import_id=kept.pk)


@transaction.atomic
def apply_asked(*, unit_import: UnitImport, by: User) -> UnitImport:
    """Ask a worker to write a list that was checked; a second call finds it asked or done.

    :raises ValidationError: import_discarded, import_not_checked, import_has_errors
    """
    kept = UnitImport.objects.select_for_update(of=("self",)).get(pk=unit_import.pk)
    if kept.state in (ImportState.APPLYING, ImportState.APPLIED):
        return kept
    if kept.state == ImportState.DISCARDED:
        raise refused("Cet import a été abandonné\u202f: apportez le fichier à nouveau.", "import_discarded")
    if kept.state != ImportState.CHECKED:
        raise refused("Ce fichier n’est pas vérifié\u202f: vérifiez-le d’abord.", "import_not_checked")
    if kept.counts.get("wrong"):
        raise refused("Des lignes sont à corriger\u202f: rien ne s’écrit avant.", "import_has_errors")
    kept.counts["applied_by"] = by.pk
    hand_over(kept, ImportState.APPLYING)
    return kept


@transaction.atomic
def discard_units(*, unit_import: UnitImport, at: datetime) -> UnitImport:
    """Give a file up; nothing was written.

    :raises ValidationError: import_applied
    """
    kept = UnitImport.objects.select_for_update(of=("self",)).get(pk=unit_import.pk)
    if kept.state in (ImportState.APPLIED, ImportState.APPLYING):
        raise refused("Cet import est fait, ou se fait\u202f: il ne s’abandonne plus.", "import_applied")
    if kept.state != ImportState.DISCARDED:
        kept.state, kept.ended_at, kept.errors, kept.changes, kept.counts = ImportState.DISCARDED, at, [], [], {}
        kept.save(update_fields=["state", "ended_at", "errors", "changes", "counts"])
        forget_file(kept)
    return kept


def discard_stale_units(*, at: datetime) -> None:
    """Give up the files that wait for nobody any more: they may name owners."""
    waiting = UnitImport.objects.filter(state__in=READY, uploaded_at__lt=at - STALE)
    for each in waiting.order_by("pk"):
        discard_units(unit_import=each, at=at)


# --- by a worker -----------------------------------------------------------------------------------------------------


@transaction.atomic
def claim(unit_import_id: int, state: ImportState, at: datetime) -> UnitImport | None:
    """Return the import if it waits for a worker, which is the caller from now on."""
    rows = UnitImport.objects.select_for_update(of=("self",)).select_related("source__territory", "uploaded_by")
    kept = rows.filter(pk=unit_import_id, state=state, started_at=None).first()
    if kept:
        kept.started_at = at
        kept.save(update_fields=["started_at"])
    return kept


def check_units(*, unit_import_id: int, at: datetime) -> None:
    """Read a file without writing any unit, and keep what was found: counts, errors by row, what would change."""
    kept = claim(unit_import_id, ImportState.CHECKING, at)
    if kept is None:
        return
    try:
        reading, table = staged(kept, timezone.localdate(at))
        with transaction.atomic(), connection.cursor() as cursor:
            found = findings(cursor, kept, reading, table)
    except ValidationError as refusal:
        fail(kept, refusal, at)
        return
    mine = UnitImport.objects.filter(pk=kept.pk, state=ImportState.CHECKING)  # unless it was given up meanwhile
    mine.update(state=ImportState.CHECKED, **found)


def apply_units(*, unit_import_id: int, at: datetime) -> None:
    """Write every row of a checked file, or none; imports of a territory wait for one another."""
    kept = claim(unit_import_id, ImportState.APPLYING, at)
    if kept is None:
        return
    try:
        reading, table = staged(kept, timezone.localdate(at))
        if reading.errors:
            raise refused(f"Depuis la vérification, une ligne n’est plus bonne. {reading.errors[0]}", "import_stale")
        write_staged(kept, reading, table, at)
    except ValidationError as refusal:
        fail(kept, refusal, at)


@transaction.atomic
def write_staged(kept: UnitImport, reading: Reading, table: ChosenTable, at: datetime) -> None:
    """:raises ValidationError: import_stale, and those of the constraints of :class:`Unit`"""
    lock_name(f"premises.units.{kept.source.territory_id}")
    if not UnitImport.objects.select_for_update().filter(pk=kept.pk, state=ImportState.APPLYING).exists():
        return
    by = User.objects.get(pk=kept.counts.get("applied_by", kept.uploaded_by_id))
    with connection.cursor() as cursor, constraint_errors(Unit, UnitReference):
        found = findings(cursor, kept, reading, table)
        if found["counts"]["wrong"]:
            raise refused("Depuis la vérification, des lignes ne sont plus bonnes\u202f: vérifiez-le.", "import_stale")
        cursor.execute(import_merging.HOLD)
        import_merging.write(cursor, kept, by=by, at=at, today=reading.today)
    found["counts"].pop("sheets", None)
    UnitImport.objects.filter(pk=kept.pk).update(state=ImportState.APPLIED, ended_at=at, **found)
    forget_file(kept)


def staged(kept: UnitImport, today: date) -> tuple[Reading, ChosenTable]:
    """Lay the rows of a file in the staging table, and say how far it is as it goes.

    :raises ValidationError: no_rows, rows_elsewhere, import_file_lost, and what reading refuses
    """
    reading = Reading(kept, towns_of(kept), today)
    with stored(kept) as file:
        table = open_units(file, kept)
        tell_progress(kept, total=sum(1 for _ in table.bare()))
        read = import_staging.stage(reading.rows(table), on_batch=lambda done: tell_progress(kept, done=done))
    if not read:
        raise refused("Ce fichier a des en-têtes mais aucune ligne en dessous.", "no_rows")
    if read == reading.outside.total():
        refuse_nowhere(reading)
    return reading, table


def tell_progress(kept: UnitImport, **done: int) -> None:
    UnitImport.objects.filter(pk=kept.pk).update(**done)


def findings(cursor, kept: UnitImport, reading: Reading, table: ChosenTable) -> dict:
    """Return what the page of an import shows, by the names of its fields."""
    import_staging.match(cursor, kept)
    told = import_merging.asked(kept, reading.today)
    aside = import_staging.set_aside(cursor, reading)
    counts = import_merging.compared(cursor, told)
    counts["aside"] |= {"outside": reading.outside.total()} if reading.outside else {}
    counts |= {"wrong": reading.wrong, "passed": table.passed, "outside": dict(reading.outside.most_common(10))}
    warned = [*reading.warnings, *aside, *import_merging.warned(cursor, reading, told)]
    counts["warnings"] = [as_json(each) for each in sorted(warned, key=lambda each: each.row)][: reading.kept]
    return {
        "counts": kept.counts | counts,
        "errors": [as_json(each) for each in reading.errors],
        "changes": import_merging.shown(cursor, told),
    }


def as_json(error) -> dict:
    return {"row": error.row, "column": error.column, "message": error.message}


@transaction.atomic
def fail(kept: UnitImport, refusal: ValidationError, at: datetime) -> None:
    """Keep why the file as a whole is refused; it may be prepared in another way."""
    waiting = UnitImport.objects.filter(pk=kept.pk, state__in=TASKS)
    waiting.update(state=ImportState.FAILED, refusal=refusal.messages[0], ended_at=at)


def resume_units(*, at: datetime) -> None:
    """Ask for another worker where one died or never came; a file that stops two of them is refused."""
    left = UnitImport.objects.filter(Q(started_at=None) | Q(started_at__lt=at - DEAD), state__in=TASKS)
    for each in left.order_by("pk"):
        resume(each.pk, at)


@transaction.atomic
def resume(unit_import_id: int, at: datetime) -> None:
    kept = UnitImport.objects.select_for_update(of=("self",)).get(pk=unit_import_id)
    if kept.state not in TASKS or (kept.started_at and kept.started_at >= at - DEAD):
        return
    if kept.started_at:
        kept.counts["attempts"] = kept.counts.get("attempts", 0) + 1
    if kept.counts.get("attempts", 0) >= ATTEMPTS:
        stopped = (
            "Le traitement de ce fichier s’est arrêté deux fois\u202f: découpez-le, ou prévenez l’équipe technique."
        )
        fail(kept, refused(stopped, "import_stopped"), at)
        return
    kept.started_at = None
    kept.save(update_fields=["started_at", "counts"])
    jobs.enqueue(TASKS[ImportState(kept.state)], unit_import_id=kept.pk)
