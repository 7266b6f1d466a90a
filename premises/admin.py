from django.contrib import admin

from coopconnexion.backoffice import TrackedAdmin
from coopconnexion.periods import PeriodAdmin
from premises.models import Occupancy, Provision, Unit, Venue


@admin.register(Venue)
class VenueAdmin(TrackedAdmin):
    list_display = ["name", "territory", "street", "commune", "step_free"]
    list_select_related = ["territory", "commune"]
    list_filter = ["territory"]
    search_fields = ["name__unaccent", "street__unaccent"]
    autocomplete_fields = ["territory", "commune"]
    ordering = ["name", "pk"]


@admin.register(Unit)
class UnitAdmin(TrackedAdmin):
    list_display = ["address", "commune", "territory", "floor_area_m2", "state", "vacant_since"]
    list_select_related = ["territory", "commune"]
    list_filter = ["state", "territory"]
    search_fields = ["street__unaccent", "reference", "sign_name__unaccent", "activity_label__unaccent"]
    autocomplete_fields = ["territory", "commune"]
    ordering = ["street", "number", "pk"]


@admin.register(Provision)
class ProvisionAdmin(PeriodAdmin, TrackedAdmin):
    list_display = ["__str__", "partnership", "starts_on", "last_day"]
    list_select_related = ["partnership", "unit", "venue"]
    search_fields = ["unit__street__unaccent", "venue__name__unaccent", "partnership__title__unaccent"]
    autocomplete_fields = ["partnership", "unit", "venue"]
    ordering = ["-starts_on", "pk"]


@admin.register(Occupancy)
class OccupancyAdmin(PeriodAdmin, TrackedAdmin):
    list_display = ["unit", "member", "project", "tenure", "starts_on", "last_day"]
    list_select_related = ["unit", "member__person", "project"]
    list_filter = ["tenure"]
    search_fields = ["unit__street__unaccent", "member__person__last_name__unaccent", "project__title__unaccent"]
    autocomplete_fields = ["unit", "member", "project"]
    ordering = ["-starts_on", "pk"]
