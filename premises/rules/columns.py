"""The columns that a list of commercial units may have, by every name met in real files, and how their cells are read.

Names: BDCOM (Ville de Paris), Montréal, LOCOMVAC (DGFiP), Viroflay, DVF, Zéro logement vacant, SCDL and CNIG schemas.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.core.exceptions import ValidationError

from coopconnexion.french import NARROW
from coopconnexion.sheets import Column, values
from coopconnexion.sheets.values import Cell, Convert, fold, quoted, refuse
from premises.enums import Availability, DatePrecision, OccupancyState

KEPT, IGNORED = "", "-"  # what becomes of a column that is none of ours: kept with the unit, or left out
NOTHING = {"nul", "null", "n a", "none", "sans objet", "non renseigne", "nr", "nc"}
UNKNOWN_DAY = date(1900, 1, 1)  # as SIRENE says that it does not know
EARLIEST, LATEST = 1900, 2100
SHORT_YEAR = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2})")
WITH_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}.*")
YEAR = re.compile(r"(?:19|20)\d{2}")
PRIVATE = ("telephone", "tel", "phone", "mobile", "portable", "mail", "e mail", "email", "courriel")
CLASSES = {"1", "2", "3", "4"}
CENT = Decimal("0.01")

STATES = {
    OccupancyState.OCCUPIED: "occupe occupee ouvert ouverte actif active exploite exploitee activite plein",
    OccupancyState.VACANT: "vacant vacante vacants vide libre inoccupe inoccupee ferme fermee vacance inexploite",
    OccupancyState.PARTLY: "partiellement partielle partiel",
    OccupancyState.TRANSITION: "travaux transition reprise chantier",
    OccupancyState.NEVER: "jamais neuf",
    OccupancyState.UNKNOWN: "inconnu inconnue indetermine ?",
}
STATE_OF = {word: state for state, words in STATES.items() for word in words.split()}
AVAILABILITIES = {
    Availability.YES: {"oui", "o", "1", "vrai", "true", "a louer", "disponible", "libre", "a vendre ou a louer"},
    Availability.NO: {"non", "n", "0", "faux", "false", "pas a louer", "indisponible", "non disponible"},
    Availability.RESERVED: {"reserve", "reservee", "sous option", "option"},
    Availability.UNKNOWN: {"inconnu", "inconnue", "ne sait pas", ""},
}
STEP_FREE = {"oui": True, "o": True, "1": True, "vrai": True, "true": True, "acces au niveau du sol": True}
STEPPED = {"non": False, "n": False, "0": False, "faux": False, "false": False}


def told(convert: Convert) -> Convert:
    """Read « N/A », « <Nul> » and their like as nothing."""

    def read(value: Cell) -> object:
        if isinstance(value, str) and fold(value) in NOTHING:
            return None
        return convert(value)

    return read


def text(length: int) -> Convert:
    return told(values.text(max_length=length))


def code(length: int) -> Convert:
    """Read a code of digits whose leading zeros a spreadsheet may have eaten."""
    read = values.text(max_length=20)
    return told(lambda value: re.sub(r"\s", "", read(value)).upper().zfill(length))


def amount(*, above_zero: bool = False) -> Convert:
    """Read euros or square metres, rounded to the hundredth; zero square metre is unknown."""
    number = values.decimal(places=12, minimum=Decimal(0), maximum=Decimal(999_999))

    def read(value: Cell) -> Decimal | None:
        found = number(value).quantize(CENT, ROUND_HALF_UP)
        return None if above_zero and not found else found

    return told(read)


def area(value: Cell) -> Decimal | None:
    """Read « 95,5 m² »."""
    return amount(above_zero=True)(re.sub(r"\s*(?:m²|m2)\s*$", "", value) if isinstance(value, str) else value)


def degrees(value: Cell) -> float | None:
    """Read a coordinate, in degrees or in metres, with a point or a comma; zero is unknown."""
    words = str(value).replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace(",", ".")
    try:
        return float(words) or None
    except ValueError:
        raise refuse(f"{quoted(value)} n’est pas une coordonnée.", "coordinate_invalid") from None


def point(value: Cell) -> tuple[float, float] | None:
    """Read « 50.53, 2.64 »: latitude first, as people and open-data sites write it; return longitude first."""
    found = re.fullmatch(r"\s*\[?\s*(-?\d+\.\d+)\s*[,; ]\s*(-?\d+\.\d+)\s*\]?\s*", str(value))
    if not found:
        raise refuse(f"{quoted(value)} n’est pas une position{NARROW}: écrivez «{NARROW}50.53, 2.64{NARROW}».", "point")
    return float(found[2]), float(found[1])


def when(value: Cell) -> tuple[date, str] | None:
    """Read a day, a month or a year, and say which: « 27-05-23 », « 12/2024 », « mars 2023 », 2023."""
    typed = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
    if found := WITH_TIME.fullmatch(typed):
        typed = found[1]
    if YEAR.fullmatch(typed):
        day, precision = date(int(typed), 1, 1), DatePrecision.YEAR
    elif not isinstance(value, date) and (month := values.parse_month(typed)):
        day, precision = month, DatePrecision.MONTH
    else:
        day, precision = values.from_date_cell(value) or short_day(typed) or values.parse_day(typed), DatePrecision.DAY
    if day is None or not EARLIEST <= day.year < LATEST:
        raise refuse(
            f"{quoted(value)} n’est pas une date{NARROW}: écrivez-la comme 31/12/2026, 12/2026 ou 2026.", "date_invalid"
        )
    return None if day == UNKNOWN_DAY else (day, precision)


def short_day(typed: str) -> date | None:
    """« 27-05-23 » is of this century, « 27-05-87 » of the last."""
    found = SHORT_YEAR.fullmatch(typed)
    if not found:
        return None
    year = int(found[3])
    return values.made(str(2000 + year if year < 70 else 1900 + year), found[2], found[1])


def survey_day(value: Cell) -> tuple[date, str] | None:
    """Read when a unit was seen; « LOVAC 2023 » is the first of January 2023."""
    years = YEAR.findall(value) if isinstance(value, str) else []
    return when(
        years[0] if len(years) == 1 and re.search(r"[^\W\d_]{2}", str(value)) and not told_in_words(value) else value
    )


def told_in_words(value: Cell) -> bool:
    return bool(WITH_TIME.fullmatch(str(value)) or values.parse_month(str(value)) or values.parse_day(str(value)))


def state(value: Cell) -> OccupancyState | None:
    words = "?" if str(value).strip() == "?" else fold(value)
    found = {STATE_OF[word] for word in words.split() or [words] if word in STATE_OF}
    if OccupancyState.PARTLY in found:
        return OccupancyState.PARTLY
    if words.startswith(("jamais", "non occup", "pas occup")):
        return OccupancyState.NEVER if words.startswith("jamais") else OccupancyState.VACANT
    if words in OccupancyState.values:
        return OccupancyState(words)
    if len(found) != 1:
        raise refuse(
            f"{quoted(value)} n’est pas une occupation connue{NARROW}: écrivez «{NARROW}occupé{NARROW}»,"
            f" «{NARROW}partiellement occupé{NARROW}», «{NARROW}vacant{NARROW}» ou «{NARROW}inconnu{NARROW}».",
            "state_invalid",
        )
    return found.pop()


def availability(value: Cell) -> Availability:
    words = fold(value)
    for each, known in AVAILABILITIES.items():
        if words in known:
            return each
    raise refuse(
        f"{quoted(value)}{NARROW}: écrivez «{NARROW}oui{NARROW}», «{NARROW}non{NARROW}», «{NARROW}réservé{NARROW}» ou"
        f" «{NARROW}inconnu{NARROW}».",
        "availability_invalid",
    )


def step_free(value: Cell) -> bool | None:
    """Read yes or no; what a free text tells besides is not known."""
    return (STEP_FREE | STEPPED).get(fold(value))


def floor(value: Cell) -> str:
    """« 00 », « RC » and « Rez-de-chaussée » are « RDC »; « 01 » is « 1 »."""
    words = values.text(max_length=30)(value)
    if fold(words) in {"00", "0", "rc", "rdc", "rez de chaussee"}:
        return "RDC"
    return words.lstrip("0") if words.isdigit() else words


COLUMNS = [
    Column("reference", "Référence", text(60), (
        "INVARIANT DU LOCAL", "Identifiant local", "C_ORD", "uid", "ID", "Réf", "N° local", "Numéro local")),
    Column("insee", "Code INSEE", code(5), ("comm_insee", "Code commune", "DEPCOM", "CODGEO", "Code commune INSEE")),
    Column("dsf", "Direction (code DSF)", text(5), ("CODE DSF",)),
    Column("commune_code", "Code commune à 3 chiffres", code(3)),
    Column("town", "Commune", text(100), ("LIBELLE COMMUNE", "Ville", "Nom commune", "Localité")),
    Column("postal_code", "Code postal", code(5), ("CP",)),
    Column("address", "Adresse", text(300), ("Adresse BAN", "Adresse complète", "Libellé adresse", "Adresse postale")),
    Column("number", "Numéro", text(20), (
        "NUMERO DE VOIRIE", "NUM", "CIVIQUE", "adresse_numero", "ADR_NUM", "N° de voie", "Numéro de voie")),
    Column("repetition", "Bis, ter…", text(10), (
        "CODE INDICE DE REPETITION", "LET", "adresse_suffixe", "Répétition", "Indice de répétition", "Bis/ter")),
    Column("street_type", "Type de voie", text(40), ("TYP_VOIE", "TYPE_VOIE", "Nature de voie")),
    Column("street", "Nom de la voie", text(150), (
        "LIB_VOIE", "NOM_VOIE", "ADR_NOMVOIE", "Voie", "Rue", "Libellé voie")),
    Column("building", "Bâtiment", text(50), ("NUMERO DE BATIMENT", "Bât")),
    Column("floor", "Étage", told(floor), ("Niveau",)),
    Column("door", "Porte", text(30), ("NUMERO DE PORTE", "SUITE", "Local")),
    Column("latitude", "Latitude, ou Y", told(degrees), (
        "latitude", "LAT", "EQUIP_LAT", "Y", "Y Lambert 93", "Y L93", "lat_wgs84")),
    Column("longitude", "Longitude, ou X", told(degrees), (
        "longitude", "LONG", "LON", "LNG", "EQUIP_LONG", "X", "X Lambert 93", "X L93", "lon_wgs84")),
    Column("point", "Position (lat, lon)", told(point), ("geo_point_2d", "geolocalisation", "geopoint", "Coordonnées")),
    Column("state", "Occupation", told(state), (
        "bati_vacance", "État", "état d’occupation", "etat_occupation", "Statut", "Statut d’occupation")),
    Column("is_vacant", "Vacant (oui ou non)", told(values.boolean), ("Vacance", "Vacant", "Est vacant")),
    Column("availability", "Disponibilité", availability, ("VACANT_A_LOUER", "Disponible", "À louer")),
    Column("vacant_since", "Vacant depuis", told(when), (
        "date_fermeture", "activite_fin_annee", "Date de vacance", "Vide depuis", "Date de fermeture")),
    Column("sign_name", "Enseigne", text(150), (
        "NOM_ETAB", "nom_commerce", "nom_du_commerce", "Nom commercial", "denomination", "Raison sociale")),
    Column("activity", "Activité, ou la dernière", text(200), (
        "Dernière activité", "LIBACT", "USAGE3", "USAGE2", "USAGE1", "type_commerce", "type_de_commerce",
        "activite_libelle", "Activité", "Type de commerce", "libelle_ape")),
    Column("naf", "Code NAF", text(20), ("code_ape", "APE", "NAF", "activite_code", "Code APE")),
    Column("floor_area", "Surface (m²)", told(area), ("SURF", "Superficie", "bati_surface", "Surface totale")),
    Column("sales_area", "Surface de vente (m²)", told(area), ("Surface de vente",)),
    Column("area_class", "Classe de surface", text(20), ("Tranche de surface",)),
    Column("frontage", "Vitrine (m)", amount(), ("Linéaire de vitrine", "Façade")),
    Column("monthly_rent", "Loyer mensuel HT (€)", amount(), (
        "Loyer mensuel HT", "Loyer HT/HC", "Loyer HT HC", "Loyer mensuel", "Loyer")),
    Column("monthly_charges", "Charges mensuelles (€)", amount(), ("Charges", "Charges mensuelles")),
    Column("tax_category", "Catégorie révisée (DGFiP)", text(10), ("CATEGORIE REVISEE",)),
    Column("rental_value", "Valeur locative révisée (€)", amount(), ("VALEUR LOCATIVE REVISEE DU DESCRIPTIF", "VLR")),
    Column("parcel", "Parcelle", text(20), ("idparcelle", "Référence cadastrale", "Identifiant parcelle")),
    Column("parcel_prefix", "Préfixe de section", code(3), ("PREFIXE DE SECTION",)),
    Column("parcel_section", "Section cadastrale", text(2), ("SECTION CADASTRALE",)),
    Column("parcel_plan", "Numéro de plan", code(4), ("NUMERO DE PLAN",)),
    Column("owner", "Propriétaire", text(200), ("PROPRIETAIRE", "proprio_nom", "Nom du propriétaire")),
    Column("step_free", "Accès de plain-pied (PMR)", step_free, ("ACCES_MOBILITE_REDUITE", "Accès PMR", "PMR")),
    Column("sector", "Secteur", text(100), ("QUARTIER", "QUA", "Zone")),
    Column("street_section", "Linéaire", text(100), ("SDC_NOM", "SIT", "Linéaire commercial")),
    Column("surveyed_on", "Relevé le", told(survey_day), (
        "DATE_CREATION", "ANNEE", "last_update", "Source et année", "Date de relevé", "Date du relevé", "date_releve")),
]  # fmt: skip
BY_KEY = {each.key: each for each in COLUMNS}
RANKS = {
    fold(name): (key, rank)
    for key, column in BY_KEY.items()
    for rank, name in reversed(list(enumerate((column.label, key, *column.synonyms))))
}
OWNED = frozenset({"owner"})
"""Restricted: neither shown in a preview nor quoted."""


def propose(labels: Sequence[str], samples: Sequence[Sequence[str]], known: dict[str, str]) -> dict[int, str]:
    """Return the column that each position seems to hold: as ``known`` for this source, else by its name.

    ``samples`` are the rows below; each of our columns is proposed once, for the likeliest of its names.
    """
    chosen: dict[int, str] = {}
    ranked: dict[str, tuple[int, int]] = {}
    with_dsf = "code dsf" in map(fold, labels)
    for position, label in enumerate(labels):
        if fold(label) in known:
            chosen[position] = known[fold(label)]
        elif looks_private(label):
            chosen[position] = IGNORED
        elif found := RANKS.get(fold(label)):
            cells = [row[position] for row in samples if position < len(row)]
            key, rank = refined(found, label, cells, with_dsf)
            if fits(BY_KEY[key], cells) and (key not in ranked or rank < ranked[key][0]):
                ranked[key] = rank, position
    taken = set(chosen.values()) | ({"point"} if {"latitude", "longitude"} <= ranked.keys() else set())
    chosen |= {position: key for key, (_, position) in ranked.items() if key not in taken}
    return dict(sorted(chosen.items()))


def fits(column: Column, cells: list[str]) -> bool:
    """Tell whether one of these cells at least can be read as this column; an empty column fits."""
    filled = [each for each in cells if each.strip()]
    for each in filled:
        try:
            column.convert(each)
        except ValidationError:
            continue
        return True
    return not filled


def refined(found: tuple[str, int], label: str, cells: list[str], with_dsf: bool) -> tuple[str, int]:
    """Tell the code of a commune from its last three digits, and a surface from its class."""
    key, rank = found
    if key == "insee" and with_dsf and fold(label) == "code commune":
        return "commune_code", 0
    filled = {each.strip() for each in cells if each.strip()}
    if key == "floor_area" and filled and filled <= CLASSES:
        return "area_class", 0
    return key, rank


def looks_private(label: str) -> bool:
    return fold(label) in PRIVATE


def year_of_name(filename: str) -> date | None:
    """« LOCOMVAC25_170_….CSV » tells of the first of January 2025."""
    found = re.match(r"LOCOMVAC_?(?:20)?(\d{2})(?!\d)", filename, re.IGNORECASE)
    return date(2000 + int(found[1]), 1, 1) if found else None


def lists_vacant_units(filename: str, labels: Sequence[str]) -> bool:
    """Tell a LOCOMVAC of the DGFiP, by its name or its columns: all of its units are vacant."""
    folded = set(map(fold, labels))
    return filename.upper().startswith("LOCOMVAC") or {"invariant du local", "code dsf"} <= folded


def says_vacant(*words: object) -> bool:
    """Tell whether a list writes « VACANT » where the name or the trade of a shop stands."""
    return any(fold(each) in ("vacant", "local vacant", "vacante") for each in words if each)
