"""The rows of a list of units: of which commune, where, what the list says of each, and what is wrong with it."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import BinaryIO

from django.core.exceptions import ValidationError

from coopconnexion.french import NARROW
from coopconnexion.sheets import CellError, ChosenRow, ChosenTable, Limits, open_chosen
from coopconnexion.sheets.values import fold
from coopconnexion.territories.models import Commune, NafCode
from coopconnexion.uploads import LIST_MAX_BYTES
from premises.enums import DatePrecision, OccupancyState
from premises.models import UnitImport
from premises.rules.addresses import Address, joined_street, repetition_words, split_address, split_number
from premises.rules.columns import BY_KEY, IGNORED, says_vacant
from premises.rules.positions import PositionError, is_far, wgs84

LIMITS = Limits(bytes=LIST_MAX_BYTES, rows=300_000, columns=200, unpacked=600_000_000, elements=12_000_000)
STREET_LENGTH = 150
CITY_DISTRICTS = {"751": "75056", "6938": "69123", "132": "13055"}  # arrondissements of Paris, Lyon, Marseille
COPIED = (
    *("sector", "street_section", "area_class", "frontage", "step_free", "monthly_rent", "monthly_charges"),
    *("tax_category", "rental_value", "sales_area", "availability"),
)
STAGED = (
    *("row", "commune_id", "source_key", "reference", "number", "repetition", "street", "building", "floor", "door"),
    *("postal_code", "latitude", "longitude", "sector", "street_section", "parcel", "floor_area_m2", "sales_area_m2"),
    *("area_class", "frontage_m", "step_free", "sign_name", "activity_label", "naf_id", "state", "availability"),
    *("vacant_since", "vacant_since_precision", "surveyed_on", "surveyed_precision", "monthly_rent", "monthly_charges"),
    *("owner_name", "tax_category", "rental_value", "extra"),
)


def open_units(file: BinaryIO, unit_import: UnitImport) -> ChosenTable:
    """Return the table of a file of units, as it was prepared.

    :raises ValidationError: what :func:`open_chosen` refuses
    """
    chosen = {int(position): key for position, key in unit_import.mapping["columns"].items()}
    return open_chosen(
        file,
        name=unit_import.filename,
        sheet=unit_import.sheet,
        header=unit_import.header_row,
        columns={position: BY_KEY[key] for position, key in chosen.items() if key in BY_KEY},
        ignored={position for position, key in chosen.items() if key == IGNORED},
        limits=LIMITS,
    )


class Towns:
    """The communes of a territory, by their codes, names and postal codes; ``default`` is what says nothing."""

    def __init__(self, communes: list[Commune], default: str = ""):
        self.by_code = {each.pk: each for each in communes}
        self.by_name = {fold(each.name): each.pk for each in communes}
        self.by_postal: dict[str, list[str]] = {}
        for each in communes:
            for code in each.postal_codes:
                self.by_postal.setdefault(code, []).append(each.pk)
        self.default = default

    def find(self, told: dict) -> str | None:
        """Return the code of the commune of a row; None when it is none of the territory's, empty when nothing says."""
        if code := self.code_of(told):
            return code if code in self.by_code else None
        if town := told.get("town"):
            name = fold(town.split(" CEDEX")[0]).removesuffix(" cedex")
            return self.by_name.get(name) or self.by_name.get(" ".join(name.split()[:-1])) or None
        if (postal := told.get("postal_code")) and self.by_postal:
            found = self.by_postal.get(postal, [])
            return found[0] if len(found) == 1 else self.default if self.default in found else None
        return self.default

    def code_of(self, told: dict) -> str:
        code = told.get("insee") or ""
        if not code and told.get("dsf") and told.get("commune_code"):
            code = told["dsf"][:2] + told["commune_code"]
        return next((city for start, city in CITY_DISTRICTS.items() if code.startswith(start)), code)


