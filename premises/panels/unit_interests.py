"""On the page of a unit: who wants it, for those who may see the project."""

from coopconnexion import panels
from coopconnexion.panels import Panel, listed
from premises.models import Unit
from projects.models import Project


@panels.register("unit", panels.staff, position=20)
def interests_of_unit(request, unit: Unit) -> Panel | None:
    """The standing interests, the last said first: one query."""
    rows = unit.interests.standing().filter(project__in=Project.objects.visible_to(request.user))
    found = listed(rows.select_related("project__holder").order_by("-said_at", "-pk"))
    return Panel("premises/units/panels/interests.html", found) if found["rows"] else None
