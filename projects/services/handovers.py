"""Projects pass from one advisor to another."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from coopconnexion.accounts.models import User
from coopconnexion.territories.models import Territory
from projects.models import Handover, Project


@transaction.atomic
def hand_over(*, projects: Iterable[Project], to: User, by: User | None, at: datetime, note: str = "") -> list[Project]:
    """Give ``projects`` to the advisor ``to``, all or none; those they follow already stay as they are.

    :raises ValidationError: not_an_advisor, naming the territory
    """
    pks = [project.pk for project in projects]
    rows = Project.objects.select_for_update(of=("self",)).filter(pk__in=pks).select_related("territory")
    changed = [project for project in rows.order_by("pk") if project.advisor_id != to.pk]
    for territory in {project.territory for project in changed}:
        _refuse_who_does_not_work_there(to, territory, at)
    Handover.objects.bulk_create(
        Handover(
            project=project,
            from_advisor_id=project.advisor_id,
            to_advisor=to,
            handed_by=by,
            handed_at=at,
            note=note.strip(),
        )
        for project in changed
    )
    Project.objects.filter(pk__in=[project.pk for project in changed]).update(advisor=to, touched_at=at)
    return changed


def _refuse_who_does_not_work_there(user: User, territory: Territory, at: datetime) -> None:
    if not User.objects.advisors_of(territory, timezone.localdate(at)).filter(pk=user.pk).exists():
        raise ValidationError(
            f"{user} n’accompagne pas (ou plus) sur le territoire « {territory} » : choisissez quelqu’un d’autre.",
            code="not_an_advisor",
        )
