"""Files that people bring: what is accepted, how it is kept and leaves, what is swept."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.test import RequestFactory
from django.utils import timezone
from PIL import Image

from coopconnexion import uploads
from coopconnexion.site.schedules import sweep_files
from coopconnexion.uploads import DocumentField, PictureField, clean_name, orphans, private_name, serve, sweep
from members.models import ReceivedDocument, StatementImport
from tests.factories import UserFactory
from tests.sheet_files import ods_bytes, xlsx_bytes, zip_bytes

ODT = "application/vnd.oasis.opendocument.text"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"


def image_bytes(kind: str = "PNG", size=(8, 6), mode: str = "RGB", **kwargs) -> bytes:
    content = BytesIO()
    Image.new(mode, size).save(content, kind, **kwargs)
    return content.getvalue()


def office(member: str, mimetype: str = "") -> bytes:
    return zip_bytes(({"mimetype": mimetype} if mimetype else {"[Content_Types].xml": "<a/>"}) | {member: "<a/>"})


GOOD = {
    "a.pdf": PDF,
    "a.PNG": image_bytes(),
    "a.jpg": image_bytes("JPEG"),
    "a.jpeg": image_bytes("JPEG"),
    "a.webp": image_bytes("WEBP"),
    "a.odt": office("content.xml", ODT),
    "a.ods": ods_bytes([["a"]]),
    "a.docx": office("word/document.xml"),
    "a.xlsx": xlsx_bytes([["a"]]),
    "é.txt": "Bonjour à tous".encode(),
    "a.csv": "Prénom;Nom".encode("cp1252"),
    "b.csv": "Prénom;Nom".encode("utf-16"),
}


def cleaned(field, name, content, content_type="application/x-whatever"):
    return field.clean(SimpleUploadedFile(name, content, content_type))


@pytest.mark.parametrize(("name", "content"), GOOD.items())
def test_a_document_is_accepted_with_its_true_type(name, content):
    file = cleaned(DocumentField(), name, content)
    assert file.content_type == uploads.FORMATS[Path(name).suffix.lower()].content_type
    assert file.read() == content


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.exe", b"MZ", "file_kind"),
        ("a.pdf.exe", PDF, "file_kind"),
        ("a.html", b"<html>", "file_kind"),
        ("a.svg", b"<svg onload=x>", "file_kind"),
        ("sans extension", PDF, "file_kind"),
        ("a.pdf", b"MZ\x90\x00" + b"\0" * 99, "file_content"),
        ("a.pdf", b"<html><script>", "file_content"),
        ("a.png", image_bytes("JPEG"), "file_content"),
        ("a.docx", xlsx_bytes([["a"]]), "file_content"),
        ("a.odt", ods_bytes([["a"]]), "file_content"),
        ("a.docx", b"texte", "file_content"),
        ("a.docx", office("word/document.xml") + b"", None),
        ("a.docx", zip_bytes({"word/document.xml": "", "word/vbaProject.bin": ""}), "file_content"),
        (
            "a.odt",
            zip_bytes(
                {
                    "mimetype": "application/vnd.oasis.opendocument.text",
                    "content.xml": "",
                    "Basic/Standard/script-lb.xml": "",
                }
            ),
            "file_content",
        ),
        ("a.docx", zip_bytes({"word/document.xml": b"0" * 101_000_000}), "archive_too_large"),
        ("a.docx", office("word/document.xml")[:60], "archive_damaged"),
        ("a.txt", b"\0\1\2", "file_content"),
        ("a.txt", b"\xff\xfe\x00\xd8\x00", "file_content"),
        ("a.pdf", PDF + b" " * 10_000_000, "file_too_large"),
        ("a.pdf", b"", "empty"),
        ("a.pdf", b"<script>alert(1)</script>", "file_content"),
    ],
)
def test_what_is_no_document_is_refused_in_words(name, content, code):
    if code is None:
        assert cleaned(DocumentField(), name, content)
        return
    with pytest.raises(ValidationError) as refusal:
        cleaned(DocumentField(), name, content)
    error = refusal.value.error_list[0]
    assert error.code == code
    assert len(error.messages[0]) > 20


def test_fifty_megabytes_are_not_even_stored(client, monkeypatch):
    """The part past the cap is thrown away as it comes; the form then refuses what is left for its size."""
    request = RequestFactory().post("/", {"file": SimpleUploadedFile("a.pdf", PDF + b" " * 50_000_000)})
    kept = request.FILES["file"]
    assert kept.size < settings.UPLOAD_CAP_BYTES + 100_000
    with pytest.raises(ValidationError, match="dépasse 10"):
        DocumentField().clean(kept)
    kept.close()


def test_a_field_may_accept_less_and_says_so():
    field = DocumentField(extensions=(".pdf",))
    with pytest.raises(ValidationError, match=r"Types acceptés.*: PDF"):
        cleaned(field, "a.txt", b"bonjour")
    assert field.widget.attrs["accept"] == ".pdf"


def test_an_optional_field_may_stay_empty():
    assert DocumentField(required=False).clean(None) is None
    assert PictureField(required=False).clean(None) is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\Zoé\\cv.pdf", "cv.pdf"),
        ("a\u202efdp.exe\u202c.pdf", "afdp.exe.pdf"),
        ('x"\r\n<b>.pdf', "xb.pdf"),
        ("é" * 300 + ".pdf", "é" * 146 + ".pdf"),
        (" .. ", "fichier"),
        ("e\u0301te.pdf", "éte.pdf"),
    ],
)
def test_a_name_is_kept_without_what_could_harm(typed, kept):
    assert clean_name(typed) == kept


# --- pictures --------------------------------------------------------------------------------------------------------


def picture_of(content, name="a.jpg", **kwargs):
    return Image.open(cleaned(PictureField(**kwargs), name, content))


def test_a_picture_is_made_anew_without_what_the_camera_wrote():
    exif = Image.Exif()
    exif[0x010F] = "Appareil"
    exif[0x0112] = 6  # turned: the page must not depend on it
    made = picture_of(image_bytes("JPEG", (80, 60), exif=exif))
    assert (made.format, made.size, dict(made.getexif())) == ("WEBP", (60, 80), {})


def test_a_large_picture_is_made_smaller_and_a_clear_one_stays_clear():
    assert picture_of(image_bytes("JPEG", (3000, 1500)), max_side=1000).size == (1000, 500)
    assert picture_of(image_bytes("PNG", mode="RGBA"), "a.png").mode == "RGBA"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (image_bytes("PNG", (7_000, 7_000), "1"), "picture_too_large"),
        (image_bytes("PNG", (20_000, 20_000), "1"), "picture_too_large"),
        (image_bytes()[:40], "picture_damaged"),
        (b"%PDF-1.7", "file_content"),
    ],
)
def test_a_picture_that_is_none_or_a_bomb_is_refused(content, code):
    with pytest.raises(ValidationError) as refusal:
        cleaned(PictureField(), "a.png", content)
    assert refusal.value.error_list[0].code == code


# --- kept and served -------------------------------------------------------------------------------------------------


def test_a_stored_name_tells_nothing():
    name = private_name(ReceivedDocument(), "Zoé Dupont, RIB.pdf")
    assert name.startswith("members.receiveddocument/")
    assert len(name.split("/")[1]) == 32


def test_no_public_address_leads_to_what_is_stored():
    assert settings.MEDIA_URL in ("", "/")
    assert storages["private"].base_url in (None, "", "/")


def test_a_file_is_served_to_be_saved_and_kept_by_nobody():
    response = serve(ContentFile(b"<script>"), filename='../é"\r\n.txt', content_type="text/html")
    assert b"".join(response.streaming_content) == b"<script>"
    assert {each: response[each] for each in ("Content-Type", "X-Content-Type-Options", "Cache-Control")} == {
        "Content-Type": "application/octet-stream",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''%C3%A9.txt"


def test_a_file_that_the_storage_lost_is_not_found():
    with pytest.raises(Http404):
        serve(ReceivedDocument(file="perdu").file, filename="a.pdf", content_type="application/pdf")


# --- swept -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_no_row_points_to_is_swept_once_it_is_old():
    storage = uploads.private_storage()
    lost = storage.save("members.receiveddocument/perdu", ContentFile(b"x"))
    stranger = storage.save("ailleurs/fichier", ContentFile(b"x"))
    kept = StatementImport.objects.create(uploaded_by=UserFactory(), filename="a.csv", sha256="0")
    kept.file.save("a.csv", ContentFile(b"x"))
    assert {lost, stranger} & set(orphans(stored_before=timezone.now() - timedelta(hours=1))) == set()
    assert sweep(stored_before=timezone.now() + timedelta(hours=1)) >= 1  # other tests leave some too
    assert [storage.exists(each) for each in (lost, stranger, kept.file.name)] == [False, True, True]


@pytest.mark.django_db
def test_the_nightly_sweep_spares_what_was_just_brought():
    fresh = uploads.private_storage().save("members.receiveddocument/neuf", ContentFile(b"x"))
    sweep_files()
    assert uploads.private_storage().exists(fresh)


def test_every_file_field_is_known_to_the_sweep():
    fields = {f"{each.model.__name__}.{each.name}" for each in uploads.file_fields()}
    assert {"ReceivedDocument.file", "StatementImport.file", "ProjectDocument.file", "PublicCard.picture"} <= fields


def test_a_form_shows_the_field_as_any_other():
    class DocumentForm(forms.Form):
        file = DocumentField(label="Document")

    form = DocumentForm({}, {"file": SimpleUploadedFile("a.pdf", PDF)})
    assert form.is_valid()
    assert form.cleaned_data["file"].name == "a.pdf"
