"""Groups of towns that a town is compared with, chosen by staff."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from coopconnexion.accounts.models import User
from coopconnexion.db import constraint_errors, lock_name
from coopconnexion.refusals import refusal_at
from coopconnexion.territories.models import Commune
from premises.models import ReferenceGroup
from premises.rules.shortages import FEWEST_TOWNS

MOST_TOWNS = 200


@transaction.atomic
def make_group(*, name: str, communes: Iterable[Commune], by: User, at: datetime) -> ReferenceGroup:
    """Name a group of towns.

    :raises ValidationError: group_too_small, group_too_large, unique
    """
    return write(ReferenceGroup(made_by=by, made_at=at), name, communes)


@transaction.atomic
def change_group(*, group: ReferenceGroup, name: str, communes: Iterable[Commune]) -> ReferenceGroup:
    """Name a group otherwise, or put other towns in it; results drawn from it keep the towns they name.

    :raises ValidationError: group_too_small, group_too_large, unique
    """
    return write(ReferenceGroup.objects.select_for_update(of=("self",)).get(pk=group.pk), name, communes)


def write(group: ReferenceGroup, name: str, communes: Iterable[Commune]) -> ReferenceGroup:
    towns = {each.pk for each in communes}
    if len(towns) < FEWEST_TOWNS:
        raise refusal_at(
            "communes",
            f"Il faut au moins {FEWEST_TOWNS} communes pour une référence\u202f: ajoutez-en.",
            "group_too_small",
        )
    if len(towns) > MOST_TOWNS:
        raise refusal_at("communes", f"Pas plus de {MOST_TOWNS} communes dans un groupe.", "group_too_large")
    lock_name("premises.groups")  # two of one name
    group.name = name.strip()
    with constraint_errors(ReferenceGroup):
        group.full_clean(exclude=["made_by", "made_at"])
        group.save()
    group.communes.set(towns)
    return group


@transaction.atomic
def remove_group(*, group: ReferenceGroup) -> None:
    """Delete a group; results drawn from it keep the towns they name."""
    ReferenceGroup.objects.filter(pk=group.pk).delete()
