"""What members show on the home of the back office and on the page of a member."""

from django.utils import timezone

from coopconnexion import panels
from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.permissions import can_work
from coopconnexion.panels import Panel
from members.careers import deadlines
from members.figures import charts_of, months_until
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
    if not mine.exists():
        return None
    rows = deadlines(mine, timezone.localdate(), within_months=6)
    late = sum(row.is_late for row in rows)
    context = {"rows": rows[:SHOWN], "more": max(0, len(rows) - SHOWN), "late": late}
    return Panel("members/deadlines/panels/deadlines.html", context)


@panels.register("member", panels.staff, position=60)
def statements_of_the_year(request, member: Member) -> Panel:
    """What the member sold, bought, contributed and earned over twelve months: one query."""
    context = {
        "member": member,
        "charts": charts_of(member, months_until(timezone.localdate(), 12)),
        "may_enter": can_work(request.user, member.territory_id),
    }
    return Panel("members/statements/panels/member_statements.html", context)
