from django.contrib import admin

from coopconnexion.backoffice import TrackedAdmin
from coopconnexion.partnerships.forms import ObjectiveForm
from coopconnexion.partnerships.models import Amendment, Objective, Partnership
from coopconnexion.periods import PeriodAdmin


class AmendmentInline(PeriodAdmin, admin.StackedInline):
    model = Amendment
    extra = 0


class ObjectiveInline(PeriodAdmin, admin.TabularInline):
    model = Objective
    form = ObjectiveForm
    extra = 0

    def get_formset(self, request, obj=None, **kwargs):
        self.partnership = obj
        return super().get_formset(request, obj, **kwargs)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "amendment":
            kwargs["queryset"] = Amendment.objects.filter(partnership=self.partnership).order_by("number")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Partnership)
class PartnershipAdmin(PeriodAdmin, TrackedAdmin):
    list_display = ["title", "territory", "signed_on", "starts_on", "last_day"]
    list_select_related = ["territory"]
    list_filter = ["territory"]
    search_fields = ["title__unaccent"]
    autocomplete_fields = ["parties"]
    ordering = ["-signed_on", "pk"]
    inlines = [AmendmentInline, ObjectiveInline]
