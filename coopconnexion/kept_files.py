"""Files that are checked, then applied or given up: kept no longer than the row that tells of them needs.

The row has ``file`` and ``sha256``; what it found in the file may name people, and goes with it.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.db import models, transaction

from coopconnexion.french import NARROW

ERRORS_KEPT = 200
CHANGES_KEPT = 100
STALE = timedelta(days=14)
CHUNK = 1 << 16


def digest(file: BinaryIO) -> str:
    file.seek(0)
    found = hashlib.sha256()
    while chunk := file.read(CHUNK):
        found.update(chunk)
    return found.hexdigest()


@contextmanager
def stored(row: models.Model) -> Iterator[BinaryIO]:
    """Open the file of a row as it was checked.

    :raises ValidationError: import_file_lost
    """
    lost = ValidationError(
        f"Le fichier de cet import n’est plus là{NARROW}: apportez-le à nouveau.", code="import_file_lost"
    )
    if not row.file:
        raise lost
    try:
        file = row.file.open("rb")
    except FileNotFoundError:
        raise lost from None
    with file:
        if digest(file) != row.sha256:
            raise lost
        yield file


def forget_file(row: models.Model) -> None:
    """Keep what the file said, not the file, once nobody needs it."""
    name, storage = row.file.name, row.file.storage
    if name:
        type(row).objects.filter(pk=row.pk).update(file="")
        transaction.on_commit(lambda: storage.delete(name))
