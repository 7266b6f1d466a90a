"""What the pages of an import say: what was counted, what is wrong by row, what changes, before and after."""

from dataclasses import dataclass
from datetime import date

from coopconnexion.french import date_words
from coopconnexion.territories.models import Commune
from premises.enums import Availability, DatePrecision, OccupancyState
from premises.models import Unit, UnitImport
from premises.rules.columns import BY_KEY, IGNORED, OWNED, looks_private

HIDDEN = {"owner_name": "Propriétaire", "extra": "Autres colonnes du fichier"}
ASIDE = {
    "same": "dites deux fois",
    "reference": "de même référence",
    "address": "de même adresse, que rien ne distingue",
    "unit": "d’une cellule déjà dite plus haut",
    "territory": "d’une cellule suivie par un autre territoire",
    "closed": "d’une cellule qui n’existe plus",
    "outside": "d’une autre commune",
}
PASSED = {"empty": "vides", "group": "de titre ou de groupe", "total": "de total"}
SAMPLES = 3
CHOICES = {
    "state": dict(OccupancyState.choices),
    "availability": dict(Availability.choices),
    "vacant_since_precision": dict(DatePrecision.choices),
    "step_free": {"true": "oui", "false": "non"},
}


@dataclass(frozen=True)
class Sample:
    """A column of a file: its label, some of its cells, where it stands."""

    position: int
    label: str
    cells: list[str]


@dataclass(frozen=True)
class Changed:
    """A unit that the list changes, with what was and what would be of each field."""

    row: int
    unit: Unit | None
    fields: list[tuple[str, str, str]]


def rows_shown(unit_import: UnitImport) -> list[tuple[int, list[str]]]:
    """Return the first rows of the sheet that was chosen, numbered; the cells about people are not shown."""
    rows = next((each["rows"] for each in sheets(unit_import) if each["name"] == unit_import.sheet), [])
    header = unit_import.header_row or 0
    labels = rows[header - 1] if 0 < header <= len(rows) else []
    aside = {position for position, label in enumerate(labels) if looks_private(label)} | restricted(unit_import)
    return [
        (number, ["•••" if number > header and at in aside and cell else cell for at, cell in enumerate(row)])
        for number, row in enumerate(rows, 1)
    ]


def sheets(unit_import: UnitImport) -> list[dict]:
    return unit_import.counts.get("sheets", [])


def restricted(unit_import: UnitImport) -> set[int]:
    columns = unit_import.mapping.get("columns", {})
    return {int(position) for position, key in columns.items() if key in OWNED or key == IGNORED}


def samples(unit_import: UnitImport, labels: list[str]) -> list[Sample]:
    """Return each column of the file with the first cells that it fills."""
    below = [row for number, row in rows_shown(unit_import) if number > (unit_import.header_row or 0)]
    found = []
    for position, label in enumerate(labels):
        cells = dict.fromkeys(row[position] for row in below if position < len(row) and row[position])
        found.append(Sample(position, label, list(cells)[:SAMPLES]))
    return found


def columns_read(unit_import: UnitImport, labels: list[str]) -> list[tuple[str, str]]:
    """Return, for each column of the file, what it is read as."""
    columns = unit_import.mapping.get("columns", {})
    return [(label, read_as(columns.get(str(position), ""))) for position, label in enumerate(labels)]


def read_as(key: str) -> str:
    if key in BY_KEY:
        return BY_KEY[key].label
    return "non gardée" if key == IGNORED else "gardée telle quelle"


# --- what was found --------------------------------------------------------------------------------------------------


def told_rows(unit_import: UnitImport) -> list[tuple[int, str]]:
    """Return how many rows were left out, with why."""
    counts = unit_import.counts
    aside = [(number, ASIDE.get(why, why)) for why, number in counts.get("aside", {}).items()]
    return [
        each for each in [*aside, *((counts.get("passed", {}).get(why, 0), PASSED[why]) for why in PASSED)] if each[0]
    ]


def new_units(unit_import: UnitImport) -> list[dict]:
    found = [each for each in unit_import.changes if each["kind"] == "new"]
    names = dict(Commune.objects.filter(pk__in={each["commune"] for each in found}).values_list("pk", "name"))
    states = CHOICES["state"]
    return [
        each | {"commune": names.get(each["commune"], each["commune"]), "state": states.get(each["state"], "inconnue")}
        for each in found
    ]


def changed_units(unit_import: UnitImport) -> list[Changed]:
    found = [each for each in unit_import.changes if each["kind"] == "changed"]
    units = Unit.objects.select_related("commune").in_bulk({each["unit"] for each in found})
    return [
        Changed(each["row"], units.get(each["unit"]), [told_field(*field) for field in each["fields"]])
        for each in found
    ]


def lost_units(unit_import: UnitImport) -> list[Unit]:
    """Return the units that the source listed before and lists no more: they stay as they are."""
    found = {each["unit"] for each in unit_import.changes if each["kind"] == "lost"}
    return list(Unit.objects.select_related("commune").filter(pk__in=found).order_by("street", "number", "pk"))


def told_field(name: str, before: str, after: str) -> tuple[str, str, str]:
    """Return the label of a field and its two values in words; owners are not told."""
    if name in HIDDEN:
        return HIDDEN[name], "", ""
    label = str(Unit._meta.get_field(name).verbose_name)
    return label[:1].upper() + label[1:], in_words(name, before), in_words(name, after)


def in_words(name: str, value: str) -> str:
    if not value:
        return ""
    if name in CHOICES:
        return str(CHOICES[name].get(value, value))
    if name == "vacant_since":
        return date_words(date.fromisoformat(value))
    return value.replace(".", ",") if Unit._meta.get_field(name).get_internal_type() == "DecimalField" else value
