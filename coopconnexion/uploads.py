"""Files that people bring: checked, then stored where no public address reaches."""

import codecs
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import puremagic
from django import forms
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages
from django.core.files.uploadhandler import FileUploadHandler
from django.db import models
from django.http import FileResponse, Http404
from django.utils.functional import cached_property
from PIL import Image, ImageOps, UnidentifiedImageError

from coopconnexion.archives import open_archive
from coopconnexion.french import NARROW, NBSP

MEGABYTE = 1_000_000
MAX_BYTES = 10 * MEGABYTE
LIST_MAX_BYTES = 60 * MEGABYTE
"""Of the lists that staff bring: 100,000 units, told at length."""
MAX_UNPACKED = 100 * MEGABYTE
MAX_PIXELS = 40 * MEGABYTE
CONTROL_CODES = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f]")
NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff<>:"/\\|?*]')
ENCODINGS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}


@dataclass(frozen=True)
class Format:
    """What a file of some extension must hold: the type its first bytes tell, or the member that its archive has."""

    label: str
    content_type: str
    member: str = ""
    mimetype: bytes = b""

    @property
    def is_archive(self) -> bool:
        return bool(self.member)


_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
FORMATS = {
    ".pdf": Format("PDF", "application/pdf"),
    ".png": Format("PNG", "image/png"),
    ".jpg": Format("JPEG", "image/jpeg"),
    ".jpeg": Format("JPEG", "image/jpeg"),
    ".webp": Format("WebP", "image/webp"),
    ".odt": Format("ODT", f"{_OPEN}.text", "content.xml", f"{_OPEN}.text".encode()),
    ".ods": Format("ODS", f"{_OPEN}.spreadsheet", "content.xml", f"{_OPEN}.spreadsheet".encode()),
    ".docx": Format("DOCX", f"{_OFFICE}.wordprocessingml.document", "word/document.xml"),
    ".xlsx": Format("XLSX", f"{_OFFICE}.spreadsheetml.sheet", "xl/workbook.xml"),
    ".txt": Format("texte", "text/plain"),
    ".csv": Format("CSV", "text/csv"),
}
PICTURES = (".png", ".jpg", ".jpeg", ".webp")


# --- where files go, and how they leave ------------------------------------------------------------------------------


def private_storage() -> Storage:
    """Return the storage of the files that only a view may serve."""
    return storages["private"]


def private_name(instance: models.Model, filename: str) -> str:
    """Return a name that tells nothing: neither what was typed nor whose it is."""
    return f"{instance._meta.label_lower}/{uuid4().hex}"


