"""Rows of a list of units laid in a temporary table, matched with the register and compared with it: all in SQL.

A hundred thousand rows take as much memory as ten: the table is PostgreSQL's.
"""
# ruff: noqa: S608  # every name put into these statements is of this module

from collections.abc import Iterable
from itertools import islice

from django.db import connection

from coopconnexion.sheets import CellError
from premises.models import UnitImport
from premises.services.import_rows import STAGED, Reading

BATCH = 2_000
TYPES = {
    "row": "integer",
    "number": "integer",
    "latitude": "float8",
    "longitude": "float8",
    "floor_area_m2": "numeric",
    "sales_area_m2": "numeric",
    "frontage_m": "numeric",
    "step_free": "boolean",
    "vacant_since": "date",
    "surveyed_on": "date",
    "monthly_rent": "numeric",
    "monthly_charges": "numeric",
    "rental_value": "numeric",
    "extra": "jsonb",
}
CREATE = f"""
CREATE TEMPORARY TABLE unit_staging (
    {", ".join(f"{name} {TYPES.get(name, 'text')}" for name in STAGED)},
    unit_id bigint, is_new boolean, state_before text, aside text, aside_row integer, address_key text, place_key text
)
"""
COPY = f"COPY unit_staging ({', '.join(STAGED)}) FROM STDIN"

PLACE = """
concat_ws('|', name_key({0}.street), coalesce({0}.number, 0), name_key({0}.repetition))
"""
ADDRESS = f"""
concat_ws('|', {PLACE}, name_key({{0}}.building), name_key({{0}}.floor), name_key({{0}}.door))
"""
PREPARE = f"""
UPDATE unit_staging s SET address_key = {ADDRESS.format("s")}, place_key = {PLACE.format("s")};
CREATE INDEX ON unit_staging (commune_id, source_key);
CREATE INDEX ON unit_staging (commune_id, address_key);
CREATE INDEX ON unit_staging (unit_id);
ANALYZE unit_staging;
CREATE TEMPORARY TABLE unit_known AS
SELECT u.id, u.commune_id, u.territory_id, u.reference, u.closed_on, {ADDRESS.format("u")} AS address_key,
    {PLACE.format("u")} AS place_key, concat(u.building, u.floor, u.door) = '' AS bare,
    EXISTS (SELECT FROM premises_unitreference r WHERE r.unit_id = u.id AND r.source_id = %(source)s) AS ours,
    EXISTS (SELECT FROM premises_unitreference r WHERE r.unit_id = u.id AND r.source_id <> %(source)s) AS theirs
FROM premises_unit u WHERE u.commune_id IN (SELECT DISTINCT commune_id FROM unit_staging);
CREATE INDEX ON unit_known (commune_id, address_key);
CREATE INDEX ON unit_known (commune_id, place_key);
CREATE INDEX ON unit_known (commune_id, reference);
ANALYZE unit_known
"""
TWICE = """
WITH first AS (
    SELECT DISTINCT ON (commune_id, source_key) commune_id, source_key, row, to_jsonb(s) - 'row' AS said
    FROM unit_staging s ORDER BY commune_id, source_key, row
)
UPDATE unit_staging s SET aside_row = first.row, aside = CASE
    WHEN to_jsonb(s) - 'row' = first.said THEN 'same'
    WHEN s.reference <> '' THEN 'reference'
    ELSE 'address'
END
FROM first WHERE s.commune_id = first.commune_id AND s.source_key = first.source_key AND s.row > first.row
"""
FREE = "s.unit_id IS NULL AND s.aside IS NULL AND s.commune_id = u.commune_id"
UNTAKEN = "NOT EXISTS (SELECT FROM unit_staging t WHERE t.unit_id = u.id)"
MATCHES = (
    """
    UPDATE unit_staging s SET unit_id = r.unit_id FROM premises_unitreference r
    WHERE r.source_id = %(source)s AND r.commune_id = s.commune_id AND r.reference = s.source_key AND s.aside IS NULL
    """,
    f"""
    UPDATE unit_staging s SET unit_id = u.id FROM unit_known u
    WHERE {FREE} AND s.reference <> '' AND u.reference = s.reference AND (u.address_key = s.address_key OR NOT u.theirs)
        AND NOT u.ours AND {UNTAKEN}
    """,
    f"""
    UPDATE unit_staging s SET unit_id = u.id FROM unit_known u
    WHERE {FREE} AND s.reference = '' AND u.reference = '' AND u.address_key = s.address_key AND u.closed_on IS NULL
        AND {UNTAKEN}
    """,
    *(
        f"""
        WITH alone AS (
            SELECT min(s.row) AS row, min(u.id) AS id FROM unit_staging s JOIN unit_known u
            ON {FREE} AND u.{key} = s.{key} AND {condition}
            WHERE u.closed_on IS NULL AND NOT u.ours AND {UNTAKEN}
            GROUP BY s.commune_id, s.{key} HAVING count(DISTINCT s.row) = 1 AND count(DISTINCT u.id) = 1
        )
        UPDATE unit_staging s SET unit_id = alone.id FROM alone WHERE s.row = alone.row
        """
        for key, condition in (
            ("address_key", "true"),
            ("place_key", "(u.bare OR concat(s.building, s.floor, s.door) = '')"),
        )
    ),
)
"""From the surest to the least sure: what the source called it, its own reference, its address, its number alone."""

