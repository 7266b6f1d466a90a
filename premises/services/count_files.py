"""Files of establishment counts as INSEE delivers them, read once from beginning to end in constant memory."""

import codecs
import csv
import gzip
import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
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
SIRENE_TREATED = "dateDernierTraitementEtablissement"
PORTAL = (
    "Département de localisation de l'établissement",
    "Commune de localisation de l'établissement",
    "Activité principale de l'établissement",
)
PORTAL_TREATED = "Date de traitement de la mise à jour"
CLOSED, OTHER_NOMENCLATURE, UNMAPPED = "fermés", "autre nomenclature", "activité hors liste"
NO_COMMUNE, UNKNOWN_COMMUNE = "sans commune", "commune inconnue du logiciel"
SAMPLE = 1 << 16
LONGEST_LINE = 1 << 20
TOLD_EVERY = 50_000  # rows


@dataclass
class Counted:
    """What a file says: by known commune and code, ``None`` where a cell is empty; zeros are left out.

    ``communes`` are the known ones it speaks of, ``codes`` those it knows, ``years`` those that it bears, and
    ``set_aside`` the rows not counted, by reason.
    """

    numbers: dict[tuple[str, str], int | None] = field(default_factory=dict)
    communes: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    years: set[str] = field(default_factory=set)
    rows: int = 0
    set_aside: Counter = field(default_factory=Counter)


@dataclass(frozen=True)
class Wanted:
    """What is looked for: the communes we know, and for SIRENE the NAF rév. 2 codes of our activities.

    ``most_rows`` is where to stop, and ``told`` hears from time to time how many rows were read.
    """

    communes: frozenset[str]
    codes: frozenset[str] = frozenset()
    most_rows: int | None = None
    told: Callable[[int], None] | None = None


Rows = Iterator[tuple[int, list[str]]]
"""The number of each line, from 1 for the header, and its cells: as many as the header has, or the file is refused."""


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
    """:raises ValidationError: file_text"""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise refuse(
            "Ce fichier est en «\u202ftexte Unicode\u202f» (UTF-16)\u202f: exportez-le en CSV UTF-8.", "file_text"
        )
    try:
        start[: start.rfind(b"\n") + 1 or None].decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


@contextmanager
def lines(file: BinaryIO, name: str) -> Iterator[Iterator[list[str]]]:
    """Yield the reader of a CSV file, whatever of « , » and « ; » parts its cells, UTF-8 or Windows.

    :raises ValidationError: file_empty, and those of :func:`unpacked`
    """
    with unpacked(file, name) as inside:
        stream = io.BufferedReader(inside, SAMPLE) if not hasattr(inside, "peek") else inside
        start = stream.peek(SAMPLE)[:SAMPLE]
        text = io.TextIOWrapper(stream, encoding=encoding_of(start), newline="")
        try:
            first = _first_line(text)
            if not first.strip():
                raise refuse("Ce fichier est vide.", "file_empty")
            separator = max(";,", key=first.count)
            bounded = chain([first], iter(partial(text.readline, LONGEST_LINE), ""))
            yield csv.reader(bounded, delimiter=separator)
        finally:  # the file is its giver's to close
            text.detach()
            if stream is not inside:
                stream.detach()


def _first_line(text: io.TextIOWrapper) -> str:
    """:raises ValidationError: file_text"""
    try:
        return text.readline(LONGEST_LINE)
    except UnicodeDecodeError as error:
        raise refuse("Ce fichier n’est pas du texte\u202f: exportez-le en CSV UTF-8.", "file_text") from error


def read(file: BinaryIO, *, name: str, kind: CountKind, wanted: Wanted) -> Counted:
    """Count what a file of ``kind`` says of what is ``wanted``.

    :raises ValidationError: columns_missing, line_broken, file_text, number_invalid, commune_twice, too_many_rows, and
        those of :func:`lines`
    """
    with lines(file, name) as reader:
        try:
            header = [label.strip().replace("’", "'") for label in next(reader)]
            count = {CountKind.BPE: _bpe, CountKind.SIRENE: _sirene, CountKind.PORTAL: _portal}[kind]
            return count(header, _whole_rows(reader, len(header), wanted), wanted)
        except csv.Error as error:
            raise refuse(f"Ligne {reader.line_num}\u202f: illisible ({error}).", "line_broken") from error
        except UnicodeDecodeError as error:  # what is read ahead may be a few lines further
            raise refuse(
                f"Après la ligne {reader.line_num}\u202f: lettres illisibles, l’encodage change en cours de fichier. "
                "Exportez-le en CSV UTF-8.",
                "file_text",
            ) from error


def _whole_rows(reader: Iterator[list[str]], width: int, wanted: Wanted) -> Rows:
    rows, most = 0, wanted.most_rows
    for row in reader:
        if len(row) != width:
            if not row:
                continue
            raise refuse(
                f"Ligne {reader.line_num}\u202f: {len(row)} colonnes au lieu de {width}. Fichier abîmé ou coupé.",
                "line_broken",
            )
        rows += 1
        if rows % TOLD_EVERY == 0 and wanted.told:
            wanted.told(rows)
        if most and rows > most:
            raise refuse(
                f"Plus de {most} lignes\u202f: ce fichier est trop long pour cette page. Sur le serveur, la commande "
                "import_counts le lit quelle que soit sa taille.",
                "too_many_rows",
            )
        yield reader.line_num, row


def places(header: list[str], named: tuple[str, ...]) -> list[int]:
    """Return where the columns stand.

    :raises ValidationError: columns_missing
    """
    if missing := [label for label in named if label not in header]:
        raise refuse(
            f"Colonnes absentes\u202f: {', '.join(missing)}. Vérifiez la source choisie et le fichier.",
            "columns_missing",
        )
    return [header.index(label) for label in named]


