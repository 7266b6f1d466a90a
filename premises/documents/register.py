"""Units as the rows of the register, and as a table to take away: exactly what is filtered, in its order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from coopconnexion.accounts.models import User
from coopconnexion.accounts.permissions import can_see_contacts
from coopconnexion.periods import months_later
from premises.documents.offers import euros, metres
from premises.models import Unit

CHUNK = 2000
STALE_MONTHS = 12
"""A unit that nobody has looked at for so long is no longer known."""
SHOWN = (
    *("number", "repetition", "street", "building", "floor", "door", "reference", "commune__name", "territory__name"),
    *("state", "availability", "vacant_since", "vacant_since_precision", "floor_area_m2", "monthly_rent", "followup"),
    *("followup_detail", "surveyed_on", "published_at", "closed_on", "activity_label", "sign_name"),
)
HEADER = [
    *("Référence", "Numéro", "Voie", "Bâtiment, étage, porte", "Code postal", "Commune", "Secteur", "Territoire"),
    *("Occupation", "Disponibilité", "Enseigne", "Activité", "Code NAF", "Vide depuis", "Surface (m²)"),
    *("Surface de vente (m²)", "Vitrine (m)", "État", "Plain-pied", "Extraction", "Vitrine sur rue", "Point d’eau"),
    *("Loyer mensuel (€)", "Charges mensuelles (€)", "Suivi", "Précision du suivi", "Dernier relevé", "Publiée le"),
    *("N’existe plus depuis le", "Latitude", "Longitude", "Type d’ERP", "Linéaire", "Parcelle"),
]
OWNERS = ["Propriétaire", "Contact du propriétaire"]


@dataclass(frozen=True)
class Line:
    """A row of the list: the unit, and what its dates say today."""

    unit: Unit
    area: str
    rent: str
    is_derelict: bool
    is_stale: bool


def in_a_row(rows: QuerySet[Unit]) -> QuerySet[Unit]:
    """Fetch what a row of the list shows and nothing else: one query."""
    return rows.select_related("commune", "territory").only(*SHOWN)


def lines(units: Iterable[Unit], today: date) -> list[Line]:
    limit = months_later(today, -STALE_MONTHS)
    return [
        Line(
            unit,
            area=metres(unit.floor_area_m2, "m²"),
            rent="" if unit.monthly_rent is None else euros(unit.monthly_rent),
            is_derelict=unit.is_derelict(today),
            is_stale=unit.closed_on is None and (unit.surveyed_on or date.min) < limit,
        )
        for unit in units
    ]


def header(*, with_owners: bool) -> list[str]:
    return HEADER + (OWNERS if with_owners else [])


def table(rows: QuerySet[Unit], *, user: User) -> Iterator[list]:
    """Yield a line of cells for each unit; what is unknown is empty, owners only where ``user`` may see contacts."""
    for unit in rows.select_related("commune", "territory").iterator(chunk_size=CHUNK):
        owners = [unit.owner_name, unit.owner_contact] if can_see_contacts(user, unit.territory_id) else []
        yield cells(unit) + owners


def cells(unit: Unit) -> list:
    return [
        *(unit.reference, f"{unit.number or ''}{unit.repetition and f' {unit.repetition}'}".strip(), unit.street),
        *(unit.place, unit.postal_code, str(unit.commune), unit.sector, str(unit.territory)),
        *(str(unit.get_state_display()), str(unit.get_availability_display()), unit.sign_name, unit.activity_label),
        *(unit.naf_id or "", unit.vacant_since_words, unit.floor_area_m2, unit.sales_area_m2, unit.frontage_m),
        *(str(unit.get_condition_display()), unit.step_free, unit.extraction, unit.shop_window, unit.water),
        *(unit.monthly_rent, unit.monthly_charges, str(unit.get_followup_display())),
        *(str(unit.get_followup_detail_display()), unit.surveyed_on, unit.published_at, unit.closed_on),
        *(unit.latitude, unit.longitude, str(unit.get_erp_type_display()), unit.street_section, unit.parcel),
    ]
