from django.contrib import admin

from coopconnexion.backoffice import TrackedAdmin
from coopconnexion.partnerships.models import Partnership
from coopconnexion.periods import PeriodAdmin


@admin.register(Partnership)
class PartnershipAdmin(PeriodAdmin, TrackedAdmin):
    list_display = ["title", "territory", "signed_on", "starts_on", "last_day"]
    list_select_related = ["territory"]
    list_filter = ["territory"]
    search_fields = ["title__unaccent", "territory__name__unaccent"]
    autocomplete_fields = ["territory", "parties"]
    ordering = ["-signed_on", "pk"]
