"""Tables in and out: every shape a spreadsheet may come in, every way it may be wrong, and what leaves."""

import tracemalloc
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from random import Random
from zipfile import ZipFile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import load_workbook

from coopconnexion.sheets import Column, Limits, csv_response, read_table, scan, values, xlsx_response
from coopconnexion.sheets.reading import converted
from coopconnexion.sheets.scan import column_letters, column_number
from tests.sheet_files import (
    Failure,
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
DECEMBER = date(2026, 12, 1)
TEXT_ROWS = [["Membre", "Mois", "Chiffre d’affaires"], ["Éloïse", "12/2026", "1 234,56"]]
READ = [(2, {"member": "Éloïse", "month": DECEMBER, "sold": Decimal("1234.56")})]


def read(file, columns=COLUMNS, **kwargs):
    return [(row.number, row.values) for row in read_table(file, name=file.name, columns=columns, **kwargs)]


def errors(file, columns=COLUMNS):
    table = read_table(file, name=file.name, columns=columns)
    return [(error.row, error.column, error.message) for row in table for error in row.errors]


def refused(file, **kwargs) -> str:
    with pytest.raises(ValidationError) as refusal:
        read(file, **kwargs)
    assert len(refusal.value.messages[0]) > 20
    return refusal.value.code


# --- what is read ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_csv_file_is_read_in_any_encoding_with_any_separator(encoding, separator):
    text = "\r\n".join(separator.join(f'"{cell}"' for cell in row) for row in TEXT_ROWS)
    assert read(csv_file(text, encoding=encoding)) == READ


@pytest.mark.parametrize("make", [xlsx_file, ods_file, xls_file])
def test_a_workbook_is_read_alike(make):
    assert read(make([*TEXT_ROWS[:1], ["Éloïse", 46357, 1234.56]])) == READ


@pytest.mark.parametrize("make", [xlsx_file, ods_file])
def test_a_cell_that_is_a_date_is_read_as_one(make):
    assert read(make([*TEXT_ROWS[:1], ["Éloïse", date(2026, 12, 31), 1234.56]])) == READ


def test_a_file_that_went_to_the_disk_is_read_too():
    file = TemporaryUploadedFile("table.csv", "text/csv", 0, None)
    file.write("Membre;Mois\nÉloïse;12/2026\n".encode("cp1252"))
    file.size = file.tell()
    assert read(file) == [(2, {"member": "Éloïse", "month": DECEMBER})]


def test_a_stored_file_may_be_read_as_often_as_needed():
    file = ContentFile(b"Membre;Mois\nM1;12/2026", name="table.csv")
    table = read_table(file, name=file.name, columns=COLUMNS)
    assert [row.values for row in table] == [row.values for row in table] != []


def test_the_separator_that_excel_declares_is_no_row():
    assert read(csv_file("sep=;\nMembre;Mois\nM1;12/2026")) == [(2, {"member": "M1", "month": DECEMBER})]


def test_the_header_is_found_below_titles_and_names_fold():
    rows = [
        ["Relevés de la coop"],
        [],
        ["Édités en décembre"],
        ["RÉFÉRENCE", " période ", "c.a. (€)"],
        ["M1", "12/2026", 5],
    ]
    table = read_table(xlsx_file(rows), name="a.xlsx", columns=COLUMNS)
    assert (table.header, [row.number for row in table]) == (4, [5])


def test_a_merged_header_counts_for_its_column():
    merges = [("A1:A2", "Membre"), ("B1:C1", "Décembre")]
    rows = [[None, None, None], [None, "Mois", "CA"], ["M1", "12/2026", 5]]
    assert read(xlsx_file(rows, merges=merges)) == [(3, {"member": "M1", "month": DECEMBER, "sold": Decimal("5.00")})]


def test_empty_rows_are_skipped_and_counted():
    table = read_table(csv_file("Membre;Mois\n\n;\nM1;12/2026\n  ;\n"), name="a.csv", columns=COLUMNS)
    assert ([row.number for row in table], table.empty_rows) == ([4], 3)


def test_unknown_columns_are_named_and_set_aside():
    table = read_table(csv_file("Membre;Mois;Couleur;;Ville\nM1;12/2026;bleu"), name="a.csv", columns=COLUMNS)
    assert table.unknown == ["Couleur", "Ville"]


def test_a_cell_of_several_lines_is_one_row():
    found = read(csv_file('Membre;Mois\n"Une\nadresse";12/2026\nM2;12/2026'))
    assert [(number, row["member"]) for number, row in found] == [(2, "Une adresse"), (3, "M2")]


# --- what is refused, cell by cell -----------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [xlsx_file, ods_file, xls_file])
def test_a_formula_is_refused_by_row_and_column(make):
    found = errors(make([*TEXT_ROWS, ["M2", 46357, Formula("=1+1")]]))
    assert [(row, column) for row, column, _ in found] == [(3, "colonne C (Chiffre d’affaires)")]
    assert "formule" in found[0][2]


def test_a_formula_in_a_csv_file_is_refused():
    found = errors(csv_file('Membre;Mois\n"=HYPERLINK(""http://x"")";12/2026'))
    assert [(row, column) for row, column, _ in found] == [(2, "colonne A (Membre)")]


@pytest.mark.parametrize("make", [xlsx_file, xls_file])
def test_an_error_of_the_spreadsheet_is_refused_by_row_and_column(make):
    found = errors(make([*TEXT_ROWS, ["M2", 46357, Failure("#REF!")]]))
    assert [(row, column) for row, column, _ in found] == [(3, "colonne C (Chiffre d’affaires)")]


def test_an_error_pasted_as_text_is_refused():
    assert "erreur du tableur" in errors(csv_file("Membre;Mois\n#N/A;12/2026"))[0][2]


def test_an_empty_cell_is_refused_where_it_matters_and_none_elsewhere():
    file = csv_file("Membre;Mois;CA\n;12/2026;\n")
    assert [each[:2] for each in errors(file)] == [(2, "colonne A (Membre)")]
    assert read(file) == [(2, {"month": DECEMBER, "sold": None})]


@pytest.mark.parametrize("cell", [date(1900, 1, 31), 31, date(2199, 1, 1)])
def test_a_date_in_1900_is_refused_with_its_cell(cell):
    found = errors(xlsx_file([*TEXT_ROWS, ["M2", cell, 5]]))
    assert [(row, column) for row, column, _ in found] == [(3, "colonne B (Mois)")]
    assert "plausible" in found[0][2]


def value_of(convert, cell):
    try:
        return converted(cell, Column("x", "X", convert), None)
    except ValidationError as refusal:
        return refusal.code


@pytest.mark.parametrize(
    "cell",
    [
        "31/12/2026",
        "31-12-2026",
        "2026-12-31",
        "31 décembre 2026",
        "31 déc. 2026",
        "jeudi 31 Décembre 2026",
        46387,
        "46387",
    ],
)
def test_a_day_is_read_in_every_way_people_write_it(cell):
    assert value_of(values.day(), cell) == date(2026, 12, 31)


@pytest.mark.parametrize(
    "cell", ["12/2026", "2026-12", "décembre 2026", "déc. 2026", "31/12/2026", datetime(2026, 12, 9, tzinfo=UTC)]
)
def test_a_month_is_read_in_every_way_people_write_it(cell):
    assert value_of(values.month(), cell) == DECEMBER


@pytest.mark.parametrize("cell", ["31/12/26", "12/31/2026", "31/02/2026", "demain", "00/00/0000", True, 1.5e300, -4])
def test_what_is_no_date_is_refused(cell):
    assert value_of(values.day(), cell) == "date_invalid"


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1 234,56 €", "1234.56"),
        ("1\u202f234,56\u00a0€", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1234.56", "1234.56"),
        ("-12,5", "-12.50"),
        ("−12,5", "-12.50"),
        ("(12,5)", "-12.50"),
        ("12,5-", "-12.50"),
        ("1.234.567", "1234567.00"),
        (",5", "0.50"),
        (12, "12.00"),
        (0.1 + 0.2, "0.30"),
        (-0.004, "too_many_decimals"),
        ("1.234", "number_ambiguous"),
        ("1,234", "number_ambiguous"),
        ("0,125", "too_many_decimals"),
        ("1,2,3", "number_invalid"),
        ("12 ou 13", "number_invalid"),
        ("1e5", "number_invalid"),
        ("--5", "number_invalid"),
        (float("inf"), "number_invalid"),
        (True, "number_invalid"),
        (date(2026, 1, 1), "number_invalid"),
        ("9" * 12, "number_too_large"),
        (1e300, "number_too_large"),
        ("9" * 40, "number_invalid"),
    ],
)
def test_a_number_is_read_as_french_people_write_it(cell, number):
    assert str(value_of(values.decimal(), cell)) == number


