"""Tables in and out: every shape a spreadsheet may come in, every way it may be wrong, and what leaves."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import TemporaryUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from coopconnexion.sheets import Column, read_table, values
from coopconnexion.sheets.reading import converted
from tests.sheet_files import Failure, Formula, csv_file, ods_file, xls_file, xlsx_file

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
