"""Files of counts brought on a page: kept, read by a worker, then counted whole or refused.

``started_at`` is a worker's claim: empty while one is awaited. A worker that dies leaves nothing half written; a beat
job asks for another, once, then says so.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django.db.models import Q

from coopconnexion import jobs
from coopconnexion.accounts.models import User
from coopconnexion.kept_files import digest, forget_file, stored
from coopconnexion.uploads import check_size, clean_name
from premises.enums import CountKind
from premises.models import CountImport
from premises.services.counts import import_counts

TASK = "premises.count_file"
DEAD = timedelta(minutes=10)
"""A claim older than this is a dead worker's: tasks are killed before."""
ATTEMPTS = 2
MOST_ROWS = 3_000_000
"""What a worker reads in the time it is given; longer files are for the command."""


@transaction.atomic
def receive_counts(
    *, file: BinaryIO, filename: str, kind: CountKind, vintage: int, label: str = "", by: User, at: datetime
) -> CountImport:
    """Keep a file of counts and ask a worker to count it.

    :raises ValidationError: file_too_large, file_empty
    """
    check_size(file)
    kept = CountImport(
        kind=kind,
        vintage=vintage,
        label=label.strip(),
        filename=clean_name(filename),
        sha256=digest(file),
        uploaded_by=by,
        uploaded_at=at,
    )
    file.seek(0)
    kept.file.save(f"statistiques{Path(filename).suffix.lower()}", File(file), save=False)
    kept.save()
    jobs.enqueue(TASK, count_import_id=kept.pk)
    return kept


@transaction.atomic
def claim(count_import_id: int, at: datetime) -> CountImport | None:
    """Return the import if it waits for a worker, which is the caller from now on."""
    rows = CountImport.objects.pending().select_for_update(of=("self",)).select_related("uploaded_by")
    kept = rows.filter(pk=count_import_id, started_at=None).first()
    if kept:
        kept.started_at = at
        kept.attempts += 1
        kept.save(update_fields=["started_at", "attempts"])
    return kept


def count_file(*, count_import_id: int, at: datetime) -> None:
    """Count a file that waits; what is refused says why on its page."""
    kept = claim(count_import_id, at)
    if kept is None:
        return
    rows = CountImport.objects.pending().filter(pk=kept.pk)
    try:
        with stored(kept) as file:
            count_set = import_counts(
                file=file,
                filename=kept.filename,
                kind=CountKind(kept.kind),
                vintage=kept.vintage,
                label=kept.label,
                by=kept.uploaded_by,
                at=at,
                most_rows=MOST_ROWS,
                told=lambda done: rows.update(rows_done=done),
            )
    except ValidationError as refusal:
        end(kept, at, refusal=refusal.messages[0])
    else:
        end(kept, at, count_set=count_set, rows_done=count_set.rows_read)


@transaction.atomic
def end(kept: CountImport, at: datetime, **told) -> None:
    """Write what came of a file, and forget it: whoever published it keeps it."""
    if CountImport.objects.pending().filter(pk=kept.pk).update(ended_at=at, **told):
        forget_file(kept)


def resume_counts(*, at: datetime) -> None:
    """Ask for another worker where one died or never came; a file that stops two of them is refused."""
    left = CountImport.objects.pending().filter(Q(started_at=None) | Q(started_at__lt=at - DEAD))
    for each in left.order_by("pk"):
        resume(each.pk, at)


@transaction.atomic
def resume(count_import_id: int, at: datetime) -> None:
    kept = CountImport.objects.pending().select_for_update(of=("self",)).filter(pk=count_import_id).first()
    if kept is None or (kept.started_at and kept.started_at >= at - DEAD):
        return
    if kept.attempts >= ATTEMPTS:
        stopped = "Le traitement de ce fichier s’est arrêté deux fois\u202f: utilisez la commande import_counts."
        end(kept, at, refusal=stopped)
        return
    kept.started_at = None
    kept.save(update_fields=["started_at"])
    jobs.enqueue(TASK, count_import_id=kept.pk)
