"""What members show on the home of the back office."""

from django.utils import timezone

from coopconnexion import panels
from coopconnexion.accounts.enums import Role
from coopconnexion.panels import Panel
from members.careers import deadlines
from members.models import Member

SHOWN = 8


@panels.register("staff_home", panels.staff, position=15)
def coming_deadlines(request, subject) -> Panel | None:
    """« Échéances »: of the members whom the user follows; for the direction, of those whom nobody follows too."""
    user = request.user
    members = Member.objects.visible_to(user)
    mine = members.filter(advisor=user)
    if Role.MANAGER in user.roles:
        mine |= members.filter(advisor=None)
    rows = deadlines(mine, timezone.localdate(), within_months=6)
    if not rows and not mine.exists():
        return None
    late = sum(row.is_late for row in rows)
    context = {"rows": rows[:SHOWN], "more": max(0, len(rows) - SHOWN), "late": late}
    return Panel("members/deadlines/panels/deadlines.html", context)
