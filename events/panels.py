"""What events show in « mon espace »."""

from django.utils import timezone

from coopconnexion import panels
from coopconnexion.panels import Panel, listed
from events.models import Registration


@panels.register("my_space", panels.signed_in, position=25)
def my_registrations(request, subject) -> Panel | None:
    """The registrations to come of the addresses that the user has verified: one query."""
    rows = Registration.objects.of_addresses_of(request.user).standing()
    rows = rows.filter(event__ends_at__gt=timezone.now(), event__cancelled_at=None)
    found = listed(rows.select_related("event__venue__commune", "person").order_by("event__starts_at", "pk"))
    return Panel("events/manage/panels/my_registrations.html", found) if found["rows"] else None
