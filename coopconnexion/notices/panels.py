"""What messages show on the home of the back office: those that did not get there."""

from coopconnexion import panels
from coopconnexion.notices.models import Message
from coopconnexion.panels import Panel

SHOWN = 8


@panels.register("staff_home", panels.staff, position=60)
def refused_messages(request, subject) -> Panel | None:
    """Messages refused for good, until somebody says they know."""
    refused = Message.objects.to_see().visible_to(request.user)
    rows = list(refused.order_by("-failed_at", "-pk")[: SHOWN + 1])
    if not rows:
        return None
    total = len(rows) if len(rows) <= SHOWN else refused.count()
    return Panel(
        "notices/panels/refused_messages.html", {"rows": rows[:SHOWN], "total": total, "more": max(0, total - SHOWN)}
    )