@given(st.decimals(-(10**8), 10**8, places=2))
def test_any_amount_is_read_back_from_its_french_words(amount):
    words = f"{amount:,.2f}".replace(",", "\u202f").replace(".", ",")
    assert value_of(values.decimal(), f"{words} €") == amount


@given(st.text(max_size=30))
def test_no_text_breaks_a_conversion(text):
    for convert in (values.decimal(), values.integer(), values.day(), values.month(), values.boolean, values.email):
        value_of(convert, text)


def test_other_kinds_of_cells():
    assert [value_of(values.integer(minimum=1), cell) for cell in (3.0, "12", "2,5", 0)] == [
        3,
        12,
        "too_many_decimals",
        "number_too_small",
    ]
    assert [value_of(values.boolean, cell) for cell in ("Oui", "x", "NON", 1, "peut-être")] == [
        True,
        True,
        False,
        True,
        "boolean_invalid",
    ]
    assert [value_of(values.email, cell) for cell in (" A@Example.org ", "a@", "a b@c.fr")] == [
        "a@example.org",
        "email_invalid",
        "email_invalid",
    ]
    assert [value_of(values.text(max_length=5), cell) for cell in (45.0, " a\x00  b ", "trop long")] == [
        "45",
        "a b",
        "text_too_long",
    ]


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


