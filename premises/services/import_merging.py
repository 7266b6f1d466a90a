"""What the register becomes when a staged list of units is written over it: shown first, then written, all in SQL."""
# ruff: noqa: S608  # every name put into these statements is of this module

from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings
from django.db import connection

from coopconnexion.accounts.models import User
from coopconnexion.kept_files import CHANGES_KEPT
from coopconnexion.sheets import CellError
from premises.enums import EMPTY_STATES, CampaignOrigin, Finding, OccupancyState
from premises.models import SurveyCampaign, Unit, UnitImport
from premises.services.import_rows import Reading

TEXTS = (
    *("postal_code", "sector", "street_section", "parcel", "area_class", "sign_name", "activity_label", "owner_name"),
    *("tax_category", "availability"),
)
VALUES = (
    *("floor_area_m2", "sales_area_m2", "frontage_m", "step_free", "naf_id", "monthly_rent", "monthly_charges"),
    "rental_value",
)
INSIDE = ("building", "floor", "door")
PLACED = ("latitude", "longitude")
DATED = ("state", "vacant_since", "vacant_since_precision")
COMPARED = (*TEXTS, *VALUES, *INSIDE, *PLACED, *DATED, "extra")
EMPTY = ", ".join(f"'{each}'" for each in sorted(EMPTY_STATES))
NEWER = "(u.surveyed_on IS NULL OR s.surveyed_on >= u.surveyed_on)"
"""Whether the list is not older than what the register knows: then it wins, else it only fills in."""
COOP = """EXISTS (
    SELECT FROM premises_occupancy o WHERE o.unit_id = u.id AND o.starts_on <= %(today)s
    AND (o.ends_on IS NULL OR o.ends_on > %(today)s)
)"""


def merged_text(name: str) -> str:
    nothing = "'unknown'" if name == "availability" else "''"
    theirs = f"nullif(s.{name}, '')"
    filled = f"coalesce(nullif(u.{name}, {nothing}), {theirs}, {nothing})"
    return f"CASE WHEN {NEWER} THEN coalesce({theirs}, u.{name}) ELSE {filled} END AS {name}"


def merged_value(name: str) -> str:
    return f"CASE WHEN {NEWER} THEN coalesce(s.{name}, u.{name}) ELSE coalesce(u.{name}, s.{name}) END AS {name}"


def filled_value(name: str) -> str:
    """Leave what the register knows of a place: people put addresses and points right by hand."""
    unknown = "u.latitude IS NULL" if name in PLACED else "concat(u.building, u.floor, u.door) = ''"
    return f"CASE WHEN {unknown} THEN s.{name} ELSE u.{name} END AS {name}"


def since(said: str, known: str, seen: str) -> str:
    """Return one of the three: an empty unit keeps the date since when, one that becomes empty takes the survey's."""
    return f"""CASE
        WHEN n.state = '{OccupancyState.OCCUPIED}' THEN NULL
        WHEN s.vacant_since IS NOT NULL AND ({NEWER} OR u.vacant_since IS NULL) THEN {said}
        WHEN u.vacant_since IS NOT NULL
            AND (n.state = u.state OR (n.state IN ({EMPTY}) AND u.state IN ({EMPTY}))) THEN {known}
        WHEN n.state IN ({EMPTY}) AND {NEWER} THEN {seen}
    END"""


SINCE = since("s.vacant_since", "u.vacant_since", "s.surveyed_on")
PRECISION = since("s.vacant_since_precision", "u.vacant_since_precision", "s.surveyed_precision")
MERGED = f"""
SELECT s.row, u.id,
    {", ".join(merged_text(each) for each in TEXTS)},
    {", ".join(merged_value(each) for each in VALUES)},
    {", ".join(filled_value(each) for each in (*INSIDE, *PLACED))},
    n.state, {SINCE} AS vacant_since, coalesce({PRECISION}, '') AS vacant_since_precision,
    CASE WHEN {NEWER} THEN u.extra || s.extra ELSE s.extra || u.extra END AS extra,
    greatest(u.surveyed_on, s.surveyed_on) AS surveyed_on
FROM unit_staging s JOIN premises_unit u ON u.id = s.unit_id
CROSS JOIN LATERAL (SELECT CASE
    WHEN s.state = '' OR NOT {NEWER} OR (s.state IN ({EMPTY}) AND {COOP}) THEN u.state ELSE s.state
END AS state) n
WHERE s.aside IS NULL
"""


def differ(names: Iterable[str]) -> str:
    fields = list(names)
    ours, theirs = (", ".join(f"{table}.{name}" for name in fields) for table in "um")
    return f"({theirs}) IS DISTINCT FROM ({ours})"


# --- shown -----------------------------------------------------------------------------------------------------------

