"""How a project begins."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils import timezone

from coopconnexion.accounts.models import Organisation, Person, User
from coopconnexion.db import joined
from coopconnexion.territories.models import Territory, Theme
from projects.enums import Source, Stage
from projects.models import Project, StageChange

FIRST_STEP = "Premier entretien"
FIRST_STEP_WITHIN = timedelta(days=7)


@joined
def open_project(
    *,
    holder: Person,
    territory: Territory,
    title: str,
    source: Source,
    at: datetime,
    pitch: str = "",
    intended_activity: str = "",
    themes: Iterable[Theme] = (),
    opened_by: User | None = None,
    referrer: Organisation | None = None,
    advisor: User | None = None,
    source_detail: str = "",
    is_test: bool = False,
    next_step: str = FIRST_STEP,
    next_step_on: date | None = None,
) -> Project:
    """Open a project at « premier contact », or return the holder's open project of the same title, as it is.

    A beat job gives it an advisor: see ``following.assign_owners``.
    """
    known = holder.projects.open().filter(territory=territory, title__iexact=title).order_by("pk").first()
    if known:
        Project.objects.filter(pk=known.pk, touched_at__lt=at).update(touched_at=at)
        return known
    project = Project.objects.create(
        holder=holder,
        territory=territory,
        title=title,
        pitch=pitch,
        intended_activity=intended_activity,
        source=source,
        referrer=referrer,
        advisor=advisor,
        source_detail=source_detail,
        is_test=is_test,
        created_at=at,
        stage_since=at,
        touched_at=at,
        next_step=next_step,
        next_step_on=next_step_on or timezone.localdate(at) + FIRST_STEP_WITHIN,
    )
    project.themes.add(*themes)
    StageChange.objects.create(project=project, to_stage=Stage.FIRST_CONTACT, changed_at=at, changed_by=opened_by)
    return project


@joined
def note_referrer(*, project: Project, referrer: Organisation) -> Project:
    """Note who sent the holder of ``project``; the first who did is kept."""
    if project.referrer_id is None:
        project.referrer = referrer
        project.save(update_fields=["referrer"])
    return project
