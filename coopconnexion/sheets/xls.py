"""Formulas, errors and extent of the cells of an XLS file: records of BIFF in a compound file of OLE.

Layouts: [MS-CFB] and [MS-XLS], published by Microsoft.
"""

from collections.abc import Iterator
from struct import error as StructError  # noqa: N812
from struct import iter_unpack, unpack_from
from typing import BinaryIO

from django.core.exceptions import ValidationError

from coopconnexion.archives import DAMAGED, LOCKED
from coopconnexion.sheets.scan import ERROR, FORMULA, CheckExtent, Flaws

END_OF_CHAIN = 0xFFFFFFFA  # and above: no sector
FORMULA_RECORD, BOOL_OR_ERROR, SEVERAL_NUMBERS = 0x06, 0x205, 0xBD
CELLS = {FORMULA_RECORD, BOOL_OR_ERROR, SEVERAL_NUMBERS, 0x203, 0x204, 0x27E, 0xFD, 0xD6}
SHEET, PASSWORD, START = 0x85, 0x2F, 0x809


def scan_xls(file: BinaryIO, check_extent: CheckExtent) -> dict[str, Flaws]:
    """Return the flaws of each sheet by its name.

    :raises ValidationError: file_locked, archive_damaged, and what ``check_extent`` raises
    """
    file.seek(0)
    try:
        streams = Compound(file.read()).streams()
        if "EncryptedPackage" in streams:
            raise ValidationError(LOCKED, code="file_locked")
        return scan_records(streams.get("Workbook") or streams["Book"], check_extent)
    except (StructError, KeyError, IndexError) as error:
        raise ValidationError(DAMAGED, code="archive_damaged") from error


class Compound:
    """A file of files: sectors chained by a table."""

    def __init__(self, content: bytes):
        self.content = content
        self.size = 1 << min(unpack_from("<H", content, 30)[0], 16)
        self.small = 1 << min(unpack_from("<H", content, 32)[0], 16)
        self.directory, self.threshold, self.small_table = unpack_from("<I4xII", content, 48)
        self.table = [each for (each,) in iter_unpack("<I", b"".join(map(self.sector, self.table_sectors())))]

    def sector(self, number: int) -> bytes:
        return self.content[(number + 1) * self.size : (number + 2) * self.size].ljust(self.size, b"\xff")

    def table_sectors(self) -> list[int]:
        numbers = list(unpack_from("<109I", self.content, 76))
        following, seen = unpack_from("<I", self.content, 68)[0], 0
        while following < END_OF_CHAIN and seen * self.size < len(self.content):
            block = unpack_from(f"<{self.size // 4}I", self.sector(following))
            numbers += block[:-1]
            following, seen = block[-1], seen + 1
        return [each for each in numbers if (each + 1) * self.size < len(self.content)]

    def chain(self, number: int, table: list[int]) -> Iterator[int]:
        for _ in table:
            if number >= END_OF_CHAIN:
                return
            yield number
            number = table[number]

    def read(self, start: int) -> bytes:
        return b"".join(self.sector(each) for each in self.chain(start, self.table))

    def streams(self) -> dict[str, bytes]:
        """Return the files by name."""
        entries = [self.entry(raw) for (raw,) in iter_unpack("128s", self.read(self.directory))]
        small_table = [each for (each,) in iter_unpack("<I", self.read(self.small_table))]
        small_content = self.read(entries[0][1])
        found = {}
        for name, start, size in entries[1:]:
            if size >= self.threshold:
                found[name] = self.read(start)[:size]
            elif name:
                pieces = (small_content[n * self.small : (n + 1) * self.small] for n in self.chain(start, small_table))
                found[name] = b"".join(pieces)[:size]
        return found

    @staticmethod
    def entry(raw: bytes) -> tuple[str, int, int]:
        length, start, size = unpack_from("<H50xII", raw, 64)
        return raw[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace"), start, size


def records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield where each record stands, its type and its data."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = unpack_from("<HH", stream, at)
        yield at, kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def scan_records(stream: bytes, check_extent: CheckExtent) -> dict[str, Flaws]:
    names: dict[int, str] = {}
    sheets: dict[str, Flaws] = {}
    flaws: Flaws = {}
    for at, kind, data in records(stream):
        if kind == PASSWORD:
            raise ValidationError(LOCKED, code="file_locked")
        if kind == SHEET:
            names[unpack_from("<I", data)[0]] = sheet_name(data)
        elif kind == START and at in names:
            flaws = sheets.setdefault(names[at], {})
        elif kind in CELLS:
            row, column = unpack_from("<HH", data)
            last = unpack_from("<H", data, len(data) - 2)[0] if kind == SEVERAL_NUMBERS else column
            check_extent(row + 1, last + 1)
            if kind == FORMULA_RECORD or (kind == BOOL_OR_ERROR and data[7]):
                flaws[row + 1, column + 1] = FORMULA if kind == FORMULA_RECORD else ERROR
    return sheets


def sheet_name(data: bytes) -> str:
    length, wide = data[6], data[7] & 1
    return data[8 : 8 + length * (1 + wide)].decode("utf-16-le" if wide else "latin-1")
