"""A project moves through the pipeline; an open one always has a next step and its day."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from coopconnexion.accounts.models import User
from coopconnexion.db import constraint_errors
from coopconnexion.refusals import refusal_at
from projects.emails import endings
from projects.enums import CLOSED_STAGES, OPEN_STAGES, Stage
from projects.models import ClosingReason, Project, StageChange
from projects.rules import BACKWARD, next_stages

FARTHEST = timedelta(days=3 * 366)
"""How far ahead a step or a wake-up may be planned."""


def lock_project(project: Project) -> Project:
    """Return the row of ``project`` as it is now, held until the transaction ends."""
    return Project.objects.select_for_update(of=("self",)).get(pk=project.pk)


def touch(project: Project, at: datetime) -> None:
    """Note that somebody followed ``project`` at ``at``; an older moment changes nothing."""
    Project.objects.filter(pk=project.pk, touched_at__lt=at).update(touched_at=at)


@transaction.atomic
def change_stage(
    *,
    project: Project,
    to: Stage,
    by: User | None,
    at: datetime,
    reason: str = "",
    closing_reason: ClosingReason | None = None,
    wakes_on: date | None = None,
    next_step: str = "",
    next_step_on: date | None = None,
    tells_holder: bool = False,
) -> Project:
    """Move ``project`` to ``to``, with what that stage asks for, and keep the trace.

    The pool takes a ``reason`` and the day to take it up again, its next step unless another is said; an end takes a
    ``closing_reason``, and ``tells_holder`` writes to the holder that it is over; a step back takes a ``reason``.

    :raises ValidationError: step_illegal, not_integrated_here, no_address; by field: reason_missing,
        closing_reason_missing, wakes_on_missing, next_step_missing, date_past
    """
    project = lock_project(project)
    _refuse_illegal(project, to)
    today = timezone.localdate(at)
    reason = reason.strip()
    if to in BACKWARD.get(project.stage, ()) and not reason:
        raise refusal_at("reason", "Dites pourquoi en quelques mots.", "reason_missing")
    former = project.stage
    _leave(project)
    project.stage, project.stage_since, project.touched_at, project.archived_at = to, at, at, None
    if to == Stage.POOL:
        _sleep(project, reason, wakes_on, next_step, today)
    elif to in CLOSED_STAGES:
        _close(project, closing_reason)
    else:
        _plan(project, next_step, next_step_on, today)
    with constraint_errors(Project, StageChange):
        project.save(update_fields=STEP_FIELDS)
        change = StageChange.objects.create(
            project=project, from_stage=former, to_stage=to, changed_at=at, changed_by=by, reason=reason
        )
    if tells_holder and to in CLOSED_STAGES:
        endings.write_over(project, change=change, at=at)
    return project


STEP_FIELDS = (
    *("stage", "stage_since", "touched_at", "archived_at", "closing_reason"),
    *("wakes_on", "pool_reason", "next_step", "next_step_on"),
)


def _refuse_illegal(project: Project, to: Stage) -> None:
    if to == Stage.INTEGRATED:
        raise ValidationError("Un projet s’intègre depuis sa page « Intégrer ».", code="not_integrated_here")
    if to not in next_stages(project):
        raise ValidationError(
            f"Un projet à l’étape « {project.get_stage_display()} » ne passe pas directement à l’étape "
            f"« {Stage(to).label} » : rechargez la page, le menu propose les étapes possibles.",
            code="step_illegal",
        )


def _leave(project: Project) -> None:
    """Forget what only the stage being left asked for; the next step stays, unless the pool had set it."""
    if project.stage == Stage.POOL:
        project.next_step, project.next_step_on = "", None
    project.wakes_on, project.pool_reason, project.closing_reason = None, "", None


def _sleep(project: Project, reason: str, wakes_on: date | None, next_step: str, today: date) -> None:
    if not reason:
        raise refusal_at("reason", "Dites pourquoi ce projet attend.", "reason_missing")
    if wakes_on is None:
        raise refusal_at("wakes_on", "Indiquez le jour où reprendre ce projet.", "wakes_on_missing")
    _refuse_day(wakes_on, today, "wakes_on")
    project.wakes_on, project.pool_reason = wakes_on, reason
    project.next_step, project.next_step_on = next_step.strip() or "Reprendre contact", wakes_on


def _close(project: Project, closing_reason: ClosingReason | None) -> None:
    if closing_reason is None or closing_reason.kind != project.stage:
        raise refusal_at("closing_reason", "Choisissez un motif.", "closing_reason_missing")
    project.closing_reason = closing_reason
    project.next_step, project.next_step_on = "", None


def _plan(project: Project, next_step: str, next_step_on: date | None, today: date) -> None:
    """Take the next step said, else keep the one there is."""
    if next_step.strip() or next_step_on:
        if next_step_on != project.next_step_on and next_step_on:
            _refuse_day(next_step_on, today, "next_step_on")
        project.next_step, project.next_step_on = next_step.strip(), next_step_on
    if not project.next_step:
        raise refusal_at("next_step", "Dites ce qui vient ensuite.", "next_step_missing")
    if project.next_step_on is None:
        raise refusal_at("next_step_on", "Indiquez le jour de la prochaine étape.", "next_step_missing")


def _refuse_day(day: date, today: date, field: str) -> None:
    if not today <= day <= today + FARTHEST:
        raise refusal_at(field, "Choisissez un jour à venir, dans les trois ans.", "date_past")


@transaction.atomic
def plan_next_step(*, project: Project, what: str, on: date | None, by: User | None, at: datetime) -> Project:
    """Say what comes next for an open project, and when; one asleep in the pool wakes that day.

    :raises ValidationError: project_over; by field: next_step_missing, date_past
    """
    project = lock_project(project)
    if project.stage not in OPEN_STAGES:
        raise ValidationError("Ce projet est terminé : il n’a plus de prochaine étape.", code="project_over")
    _plan(project, what or "", on, timezone.localdate(at))
    if not what.strip():
        raise refusal_at("next_step", "Dites ce qui vient ensuite.", "next_step_missing")
    if project.stage == Stage.POOL:
        project.wakes_on = project.next_step_on
    project.touched_at = max(project.touched_at, at)
    project.save(update_fields=["next_step", "next_step_on", "wakes_on", "touched_at"])
    return project
