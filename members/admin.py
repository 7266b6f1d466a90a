from django.contrib import admin

from coopconnexion.backoffice import TrackedAdmin
from coopconnexion.periods import PeriodAdmin
from members.models import Business, Contract, ContractKind, Member


class ContractInline(PeriodAdmin, admin.TabularInline):
    model = Contract
    fields = ["kind", "series", "renewal_rank", "signed_on", "starts_on", "ends_on"]
    extra = 0
    show_change_link = True


@admin.register(Member)
class MemberAdmin(TrackedAdmin):
    list_display = ["person", "territory", "advisor", "associated_on"]
    list_select_related = ["person", "territory", "advisor"]
    list_filter = ["territory"]
    search_fields = ["person__last_name__unaccent", "person__first_name__unaccent", "person__email"]
    autocomplete_fields = ["person", "territory", "advisor"]
    ordering = ["person__last_name", "person__first_name", "pk"]
    inlines = [ContractInline]


@admin.register(Business)
class BusinessAdmin(TrackedAdmin):
    list_display = ["name", "activity", "commune", "opened_on", "closed_on"]
    list_select_related = ["commune"]
    list_filter = [("closed_on", admin.EmptyFieldListFilter)]
    search_fields = ["name__unaccent", "activity__unaccent"]
    autocomplete_fields = ["commune", "members"]
    ordering = ["name", "pk"]


@admin.register(Contract)
class ContractAdmin(PeriodAdmin, TrackedAdmin):
    list_display = ["member", "kind", "series", "renewal_rank", "starts_on", "last_day"]
    list_select_related = ["member__person", "kind"]
    list_filter = ["kind"]
    search_fields = ["member__person__last_name__unaccent", "member__person__first_name__unaccent"]
    autocomplete_fields = ["member"]
    readonly_fields = ["max_months", "max_renewals"]
    ordering = ["-starts_on", "pk"]


@admin.register(ContractKind)
class ContractKindAdmin(TrackedAdmin):
    list_display = ["label", "max_months", "max_renewals", "retired_at"]
    search_fields = ["label__unaccent"]
    ordering = ["label", "pk"]