def serve(file: File, *, filename: str, content_type: str) -> FileResponse:
    """Answer with a stored file, to be saved under ``filename``, never shown in the page or kept by a cache.

    :raises Http404: when the storage has lost it
    """
    known = {each.content_type for each in FORMATS.values()}
    try:
        content = file.open("rb")
    except (FileNotFoundError, ValueError):
        raise Http404("Ce fichier n’est plus là.") from None
    response = FileResponse(
        content,
        as_attachment=True,
        filename=clean_name(filename),
        content_type=content_type if content_type in known else "application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


# --- what is accepted ------------------------------------------------------------------------------------------------


def megabytes(size: int) -> str:
    """« 10 Mo »; 999 kB is « 1 Mo », as people count."""
    return f"{max(1, round(size / MEGABYTE))}{NBSP}Mo"


def clean_name(filename: str, *, max_length: int = 150) -> str:
    """Return the typed name without folders, control and direction characters, its extension kept."""
    name = NOT_IN_NAMES.sub("", unicodedata.normalize("NFC", filename.replace("\\", "/").rsplit("/", 1)[-1]))
    path = Path(name.strip(" .") or "fichier")
    suffix = path.suffix[:16]
    return path.stem[: max_length - len(suffix)] + suffix


def check_size(file: File, *, max_bytes: int = MAX_BYTES) -> None:
    """:raises ValidationError: file_too_large, file_empty"""
    if file.size > max_bytes:
        raise ValidationError(
            f"Ce fichier dépasse {megabytes(max_bytes)}{NARROW}: réduisez-le ou découpez-le, puis renvoyez-le.",
            code="file_too_large",
        )
    if not file.size:
        raise ValidationError("Ce fichier est vide : choisissez-en un autre.", code="file_empty")


def check_document(file: File, *, name: str, extensions: tuple[str, ...] = tuple(FORMATS)) -> Format:
    """Return the format of a file whose size, extension and content agree.

    :raises ValidationError: file_too_large, file_empty, file_kind, file_content, archive_damaged, archive_too_large
    """
    check_size(file)
    extension = Path(name).suffix.lower()
    if extension not in extensions:
        labels = ", ".join(dict.fromkeys(FORMATS[each].label for each in extensions))
        raise ValidationError(
            f"Ce type de fichier n’est pas accepté. Types acceptés{NARROW}: {labels}.", code="file_kind"
        )
    wanted = FORMATS[extension]
    file.seek(0)
    if not holds(file, extension, wanted):
        raise ValidationError(
            f"Ce fichier porte l’extension «{NARROW}{extension}{NARROW}» mais son contenu n’est pas du"
            f" {wanted.label}{NARROW}: enregistrez-le à nouveau dans ce format.",
            code="file_content",
        )
    file.seek(0)
    return wanted


def holds(file: File, extension: str, wanted: Format) -> bool:
    if wanted.content_type.startswith("text/"):
        return is_text(file)
    if wanted.is_archive:
        return is_office_file(file, wanted)
    if extension == ".pdf":  # puremagic believes the extension when the bytes tell it nothing
        return b"%PDF-" in file.read(1024)
    return wanted.content_type in detected_types(file, extension)


def detected_types(file: BinaryIO, extension: str) -> set[str]:
    try:
        return {each.mime_type for each in puremagic.magic_stream(file, f"x{extension}")}
    except (puremagic.PureError, ValueError):
        return set()


def is_office_file(file: BinaryIO, wanted: Format) -> bool:
    if file.read(4) != b"PK\x03\x04":
        return False
    with open_archive(file, max_bytes=MAX_UNPACKED) as archive:
        names = set(archive.namelist())
        if any(name.lower().endswith("vbaproject.bin") or name.startswith(("Basic/", "Scripts/")) for name in names):
            return False  # macros
        told = archive.read("mimetype").strip() if "mimetype" in names else b""
        return wanted.member in names and told == wanted.mimetype


def is_text(file: BinaryIO) -> bool:
    """Tell whether the bytes are text in UTF-8, UTF-16 with its mark, or cp1252."""
    content = file.read(MAX_BYTES + 1)
    encoding = next((each for mark, each in ENCODINGS.items() if content.startswith(mark)), "cp1252")
    if encoding == "cp1252":
        return not CONTROL_CODES.search(content)
    try:
        return "\x00" not in content.decode(encoding)
    except UnicodeDecodeError:
        return False


class DocumentField(forms.FileField):
    """Accept a document of a known format; its clean value bears a harmless ``name`` and its true ``content_type``."""

    def __init__(self, *, extensions: tuple[str, ...] = tuple(FORMATS), **kwargs):
        self.extensions = extensions
        super().__init__(**kwargs)

    def widget_attrs(self, widget):
        return {**super().widget_attrs(widget), "accept": ",".join(self.extensions)}

    def to_python(self, data):
        file = super().to_python(data)
        if file is None:
            return None
        file.content_type = check_document(file, name=file.name, extensions=self.extensions).content_type
        file.name = clean_name(file.name)
        return file


class PictureField(DocumentField):
    """Accept a photograph; its clean value is a WebP file made anew, without what the camera wrote about the place."""

    def __init__(self, *, max_side: int = 1600, **kwargs):
        self.max_side = max_side
        super().__init__(**{"extensions": PICTURES, **kwargs})

    def to_python(self, data):
        file = super().to_python(data)
        return file and picture(file, max_side=self.max_side)


def picture(file: BinaryIO, *, max_side: int) -> ContentFile:
    """Return ``file`` as a WebP of at most ``max_side`` pixels a side, upright, with no metadata.

    :raises ValidationError: picture_damaged, picture_too_large
    """
    try:
        with Image.open(file, formats=("PNG", "JPEG", "WEBP")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Image.DecompressionBombError
            mode = "RGBA" if image.has_transparency_data else "RGB"
            small = image.convert(mode) if image.mode in ("1", "P", "PA", "I;16") else image
            small.thumbnail((max_side, max_side))  # first: a picture of 40 million points is held in memory once
            upright = ImageOps.exif_transpose(small).convert(mode)
            content = BytesIO()
            upright.save(content, "WEBP", quality=82, exif=b"", icc_profile=None)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValidationError(
            "Cette image a trop de points : réduisez ses dimensions, puis renvoyez-la.", code="picture_too_large"
        ) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError):
        raise ValidationError(
            "Cette image est abîmée : ouvrez-la, enregistrez-la à nouveau, puis renvoyez-la.", code="picture_damaged"
        ) from None
    return ContentFile(content.getvalue(), name="image.webp")


class UploadCap(FileUploadHandler):
    """Stop storing a file a little past what any form accepts; the form then refuses it for its size.

    The lists that staff bring may be longer than what anybody else sends.
    """

    def receive_data_chunk(self, raw_data, start):
        is_past = start > settings.UPLOAD_CAP_BYTES and start > self.cap
        return None if is_past else raw_data

    @cached_property
    def cap(self) -> int:
        user = getattr(self.request, "user", None)
        return settings.STAFF_UPLOAD_CAP_BYTES if user and user.is_staff else settings.UPLOAD_CAP_BYTES

    def file_complete(self, file_size):
        return None


# --- what no row points to any more ----------------------------------------------------------------------------------


def file_fields() -> Iterator[models.FileField]:
    """Yield the file fields of every table; a history table keeps names, not files."""
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.proxy and not hasattr(model, "pgh_tracked_model"):
            yield from (each for each in model._meta.concrete_fields if isinstance(each, models.FileField))


def orphans(*, stored_before: datetime) -> Iterator[tuple[Storage, str]]:
    """Yield the stored files that no row points to, those still being brought set aside."""
    named: dict[Storage, set[str]] = defaultdict(set)
    folders: dict[Storage, set[str]] = defaultdict(set)
    for each in file_fields():
        rows = each.model._base_manager.exclude(**{each.name: ""}).values_list(each.name, flat=True)
        named[each.storage].update(rows.iterator())
        folders[each.storage].add(folder_of(each))
    for storage, names in named.items():
        for name in stored_under(storage, folders[storage]):
            if name not in names and storage.get_modified_time(name) < stored_before:
                yield storage, name


def folder_of(field: models.FileField) -> str:
    """Return the first folder under which the files of a field are stored."""
    return field.generate_filename(field.model(), "x").split("/", 1)[0]


def stored_under(storage: Storage, folders: set[str]) -> Iterator[str]:
    waiting = list(folders)
    while waiting:
        folder = waiting.pop()
        if not storage.exists(folder):
            continue
        subfolders, files = storage.listdir(folder)
        waiting += [f"{folder}/{each}" for each in subfolders]
        yield from (f"{folder}/{each}" for each in files)


def sweep(*, stored_before: datetime) -> int:
    """Delete the files that no row points to; return how many."""
    count = 0
    for storage, name in orphans(stored_before=stored_before):
        storage.delete(name)
        count += 1
    return count
