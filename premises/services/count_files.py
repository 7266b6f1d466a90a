"""Files of establishment counts as INSEE delivers them, read once from beginning to end in constant memory."""

import csv
import gzip
import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from django.core.exceptions import ValidationError

from premises.enums import CountKind

BPE_PREFIX = "NB_"
LONG = ("DEPCOM", "TYPEQU", "NB_EQUIP")
SIRENE = (
    "codeCommuneEtablissement",
    "etatAdministratifEtablissement",
    "nomenclatureActivitePrincipaleEtablissement",
    "activitePrincipaleEtablissement",
)
PORTAL = (
    "Département de localisation de l'établissement",
    "Commune de localisation de l'établissement",
    "Activité principale de l'établissement",
)
CLOSED, OTHER_NOMENCLATURE, UNMAPPED, NO_COMMUNE = "fermés", "autre nomenclature", "activité hors liste", "sans commune"
SAMPLE = 1 << 16


@dataclass
class Counted:
    """What a file says: by commune and code, ``None`` where a cell is empty; zeros are left out.

    ``communes`` are those it speaks of, ``codes`` those it knows, ``set_aside`` the rows not counted, by reason.
    """

    numbers: dict[tuple[str, str], int | None] = field(default_factory=dict)
    communes: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    vintages: set[str] = field(default_factory=set)
    rows: int = 0
    set_aside: Counter = field(default_factory=Counter)


def refuse(message: str, code: str) -> ValidationError:
    return ValidationError(message, code=code)


@contextmanager
def unpacked(file: BinaryIO, name: str) -> Iterator[BinaryIO]:
    """Open what is inside a ``.gz`` or a ``.zip`` of one CSV file; anything else as it is.

    :raises ValidationError: archive_content, file_damaged
    """
    file.seek(0)
    try:
        if name.lower().endswith(".gz"):
            with gzip.open(file) as inside:
                yield inside
        elif name.lower().endswith(".zip"):
            with zipfile.ZipFile(file) as archive:
                tables = [each for each in archive.namelist() if each.lower().endswith(".csv")]
                if len(tables) != 1:
                    raise refuse("L’archive doit contenir un seul fichier CSV.", "archive_content")
                with archive.open(tables[0]) as inside:
                    yield inside
        else:
            yield file
    except (OSError, EOFError, zipfile.BadZipFile) as error:
        raise refuse(
            "Ce fichier est abîmé ou n’est pas de ce type\u202f: téléchargez-le à nouveau.", "file_damaged"
        ) from error


def encoding_of(start: bytes) -> str:
    try:
        start[: start.rfind(b"\n") + 1 or None].decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


@contextmanager
def lines(file: BinaryIO, name: str) -> Iterator[tuple[list[str], Iterator[list[str]]]]:
    """Yield the header of a CSV file and its rows, whatever of « , » and « ; » parts them, UTF-8 or Windows.

    :raises ValidationError: file_empty, header_missing, and those of :func:`unpacked`
    """
    with unpacked(file, name) as inside:
        stream = io.BufferedReader(inside, SAMPLE) if not hasattr(inside, "peek") else inside
        start = stream.peek(SAMPLE)[:SAMPLE]
        text = io.TextIOWrapper(stream, encoding=encoding_of(start), newline="")
        try:
            first = text.readline()
            if not first.strip():
                raise refuse("Ce fichier est vide.", "file_empty")
            separator = max(";,", key=first.count)
            yield next(csv.reader([first], delimiter=separator)), csv.reader(text, delimiter=separator)
        except UnicodeDecodeError as error:
            raise refuse("Ce fichier est illisible\u202f: exportez-le en CSV UTF-8.", "file_text") from error
        finally:  # the file is its giver's to close
            text.detach()
            if stream is not inside:
                stream.detach()


def read(file: BinaryIO, *, name: str, kind: CountKind, mapped: set[str]) -> Counted:
    """Count what a file of ``kind`` says; ``mapped`` are the NAF rév. 2 codes that are looked for in SIRENE.

    :raises ValidationError: columns_missing, line_broken, number_invalid, and those of :func:`lines`
    """
    with lines(file, name) as (header, rows):
        reader = {CountKind.BPE: _bpe, CountKind.SIRENE: _sirene, CountKind.PORTAL: _portal}[kind]
        try:
            return reader(header, rows, mapped)
        except csv.Error as error:
            raise refuse(f"Ligne {rows.line_num + 1}\u202f: illisible ({error}).", "line_broken") from error


def places(header: list[str], wanted: tuple[str, ...]) -> list[int]:
    """Return where the columns stand.

    :raises ValidationError: columns_missing
    """
    known = [label.strip() for label in header]
    if missing := [label for label in wanted if label not in known]:
        raise refuse(
            f"Colonnes absentes\u202f: {', '.join(missing)}. Vérifiez la source choisie et le fichier.",
            "columns_missing",
        )
    return [known.index(label) for label in wanted]


