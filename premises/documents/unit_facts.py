"""What is known of a unit, in words: what nobody noted is « inconnu », which is not « non »."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from coopconnexion.french import NBSP, count_words, date_words
from premises.documents.offers import euros, metres
from premises.enums import Availability, Condition, OccupancyState
from premises.models import Unit
from premises.rules.derelict import derelict_on, months_empty

UNKNOWN = "inconnu"
Lines = list[tuple[str, str]]


@dataclass(frozen=True)
class Vacancy:
    """Since when a unit is empty, and for how long, for sure."""

    since: str
    lasted: str
    is_derelict: bool
    derelict_from: date | None


def vacancy_of(unit: Unit, today: date) -> Vacancy | None:
    """Return nothing for a unit that is not empty, or that is no more."""
    if not unit.is_empty or unit.closed_on:
        return None
    if unit.vacant_since is None:
        return Vacancy(UNKNOWN, "", is_derelict=False, derelict_from=None)
    dated = (unit.vacant_since, unit.vacant_since_precision)
    lasted = duration_words(months_empty(*dated, today))
    sure = lasted if unit.vacant_since_precision == "day" else f"au moins {lasted}"
    return Vacancy(unit.vacant_since_words, sure, unit.is_derelict(today), derelict_on(*dated))


def duration_words(months: int) -> str:
    """« 2 ans et 3 mois », « moins d’un mois »."""
    if months < 1:
        return "moins d’un mois"
    years, left = divmod(months, 12)
    parts = [count_words(years, "an", "ans") if years else "", f"{left}{NBSP}mois" if left else ""]
    return " et ".join(filter(None, parts))


def yes_no(value: bool | None) -> str:
    return UNKNOWN if value is None else "oui" if value else "non"


def known(value) -> str:
    return UNKNOWN if value in (None, "") else str(value)


def place_facts(unit: Unit) -> Lines:
    return [
        ("Adresse", ", ".join(filter(None, (unit.address, f"{unit.postal_code} {unit.commune}".strip())))),
        ("Bâtiment, étage, porte", unit.place or "rien à préciser"),
        ("Secteur", known(unit.sector)),
        ("Linéaire", known(unit.street_section)),
        ("Parcelle", known(unit.parcel)),
        ("Référence", unit.reference or "aucune"),
        ("Position", position_words(unit)),
    ]


def position_words(unit: Unit) -> str:
    if unit.latitude is None:
        return "inconnue\u202f: elle ne paraît pas sur la carte"
    return f"{unit.latitude:.5f}, {unit.longitude:.5f} (WGS84)".replace(".", ",").replace(", ", " ; ", 1)


def building_facts(unit: Unit) -> Lines:
    return [
        ("Surface", known(metres(unit.floor_area_m2, "m²")) + (f" ({unit.area_class})" if unit.area_class else "")),
        ("Surface de vente", known(metres(unit.sales_area_m2, "m²"))),
        ("Longueur de vitrine", known(metres(unit.frontage_m, "m"))),
        ("État du local", Condition(unit.condition).label),
        ("Type d’ERP", known(unit.get_erp_type_display())),
        ("Accès de plain-pied (PMR)", yes_no(unit.step_free)),
        ("Extraction", yes_no(unit.extraction)),
        ("Vitrine sur rue", yes_no(unit.shop_window)),
        ("Point d’eau", yes_no(unit.water)),
    ]


def use_facts(unit: Unit, today: date) -> Lines:
    """Who trades there or traded there, since when it is empty, whether it is to let."""
    vacancy = vacancy_of(unit, today)
    return [
        ("Occupation", OccupancyState(unit.state).label),
        *([("Vacante depuis", vacancy_words(vacancy))] if vacancy else []),
        ("Disponibilité", Availability(unit.availability).label),
        ("Enseigne" if unit.state == OccupancyState.OCCUPIED else "Dernière enseigne", known(unit.sign_name)),
        ("Activité exercée ou dernière exercée", known(unit.activity_label)),
        ("Activité de la liste", known(unit.activity)),
        ("Code NAF", known(unit.naf)),
        ("Dernier relevé", date_words(unit.surveyed_on) if unit.surveyed_on else "jamais relevée"),
    ]


def vacancy_words(vacancy: Vacancy) -> str:
    """« mars 2024, soit au moins 2 ans et 7 mois »."""
    return f"{vacancy.since}, soit {vacancy.lasted}" if vacancy.lasted else vacancy.since


def rent_facts(unit: Unit) -> Lines:
    return [
        ("Loyer mensuel, hors taxes et charges", known(money(unit.monthly_rent))),
        ("Charges mensuelles", known(money(unit.monthly_charges))),
        ("Montré au public", yes_no(unit.rent_is_public)),
    ]


def owner_facts(unit: Unit) -> Lines:
    """For those who work in the territory, and nobody else."""
    return [
        ("Propriétaire", known(unit.owner_name)),
        ("Comment le joindre", known(unit.owner_contact)),
        ("Catégorie révisée (DGFiP)", known(unit.tax_category)),
        ("Valeur locative révisée", known(money(unit.rental_value))),
        *((str(label), str(value)) for label, value in unit.extra.items()),
    ]


def money(amount) -> str:
    return "" if amount is None else euros(amount)


RESTRICTED = frozenset({"Parcelle", "Référence"})
"""What may be the tax office's own name of a unit: open data leaves it out too."""


def city_facts(unit: Unit, today: date) -> list[tuple[str, Lines]]:
    """What officials read: neither owner, note nor what the tax office calls it; the rent if the public reads it."""
    rent = rent_facts(unit)[:2] if unit.rent_is_public else []
    followed = [("Suivi par la coopérative", unit.get_followup_display())]
    return [
        ("Occupation", use_facts(unit, today) + followed),
        ("Le local", building_facts(unit) + rent),
        ("Où", [line for line in place_facts(unit) if line[0] not in RESTRICTED]),
    ]


def closed_sources(unit: Unit) -> list[str]:
    """Return the files that are not open and name the unit: what they alone say is not for the public."""
    named = unit.references.filter(source__licence="").order_by("source__name")
    return list(named.values_list("source__name", flat=True).distinct())


def to_complete(unit: Unit, photos: Iterable) -> list[str]:
    """What the public page of a unit would lack, in the order of what people ask first."""
    lacks = {
        "la surface": unit.floor_area_m2 is None,
        "le loyer, ou l’accord pour le montrer": unit.monthly_rent is None or not unit.rent_is_public,
        "une photo visible du public": not any(photo.is_public for photo in photos),
        "quelques mots de présentation": not unit.public_note,
        "la position sur la carte": unit.latitude is None,
        "l’accès de plain-pied": unit.step_free is None,
        "le point d’eau": unit.water is None,
        "l’extraction": unit.extraction is None,
    }
    return [words for words, is_missing in lacks.items() if is_missing]
