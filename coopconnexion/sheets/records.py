"""Lists of JSON objects as tables: GeoJSON, and what open-data sites export; one object in memory at a time."""

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from django.core.exceptions import ValidationError

from coopconnexion.french import NARROW
from coopconnexion.sheets.values import Cell

LONGITUDE, LATITUDE = "longitude", "latitude"
LARGEST_OBJECT = 2_000_000  # characters
LONGEST_START = 1_000_000  # characters before the first object
CHUNK = 1 << 16
BEGINNING = re.compile(r'^\ufeff?\s*(?:\[|\{(?s:.*?)"features"\s*:\s*\[)')
BETWEEN = re.compile(r"[\s,]*")
NOTHING = {"<nul>", "<null>", "null", "nan", "none"}


def damaged(number: int) -> ValidationError:
    return ValidationError(
        f"Ce fichier est abîmé à l’objet n°{NARROW}{number}{NARROW}: il manque une accolade, un crochet ou une virgule."
        " Téléchargez-le à nouveau.",
        code="file_content",
    )


class Objects:
    """The objects of the list that a JSON text holds, or of the « features » of a GeoJSON."""

    def __init__(self, lines):
        self.lines = lines
        self.text = ""
        self.decoder = json.JSONDecoder()

    def more(self) -> bool:
        """Read on, twice as far each time the same object is met again."""
        read = self.lines.read(max(CHUNK, len(self.text)))
        self.text += read
        return bool(read)

    def begin(self) -> None:
        """:raises ValidationError: file_content"""
        while not (found := BEGINNING.match(self.text)):
            if len(self.text) > LONGEST_START or not self.more():
                raise ValidationError(
                    f"Ce fichier n’est pas une liste d’objets JSON, ni un GeoJSON{NARROW}: vérifiez-le.",
                    code="file_content",
                )
        self.text = self.text[found.end() :]

    def __iter__(self) -> Iterator[dict]:
        self.begin()
        number, at = 1, 0
        while True:
            at = BETWEEN.match(self.text, at).end()
            if self.text[at : at + 1] == "]":
                return
            try:
                found, at = self.decoder.raw_decode(self.text, at)
            except (json.JSONDecodeError, RecursionError):
                self.text, at = self.text[at:], 0
                if len(self.text) > LARGEST_OBJECT or not self.more():
                    raise damaged(number) from None
                continue
            if not isinstance(found, dict):
                raise damaged(number)
            yield found
            number += 1


def columns_of(lines) -> list[str]:
    """Return every property that an object of the list has, the position last."""
    names: dict[str, None] = {}
    placed = False
    for each in Objects(lines):
        names |= dict.fromkeys(map(str, properties(each)))
        placed = placed or bool(point(each))
    position = [LATITUDE, LONGITUDE] if placed else []
    return [each for each in names if each not in position] + position


def rows_of(lines, names: list[str]) -> Iterator[list[Cell]]:
    """Yield the names, then the cells of each object."""
    yield list(names)
    for each in Objects(lines):
        told = properties(each)
        latitude, longitude = point(each) or (None, None)
        place = {LATITUDE: latitude, LONGITUDE: longitude} if latitude is not None else {}
        yield [place[name] if name in place else cell(told.get(name)) for name in names]


def properties(record: dict) -> dict:
    """Return what a GeoJSON feature, or a record of an open-data export, says besides where it is."""
    for key in ("properties", "fields"):
        if isinstance(record.get(key), dict):
            return record[key]
    return {name: value for name, value in record.items() if name not in ("geometry", "type")}


def point(record: dict) -> tuple[float, float] | None:
    """Return latitude and longitude, in the order of maps; GeoJSON puts the longitude first."""
    geometry = record.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        return None
    found = geometry.get("coordinates")
    if not isinstance(found, list) or len(found) < 2 or not all(isinstance(each, int | float) for each in found[:2]):
        return None
    return found[1], found[0]


def cell(value) -> Cell:
    if isinstance(value, str):
        return None if value.strip().casefold() in NOTHING else value
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value


def read_with(opened, file: BinaryIO, encoding: str, read):
    """Yield what ``read`` finds in the text of ``file``, ``opened`` for as long as it lasts."""
    with opened(file, encoding) as lines:
        yield from read(lines)


def record_rows(opened, file: BinaryIO, encoding: str) -> tuple[list[str], partial]:
    """Return the columns of the list in ``file``, and what opens its rows."""
    with opened(file, encoding) as lines:
        names = columns_of(lines)
    return names, partial(read_with, opened, file, encoding, partial(rows_of, names=names))