UNFIT = """
UPDATE unit_staging s SET aside = CASE
    WHEN u.territory_id <> %(territory)s THEN 'territory' WHEN u.closed_on IS NOT NULL THEN 'closed' ELSE 'unit'
END, aside_row = (SELECT min(t.row) FROM unit_staging t WHERE t.unit_id = s.unit_id)
FROM unit_known u
WHERE u.id = s.unit_id AND s.aside IS NULL AND (
    u.territory_id <> %(territory)s OR u.closed_on IS NOT NULL
    OR EXISTS (SELECT FROM unit_staging t WHERE t.unit_id = s.unit_id AND t.row < s.row)
)
"""


def stage(rows: Iterable[tuple | None], on_batch=None) -> int:
    """Lay the rows in a new temporary table, and tell how many were read after each batch."""
    read = 0
    with connection.cursor() as cursor:
        forget(cursor)
        cursor.execute(CREATE)
        waiting = iter(rows)
        while batch := list(islice(waiting, BATCH)):
            with cursor.copy(COPY) as copy:
                for row in filter(None, batch):
                    copy.write_row(row)
            read += len(batch)
            if on_batch:
                on_batch(read)
    return read


def forget(cursor) -> None:
    cursor.execute("DROP TABLE IF EXISTS unit_staging; DROP TABLE IF EXISTS unit_known")


def match(cursor, unit_import: UnitImport) -> None:
    """Find the unit of each row; rows that say the same as another, or that none may write, are set aside."""
    told = {"source": unit_import.source_id, "territory": unit_import.source.territory_id}
    cursor.execute("DROP TABLE IF EXISTS unit_known; UPDATE unit_staging SET unit_id = NULL, aside = NULL")
    cursor.execute(PREPARE, told)
    for statement in (TWICE, *MATCHES, UNFIT):
        cursor.execute(statement, told)


SAID_TWICE = "SELECT row, aside_row FROM unit_staging WHERE aside = 'reference' ORDER BY row"
SET_ASIDE = (
    "SELECT row, aside, aside_row FROM unit_staging WHERE aside NOT IN ('same', 'reference') ORDER BY row LIMIT %s"
)
WHY = {
    "address": "même adresse que la ligne {0}, et rien ne les distingue\u202f: cette ligne est laissée de côté. Une"
    " référence, une porte ou un étage la ferait entrer.",
    "unit": "même cellule que la ligne {0}\u202f: cette ligne est laissée de côté.",
    "territory": "cette cellule est suivie par un autre territoire\u202f: cette ligne est laissée de côté.",
    "closed": "cette cellule n’existe plus selon le registre\u202f: cette ligne est laissée de côté.",
}


def set_aside(cursor, reading: Reading) -> list[CellError]:
    """Refuse two rows of one reference that say different things; return why others were left out."""
    cursor.execute(SAID_TWICE)
    for row, first in cursor.fetchall():
        reading.wrong += 1
        if len(reading.errors) < reading.kept:
            message = f"même référence que la ligne {first}, avec autre chose\u202f: gardez une seule des deux."
            reading.errors.append(CellError(row, reading.places.get("reference", ""), message))
    cursor.execute(SET_ASIDE, [reading.kept])
    return [CellError(row, "", WHY[why].format(first)) for row, why, first in cursor.fetchall()]
