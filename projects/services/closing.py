"""Several projects end at once, all or none."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from coopconnexion.accounts.models import User
from projects.enums import Stage
from projects.models import ClosingReason, Project
from projects.services.steps import change_stage


@transaction.atomic
def close_projects(
    *,
    projects: Iterable[Project],
    closing_reason: ClosingReason,
    by: User | None,
    at: datetime,
    reason: str = "",
    tells_holder: bool = False,
) -> list[Project]:
    """Refuse or give up ``projects``, as the reason says; those without an e-mail are told nothing.

    :raises ValidationError: step_illegal, when one of them is over already
    """
    rows = Project.objects.filter(pk__in=[project.pk for project in projects]).select_related("holder")
    return [
        change_stage(
            project=project,
            to=Stage(closing_reason.kind),
            closing_reason=closing_reason,
            reason=reason,
            tells_holder=tells_holder and bool(project.holder.email),
            by=by,
            at=at,
        )
        for project in rows.order_by("pk")
    ]
