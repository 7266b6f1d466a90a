"""Spreadsheets made for tests: CSV, XLSX, ODS, XLS, whole or wrong, as ``SimpleUploadedFile``."""

from datetime import date
from io import BytesIO
from struct import pack
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.core.files.uploadedfile import SimpleUploadedFile
from xlsxwriter import Workbook

ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
ODS_SPACES = " ".join(
    f'xmlns:{each}="urn:oasis:names:tc:opendocument:xmlns:{each}:1.0"' for each in ("office", "table", "text")
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FREE, CHAIN_END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


class Formula(str):
    """A formula to write in a cell."""

    __slots__ = ()


class Failure(str):
    """An error of the spreadsheet, « #REF! », to write in a cell."""

    __slots__ = ()


def csv_file(text: str, *, encoding: str = "utf-8", name: str = "table.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(encoding))


def xlsx_bytes(rows, *, merges=()) -> bytes:
    content = BytesIO()
    with Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Feuille")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for row, cells in enumerate(rows):
            for column, value in enumerate(cells):
                if isinstance(value, Formula):
                    sheet.write_formula(row, column, value, None, 2)
                elif isinstance(value, Failure):
                    sheet.write_formula(row, column, "=A1", None, str(value))
                elif isinstance(value, date):
                    sheet.write_datetime(row, column, value, day)
                elif value is not None:
                    sheet.write(row, column, value)
        for area, label in merges:
            sheet.merge_range(area, label)
    return content.getvalue()


def xlsx_file(rows, *, merges=(), name: str = "table.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, xlsx_bytes(rows, merges=merges))


def zip_bytes(members: dict[str, bytes | str], *, compression: int = ZIP_DEFLATED) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w", compression) as archive:
        for name, data in members.items():
            member = ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))  # the same bytes whoever makes it, and when
            archive.writestr(member, data, ZIP_STORED if name == "mimetype" else compression)
    return content.getvalue()


def ods_cell(value) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, Formula):
        return f'<table:table-cell table:formula="of:{escape(value)}" office:value-type="float" office:value="2"/>'
    if isinstance(value, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value}"/>'
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'


def ods_bytes(rows, *, manifest: str = "", far: int = 0) -> bytes:
    """``far`` equal rows with a value at the end; a manifest may tell that the file is encrypted."""
    lines = "".join(f"<table:table-row>{''.join(map(ods_cell, cells))}</table:table-row>" for cells in rows)
    end = f'<table:table-row table:number-rows-repeated="{far}">{ods_cell("x")}</table:table-row>' if far else ""
    blank = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated='
    table = f'<table:table table:name="Feuille">{lines}{end}{blank}"1024"/></table:table-row></table:table>'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    content = f"<office:document-content {ODS_SPACES}>{body}</office:document-content>"
    return zip_bytes({"mimetype": ODS_TYPE, "content.xml": content, "META-INF/manifest.xml": f"<m>{manifest}</m>"})


def ods_file(rows, *, name: str = "table.ods", **kwargs) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, ods_bytes(rows, **kwargs))


# --- XLS: BIFF8 records in a compound file ---------------------------------------------------------------------------


def record(kind: int, data: bytes = b"") -> bytes:
    return pack("<HH", kind, len(data)) + data


def xls_cell(row: int, column: int, value) -> bytes:
    place = pack("<HHH", row, column, 0)
    if value is None:
        return b""
    if isinstance(value, Formula):
        return record(0x06, place + pack("<dHIH", 2.0, 0, 0, 3) + b"\x1e\x02\x00")
    if isinstance(value, Failure):
        return record(0x205, place + b"\x17\x01")
    if isinstance(value, int | float):
        return record(0x203, place + pack("<d", value))
    return record(0x204, place + pack("<HB", len(value), 1) + value.encode("utf-16-le"))


def xls_workbook(rows, *, password: bool = False, far: tuple[int, int] | None = None) -> bytes:
    start = record(0x809, pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + (record(0x2F, b"\0" * 6) if password else b"")
    name = "Feuille".encode("utf-16-le")
    length = len(start) + 4 + 8 + len(name) + 4
    sheet = record(0x85, pack("<IHBB", length, 0, 7, 1) + name)
    cells = b"".join(xls_cell(row, column, each) for row, line in enumerate(rows) for column, each in enumerate(line))
    cells += xls_cell(*far, 1) if far else b""
    return start + sheet + record(0x0A) + record(0x809, pack("<HHHHII", 0x600, 16, 0, 0, 0, 0)) + cells + record(0x0A)


def ole_bytes(name: str, stream: bytes) -> bytes:
    """Return a compound file that holds one stream: header, its table, its directory, its sectors."""
    stream = stream.ljust(4096, b"\0")
    count = -(-len(stream) // 512)
    header = OLE + b"\0" * 16 + pack("<HHHHH6xII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1)
    header += pack("<IIIIIII", 1, 0, 4096, CHAIN_END, 0, CHAIN_END, 0) + pack("<109I", 0, *[FREE] * 108)
    numbers = [TABLE, CHAIN_END, *range(3, count + 2), CHAIN_END]
    table = pack("<128I", *numbers, *[FREE] * (128 - len(numbers)))
    entries = [("Root Entry", 5, 1, CHAIN_END, 0), (name, 2, FREE, 2, len(stream))]
    directory = b"".join(
        each.encode("utf-16-le").ljust(64, b"\0")
        + pack("<HBBIII36xIII", 2 * len(each) + 2, kind, 1, FREE, FREE, child, first, size, 0)
        for each, kind, child, first, size in entries
    )
    return header + table + directory.ljust(512, b"\0") + stream.ljust(count * 512, b"\0")


def xls_file(rows, *, name: str = "table.xls", **kwargs) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, ole_bytes("Workbook", xls_workbook(rows, **kwargs)))
