"""Groups of units: made from the list, filled and emptied there, renamed and removed on their page."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from coopconnexion.accounts.models import User
from coopconnexion.db import constraint_errors
from coopconnexion.refusals import refusal_at
from coopconnexion.territories.models import Territory
from premises.models import Unit, UnitGroup


@transaction.atomic
def make_unit_group(*, territory: Territory, name: str, by: User, at: datetime) -> UnitGroup:
    """Name a group of units of a territory.

    :raises ValidationError: name_missing, name_taken
    """
    return _named(UnitGroup(territory=territory, made_by=by, made_at=at), name)


@transaction.atomic
def rename_unit_group(*, group: UnitGroup, name: str) -> UnitGroup:
    """:raises ValidationError: name_missing, name_taken"""
    return _named(UnitGroup.objects.select_for_update(of=("self",)).get(pk=group.pk), name)


def _named(group: UnitGroup, name: str) -> UnitGroup:
    if not name.strip():
        raise refusal_at("name", "Nommez le groupe.", "name_missing")
    group.name = name.strip()
    with constraint_errors(UnitGroup):
        group.save()
    return group


@transaction.atomic
def put_in_group(*, group: UnitGroup, units: Iterable[Unit], by: User, at: datetime) -> UnitGroup:
    """Add units to a group; those that stand in it stay.

    :raises ValidationError: unit_elsewhere
    """
    units = list(units)
    if any(unit.territory_id != group.territory_id for unit in units):
        raise ValidationError(
            f"Le groupe {group} est de {group.territory}\u202f: choisissez des cellules de ce territoire.",
            code="unit_elsewhere",
        )
    group.units.add(*units)
    return group


@transaction.atomic
def take_out_of_group(*, group: UnitGroup, units: Iterable[Unit], by: User, at: datetime) -> UnitGroup:
    """Take units out of a group; those that are not in it change nothing."""
    group.units.remove(*units)
    return group


@transaction.atomic
def remove_unit_group(*, group: UnitGroup) -> None:
    """Delete a group, not its units; the history keeps what stood in it."""
    UnitGroup.objects.filter(pk=group.pk).delete()
