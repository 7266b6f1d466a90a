"""Who trades in a unit, and where a member or a project trades."""

from django.utils import timezone

from coopconnexion import panels
from coopconnexion.accounts.permissions import can_work
from coopconnexion.french import date_words
from coopconnexion.panels import Panel
from coopconnexion.periods import last_day
from members.models import Member
from premises.documents.due import chains_of
from premises.models import Occupancy, Unit
from projects.models import Project


@panels.register("unit", panels.staff, position=10)
def occupancies_of_unit(request, unit: Unit) -> Panel:
    """Its occupancies, the newest first, with what the law leaves to short leases: three queries."""
    today = timezone.localdate()
    rows = list(
        unit.occupancies.select_related("member__person", "project", "lease_holder").order_by("-starts_on", "-pk")
    )
    chains = chains_of(rows)
    lines = [
        (each, words(chains.get(each.pk), today), each.is_shown(request.user), each.shown_name(request.user))
        for each in rows
    ]
    provisions = unit.provisions.on(today).order_by("starts_on", "pk")
    told = {"unit": unit, "lines": lines, "provisions": provisions, "today": today}
    return Panel(
        "premises/occupancies/panels/unit.html", told | {"can_work": can_work(request.user, unit.territory_id)}
    )


def words(chain, today) -> str:
    if chain is None or (chain.ends_on and chain.ends_on <= today):
        return ""
    limit = date_words(last_day(chain.latest_end))
    return f"Entré le {date_words(chain.entered_on)}\u202f: sous ce titre, jusqu’au {limit} au plus."


@panels.register("member", panels.staff, position=45)
def units_of_member(request, member: Member) -> Panel | None:
    return _units(Occupancy.objects.visible_to(request.user).filter(member=member))


@panels.register("project", panels.staff, position=40)
def units_of_project(request, project: Project) -> Panel | None:
    return _units(Occupancy.objects.visible_to(request.user).filter(project=project))


def _units(rows) -> Panel | None:
    found = list(rows.select_related("unit").order_by("-starts_on", "-pk"))
    return Panel("premises/occupancies/panels/occupant.html", {"rows": found}) if found else None
