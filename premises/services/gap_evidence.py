"""The file that supports a missing activity: a study, a petition, a photograph; for the pages of staff alone."""

from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from coopconnexion.accounts.models import User
from premises.models import MissingActivity
from premises.services.gaps import locked


@transaction.atomic
def attach_evidence(*, gap: MissingActivity, upload: UploadedFile, by: User, at: datetime) -> MissingActivity:
    """Keep a file that ``uploads.DocumentField`` checked in the place of the one there was; the history tells of it."""
    gap = locked(gap)
    before = gap.evidence_file.name
    gap.evidence_file, gap.evidence_filename = upload, upload.name
    gap.save(update_fields=["evidence_file", "evidence_filename"])
    _forget(gap, before)
    return gap


@transaction.atomic
def remove_evidence(*, gap: MissingActivity, by: User, at: datetime) -> MissingActivity:
    """Take the file away; where there is none, nothing changes."""
    gap = locked(gap)
    before = gap.evidence_file.name
    if not before:
        return gap
    gap.evidence_file, gap.evidence_filename = "", ""
    gap.save(update_fields=["evidence_file", "evidence_filename"])
    _forget(gap, before)
    return gap


def _forget(gap: MissingActivity, name: str) -> None:
    """Delete a stored file once it is sure that nothing refers to it."""
    if name:
        storage = gap.evidence_file.storage
        transaction.on_commit(lambda: storage.delete(name))
