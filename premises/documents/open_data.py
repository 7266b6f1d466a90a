"""The register as open data: which units, which columns, and why the others stay.

Which units: those that stand, as far as the street shows them. One that is known by nothing but a file that is not open
(the list of vacant units that the tax office sends) waits until somebody has seen it, or until the team offers it.
Nobody sees from the street how large a unit is, or since when it is empty: where such a file names it, both stay until
the team offers it.
"""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.urls import reverse

from coopconnexion.sheets.writing import ROWS_PER_CHUNK, Lines, harmless
from premises.enums import Availability, CampaignOrigin, DatePrecision, OccupancyState
from premises.models import Observation, Unit, UnitReference

STATES = {
    OccupancyState.OCCUPIED: "occupé",
    OccupancyState.PARTLY: "partiellement occupé",
    OccupancyState.VACANT: "vacant",
    OccupancyState.NEVER: "vacant",
    OccupancyState.TRANSITION: "en travaux ou en reprise",
    OccupancyState.UNKNOWN: "inconnu",
}
AVAILABILITIES = {
    Availability.YES: "oui",
    Availability.NO: "non",
    Availability.RESERVED: "réservé",
    Availability.UNKNOWN: "inconnu",
}
PRECISIONS = {DatePrecision.DAY: "%Y-%m-%d", DatePrecision.MONTH: "%Y-%m", DatePrecision.YEAR: "%Y"}


@dataclass(frozen=True)
class Column:
    """A column of the open files: where it comes from, and what it says."""

    name: str
    kind: str
    description: str
    reads: tuple[str, ...]
    say: Callable[..., object] = lambda value: value

    @property
    def type_words(self) -> str:
        return {"integer": "entier", "number": "nombre", "date": "date"}.get(self.kind, "texte")


def yes_no(value: bool | None) -> str:
    """« inconnu » is not « non »."""
    return {True: "oui", False: "non", None: "inconnu"}[value]


def as_known(day: date | None, precision: str) -> str:
    """« 2024-05-17 », « 2024-05 » or « 2024 »: as precise as what is known."""
    return day.strftime(PRECISIONS[precision]) if day else ""


def unless_closed(value, is_closed: bool):
    """Keep back what a file that is not open may be alone to say."""
    return "" if is_closed else value


def as_known_unless_closed(day: date | None, precision: str, is_closed: bool) -> str:
    return unless_closed(as_known(day, precision), is_closed)


def public_address(pk: int, published_at, availability: str) -> str:
    is_offered = published_at is not None and availability == Availability.YES
    return f"{settings.SITE_URL}{reverse('premises:offer', args=[pk])}" if is_offered else ""


COLUMNS = (
    Column("id_local", "integer", "Identifiant du local dans ce registre, stable.", ("pk",)),
    Column("code_insee", "string", "Code INSEE de la commune, cinq caractères.", ("commune_id",)),
    Column("commune", "string", "Nom de la commune.", ("commune__name",)),
    Column(
        "coll_siret",
        "string",
        "SIRET de la collectivité, quand il est connu.",
        ("commune_id",),
        lambda code: settings.OPEN_DATA_SIRETS.get(code, ""),
    ),
    Column("numero", "integer", "Numéro dans la voie.", ("number",)),
    Column("repetition", "string", "bis, ter…", ("repetition",)),
    Column("voie", "string", "Type et nom de la voie.", ("street",)),
    Column("batiment", "string", "Bâtiment.", ("building",)),
    Column("etage", "string", "Étage.", ("floor",)),
    Column("code_postal", "string", "Code postal.", ("postal_code",)),
    Column("latitude", "number", "Latitude WGS84, en degrés.", ("latitude",)),
    Column("longitude", "number", "Longitude WGS84, en degrés.", ("longitude",)),
    Column("secteur", "string", "Secteur ou quartier.", ("sector",)),
    Column("lineaire", "string", "Linéaire commercial.", ("street_section",)),
    Column("surface_m2", "number", "Surface, en mètres carrés.", ("floor_area_m2", "is_closed"), unless_closed),
    Column(
        "surface_vente_m2",
        "number",
        "Surface de vente, en mètres carrés.",
        ("sales_area_m2", "is_closed"),
        unless_closed,
    ),
    Column("vitrine_m", "number", "Largeur de vitrine, en mètres.", ("frontage_m",)),
    Column("plain_pied", "string", "Accès de plain-pied : oui, non, inconnu.", ("step_free",), yes_no),
    Column("vitrine", "string", "Vitrine sur rue : oui, non, inconnu.", ("shop_window",), yes_no),
    Column("extraction", "string", "Extraction pour cuisiner : oui, non, inconnu.", ("extraction",), yes_no),
    Column("point_eau", "string", "Point d’eau : oui, non, inconnu.", ("water",), yes_no),
    Column("type_erp", "string", "Type d’établissement recevant du public.", ("erp_type",)),
    Column("activite", "string", "Activité exercée ou dernière exercée, dans notre liste.", ("activity__label",)),
    Column("code_naf", "string", "Code NAF rév. 2 de cette activité.", ("naf_id",)),
    Column("etat_occupation", "string", f"{', '.join(dict.fromkeys(STATES.values()))}.", ("state",), STATES.get),
    Column(
        "disponibilite",
        "string",
        f"À louer : {', '.join(AVAILABILITIES.values())}. Vacant n’est pas à louer.",
        ("availability",),
        AVAILABILITIES.get,
    ),
    Column(
        "vacant_depuis",
        "string",
        "Jour, mois ou année, aussi précis que connu (ISO 8601).",
        ("vacant_since", "vacant_since_precision", "is_closed"),
        as_known_unless_closed,
    ),
    Column("date_releve", "date", "Dernière fois que quelqu’un a constaté l’état.", ("surveyed_on",)),
    Column(
        "page", "string", "Page du local, s’il est proposé.", ("pk", "published_at", "availability"), public_address
    ),
)

