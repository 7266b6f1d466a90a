"""What a project, a unit and a missing activity have to do with one another, with the reasons: for the team."""

from django.utils import timezone

from coopconnexion import panels
from coopconnexion.accounts.permissions import can_work
from coopconnexion.panels import Panel
from premises.documents import matching
from premises.models import MissingActivity, Unit
from projects.models import Project


@panels.register("project", panels.staff, position=45)
def prospects_of_project(request, project: Project) -> Panel | None:
    """The gaps that an open project would fill, the units that suit it, what is over-supplied, who does the same."""
    if not project.is_open:
        return None
    found = matching.prospects_of(project, user=request.user, today=timezone.localdate())
    told = {"found": found, "project": project, "can_work": can_work(request.user, project.territory_id)}
    return Panel("premises/matching/panels/project.html", told)


@panels.register("unit", panels.staff, position=40)
def projects_of_unit(request, unit: Unit) -> Panel | None:
    """The open projects that a unit would suit; none for one that is no more, or where somebody trades."""
    if unit.closed_on:
        return None
    found = matching.projects_for_unit(unit, user=request.user, today=timezone.localdate())
    return Panel("premises/matching/panels/unit.html", {"found": found})


@panels.register("gap", panels.staff, position=10)
def matches_of_gap(request, gap: MissingActivity) -> Panel:
    """The open projects that would fill a gap, and the units that would suit them."""
    today = timezone.localdate()
    projects = matching.projects_for_gap(gap, user=request.user, today=today)
    fitting = matching.units_for_gap(gap, user=request.user, today=today)
    return Panel("premises/matching/panels/gap.html", {"projects": projects, "fitting": fitting})


@panels.register("my_space", panels.signed_in, position=60)
def ideas_for_holder(request, subject) -> Panel | None:
    """What is public and fits the newest open project of the person: confirmed ideas, and units on offer."""
    mine = Project.objects.of_addresses_of(request.user).open().select_related("territory", "premises_need")
    project = mine.order_by("-created_at", "-pk").first()
    if project is None:
        return None
    need = matching.need_of(project)
    units = matching.offers_for_project(project, need) if need else matching.Found([], 0)
    gaps = matching.gaps_for_project(project, today=timezone.localdate())
    told = {"project": project, "gaps": gaps, "units": units}
    return Panel("premises/matching/panels/my_space.html", told) if gaps or units.rows else None
