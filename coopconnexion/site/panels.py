from django.db.models import Sum

from coopconnexion import panels
from coopconnexion.accounts.models import FlawCount
from coopconnexion.backoffice.consistency import checks_for


@panels.register("staff_home", panels.staff, position=900)
def flaws(request, subject):
    """How many flaws the checks found last night in the territories of the user."""
    ids = request.user.staff_territory_ids()
    counts = FlawCount.objects.filter(check_key__in=[check.key for check in checks_for(request.user)])
    if ids is not None:
        counts = counts.filter(territory__in=ids)
    number = counts.aggregate(number=Sum("found"))["number"]
    return panels.Panel("back_office/flaws_panel.html", {"number": number}) if number else None
