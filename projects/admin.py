from django.contrib import admin

from coopconnexion.accounts.search import QuickSearch
from coopconnexion.backoffice import TrackedAdmin
from coopconnexion.db import NameKey
from projects.models import Project, StageChange


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
    list_display = ["title", "holder", "territory", "stage", "advisor", "created_at"]
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
    autocomplete_fields = ["holder", "territory", "themes", "referrer", "advisor"]
    readonly_fields = ["stage", "member", "integrated_on", "created_at"]
    ordering = ["-created_at", "-pk"]
    inlines = [StageChangeInline]

    def search_rows(self, queryset):
        return queryset.alias(title_key=NameKey("title"))