COUNTS = f"""
WITH m AS ({MERGED})
SELECT (SELECT count(*) FROM unit_staging WHERE unit_id IS NULL AND aside IS NULL),
    count(*) FILTER (WHERE {differ(COMPARED)}), count(*) FILTER (WHERE NOT {differ(COMPARED)})
FROM m JOIN premises_unit u ON u.id = m.id
"""
ASIDE = "SELECT aside, count(*) FROM unit_staging WHERE aside IS NOT NULL GROUP BY aside"
CHANGES = f"""
WITH m AS ({MERGED})
SELECT m.row, u.id, {", ".join(f"u.{name}::text, m.{name}::text" for name in COMPARED)}
FROM m JOIN premises_unit u ON u.id = m.id WHERE {differ(COMPARED)} ORDER BY m.row LIMIT {CHANGES_KEPT}
"""
NEW = f"""
SELECT row, concat_ws(' ', number, nullif(repetition, ''), street), commune_id, state, sign_name FROM unit_staging
WHERE unit_id IS NULL AND aside IS NULL ORDER BY row LIMIT {CHANGES_KEPT}
"""
LOST = """
FROM premises_unit u WHERE u.closed_on IS NULL AND u.commune_id IN (SELECT commune_id FROM unit_staging)
    AND EXISTS (SELECT FROM premises_unitreference r WHERE r.unit_id = u.id AND r.source_id = %(source)s)
    AND NOT EXISTS (SELECT FROM unit_staging s WHERE s.unit_id = u.id)
"""
STAYING = f"""
SELECT s.row FROM unit_staging s JOIN premises_unit u ON u.id = s.unit_id
WHERE s.aside IS NULL AND s.state IN ({EMPTY}) AND u.state NOT IN ({EMPTY}) AND {NEWER} AND {COOP}
ORDER BY s.row LIMIT {CHANGES_KEPT}
"""
ELSEWHERE = f"""
SELECT s.row, concat_ws(' ', u.number, nullif(u.repetition, ''), u.street) FROM unit_staging s
JOIN premises_unit u ON u.id = s.unit_id
WHERE s.aside IS NULL AND (name_key(s.street), s.number) IS DISTINCT FROM (name_key(u.street), u.number)
ORDER BY s.row LIMIT {CHANGES_KEPT}
"""


def asked(unit_import: UnitImport, today: date) -> dict:
    return {"source": unit_import.source_id, "today": today}


def compared(cursor, told: dict) -> dict:
    """Return how many units are new, changed, unchanged, not in the list any more; and rows set aside, by reason."""
    cursor.execute(COUNTS, told)
    new, changed, unchanged = cursor.fetchone()
    cursor.execute(f"SELECT count(*) {LOST}", told)
    lost = cursor.fetchone()[0]
    cursor.execute(ASIDE)
    return {"new": new, "changed": changed, "unchanged": unchanged, "lost": lost, "aside": dict(cursor.fetchall())}


def shown(cursor, told: dict) -> list[dict]:
    """Return the first units of each kind, as a page shows them: new, changed with before and after, lost."""
    cursor.execute(NEW)
    names = ("row", "address", "commune", "state", "sign")
    found = [{"kind": "new"} | dict(zip(names, each, strict=True)) for each in cursor.fetchall()]
    cursor.execute(CHANGES, told)
    for row, unit, *cells in cursor.fetchall():
        pairs = zip(COMPARED, cells[::2], cells[1::2], strict=True)
        fields = [[name, *hidden(name, before, after)] for name, before, after in pairs if before != after]
        found.append({"kind": "changed", "row": row, "unit": unit, "fields": fields})
    cursor.execute(f"SELECT u.id {LOST} ORDER BY u.id LIMIT {CHANGES_KEPT}", told)
    return found + [{"kind": "lost", "unit": unit} for (unit,) in cursor.fetchall()]


def warned(cursor, reading: Reading, told: dict) -> list[CellError]:
    """Say where the register knows better than the list: who trades there, the address that people put right."""
    cursor.execute(STAYING, told)
    said = "la coop occupe cette cellule\u202f: elle n’est pas notée vacante."
    found = [CellError(row, "", said) for (row,) in cursor.fetchall()]
    cursor.execute(ELSEWHERE, told)
    return found + [
        CellError(row, "", f"le registre garde l’adresse «\u202f{known}\u202f».") for row, known in cursor.fetchall()
    ]


def hidden(name: str, before: str | None, after: str | None) -> tuple[str, str]:
    """Say that an owner changes, not who owns; that columns beside change, not all they hold."""
    if name in ("owner_name", "extra"):
        return "", ""
    return before or "", after or ""


# --- written ---------------------------------------------------------------------------------------------------------

