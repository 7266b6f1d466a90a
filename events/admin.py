from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from coopconnexion.backoffice import TrackedAdmin
from events.models import Event


@admin.register(Event)
class EventAdmin(TrackedAdmin):
    """The raw table, to find and read: events are planned, moved and cancelled on their own pages."""

    list_display = ["title", "kind", "starts_at", "venue", "territory", "published_at", "cancelled_at", "event_page"]
    list_select_related = ["venue", "territory"]
    list_filter = ["kind", "territory", "starts_at"]
    search_fields = ["title__unaccent", "description__unaccent"]
    ordering = ["-starts_at", "-pk"]

    @admin.display(description="fiche")
    def event_page(self, obj):
        """Link to the page where the event is worked on."""
        return format_html('<a href="{}">Ouvrir la fiche</a>', reverse("events_staff:event", args=[obj.pk]))

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
