from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

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
    """The raw table: units are registered, corrected, followed and closed on their own pages, and never deleted."""

    contact_fields = frozenset({"owner_name", "owner_contact", "extra"})
    list_display = ["address", "commune", "territory", "floor_area_m2", "state", "vacant_since", "unit_page"]
    list_select_related = ["territory", "commune"]
    list_filter = ["state", "territory"]
    search_fields = ["street__unaccent", "reference", "sign_name__unaccent", "activity_label__unaccent"]
    autocomplete_fields = ["territory", "commune"]
    readonly_fields = [
        *("unit_page", "state", "availability", "vacant_since", "vacant_since_precision", "surveyed_on", "extra"),
        *("followup", "followup_detail", "published_at", "closed_on", "closed_because", "parent", "created_at"),
    ]
    ordering = ["street", "number", "pk"]

    @admin.display(description="fiche")
    def unit_page(self, obj):
        """Link to the page where the unit is worked on."""
        return format_html('<a href="{}">Ouvrir la fiche</a>', reverse("premises_staff:unit", args=[obj.pk]))

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


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