HOLD = """
SELECT id FROM premises_unit WHERE id IN (SELECT unit_id FROM unit_staging WHERE aside IS NULL) ORDER BY id FOR UPDATE
"""
NUMBER = """
UPDATE unit_staging s SET state_before = u.state FROM premises_unit u WHERE u.id = s.unit_id;
UPDATE unit_staging SET is_new = true, state_before = 'unknown',
    unit_id = nextval(pg_get_serial_sequence('premises_unit', 'id'))
WHERE unit_id IS NULL AND aside IS NULL
"""
WRITTEN = (*COMPARED, "surveyed_on")
UPDATE = f"""
WITH m AS ({MERGED} AND s.is_new IS NULL)
UPDATE premises_unit u SET {", ".join(f"{name} = m.{name}" for name in WRITTEN)}
FROM m WHERE u.id = m.id AND {differ(WRITTEN)}
"""
SAID = {
    "id": "unit_id",
    "territory_id": "%(territory)s",
    "commune_id": "commune_id",
    "reference": """CASE WHEN reference <> '' AND EXISTS (
        SELECT FROM premises_unit u WHERE u.commune_id = s.commune_id AND u.reference = s.reference
    ) THEN left(reference || ' (' || %(name)s || ')', 60) ELSE reference END""",
    "state": "coalesce(nullif(state, ''), 'unknown')",
    "availability": "coalesce(nullif(availability, ''), 'unknown')",
    "vacant_since": f"coalesce(vacant_since, CASE WHEN state IN ({EMPTY}) THEN surveyed_on END)",
    "vacant_since_precision": f"""CASE WHEN vacant_since IS NOT NULL THEN vacant_since_precision
        WHEN state IN ({EMPTY}) THEN surveyed_precision ELSE '' END""",
    "created_at": "%(at)s",
}
SAID |= {
    name: name
    for name in ("number", "repetition", "street", *INSIDE, *PLACED, *TEXTS, *VALUES, "surveyed_on", "extra")
    if name not in SAID
}
REFERENCES = """
INSERT INTO premises_unitreference (unit_id, source_id, commune_id, reference)
SELECT unit_id, %(source)s, commune_id, source_key FROM unit_staging WHERE aside IS NULL
ON CONFLICT (source_id, commune_id, reference) DO NOTHING
"""
OBSERVATIONS = f"""
INSERT INTO premises_observation
    (campaign_id, unit_id, client_id, finding, state_before, state, sign_name, note, photo, seen_at, received_at)
SELECT c.id, s.unit_id, gen_random_uuid(), CASE
        WHEN s.state IN ({EMPTY}) THEN '{Finding.VACANT}'
        WHEN s.state = '{OccupancyState.TRANSITION}' THEN '{Finding.WORKS}'
        WHEN s.state IN ('{OccupancyState.OCCUPIED}', '{OccupancyState.PARTLY}') THEN '{Finding.OPEN}'
        ELSE '{Finding.UNCHANGED}'
    END, s.state_before, coalesce(nullif(s.state, ''), s.state_before), s.sign_name, '', '',
    (s.surveyed_on + time '12:00') AT TIME ZONE %(zone)s, %(at)s
FROM unit_staging s JOIN premises_surveycampaign c ON c.commune_id = s.commune_id AND c.unit_import_id = %(import)s
WHERE s.aside IS NULL
"""


def insert_statement() -> tuple[str, dict]:
    """Return the statement that writes new units, and what the fields hold that no list tells."""
    silent = {
        field.column: field.get_db_prep_save(field.get_default(), connection)
        for field in Unit._meta.concrete_fields
        if field.column not in SAID
    }
    columns = [*SAID, *silent]
    values = [*SAID.values(), *(f"%(silent_{name})s" for name in silent)]
    statement = (
        f"INSERT INTO premises_unit ({', '.join(columns)}) SELECT {', '.join(values)} FROM unit_staging s WHERE is_new"
        " ORDER BY row"
    )
    return statement, {f"silent_{name}": value for name, value in silent.items()}


def write(cursor, unit_import: UnitImport, *, by: User, at: datetime, today: date) -> None:
    """Write what the staged rows say: units changed, units new, what the source calls them, what was seen."""
    told = asked(unit_import, today) | {"at": at, "import": unit_import.pk, "zone": settings.TIME_ZONE}
    told |= {"territory": unit_import.source.territory_id, "name": unit_import.source.name}
    cursor.execute(NUMBER)
    cursor.execute(UPDATE, told)
    insert, silent = insert_statement()
    cursor.execute(insert, told | silent)
    cursor.execute(REFERENCES, told)
    if unit_import.mapping.get("whole_park"):
        make_campaigns(cursor, unit_import, by, at)
        cursor.execute(OBSERVATIONS, told)


def make_campaigns(cursor, unit_import: UnitImport, by: User, at: datetime) -> None:
    """A list of the whole park is a survey of each of its communes, ended at once."""
    cursor.execute("SELECT commune_id, max(surveyed_on) FROM unit_staging WHERE aside IS NULL GROUP BY 1 ORDER BY 1")
    SurveyCampaign.objects.bulk_create(
        SurveyCampaign(
            territory_id=unit_import.source.territory_id,
            commune_id=commune,
            title=f"{unit_import.source.name}, {seen:%d/%m/%Y}"[:150],
            origin=CampaignOrigin.IMPORT,
            is_exhaustive=True,
            starts_on=seen,
            unit_import=unit_import,
            opened_by=by,
            opened_at=at,
            closed_at=at,
        )
        for commune, seen in cursor.fetchall()
    )
