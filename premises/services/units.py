"""The register of units: what is known of each, what it became, whether the public sees it."""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from coopconnexion.accounts.models import User
from coopconnexion.db import constraint_errors
from coopconnexion.refusals import refusal_at
from coopconnexion.territories.models import Commune, Territory
from premises.enums import Availability, ClosureReason, DatePrecision, OccupancyState
from premises.models import Occupancy, Unit
from premises.rules.dates import as_precise
from premises.services.follow_up import end_with_unit, follow_again
from premises.services.locks import locked, refuse_closed

TOLD = frozenset(
    {
        *("reference", "number", "repetition", "building", "floor", "door", "postal_code", "latitude", "longitude"),
        *("sector", "street_section", "parcel", "floor_area_m2", "sales_area_m2", "area_class", "frontage_m"),
        *("condition", "erp_type", "step_free", "extraction", "shop_window", "water", "sign_name", "activity_label"),
        *("activity", "naf", "state", "availability", "vacant_since", "vacant_since_precision", "surveyed_on"),
        *("monthly_rent", "monthly_charges", "rent_is_public", "owner_name", "owner_contact", "tax_category"),
        *("rental_value", "extra", "public_note", "commune", "street"),
    }
)
"""What may be said of a unit; the rest of its fields have a service of their own."""


@transaction.atomic
def register_unit(
    *, territory: Territory, commune: Commune, street: str, by: User | None, at: datetime, **told
) -> Unit:
    """Add a unit to the register; what is not ``told`` is unknown.

    :raises ValidationError: commune_elsewhere, day_to_come, and those of the constraints of :class:`Unit`
    """
    if not territory.communes.filter(pk=commune.pk).exists():
        raise ValidationError(
            {"commune": ValidationError(f"{commune} n’est pas une commune de {territory}.", code="commune_elsewhere")}
        )
    unit = Unit(territory=territory, commune=commune, street=street.strip(), created_at=at)
    say(unit, told, at)
    with constraint_errors(Unit):
        unit.save()
    return unit


@transaction.atomic
def change_unit(*, unit: Unit, by: User | None, at: datetime, **told) -> Unit:
    """Write what is ``told`` of a unit, by the names of its fields.

    :raises ValidationError: unit_closed, day_to_come, occupied_by, and those of the constraints of :class:`Unit`
    """
    unit = locked(unit)
    refuse_closed(unit)
    say(unit, told, at)
    if "state" in told and unit.is_empty:
        refuse_occupied(unit, timezone.localdate(at), by)
    with constraint_errors(Unit):
        unit.save(update_fields=[*told, "vacant_since", "vacant_since_precision"])
    follow_again(unit, by=by, at=at)
    return unit


def say(unit: Unit, told: dict, at: datetime) -> None:
    """Set what is ``told``; an occupied unit is vacant since nothing."""
    if unknown := told.keys() - TOLD:
        raise TypeError(f"unknown: {', '.join(sorted(unknown))}")
    for name, value in told.items():
        setattr(unit, name, value.strip() if isinstance(value, str) else value)
    if unit.state == OccupancyState.OCCUPIED:
        unit.vacant_since, unit.vacant_since_precision = None, ""
    if unit.vacant_since and unit.vacant_since > timezone.localdate(at):
        raise ValidationError(
            {"vacant_since": ValidationError("Cette date est à venir\u202f: vérifiez-la.", code="day_to_come")}
        )


def refuse_occupied(unit: Unit, today: date, by: User | None) -> None:
    """Refuse to call empty a unit where somebody of the coop trades."""
    _refuse_any(Occupancy.objects.on(today).filter(unit=unit), by)


def _refuse_any(occupancies: QuerySet[Occupancy], by: User | None) -> None:
    """:raises ValidationError: occupied_by, with a name that ``by`` may read; a task reads none"""
    standing = occupancies.select_related("member__person", "project").order_by("starts_on").first()
    if standing:
        name = standing.occupant if by and standing.is_shown(by) else "Quelqu’un d’un autre territoire"
        raise ValidationError(
            f"{name} occupe cette cellule\u202f: mettez d’abord fin à son occupation.", code="occupied_by"
        )


