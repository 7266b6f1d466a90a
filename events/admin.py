from django.contrib import admin

from coopconnexion.backoffice import TrackedAdmin
from events.models import Event


@admin.register(Event)
class EventAdmin(TrackedAdmin):
    list_display = ["title", "kind", "starts_at", "venue", "territory", "cancelled_at"]
    list_select_related = ["venue", "territory"]
    list_filter = ["kind", "territory", "starts_at"]
    search_fields = ["title__unaccent", "description__unaccent"]
    autocomplete_fields = ["territory", "venue", "themes"]
    ordering = ["-starts_at", "-pk"]
