from django.contrib import admin
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from coopconnexion.accounts.models import User
from coopconnexion.accounts.search import QuickSearch
from coopconnexion.backoffice import IS_RETIRED, Retired, TrackedAdmin
from coopconnexion.periods import PeriodAdmin
from members.models import Business, Contract, ContractKind, DocumentKind, ExitReason, Member


class ReadOnly:
    """Rows that only services write; the page of the member is where they are worked on."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.display(description="fiche")
def member_page(obj):
    """Link to the page where the member is worked on."""
    pk = obj.pk if isinstance(obj, Member) else obj.member_id
    return format_html('<a href="{}">Ouvrir la fiche</a>', reverse("members_staff:member", args=[pk])) if pk else "–"


class ContractInline(ReadOnly, PeriodAdmin, admin.TabularInline):
    model = Contract
    fields = ["kind", "series", "renewal_rank", "signed_on", "starts_on", "ends_on"]
    extra = 0
    show_change_link = True


@admin.register(Member)
class MemberAdmin(QuickSearch, TrackedAdmin):
    list_display = ["person", "territory", "advisor", "associated_on", member_page]
    list_select_related = ["person", "territory", "advisor"]
    list_filter = ["territory"]
    search_fields = ["person__last_name__unaccent", "person__first_name__unaccent", "person__email"]
    search_names = ("person__name_key",)
    search_reference, search_person = "M", "person"
    autocomplete_fields = ["person", "territory", "advisor", "referrer"]
    readonly_fields = ["associated_on", "share_count", "share_amount", member_page]
    ordering = ["person__name_key", "pk"]
    inlines = [ContractInline]

    def get_field_queryset(self, db, db_field, request):
        if db_field.name == "advisor":  # who does the daily work somewhere, or follows a member already
            advisors = User.objects.advisors_of(None, timezone.localdate()).values("pk")
            known = Q(pk__in=advisors) | Q(pk__in=Member.objects.values("advisor"))
            return User.objects.filter(known).order_by("name", "email", "pk")
        return super().get_field_queryset(db, db_field, request)


@admin.register(Business)
class BusinessAdmin(TrackedAdmin):
    """A business is begun, and who carries it is said, on the page of a member."""

    list_display = ["name", "activity", "commune", "opened_on", "closed_on"]
    list_select_related = ["commune"]
    list_filter = [("closed_on", admin.EmptyFieldListFilter)]
    search_fields = ["name__unaccent", "activity__unaccent"]
    autocomplete_fields = ["commune"]
    exclude = ["members"]
    ordering = ["name", "pk"]

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(Contract)
class ContractAdmin(ReadOnly, PeriodAdmin, QuickSearch, TrackedAdmin):
    list_display = ["member", "kind", "series", "renewal_rank", "starts_on", "last_day", member_page]
    list_select_related = ["member__person", "kind"]
    list_filter = ["kind"]
    search_fields = ["member__person__last_name__unaccent", "member__person__first_name__unaccent"]
    search_names = ("member__person__name_key",)
    search_person = "member__person"
    readonly_fields = [member_page]
    ordering = ["-starts_on", "pk"]


class OptionAdmin(Retired, TrackedAdmin):
    """A list of values as data."""

    list_filter = [IS_RETIRED]


@admin.register(ContractKind)
class ContractKindAdmin(OptionAdmin):
    list_display = ["label", "nature", "max_months", "max_renewals", "starts_association_clock", "retired_at"]
    search_fields = ["label__unaccent"]
    ordering = ["label", "pk"]

    def get_readonly_fields(self, request, obj=None):
        return ["key", *self.readonly_fields] if obj else self.readonly_fields


@admin.register(ExitReason)
class ExitReasonAdmin(OptionAdmin):
    list_display = ["label", "kind", "position", "retired_at"]
    search_fields = ["label__unaccent"]
    ordering = ["position", "label", "pk"]


@admin.register(DocumentKind)
class DocumentKindAdmin(OptionAdmin):
    list_display = ["label", "contract_kind", "validity_months", "position", "retired_at"]
    list_select_related = ["contract_kind"]
    search_fields = ["label__unaccent"]
    ordering = ["position", "label", "pk"]
