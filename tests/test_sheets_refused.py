"""Files that are refused whole: twisted, locked, too big, without their columns."""

import tracemalloc
from contextlib import suppress
from io import BytesIO
from random import Random
from zipfile import ZipFile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from coopconnexion.sheets import Column, Limits, read_table, values
from coopconnexion.sheets.scan import column_letters, column_number
from tests.sheet_files import (
    Formula,
    csv_file,
    ods_bytes,
    ods_file,
    ole_bytes,
    xls_file,
    xlsx_bytes,
    xlsx_file,
    zip_bytes,
)

MEMBER = Column("member", "Membre", values.text(), ("réf.", "référence"), required=True, filled=True)
MONTH = Column("month", "Mois", values.month(), ("période",), required=True, filled=True)
SOLD = Column("sold", "Chiffre d’affaires", values.decimal(), ("CA",))
COLUMNS = [MEMBER, MONTH, SOLD]
TEXT_ROWS = [["Membre", "Mois", "Chiffre d’affaires"], ["Éloïse", "12/2026", "1 234,56"]]


def read(file, columns=COLUMNS, **kwargs):
    return [(row.number, row.values) for row in read_table(file, name=file.name, columns=columns, **kwargs)]


def refused(file, **kwargs) -> str:
    with pytest.raises(ValidationError) as refusal:
        read(file, **kwargs)
    assert len(refusal.value.messages[0]) > 20
    return refusal.value.code


# --- what is refused, whole ------------------------------------------------------------------------------------------


def zip_bomb() -> bytes:
    return zip_bytes({"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": b" " * 90_000_000})


def lying_zip() -> bytes:
    """The directory says 10 bytes; a megabyte comes out."""
    content = bytearray(zip_bytes({"xl/workbook.xml": b" " * 1_000_000}))
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(content)


def with_doctype() -> bytes:
    sheet = '<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx">]><workbook>&x;</workbook>'
    return zip_bytes({"xl/workbook.xml": sheet, "xl/_rels/workbook.xml.rels": "<a/>"})


def locked_ods() -> bytes:
    return ods_bytes(TEXT_ROWS, manifest="<encryption-data/>")


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", b"%PDF-1.7", "file_kind"),
        ("a", b"Membre;Mois", "file_kind"),
        ("a.csv", b"", "file_empty"),
        ("a.csv", b"a" * 10_000_001, "file_too_large"),
        ("a.csv", b"Membre;Mois\n" + b"M1;12/2026\n" * 20_001, "too_many_rows"),
        ("a.csv", b"Membre;Mois" + b";" * 100, "too_many_columns"),
        ("a.csv", b"Membre;Mois\n" + b'"' + b"a" * 200_000, "file_content"),
        ("a.csv", b"Membre;Mois\n\x81\x8d", "file_encoding"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\0\0\0", "file_content"),
        ("a.csv", xlsx_bytes(TEXT_ROWS), "file_content"),
        ("a.csv", b"<html><table><tr><td>Membre", "file_content"),
        ("a.xls", b"<html><table><tr><td>Membre", "file_content"),
        ("a.xlsx", b"Membre;Mois", "file_content"),
        ("a.xlsx", ods_bytes(TEXT_ROWS), "file_content"),
        ("a.xlsx", zip_bytes({"word/document.xml": "<a/>"}), "file_content"),
        ("a.ods", xlsx_bytes(TEXT_ROWS), "file_content"),
        ("a.xlsx", cut(xlsx_bytes(TEXT_ROWS)), "archive_damaged"),
        ("a.ods", cut(ods_bytes(TEXT_ROWS)), "archive_damaged"),
        ("a.xlsx", zip_bytes({"xl/workbook.xml": "<a"}), "archive_damaged"),
        ("a.xlsx", with_doctype(), "archive_damaged"),
        ("a.xlsx", lying_zip(), "archive_damaged"),
        ("a.xlsx", zip_bomb(), "archive_too_large"),
        ("a.xlsx", zip_bytes({f"m{each}": b"" for each in range(2_001)}), "archive_too_large"),
        ("a.xlsx", ole_bytes("EncryptedPackage", b"x"), "file_locked"),
        ("a.xls", ole_bytes("Autre", b"x"), "archive_damaged"),
        ("a.xls", cut(ole_bytes("Workbook", b"x"))[:600], "archive_damaged"),
        ("a.ods", locked_ods(), "file_locked"),
        ("a.csv", b"Bonjour;vous\n1;2", "header_missing"),
        ("a.csv", b"Membre;CA\nM1;2", "column_missing"),
        ("a.csv", b"Membre;Mois;CA;C.A.\nM1;12/2026;2;3", "column_twice"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(name, content, code):
    assert refused(SimpleUploadedFile(name, content)) == code


def test_an_xls_file_with_a_password_is_refused():
    assert refused(xls_file(TEXT_ROWS, password=True)) == "file_locked"


@pytest.mark.parametrize(
    "file", [xls_file([["Membre"]], far=(65_000, 200)), ods_file([["Membre"]], far=900_000)], ids=["xls", "ods"]
)
def test_one_cell_at_the_far_end_is_refused_before_the_sheet_is_laid_out(file):
    assert refused(file) == "too_many_rows"


def test_one_cell_at_the_far_end_of_an_xlsx_file_is_refused():
    content = BytesIO(xlsx_bytes([["Membre", "Mois"]]))
    with ZipFile(content) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["xl/worksheets/sheet1.xml"] = members["xl/worksheets/sheet1.xml"].replace(b'r="B1"', b'r="XFD1048576"')
    assert refused(SimpleUploadedFile("a.xlsx", zip_bytes(members))) == "too_many_rows"


def test_a_sheet_of_countless_empty_cells_is_refused():
    assert refused(xlsx_file(TEXT_ROWS), limits=Limits(elements=10)) == "archive_too_large"


@pytest.mark.parametrize("make", [xls_file, xlsx_file, ods_file])
def test_no_twisted_file_does_more_than_being_refused(make):
    """A few bytes changed anywhere, in the same way at every run."""
    whole, chance = make([*TEXT_ROWS, ["M2", 46357, Formula("=1+1")]]), Random(7)
    content = whole.read()
    for _ in range(300):
        twisted = bytearray(content)
        for _ in range(chance.choice((1, 2, 5))):
            twisted[min(chance.randrange(len(twisted)), chance.randrange(len(twisted)))] = chance.randrange(256)
        with suppress(ValidationError):
            read(SimpleUploadedFile(whole.name, bytes(twisted)))


def test_the_refusal_names_the_missing_columns():
    with pytest.raises(ValidationError) as refusal:
        read(csv_file("CA\n5"))
    assert refusal.value.messages == [
        "Il manque les colonnes «\u202fMembre\u202f», «\u202fMois\u202f»\u202f: ajoutez, ou renommez l’en-tête."
    ]


def test_memory_does_not_grow_with_the_rows():
    def peak(count: int) -> int:
        file = csv_file("Membre;Mois;CA\n" + "M1;12/2026;1 234,56\n" * count)
        tracemalloc.start()
        for _ in read_table(file, name=file.name, columns=COLUMNS):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(10)
    assert peak(19_000) < peak(5_000) * 1.2


def test_columns_are_numbered_as_spreadsheets_do():
    assert [column_letters(each) for each in (1, 26, 27, 702, 703)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert [column_number(each) for each in ("A", "Z", "AA", "ZZ", "AAA")] == [1, 26, 27, 702, 703]
