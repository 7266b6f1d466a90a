from django.contrib import admin

from coopconnexion.backoffice import TrackedAdmin
from coopconnexion.territories.models import Commune, Territory, Theme


@admin.register(Commune)
class CommuneAdmin(TrackedAdmin):
    list_display = ["name", "insee_code", "population", "population_year"]
    search_fields = ["name__unaccent", "insee_code", "postal_codes"]
    ordering = ["name", "pk"]


@admin.register(Territory)
class TerritoryAdmin(TrackedAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name__unaccent"]
    autocomplete_fields = ["communes"]
    prepopulated_fields = {"slug": ["name"]}
    ordering = ["name", "pk"]


@admin.register(Theme)
class ThemeAdmin(TrackedAdmin):
    list_display = ["label", "key", "position", "retired_at"]
    search_fields = ["label__unaccent", "definition__unaccent"]
    ordering = ["position", "label", "pk"]