def whole(text: str, line: int) -> int | None:
    """Read a count; empty is unknown.

    :raises ValidationError: number_invalid
    """
    text = text.strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise refuse(
            f"Ligne {line}\u202f: «\u202f{text[:20]}\u202f» n’est pas un nombre d’établissements.", "number_invalid"
        )
    return int(text)


def insee(text: str) -> str:
    """Return a code of five characters: a spreadsheet may have eaten the zero of the first departments."""
    return text.strip().upper().zfill(5)


# --- Base permanente des équipements ---------------------------------------------------------------------------------


def _bpe(header: list[str], rows: Rows, wanted: Wanted) -> Counted:
    return (_bpe_long if set(LONG) <= set(header) else _bpe_wide)(header, rows, wanted)


def _bpe_wide(header: list[str], rows: Rows, wanted: Wanted) -> Counted:
    """One line a commune, one column a type: an empty cell is unknown, and so is a type without column."""
    (where,) = places(header, ("CODGEO",))
    columns = [(place, label.removeprefix(BPE_PREFIX)) for place, label in enumerate(header) if _is_type(label)]
    if not columns:
        raise refuse("Aucune colonne de type d’équipement (NB_B101…).", "columns_missing")
    found, seen = Counted(codes={code for _, code in columns}), set()
    for line, row in rows:
        found.rows += 1
        commune = insee(row[where])
        if commune in seen:
            raise refuse(f"Ligne {line}\u202f: la commune {commune} est deux fois dans le fichier.", "commune_twice")
        seen.add(commune)
        numbers = {code: whole(row[place], line) for place, code in columns}
        if commune not in wanted.communes:
            found.set_aside[UNKNOWN_COMMUNE] += 1
            continue
        found.communes.add(commune)
        found.numbers.update({(commune, code): number for code, number in numbers.items() if number != 0})
    return found


def _is_type(label: str) -> bool:
    code = label.removeprefix(BPE_PREFIX)
    return label.startswith(BPE_PREFIX) and len(code) == 4 and code[0].isalpha() and code[1:].isdigit()


def _bpe_long(header: list[str], rows: Rows, wanted: Wanted) -> Counted:
    """One line a commune and type that has any: what is not there is zero, in the communes of the file.

    A file that splits a type further, by another column, has several lines of it: they are added up.
    """
    where, kind, count = places(header, LONG)
    year = header.index("AN") if "AN" in header else None
    found = Counted()
    numbers: dict[tuple[str, str], int | None] = {}
    for line, row in rows:
        found.rows += 1
        commune, code, number = insee(row[where]), row[kind].strip().upper(), whole(row[count], line)
        found.codes.add(code)
        if year is not None:
            found.years.add(row[year].strip())
        if commune not in wanted.communes:
            found.set_aside[UNKNOWN_COMMUNE] += 1
            continue
        found.communes.add(commune)
        before = numbers.get((commune, code), 0)
        numbers[commune, code] = None if number is None or before is None else before + number
    found.numbers = {key: number for key, number in numbers.items() if number != 0}
    return found


# --- SIRENE ----------------------------------------------------------------------------------------------------------


def _sirene(header: list[str], rows: Rows, wanted: Wanted) -> Counted:
    """Active establishments whose activity is in NAF rév. 2 and in our list; 53 or 54 columns alike."""
    where, state, nomenclature, activity = places(header, SIRENE)
    treated = header.index(SIRENE_TREATED) if SIRENE_TREATED in header else None
    known, codes = wanted.communes, wanted.codes
    found, counts, read = Counted(codes=set(codes)), Counter(), 0
    set_aside, communes = found.set_aside, found.communes
    for _, row in rows:
        read += 1
        commune = row[where]
        if commune in known:
            communes.add(commune)
        if row[state] != "A":
            set_aside[CLOSED] += 1
        elif row[nomenclature] != "NAFRev2":
            set_aside[OTHER_NOMENCLATURE] += 1
        elif row[activity] not in codes:
            set_aside[UNMAPPED] += 1
        elif commune not in known:
            set_aside[UNKNOWN_COMMUNE if commune else NO_COMMUNE] += 1
        else:
            counts[commune, row[activity]] += 1
            if treated is not None:
                found.years.add(row[treated][:4])
    found.rows, found.numbers = read, dict(counts)
    return found


def _portal(header: list[str], rows: Rows, wanted: Wanted) -> Counted:
    """The former portal's file: active establishments, NAF rév. 2 without its dot, the commune in two pieces."""
    department, commune, activity = places(header, PORTAL)
    treated = header.index(PORTAL_TREATED) if PORTAL_TREATED in header else None
    found, counts = Counted(codes=set(wanted.codes)), Counter()
    for _, row in rows:
        found.rows += 1
        code = row[activity].strip()
        code = f"{code[:2]}.{code[2:]}" if len(code) == 5 else code
        pieces = row[department].strip(), row[commune].strip()
        place = pieces[0].zfill(2) + pieces[1].zfill(5 - len(pieces[0].zfill(2)))
        if place in wanted.communes:
            found.communes.add(place)
        if code not in wanted.codes:
            found.set_aside[UNMAPPED] += 1
        elif not all(pieces):
            found.set_aside[NO_COMMUNE] += 1
        elif place not in wanted.communes:
            found.set_aside[UNKNOWN_COMMUNE] += 1
        else:
            counts[place, code] += 1
            if treated is not None:
                found.years.add(row[treated][:4])
    found.numbers = dict(counts)
    return found
