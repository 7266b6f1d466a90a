from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from coopconnexion.accounts.search import QuickSearch
from coopconnexion.backoffice import TrackedAdmin
from coopconnexion.db import NameKey
from projects.models import ClosingReason, Project, StageChange


class StageChangeInline(admin.TabularInline):
    """The steps of a project, written by the services."""

    model = StageChange
    fields = readonly_fields = ["changed_at", "from_stage", "to_stage", "changed_by", "reason"]
    ordering = ["changed_at", "pk"]
    extra = 0

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("changed_by")

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Project)
class ProjectAdmin(QuickSearch, TrackedAdmin):
    """The raw table: projects are opened, moved and handed over on their own pages, and never deleted."""

    list_display = ["title", "holder", "territory", "stage", "advisor", "created_at", "project_page"]
    list_select_related = ["holder", "territory", "advisor"]
    list_filter = ["stage", "territory", "source", "is_test"]
    search_fields = [
        "title__unaccent",
        "holder__last_name__unaccent",
        "holder__first_name__unaccent",
        "holder__email",
    ]
    search_names = ("title_key", "holder__name_key")
    search_reference, search_person = "P", "holder"
    autocomplete_fields = ["holder", "territory", "themes", "referrer"]
    readonly_fields = [
        *("project_page", "stage", "stage_since", "advisor", "next_step", "next_step_on", "touched_at"),
        *("wakes_on", "pool_reason", "closing_reason", "member", "integrated_on", "created_at", "archived_at"),
    ]
    ordering = ["-created_at", "-pk"]
    inlines = [StageChangeInline]

    def search_rows(self, queryset):
        return queryset.alias(title_key=NameKey("title"))

    @admin.display(description="fiche")
    def project_page(self, obj):
        """Link to the page where the project is worked on."""
        return format_html('<a href="{}">Ouvrir la fiche</a>', reverse("projects_staff:project", args=[obj.pk]))

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(ClosingReason)
class ClosingReasonAdmin(TrackedAdmin):
    """Why projects end; one that a project bears is retired, not deleted."""

    list_display = ["label", "kind", "position", "retired_at"]
    list_filter = ["kind", ("retired_at", admin.EmptyFieldListFilter)]
    search_fields = ["label__unaccent"]
    ordering = ["kind", "position", "label", "pk"]

    def has_delete_permission(self, request, obj=None):
        is_used = obj is not None and Project.objects.filter(closing_reason=obj).exists()
        return super().has_delete_permission(request, obj) and not is_used

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions
