"""Tables that leave as CSV or XLSX: no formula, opened well in French Excel, read back as they were."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import load_workbook

from coopconnexion.sheets import Column, Limits, csv_response, read_table, values, xlsx_response
from tests.sheet_files import csv_file

MEMBER = Column("member", "Membre", values.text(), ("réf.", "référence"), required=True, filled=True)
MONTH = Column("month", "Mois", values.month(), ("période",), required=True, filled=True)
SOLD = Column("sold", "Chiffre d’affaires", values.decimal(), ("CA",))
COLUMNS = [MEMBER, MONTH, SOLD]
DECEMBER = date(2026, 12, 1)


def read(file, columns=COLUMNS, **kwargs):
    return [(row.number, row.values) for row in read_table(file, name=file.name, columns=columns, **kwargs)]


def refused(file, **kwargs) -> str:
    with pytest.raises(ValidationError) as refusal:
        read(file, **kwargs)
    assert len(refusal.value.messages[0]) > 20
    return refusal.value.code


# --- what leaves -----------------------------------------------------------------------------------------------------

EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"]
UNSEEN = ("\u200b", "\ufeff", "\u2003", "\u202e", "\u00ad", "\u2028", "\x01", " \u200b\u00a0")


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


@pytest.mark.parametrize("text", [*EVIL, *(f"{unseen}=1" for unseen in UNSEEN)])
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
