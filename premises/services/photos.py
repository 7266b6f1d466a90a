"""Pictures and documents of a unit: for the team alone; a picture is shown to the public once somebody says so."""

from datetime import datetime, timedelta

from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max

from coopconnexion.accounts.models import User
from coopconnexion.refusals import refusal_at
from premises.models import Unit, UnitDocument, UnitPhoto
from premises.services.locks import locked

MOST_PHOTOS = 30
RESENT_WITHIN = timedelta(minutes=5)


@transaction.atomic
def add_unit_photo(
    *, unit: Unit, picture: File, description: str, is_public: bool = False, by: User | None, at: datetime
) -> UnitPhoto:
    """Keep a picture, made anew by ``uploads.PictureField``, after those the unit has; one sent twice is kept once.

    :raises ValidationError: too_many_photos
    """
    unit = locked(unit)
    if same := _sent_before(unit.photos, by, at, content=picture, description=description.strip()):
        return same
    if unit.photos.count() >= MOST_PHOTOS:
        message = f"Cette cellule a déjà {MOST_PHOTOS} photos\u202f: retirez-en une d’abord."
        raise refusal_at("picture", message, "too_many_photos")
    last = unit.photos.aggregate(last=Max("position"))["last"]
    return UnitPhoto.objects.create(
        unit=unit,
        file=picture,
        description=description.strip(),
        is_public=is_public,
        position=0 if last is None else last + 1,
        added_by=by,
        added_at=at,
    )


@transaction.atomic
def change_unit_photo(*, photo: UnitPhoto, description: str, is_public: bool, is_first: bool) -> UnitPhoto:
    """Say what a picture shows, whether the public sees it, and whether it comes first."""
    locked(photo.unit)
    photo = UnitPhoto.objects.select_for_update(of=("self",)).get(pk=photo.pk)
    photo.description, photo.is_public = description.strip(), is_public
    if is_first:
        others = [each for each in photo.unit.photos.order_by("position", "pk") if each.pk != photo.pk]
        photo.position = 0
        for position, each in enumerate(others, 1):
            if each.position != position:
                each.position = position
                each.save(update_fields=["position"])
    photo.save(update_fields=["description", "is_public", "position"])
    return photo


@transaction.atomic
def remove_unit_photo(*, photo: UnitPhoto) -> None:
    """Take a picture away, its file once that is sure; the history keeps that it was there."""
    _remove(photo)


@transaction.atomic
def add_unit_document(*, unit: Unit, title: str, upload: UploadedFile, by: User | None, at: datetime) -> UnitDocument:
    """Keep a file that ``uploads.DocumentField`` checked, for the pages of staff alone; sent twice, it is kept once."""
    unit = locked(unit)
    if same := _sent_before(unit.documents, by, at, content=upload, title=title.strip()):
        return same
    return UnitDocument.objects.create(
        unit=unit,
        title=title.strip(),
        file=upload,
        filename=upload.name,
        content_type=upload.content_type or "application/octet-stream",
        size=upload.size,
        added_by=by,
        added_at=at,
    )


@transaction.atomic
def remove_unit_document(*, document: UnitDocument) -> None:
    """Take a document away, its file once that is sure; the history keeps that it was there."""
    _remove(document)


def _sent_before(files, by: User | None, at: datetime, *, content: File, **told):
    """Return the file that ``by`` brought just before with the same words, if it holds the same."""
    just_before = files.filter(added_by=by, added_at__gt=at - RESENT_WITHIN, **told)
    return next((each for each in just_before.order_by("pk") if _holds(each.file, content)), None)


def _holds(stored: File, brought: File) -> bool:
    if not stored.storage.exists(stored.name):
        return False
    brought.seek(0)
    with stored.open("rb") as kept:
        same = kept.read() == brought.read()
    brought.seek(0)
    return same


def _remove(row: UnitPhoto | UnitDocument) -> None:
    storage, name = row.file.storage, row.file.name
    row.delete()
    transaction.on_commit(lambda: storage.delete(name))
