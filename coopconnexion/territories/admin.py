from django.contrib import admin

from coopconnexion.backoffice import TrackedAdmin
from coopconnexion.territories.models import Commune, Territory, Theme


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