def whole(text: str, line: int) -> int | None:
    """Read a count; empty is unknown.

    :raises ValidationError: number_invalid
    """
    text = text.strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise refuse(
            f"Ligne {line}\u202f: «\u202f{text[:20]}\u202f» n’est pas un nombre d’établissements.", "number_invalid"
        )
    return int(text)


def too_short(line: int) -> ValidationError:
    return refuse(f"Ligne {line}\u202f: il y manque des colonnes, le fichier est sans doute coupé.", "line_broken")


# --- Base permanente des équipements ---------------------------------------------------------------------------------


def _bpe(header: list[str], rows: Iterator[list[str]], mapped: set[str]) -> Counted:
    labels = [label.strip() for label in header]
    if set(LONG) <= set(labels):
        return _bpe_long(header, rows)
    return _bpe_wide(labels, rows)


def _bpe_wide(labels: list[str], rows: Iterator[list[str]]) -> Counted:
    """One line a commune, one column a type: an empty cell is unknown, and so is a type without column."""
    (where,) = places(labels, ("CODGEO",))
    columns = [(place, label.removeprefix(BPE_PREFIX)) for place, label in enumerate(labels) if _is_type(label)]
    if not columns:
        raise refuse("Aucune colonne de type d’équipement (NB_B101…).", "columns_missing")
    found = Counted(codes={code for _, code in columns})
    for row in rows:
        if not row:
            continue
        if len(row) < len(labels):
            raise too_short(rows.line_num + 1)
        found.rows += 1
        commune = row[where].strip()
        found.communes.add(commune)
        for place, code in columns:
            if number := whole(row[place], rows.line_num + 1):
                found.numbers[commune, code] = number
            elif number is None:
                found.numbers[commune, code] = None
    return found


def _is_type(label: str) -> bool:
    code = label.removeprefix(BPE_PREFIX)
    return label.startswith(BPE_PREFIX) and len(code) == 4 and code[0].isalpha() and code[1:].isdigit()


def _bpe_long(header: list[str], rows: Iterator[list[str]]) -> Counted:
    """One line a commune and type that has any: what is not there is zero, in the communes of the file."""
    where, kind, count = places(header, LONG)
    labels = [label.strip() for label in header]
    year = labels.index("AN") if "AN" in labels else None
    found = Counted()
    for row in rows:
        if not row:
            continue
        if len(row) < len(labels):
            raise too_short(rows.line_num + 1)
        found.rows += 1
        commune, code = row[where].strip(), row[kind].strip()
        found.communes.add(commune)
        found.codes.add(code)
        if year is not None:
            found.vintages.add(row[year].strip())
        number = whole(row[count], rows.line_num + 1)
        found.numbers[commune, code] = (found.numbers.get((commune, code)) or 0) + number if number else None
    return found


# --- SIRENE ----------------------------------------------------------------------------------------------------------


def _sirene(header: list[str], rows: Iterator[list[str]], mapped: set[str]) -> Counted:
    """Active establishments whose activity is in NAF rév. 2 and in our list; 53 or 54 columns alike."""
    where, state, nomenclature, activity = places(header, SIRENE)
    width, found, counts = max(where, state, nomenclature, activity), Counted(codes=set(mapped)), Counter()
    set_aside, communes = found.set_aside, found.communes
    for row in rows:
        if len(row) <= width:
            if not row:
                continue
            raise too_short(rows.line_num + 1)
        found.rows += 1
        commune = row[where]
        if commune:
            communes.add(commune)
        if row[state] != "A":
            set_aside[CLOSED] += 1
        elif row[nomenclature] != "NAFRev2":
            set_aside[OTHER_NOMENCLATURE] += 1
        elif row[activity] not in mapped:
            set_aside[UNMAPPED] += 1
        elif not commune:
            set_aside[NO_COMMUNE] += 1
        else:
            counts[commune, row[activity]] += 1
    found.numbers.update(counts)
    return found


def _portal(header: list[str], rows: Iterator[list[str]], mapped: set[str]) -> Counted:
    """The former portal's file: active establishments, NAF rév. 2 without its dot, the commune in two pieces."""
    department, commune, activity = places(header, PORTAL)
    width, found, counts = max(department, commune, activity), Counted(codes=set(mapped)), Counter()
    for row in rows:
        if len(row) <= width:
            if not row:
                continue
            raise too_short(rows.line_num + 1)
        found.rows += 1
        code = f"{row[activity][:2]}.{row[activity][2:]}" if len(row[activity]) == 5 else row[activity]
        place = row[department].strip().zfill(2) + row[commune].strip().zfill(3)
        if not row[department].strip() or not row[commune].strip():
            found.set_aside[NO_COMMUNE] += 1
            continue
        found.communes.add(place)
        if code not in mapped:
            found.set_aside[UNMAPPED] += 1
        else:
            counts[place, code] += 1
    found.numbers.update(counts)
    return found