RESTRICTED = {
    "territory": "l’organisation de la coopérative",
    "reference": "peut être l’invariant fiscal du local",
    "door": "désigne un occupant plus qu’un commerce",
    "parcel": "mène au propriétaire",
    "area_class": "telle que la source la donne, sans nomenclature",
    "condition": "un jugement sur le bien d’autrui",
    "sign_name": "peut être le nom d’une personne",
    "activity_label": "texte libre, peut nommer une personne",
    "monthly_rent": "une affaire entre bailleur et preneur",
    "monthly_charges": "une affaire entre bailleur et preneur",
    "rent_is_public": "réglage interne",
    "owner_name": "une personne",
    "owner_contact": "une personne",
    "tax_category": "secret fiscal",
    "rental_value": "secret fiscal",
    "extra": "colonnes de la source, jamais relues",
    "followup": "le travail de l’équipe",
    "followup_detail": "le travail de l’équipe",
    "public_note": "sur la page du local, tant qu’il est proposé",
    "closed_on": "ces locaux n’existent plus",
    "closed_because": "ces locaux n’existent plus",
    "parent": "l’histoire du registre",
    "created_at": "l’histoire du registre",
}
"""Every other column of a unit, with the reason why it never leaves."""

KEPT_BACK = (
    "Le propriétaire et son contact, les loyers et les charges, ce qui vient des impôts (la surface et la date de "
    "vacance des locaux qu’ils nous signalent comprises), la parcelle, les enseignes, qui sont parfois le nom d’une "
    "personne, les textes libres, le suivi et les notes de l’équipe."
)
READ = tuple(dict.fromkeys(name for column in COLUMNS for name in column.reads))
SCHEMA = "https://specs.frictionlessdata.io/table-schema/"


OFFERED = Q(published_at__isnull=False, availability=Availability.YES)


def open_units() -> QuerySet[Unit]:
    """The units that anybody may know of; see the promise of this module."""
    references, closed = _references()
    seen = Exists(Observation.objects.filter(unit=OuterRef("pk"), campaign__origin=CampaignOrigin.WALK))
    is_known = ~Exists(references) | Exists(references.exclude(source__licence="")) | seen
    units = Unit.objects.standing().filter(OFFERED | is_known)
    return units.annotate(is_closed=Case(When(OFFERED, then=False), default=Exists(closed)))


def _references() -> tuple[QuerySet, QuerySet]:
    """What files name a unit: all of them, and those that are not open."""
    references = UnitReference.objects.filter(unit=OuterRef("pk"))
    return references, references.filter(source__licence="")


def records() -> Iterator[list]:
    """Each open unit as the values of ``COLUMNS``, by town and id; memory flat."""
    places = {name: place for place, name in enumerate(READ)}
    reading = [(column.say, [places[name] for name in column.reads]) for column in COLUMNS]
    rows = open_units().order_by("commune", "pk").values_list(*READ)
    for row in rows.iterator(chunk_size=ROWS_PER_CHUNK):
        yield [say(*(row[place] for place in taken)) for say, taken in reading]


def csv_lines() -> Iterator[str]:
    """Commas, UTF-8 without mark, ISO dates, decimal points; no cell ever becomes a formula."""
    lines = Lines()
    writer = csv.writer(lines)
    writer.writerow([column.name for column in COLUMNS])
    for number, record in enumerate(records(), 1):
        writer.writerow([in_csv(value) for value in record])
        if number % ROWS_PER_CHUNK == 0:
            yield lines.take()
    yield lines.take()


def in_csv(value) -> str:
    return harmless(value) if isinstance(value, str) else in_words(value)


def in_words(value) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, date) else str(value)


def geojson_lines() -> Iterator[str]:
    """One feature a line, WGS84, longitude first; a unit without position has no geometry."""
    yield '{"type":"FeatureCollection","features":[\n'
    names = [column.name for column in COLUMNS]
    before = ""
    chunk: list[str] = []
    for record in records():
        chunk.append(before + json.dumps(feature(dict(zip(names, record, strict=True))), ensure_ascii=False))
        before = ",\n"
        if len(chunk) == ROWS_PER_CHUNK:
            yield "".join(chunk)
            chunk = []
    yield "".join(chunk) + "\n]}\n"


def feature(record: dict) -> dict:
    longitude, latitude = record.pop("longitude"), record.pop("latitude")
    geometry = None if longitude is None else {"type": "Point", "coordinates": [longitude, latitude]}
    properties = {name: in_json(value) for name, value in record.items()}
    return {"type": "Feature", "id": record["id_local"], "geometry": geometry, "properties": properties}


def in_json(value):
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    return None if value == "" else value


def table_schema() -> dict:
    """The columns as Table Schema describes them."""
    fields = [{"name": each.name, "type": each.kind, "description": each.description} for each in COLUMNS]
    return {
        "$schema": SCHEMA,
        "name": "locaux-commerciaux",
        "title": "Locaux commerciaux",
        "fields": fields,
        "primaryKey": "id_local",
        "missingValues": [""],
    }