def test_a_sheet_of_countless_empty_cells_is_refused(monkeypatch):
    monkeypatch.setattr(scan, "MAX_ELEMENTS", 10)
    assert refused(xlsx_file(TEXT_ROWS)) == "archive_too_large"


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


# --- what leaves -----------------------------------------------------------------------------------------------------

EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"]


def body(response) -> bytes:
    content = b"".join(response.streaming_content)
    if file := getattr(response, "file_to_stream", None):
        file.close()
    return content


def test_a_csv_file_opens_well_in_french_excel():
    moment = datetime(2026, 12, 31, 11, 5, tzinfo=UTC)
    response = csv_response(
        "é", ["Nom", "CA"], [["Zoé; « a »", Decimal("-1234.50")], [date(2026, 12, 31), moment], [None, True]]
    )
    assert body(response).decode() == (
        '\ufeffNom;CA\r\n"Zoé; « a »";-1234,50\r\n31/12/2026;31/12/2026 12:05\r\n;oui\r\n'
    )


@pytest.mark.parametrize("text", EVIL)
def test_no_text_becomes_a_formula_in_csv(text):
    line = body(csv_response("a", ["x"], [[text]])).decode().split("\r\n", 1)[1]
    assert line.lstrip('"').startswith("'")


def test_no_text_becomes_a_formula_in_xlsx_and_numbers_stay_numbers():
    rows = [[text, 12.5] for text in EVIL] + [[date(2026, 12, 31), Decimal("-3")], ["http://x.fr", None]]
    content = body(xlsx_response("a", ["Nom", "CA"], rows, "Une feuille : [2026]"))
    sheet = load_workbook(BytesIO(content)).get_sheet_by_index(0)
    found = sheet.to_python()
    assert [row[1] for row in found[1:9]] == [12.5] * 8
    assert found[9:] == [[date(2026, 12, 31), -3.0], ["http://x.fr", ""]]
    assert b"<f>" not in content
    assert sheet.name == "Une feuille  2026"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_leaves_is_read_back_as_it_was(kind):
    rows = [["=cmd", DECEMBER, Decimal("-1234.56")], ["Zoé, « 1 »", DECEMBER, None], ["-", DECEMBER, Decimal("0")]]
    header = ["Membre", "Mois", "CA"]
    response = csv_response("t", header, rows) if kind == "csv" else xlsx_response("t", header, rows, "Relevés")
    file = SimpleUploadedFile(f"t.{kind}", body(response))
    if kind == "csv":
        assert [list(row.values()) for _, row in read(file)] == [["=cmd", *rows[0][1:]], rows[1], ["-", *rows[2][1:]]]
    else:
        table = read_table(file, name=file.name, columns=COLUMNS)
        assert [row.values.get("sold") for row in table] == [row[2] for row in rows]


def test_the_name_of_a_download_is_safe_everywhere():
    response = csv_response('é"\r\n../x/relevés.csv', ["a"], [])
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''relev%C3%A9s.csv"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_csv_file_leaves_as_its_rows_are_made():
    made = []

    def rows():
        for each in range(2_000):
            made.append(each)
            yield [each]

    chunks = csv_response("a", ["n"], rows()).streaming_content
    next(iter(chunks))
    assert len(made) == 500


def test_limits_may_be_tighter():
    assert refused(csv_file("Membre;Mois\nM1;12/2026\nM2;12/2026"), limits=Limits(rows=2)) == "too_many_rows"
