"""In « mon espace », what leads officials to the units of their territory."""

from django.db.models import Count, Q
from django.utils import timezone

from coopconnexion import panels
from coopconnexion.accounts.enums import Role
from coopconnexion.panels import Panel
from premises.enums import EMPTY_STATES
from premises.models import Unit


@panels.register("my_space", panels.signed_in, position=20)
def units_of_city(request, subject) -> Panel | None:
    """How many units, how many of them empty: two queries, none for who is no official."""
    if Role.OFFICIAL not in request.user.roles:
        return None
    rows = Unit.objects.shown_to_city(request.user).standing()
    counts = rows.aggregate(total=Count("pk"), empty=Count("pk", filter=Q(state__in=sorted(EMPTY_STATES))))
    derelict = rows.derelict(timezone.localdate()).count()
    return Panel("premises/units/panels/city.html", {**counts, "derelict": derelict})
