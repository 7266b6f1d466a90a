"""What is written about a project: interviews, notes, documents; private to the team unless shared."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from coopconnexion.accounts.models import User
from members.enums import MeetingMode
from projects.models import Interview, Note, Project, ProjectDocument
from projects.services.steps import lock_project, plan_next_step, touch


@transaction.atomic
def record_interview(
    *,
    project: Project,
    held_at: datetime,
    mode: MeetingMode,
    minutes: int | None,
    summary: str,
    is_shared: bool,
    by: User | None,
    at: datetime,
    next_step: str = "",
    next_step_on: date | None = None,
) -> Interview:
    """Record a talk with the holder, and what comes next while the project is open.

    :raises ValidationError: interview_to_come, and those of ``plan_next_step``
    """
    project = lock_project(project)
    _refuse_to_come(held_at, at)
    interview = Interview.objects.create(
        project=project,
        held_at=held_at,
        mode=mode,
        minutes=minutes,
        summary=summary,
        is_shared=is_shared,
        recorded_by=by,
        recorded_at=at,
    )
    if project.is_open:
        plan_next_step(project=project, what=next_step, on=next_step_on, by=by, at=at)
    else:
        touch(project, at)
    return interview


def _refuse_to_come(held_at: datetime, at: datetime) -> None:
    if held_at > at:
        raise ValidationError("Un entretien se note une fois tenu : vérifiez la date.", code="interview_to_come")


@transaction.atomic
def correct_interview(*, interview: Interview, by: User | None, at: datetime, **told) -> Interview:
    """Write what ``told`` says of an interview, by the names of its fields; its history keeps what it said.

    :raises ValidationError: interview_to_come
    """
    if "held_at" in told:
        _refuse_to_come(told["held_at"], at)
    return _rewrite(interview, at, {name: told[name] for name in told if name not in ("next_step", "next_step_on")})


@transaction.atomic
def write_note(*, project: Project, text: str, is_shared: bool, by: User | None, at: datetime) -> Note:
    """Add a remark on ``project``."""
    touch(project, at)
    return Note.objects.create(project=project, text=text, is_shared=is_shared, written_by=by, written_at=at)


@transaction.atomic
def edit_note(*, note: Note, text: str, is_shared: bool, by: User | None, at: datetime) -> Note:
    """Rewrite a note; its history keeps what it said."""
    return _rewrite(note, at, {"text": text, "is_shared": is_shared})


@transaction.atomic
def add_document(
    *, project: Project, title: str, upload: UploadedFile, is_shared: bool, by: User | None, at: datetime
) -> ProjectDocument:
    """Keep a file, already checked by ``uploads.DocumentField``, where only the pages that may show it reach."""
    touch(project, at)
    return ProjectDocument.objects.create(
        project=project,
        title=title,
        file=upload,
        filename=upload.name,
        content_type=upload.content_type or "application/octet-stream",
        size=upload.size,
        is_shared=is_shared,
        added_by=by,
        added_at=at,
    )


@transaction.atomic
def remove_document(*, document: ProjectDocument, by: User | None, at: datetime) -> None:
    """Take a document away, its file once that is sure; the history keeps that it was there."""
    storage, name = document.file.storage, document.file.name
    touch(document.project, at)
    document.delete()
    transaction.on_commit(lambda: storage.delete(name))


@transaction.atomic
def share(*, record: Interview | Note | ProjectDocument, is_shared: bool, by: User | None, at: datetime) -> None:
    """Show a record to the holder of the project, or to the team alone."""
    _rewrite(record, at, {"is_shared": is_shared})


def _rewrite(record, at: datetime, values: dict):
    touch(record.project, at)
    for name, value in values.items():
        setattr(record, name, value)
    record.save(update_fields=list(values))
    return record
