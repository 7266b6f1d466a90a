"""What is over and quiet is put away, and brought back in bulk; archived is not erased."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from coopconnexion.accounts.models import User
from projects.enums import OPEN_STAGES
from projects.models import Project

QUIET = timedelta(days=180)


@transaction.atomic
def archive(*, projects: Iterable[Project], by: User | None, at: datetime) -> list[Project]:
    """Put away projects that are over, all or none.

    :raises ValidationError: project_open
    """
    pks = [project.pk for project in projects]
    rows = list(Project.objects.select_for_update(of=("self",)).filter(pk__in=pks, archived_at=None).order_by("pk"))
    if still_open := [project for project in rows if project.stage in OPEN_STAGES]:
        names = ", ".join(str(project) for project in still_open[:5])
        raise ValidationError(f"Ces projets sont encore ouverts : {names}. Terminez-les d’abord.", code="project_open")
    Project.objects.filter(pk__in=[project.pk for project in rows]).update(archived_at=at)
    return rows


@transaction.atomic
def unarchive(*, projects: Iterable[Project], by: User | None, at: datetime) -> list[Project]:
    """Bring archived projects back; their silence counts anew."""
    pks = [project.pk for project in projects]
    rows = list(Project.objects.select_for_update(of=("self",)).filter(pk__in=pks).archived().order_by("pk"))
    Project.objects.filter(pk__in=[project.pk for project in rows]).update(archived_at=None, touched_at=at)
    return rows


@transaction.atomic
def archive_quiet_projects(*, at: datetime) -> int:
    """Put away what has been over and untouched for 180 days; return how many."""
    quiet = Project.objects.not_archived().exclude(stage__in=OPEN_STAGES).filter(touched_at__lt=at - QUIET)
    return quiet.update(archived_at=at)
