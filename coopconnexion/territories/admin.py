from django.contrib import admin

from coopconnexion.backoffice import TrackedAdmin
from coopconnexion.territories.models import Activity, Commune, FacilityType, NafCode, Territory, Theme


@admin.register(Territory)
class TerritoryAdmin(TrackedAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name__unaccent"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["communes"]
    ordering = ["name", "pk"]


@admin.register(Commune)
class CommuneAdmin(TrackedAdmin):
    list_display = ["name", "insee_code", "population", "population_year"]
    search_fields = ["name__unaccent", "insee_code", "postal_codes"]
    ordering = ["name", "pk"]


@admin.register(Theme)
class ThemeAdmin(TrackedAdmin):
    """Retired, never deleted: past projects keep their themes."""

    list_display = ["label", "key", "position", "retired_at"]
    list_filter = [("retired_at", admin.EmptyFieldListFilter)]
    search_fields = ["label__unaccent", "key"]
    prepopulated_fields = {"key": ["label"]}
    ordering = ["position", "pk"]

    def has_delete_permission(self, request, obj=None):
        return False


class ReferenceAdmin(TrackedAdmin):
    """A nomenclature that a command loads: nobody types in it."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(NafCode)
class NafCodeAdmin(ReferenceAdmin):
    list_display = ["code", "label", "section_label"]
    list_filter = ["section"]
    search_fields = ["code", "label__unaccent"]
    ordering = ["code"]


@admin.register(FacilityType)
class FacilityTypeAdmin(ReferenceAdmin):
    list_display = ["code", "label", "vintage", "domain", "subdomain"]
    list_filter = ["vintage", "domain"]
    search_fields = ["code", "label__unaccent"]
    ordering = ["vintage", "code"]


@admin.register(Activity)
class ActivityAdmin(TrackedAdmin):
    """The correspondence between our activities and the codes of the statistics; retired, never deleted."""

    list_display = ["label", "key", "retired_at"]
    list_filter = [("retired_at", admin.EmptyFieldListFilter)]
    search_fields = ["label__unaccent", "key"]
    autocomplete_fields = ["naf_codes", "facility_types"]
    prepopulated_fields = {"key": ["label"]}
    ordering = ["label", "pk"]

    def has_delete_permission(self, request, obj=None):
        return False