@transaction.atomic
def set_state(
    *,
    unit: Unit,
    state: OccupancyState,
    on: date,
    precision: DatePrecision = DatePrecision.DAY,
    sign_name: str | None = None,
    by: User | None,
    at: datetime,
) -> Unit:
    """Note what a unit was seen to be ``on`` a day; one that was empty already keeps the date since when.

    :raises ValidationError: unit_closed, day_to_come, occupied_by
    """
    unit = locked(unit)
    refuse_closed(unit)
    if on > timezone.localdate(at):
        raise refusal_at("on", "Ce jour est à venir\u202f: vérifiez la date.", "day_to_come")
    was_empty, unit.state = unit.is_empty, state
    if unit.is_empty:
        refuse_occupied(unit, on, by)
    if unit.is_empty and not (was_empty and unit.vacant_since):
        unit.vacant_since, unit.vacant_since_precision = as_precise(on, precision), precision
    elif not unit.is_empty:
        unit.vacant_since, unit.vacant_since_precision = None, ""
    if sign_name is not None:
        unit.sign_name = sign_name.strip()
    unit.surveyed_on = max(filter(None, (unit.surveyed_on, on)))
    unit.save(update_fields=["state", "vacant_since", "vacant_since_precision", "sign_name", "surveyed_on"])
    follow_again(unit, by=by, at=at)
    return unit


# --- the public ------------------------------------------------------------------------------------------------------


@transaction.atomic
def publish_unit(*, unit: Unit, by: User, at: datetime) -> Unit:
    """Show a unit to the public, as one to let; a second call changes nothing.

    :raises ValidationError: unit_closed, not_to_let
    """
    unit = locked(unit)
    refuse_closed(unit)
    if unit.availability != Availability.YES:
        raise ValidationError(
            "Seule une cellule à louer se publie\u202f: indiquez d’abord sa disponibilité.", code="not_to_let"
        )
    if unit.published_at is None:
        unit.published_at = at
        unit.save(update_fields=["published_at"])
    return unit


@transaction.atomic
def withdraw_unit(*, unit: Unit, by: User, at: datetime) -> Unit:
    """Show it no more; what it says is kept."""
    unit = locked(unit)
    unit.published_at = None
    unit.save(update_fields=["published_at"])
    return unit


@transaction.atomic
def publish_units(*, units: Iterable[Unit], by: User, at: datetime) -> None:
    """Show several units, or none when one of them cannot be.

    :raises ValidationError: those of :func:`publish_unit`
    """
    for unit in sorted(units, key=lambda unit: unit.pk):
        publish_unit(unit=unit, by=by, at=at)


@transaction.atomic
def withdraw_units(*, units: Iterable[Unit], by: User, at: datetime) -> None:
    for unit in sorted(units, key=lambda unit: unit.pk):
        withdraw_unit(unit=unit, by=by, at=at)


# --- the end of a unit -----------------------------------------------------------------------------------------------


@transaction.atomic
def close_unit(*, unit: Unit, on: date, because: ClosureReason, by: User, at: datetime) -> Unit:
    """Say that a unit exists no more as a shop; its past stays.

    :raises ValidationError: unit_closed, day_to_come, occupied_by
    """
    unit = locked(unit)
    refuse_closed(unit)
    if on > timezone.localdate(at):
        raise ValidationError({"on": ValidationError("Ce jour est à venir\u202f: vérifiez-le.", code="day_to_come")})
    _refuse_any(Occupancy.objects.ending_after(on).filter(unit=unit), by)
    unit.closed_on, unit.closed_because, unit.published_at = on, because, None
    unit.save(update_fields=["closed_on", "closed_because", "published_at"])
    end_with_unit(unit, by=by, at=at)
    return unit


@transaction.atomic
def split_unit(*, unit: Unit, doors: Iterable[str], on: date, by: User, at: datetime) -> list[Unit]:
    """Divide a unit into as many parts as ``doors`` names, which keep its address and remember where they come from.

    :raises ValidationError: too_few_parts, and those of :func:`close_unit` and of the constraints of :class:`Unit`
    """
    names = [door.strip() for door in doors if door.strip()]
    if len(names) < 2 or len(set(names)) < len(names):
        raise ValidationError(
            {"doors": ValidationError("Donnez à chaque partie une porte ou un nom différent.", code="too_few_parts")}
        )
    whole = close_unit(unit=unit, on=on, because=ClosureReason.SPLIT, by=by, at=at)
    same = ("territory", "commune", "number", "repetition", "street", "building", "floor", "postal_code")
    place = ("latitude", "longitude", "sector", "street_section", "parcel", "owner_name", "owner_contact")
    parts = [
        Unit(**{name: getattr(whole, name) for name in (*same, *place)}, door=door, parent=whole, created_at=at)
        for door in names
    ]
    with constraint_errors(Unit):
        for part in parts:
            part.save()
    return parts