@dataclass
class Reading:
    """What is read of a file: rows for the staging table, errors that stop it, warnings, rows left aside by town."""

    unit_import: UnitImport
    towns: Towns
    today: date
    places: dict[str, str] = field(default_factory=dict)
    errors: list[CellError] = field(default_factory=list)
    warnings: list[CellError] = field(default_factory=list)
    outside: Counter = field(default_factory=Counter)
    wrong: int = 0
    kept: int = 200

    def __post_init__(self):
        options = self.unit_import.mapping
        self.state_of_all = options.get("state_of_all", "")
        self.whole_park = bool(options.get("whole_park"))
        self.naf = set(NafCode.objects.values_list("pk", flat=True))
        asked = self.unit_import.surveyed_on
        self.asked = (asked, options.get("survey_precision") or DatePrecision.DAY) if asked else None

    def rows(self, table: ChosenTable) -> Iterator[tuple | None]:
        """Yield what to stage for each row, ``None`` for one that is wrong or of elsewhere."""
        self.places = table.places
        for row in table:
            yield self.staged(row)

    def staged(self, row: ChosenRow) -> tuple | None:
        flaws = list(row.errors)
        told = row.values
        commune = self.towns.find(told)
        if commune is None:
            self.outside[str(told.get("town") or self.towns.code_of(told) or told.get("postal_code"))[:60]] += 1
            return None
        if not commune:
            flaws.append(self.flaw(row, "town", "rien ne dit de quelle commune est cette ligne."))
        unit = {"row": row.number, "commune_id": commune}
        for step in (self.say_address, self.say_state, self.say_days, self.say_place, self.say_rest):
            step(row, unit, flaws)
        if flaws:
            self.wrong += 1
            self.errors += flaws[: max(0, self.kept - len(self.errors))]
            return None
        return tuple(unit.get(name) for name in STAGED)

    def flaw(self, row: ChosenRow, key: str, message: str) -> CellError:
        return CellError(row.number, self.places.get(key, ""), message)

    def warn(self, row: ChosenRow, key: str, message: str) -> None:
        if len(self.warnings) < self.kept:
            self.warnings.append(self.flaw(row, key, message))

    # --- the parts of a unit -----------------------------------------------------------------------------------------

    def say_address(self, row: ChosenRow, unit: dict, flaws: list[CellError]) -> None:
        told = row.values
        try:
            found = address_of(told)
        except ValueError:
            flaws.append(self.flaw(row, "number", f"«{NARROW}{told['number']}{NARROW}» n’est pas un numéro de rue."))
            return
        key = "address" if "address" in self.places else "street"
        if not found.street and not any(error.column == self.places.get(key) for error in flaws):
            flaws.append(self.flaw(row, key, "la voie manque\u202f: une cellule commerciale a une adresse."))
        if len(found.street) > STREET_LENGTH:
            flaws.append(self.flaw(row, key, f"cette voie dépasse {STREET_LENGTH} caractères\u202f: raccourcissez-la."))
        unit |= {name: told.get(name) or "" for name in ("building", "floor", "door")}
        unit |= {"number": found.number, "repetition": found.repetition, "street": found.street}
        unit["postal_code"] = (told.get("postal_code") or found.postal_code or "")[:5]
        unit["reference"] = told.get("reference") or ""
        unit["source_key"] = unit["reference"] or address_key(unit)

    def say_state(self, row: ChosenRow, unit: dict, flaws: list[CellError]) -> None:
        told = row.values
        sign, activity = told.get("sign_name") or "", told.get("activity") or ""
        named_vacant = says_vacant(sign, activity)
        if told.get("state"):
            unit["state"] = told["state"]
        elif told.get("is_vacant") is not None:
            unit["state"] = OccupancyState.VACANT if told["is_vacant"] else OccupancyState.OCCUPIED
        elif named_vacant:
            unit["state"] = OccupancyState.VACANT
        else:
            unit["state"] = self.state_of_all or (OccupancyState.OCCUPIED if self.whole_park and sign else "")
        unit["sign_name"] = "" if says_vacant(sign) else sign
        unit["activity_label"] = "" if says_vacant(activity) else activity

    def say_days(self, row: ChosenRow, unit: dict, flaws: list[CellError]) -> None:
        surveyed = row.values.get("surveyed_on") or self.asked
        since = row.values.get("vacant_since")
        if surveyed is None:
            flaws.append(self.flaw(row, "surveyed_on", "la date du relevé manque."))
        elif surveyed[0] > self.today:
            flaws.append(self.flaw(row, "surveyed_on", f"{surveyed[0]:%d/%m/%Y} est à venir\u202f: vérifiez la date."))
        else:
            unit["surveyed_on"], unit["surveyed_precision"] = surveyed
        if since and since[0] > self.today:
            flaws.append(self.flaw(row, "vacant_since", f"{since[0]:%d/%m/%Y} est à venir\u202f: vérifiez la date."))
        if since and unit.get("state") != OccupancyState.OCCUPIED:
            unit["vacant_since"], unit["vacant_since_precision"] = since

    def say_place(self, row: ChosenRow, unit: dict, flaws: list[CellError]) -> None:
        told = row.values
        x, y = told.get("longitude"), told.get("latitude")
        if (x is None or y is None) and told.get("point"):
            x, y = told["point"]
        if x is None or y is None:
            return
        try:
            found = wgs84(x, y)
        except PositionError as refusal:
            flaws.append(self.flaw(row, "longitude", str(refusal)))
            return
        unit["latitude"], unit["longitude"] = found
        town = self.towns.by_code.get(unit["commune_id"])
        if town and town.latitude is not None and is_far(found, (town.latitude, town.longitude)):
            self.warn(row, "latitude", f"cette position est loin de {town}\u202f: vérifiez-la.")

    def say_rest(self, row: ChosenRow, unit: dict, flaws: list[CellError]) -> None:
        told = row.values
        for key in COPIED:
            value = told.get(key)
            unit[RENAMED.get(key, key)] = "" if value is None and key in TEXTS else value
        unit["owner_name"] = told.get("owner") or ""
        unit["floor_area_m2"] = told.get("floor_area")
        if (whole := unit["floor_area_m2"]) and (sales := unit["sales_area_m2"]) and sales > whole:
            flaws.append(self.flaw(row, "sales_area", "la surface de vente dépasse la surface totale\u202f: corrigez."))
        unit["parcel"] = parcel_of(told, unit["commune_id"])
        code = naf_code(told.get("naf"))
        unit["naf_id"] = code if code in self.naf else None
        others = row.others | ({BY_KEY["naf"].label: told["naf"]} if told.get("naf") and not unit["naf_id"] else {})
        unit["extra"] = json.dumps(others, ensure_ascii=False)


