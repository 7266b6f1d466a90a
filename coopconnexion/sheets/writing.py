"""Tables out: CSV that French Excel opens well, XLSX with true numbers and dates; no cell ever becomes a formula."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from tempfile import SpooledTemporaryFile

from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from xlsxwriter import Workbook

from coopconnexion.uploads import clean_name

BOM = "\ufeff"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
UNSEEN = ("Cc", "Cf", "Zs", "Zl", "Zp")
"""The categories of Unicode that leave no mark: spaces of all widths, joiners, marks of direction."""
ROWS_PER_CHUNK = 500
IN_MEMORY = 2_000_000  # bytes; a larger file waits on the disk
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_TEXT = 32_767  # of an Excel cell


def csv_response(filename: str, header: Sequence[str], rows: Iterable[Sequence]) -> StreamingHttpResponse:
    """Stream a CSV file: UTF-8 with its mark, semicolons, decimal commas, dates as 31/12/2026.

    ``rows`` is consumed as the answer leaves: no row is kept in memory.
    """
    response = StreamingHttpResponse(csv_chunks(header, rows), content_type="text/csv; charset=utf-8")
    return as_download(response, filename, ".csv")


def xlsx_response(filename: str, header: Sequence[str], rows: Iterable[Sequence], sheet_name: str) -> FileResponse:
    """Answer with an XLSX file, written row by row to the disk before it leaves."""
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # the response closes it
    write_xlsx(file, header, rows, sheet_name)
    file.seek(0)
    return as_download(FileResponse(file, content_type=XLSX_TYPE), filename, ".xlsx")


def as_download(response, filename: str, extension: str):
    name = clean_name(filename).removesuffix(extension) + extension
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


# --- CSV -------------------------------------------------------------------------------------------------------------


class Lines:
    """What ``csv.writer`` writes to: keeps the lines until they are taken."""

    def __init__(self):
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        self.lines.append(line)

    def take(self) -> str:
        taken, self.lines = "".join(self.lines), []
        return taken


def csv_chunks(header: Sequence[str], rows: Iterable[Sequence]) -> Iterator[str]:
    lines = Lines()
    writer = csv.writer(lines, delimiter=";")
    lines.write(BOM)
    writer.writerow([in_csv(each) for each in header])
    for number, row in enumerate(rows, 1):
        writer.writerow([in_csv(each) for each in row])
        if number % ROWS_PER_CHUNK == 0:
            yield lines.take()
    yield lines.take()


def in_csv(value) -> str:
    """Say a value as a French spreadsheet reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int | float | Decimal):
        return format(value, "f" if isinstance(value, Decimal) else "").replace(".", ",")
    if isinstance(value, datetime):
        return local(value).strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return harmless(str(value))


def local(value: datetime) -> datetime:
    return timezone.make_naive(value) if timezone.is_aware(value) else value


def harmless(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run, whatever unseen signs come before its first."""
    if text[:1].isalnum():
        return text
    seen = next((sign for sign in text if not (sign.isspace() or unicodedata.category(sign) in UNSEEN)), "")
    return f"'{text}" if text.startswith(DANGEROUS) or seen.startswith(DANGEROUS) else text


# --- XLSX ------------------------------------------------------------------------------------------------------------


def write_xlsx(file, header: Sequence[str], rows: Iterable[Sequence], sheet_name: str) -> None:
    """Write one sheet, memory flat: texts stay texts, numbers numbers, dates dates."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "default_date_format": "dd/mm/yyyy",
    }
    with Workbook(file, options) as book:
        sheet = book.add_worksheet("".join(each for each in sheet_name if each not in "[]:*?/\\'")[:31])
        bold, moment = book.add_format({"bold": True}), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        sheet.freeze_panes(1, 0)
        for column, label in enumerate(header):
            sheet.set_column(column, column, max(12, min(40, len(label) + 2)))
            sheet.write_string(0, column, label, bold)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                write_cell(sheet, number, column, value, moment)


def write_cell(sheet, row: int, column: int, value, moment) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_string(row, column, "oui" if value else "non")
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, value)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, local(value), moment)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value)
    else:
        sheet.write_string(row, column, str(value)[:MAX_TEXT])
