"""What people and accounts show on the home of the back office: doubles to look at, colleagues about to leave."""

from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from coopconnexion import panels
from coopconnexion.accounts.doubles import possible_doubles
from coopconnexion.accounts.duties import duties_of, summed
from coopconnexion.accounts.enums import WORK_ROLES, Role
from coopconnexion.accounts.models import Mandate, User
from coopconnexion.panels import Panel

SOON = timedelta(days=30)
SHOWN = 8


def works(user) -> bool:
    return panels.staff(user) and user.territory_ids(*WORK_ROLES) != set()


def directs(user) -> bool:
    return panels.staff(user) and Role.MANAGER in user.roles


@panels.register("staff_home", works, position=70)
def doubles(request, subject) -> Panel | None:
    """How many pairs of rows look like one human."""
    count = len(possible_doubles(request.user))
    return Panel("accounts/panels/doubles.html", {"count": count}) if count else None


@panels.register("staff_home", directs, position=80)
def accesses(request, subject) -> Panel:
    """How many accounts may enter, and the officials whose access ends soon."""
    today = timezone.localdate()
    mandates = Mandate.objects.on(today).filter(user__is_active=True)
    ending = mandates.filter(role=Role.OFFICIAL, ends_on__lte=today + SOON).select_related("user")
    context = {
        "count": mandates.aggregate(accounts=Count("user", distinct=True))["accounts"],
        "ending": list(ending.order_by("ends_on", "pk")[:SHOWN]),
    }
    return Panel("accounts/panels/accesses.html", context)


@panels.register("staff_home", directs, position=65)
def leaving(request, subject) -> Panel | None:
    """Colleagues whose last role ends soon or has ended, and who still have something in charge."""
    today = timezone.localdate()
    lasting = Mandate.objects.on(today + SOON).filter(role__in=WORK_ROLES)
    worked = Mandate.objects.filter(role__in=WORK_ROLES, ends_on__gt=today - SOON, ends_on__lte=today + SOON)
    leavers = User.objects.filter(pk__in=worked.values("user")).exclude(pk__in=lasting.values("user"))
    rows = [(user, words) for user in leavers.order_by("email", "pk")[:SHOWN] if (words := summed(duties_of(user)))]
    return Panel("accounts/panels/leaving.html", {"rows": rows}) if rows else None
