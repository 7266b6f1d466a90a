"""Handing members over to another advisor, one or many at once."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from coopconnexion.accounts.models import User
from members.models import Member


@transaction.atomic
def hand_over_members(*, members: Iterable[Member], to: User, today: date) -> list[Member]:
    """Let ``to`` follow these members from now on; all of them or none.

    :raises ValidationError: no_members, not_an_advisor_there
    """
    keys = [member.pk for member in members]
    rows = list(Member.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))
    if not rows:
        raise ValidationError("Choisissez au moins un membre.", code="no_members")
    for territory_id in {row.territory_id for row in rows}:
        if not User.objects.advisors_of(territory_id, today).filter(pk=to.pk).exists():
            raise ValidationError(
                f"{to} n’accompagne pas tous les territoires de ces membres : choisissez quelqu’un d’autre,"
                " ou moins de membres.",
                code="not_an_advisor_there",
            )
    for row in rows:
        row.advisor = to
        row.save(update_fields=["advisor"])
    return rows
