"""Documents received from members, and documents given to them."""

from datetime import date, datetime, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from coopconnexion.accounts.models import User
from coopconnexion.periods import last_day, months_later
from coopconnexion.refusals import refusal_at
from members import documents
from members.enums import IssuedKind
from members.models import DocumentKind, IssuedDocument, Member, ReceivedDocument
from members.services.locks import lock_member

EARLIEST = date(2000, 1, 1)
LONGEST_VALIDITY = timedelta(days=50 * 366)
RESENT_WITHIN = timedelta(minutes=10)


# --- received --------------------------------------------------------------------------------------------------------


@transaction.atomic
def receive_document(
    *,
    member: Member,
    kind: DocumentKind,
    received_on: date,
    by: User | None,
    at: datetime,
    valid_until: date | None = None,
    note: str = "",
    upload: UploadedFile | None = None,
) -> ReceivedDocument:
    """Note that a document came, with its file, checked by ``uploads.DocumentField``, or without; sent twice it is one.

    ``valid_until``, its last day of validity, comes from the kind unless it is given.

    :raises ValidationError: kind_retired, received_to_come, date_implausible, validity_over
    """
    if kind.retired_at:
        raise refusal_at("kind", "Cette pièce n’est plus demandée : choisissez-en une autre.", "kind_retired")
    lock_member(member)
    document = ReceivedDocument(member=member, kind=kind, note=note, recorded_by=by, recorded_at=at)
    _date(document, received_on, valid_until, at)
    if same := _told_just_before(document, upload, at):
        return same
    _attach(document, upload)
    document.save()
    return document


@transaction.atomic
def correct_received(
    *,
    document: ReceivedDocument,
    kind: DocumentKind,
    received_on: date,
    at: datetime,
    valid_until: date | None = None,
    note: str = "",
    upload: UploadedFile | None = None,
    remove_file: bool = False,
) -> ReceivedDocument:
    """Write a received document anew; a new file replaces the one there is, ``remove_file`` takes it away.

    :raises ValidationError: kind_retired, received_to_come, date_implausible, validity_over
    """
    document = ReceivedDocument.objects.select_for_update(of=("self",)).get(pk=document.pk)
    if kind.retired_at and kind.pk != document.kind_id:
        raise refusal_at("kind", "Cette pièce n’est plus demandée : choisissez-en une autre.", "kind_retired")
    document.kind, document.note = kind, note
    _date(document, received_on, valid_until, at)
    if upload or remove_file:
        _forget_file(document)
        _attach(document, upload)
    document.save()
    return document


@transaction.atomic
def remove_received(*, document: ReceivedDocument) -> None:
    """Delete a document noted wrongly, its file once that is sure; the history keeps that it was there."""
    _forget_file(document)
    document.delete()


def _told_just_before(document: ReceivedDocument, upload: UploadedFile | None, at: datetime) -> ReceivedDocument | None:
    """Return the same document that the same person noted a moment ago, its file the same byte for byte."""
    names = ("member", "kind", "received_on", "valid_until", "note", "recorded_by")
    told = {name: getattr(document, name) for name in names}
    filename = upload.name if upload else ""
    same = ReceivedDocument.objects.filter(recorded_at__gt=at - RESENT_WITHIN, filename=filename, **told)
    return next((each for each in same.order_by("pk") if upload is None or _is_same(each, upload)), None)


def _is_same(document: ReceivedDocument, upload: UploadedFile) -> bool:
    with document.file.open("rb") as kept:
        content = kept.read()
    upload.seek(0)
    try:
        return upload.read() == content
    finally:
        upload.seek(0)


def _date(document: ReceivedDocument, received_on: date, valid_until: date | None, at: datetime) -> None:
    if received_on > timezone.localdate(at):
        raise refusal_at("received_on", "Une pièce se note une fois reçue : vérifiez la date.", "received_to_come")
    if received_on < EARLIEST:
        raise refusal_at("received_on", "Cette date est avant l’an 2000 : vérifiez l’année.", "date_implausible")
    months = document.kind.validity_months
    if valid_until is None and months:
        valid_until = last_day(months_later(received_on, months))
    if valid_until and valid_until < received_on:
        message = "Cette pièce était déjà périmée quand elle est arrivée : vérifiez les deux dates."
        raise refusal_at("valid_until", message, "validity_over")
    if valid_until and valid_until > received_on + LONGEST_VALIDITY:
        raise refusal_at("valid_until", "Plus de cinquante ans de validité : vérifiez l’année.", "date_implausible")
    document.received_on, document.valid_until = received_on, valid_until


def _attach(document: ReceivedDocument, upload: UploadedFile | None) -> None:
    document.file = upload or ""
    document.filename = upload.name if upload else ""
    document.content_type = (upload.content_type or "application/octet-stream") if upload else ""


def _forget_file(document: ReceivedDocument) -> None:
    storage, name = document.file.storage, document.file.name
    if name:
        transaction.on_commit(lambda: storage.delete(name))


# --- given -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def issue_document(
    *, member: Member, kind: IssuedKind, by: User | None, at: datetime, year: int | None = None
) -> IssuedDocument:
    """Make a document from what is known today, and keep it byte for byte with the figures it was made from.

    Asked twice within a minute by the same person, it is one.

    :raises ValidationError: no_contract, not_associated, year_missing, year_to_come, no_statement
    :raises PdfUnavailableError: when Pango is not installed
    """
    just_before = Q(issued_by=by, issued_at__gt=at - timedelta(minutes=1))
    return _issue_once(member, kind, year, by, at, unless=just_before)


@transaction.atomic
def issue_own_document(
    *, member: Member, kind: IssuedKind, by: User, at: datetime, year: int | None = None
) -> IssuedDocument:
    """The same for the member themself, to whom the document of the day that says the same is given again.

    :raises ValidationError: no_contract, not_associated, year_missing, year_to_come, no_statement
    :raises PdfUnavailableError: when Pango is not installed
    """
    return _issue_once(member, kind, year, by, at, unless=Q())


def _issue_once(
    member: Member, kind: str, year: int | None, by: User | None, at: datetime, *, unless: Q
) -> IssuedDocument:
    """Return the document that says the same and meets ``unless``, or a new one; the facts bear their day."""
    lock_member(member)
    data = documents.facts(member, kind, year, at)
    given = member.issued_documents.filter(unless, kind=kind, year=_year(kind, year), data=data).defer("content")
    return given.order_by("-issued_at", "-pk").first() or _issue(member, kind, year, by, at, data)


def _issue(member: Member, kind: str, year: int | None, by: User | None, at: datetime, data: dict) -> IssuedDocument:
    return IssuedDocument.objects.create(
        member=member,
        kind=kind,
        year=_year(kind, year),
        issued_at=at,
        issued_by=by,
        content=documents.render(data),
        data=data,
    )


def _year(kind: str, year: int | None) -> int | None:
    return year if kind == IssuedKind.YEAR else None
