"""What does not hold together in the data, with a link to each faulty row."""

from django.contrib import admin
from django.template.response import TemplateResponse
from django.urls import reverse

from coopconnexion.backoffice.consistency import ROWS_SHOWN, checks_for


def flaws(request):
    found = [(check.label, check.flaws(request.user)) for check in checks_for(request.user)]
    context = {
        **admin.site.each_context(request),
        "title": "Anomalies",
        "trail": [("Accueil", reverse("admin:index"))],
        "found": [(label, rows[:ROWS_SHOWN], len(rows) > ROWS_SHOWN) for label, rows in found if rows],
        "fine": [label for label, rows in found if not rows],
    }
    return TemplateResponse(request, "back_office/flaws.html", context)