RENAMED = {"frontage": "frontage_m", "sales_area": "sales_area_m2"}
TEXTS = frozenset({"sector", "street_section", "area_class", "tax_category", "availability"})


def address_of(told: dict) -> Address:
    """Return the address that a row tells in one column or in several.

    :raises ValueError: when its number is none
    """
    line = told.get("address") or ""
    number = told.get("number") or ""
    found = split_address(line or joined_street(told.get("street_type") or "", told.get("street") or ""))
    if number:
        typed, repetition = split_number(number)
        if line and found.number not in (None, typed):  # « 19 MARS 1962 » is a street
            found = replace(found, street=split_address(f"0 {line}").street)
        found = replace(found, number=typed, repetition=repetition or found.repetition)
    if told.get("repetition"):
        found = replace(found, repetition=repetition_words(told["repetition"]))
    return found


def address_key(unit: dict) -> str:
    """Return what stands for the reference of a unit in a list that gives none."""
    parts = (unit[name] for name in ("street", "number", "repetition", "building", "floor", "door"))
    key = "@" + "|".join(fold("" if each is None else each) for each in parts)
    return key if len(key) <= 100 else f"@{hashlib.sha256(key.encode()).hexdigest()}"


def parcel_of(told: dict, commune: str) -> str:
    """« 62119000AK0484 »: commune, prefix, section and plan, as the cadastre writes it."""
    if told.get("parcel"):
        return told["parcel"].replace(" ", "")
    if not told.get("parcel_section") or not told.get("parcel_plan"):
        return ""
    prefix = told.get("parcel_prefix") or "000"
    return f"{commune}{prefix}{told['parcel_section'].zfill(2)}{told['parcel_plan']}"[:20]


def naf_code(typed: str | None) -> str:
    """« 5630z » is « 56.30Z »."""
    plain = (typed or "").replace(".", "").replace(" ", "").upper()
    return f"{plain[:2]}.{plain[2:]}" if len(plain) == 5 else ""


def towns_of(unit_import: UnitImport) -> Towns:
    communes = list(unit_import.source.territory.communes.order_by("pk"))
    return Towns(communes, unit_import.mapping.get("commune", ""))


def refuse_nowhere(reading: Reading) -> None:
    """:raises ValidationError: rows_elsewhere, when no row is of the territory"""
    names = ", ".join(name for name, _ in reading.outside.most_common(5))
    raise ValidationError(
        f"Aucune ligne n’est d’une commune de {reading.unit_import.source.territory} (le fichier dit{NARROW}: {names})."
        " Vérifiez la colonne de la commune, ou choisissez la commune de tout le fichier.",
        code="rows_elsewhere",
    )
