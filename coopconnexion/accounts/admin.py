from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.shortcuts import redirect
from django.utils import timezone

from coopconnexion.accounts import services
from coopconnexion.accounts.forms import PersonForm, UserForm
from coopconnexion.accounts.models import Affiliation, Mandate, Organisation, Person, PersonLink, PersonMerge, User
from coopconnexion.accounts.search import QuickSearch
from coopconnexion.backoffice import IS_RETIRED, Retired, SearchedFields, TrackedAdmin
from coopconnexion.periods import PeriodAdmin

ADVISOR_FIELDS = frozenset({"advisor", "advisors"})


class DoubleFilter(admin.SimpleListFilter):
    title = "doublons"
    parameter_name = "doublons"

    def lookups(self, request, model_admin):
        return [("oui", "doublons possibles")]

    def queryset(self, request, queryset):
        return queryset.filter(has_double=True) if self.value() else queryset


@admin.register(Person)
class PersonAdmin(QuickSearch, TrackedAdmin):
    """People come with a booking or a project, which gives them a territory; they are erased, never deleted."""

    form = PersonForm
    change_form_template = "admin/accounts/person/change_form.html"
    list_display = ["last_name", "first_name", "email", "phone", "commune", "is_double"]
    list_display_links = ["last_name", "first_name"]
    list_select_related = ["commune"]
    list_filter = [DoubleFilter]
    search_fields = ["name_key", "last_name__unaccent", "first_name__unaccent", "email"]
    search_person = ""
    autocomplete_fields = ["commune"]
    ordering = ["name_key", "pk"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_doubles()

    @admin.display(description="doublon possible", boolean=True)
    def is_double(self, person):
        return person.has_double or None

    def response_add(self, request, obj, post_url_continue=None):
        warn_of_doubles(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        warn_of_doubles(request, obj)
        return super().response_change(request, obj)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        merges = PersonMerge.objects.visible_to(request.user).filter(gone_pk=number_of(object_id))
        if object_id and (merge := merges.select_related("kept").first()):
            messages.info(request, f"Cette fiche a été réunie à celle de {merge.kept}.")
            return redirect("admin:accounts_person_change", merge.kept_id)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def has_delete_permission(self, request, obj=None):
        return False

    def has_add_permission(self, request):
        """Elsewhere than at the direction, a person without a project would be lost from sight once saved."""
        return super().has_add_permission(request) and request.user.staff_territory_ids() is None


def number_of(object_id: str | None) -> int:
    """Read an id from an address; zero when it is none."""
    return int(object_id) if object_id and object_id.isdecimal() and len(object_id) < 19 else 0


def warn_of_doubles(request, person: Person) -> None:
    """Say that a row looks like another, with a link to compare them."""
    person.refresh_from_db()  # the database computes ``name_key``
    if warning := services.double_warning(person=person, user=request.user):
        messages.warning(request, warning)


class AffiliationInline(admin.TabularInline):
    model = Affiliation
    autocomplete_fields = ["person"]
    extra = 0

    def get_field_queryset(self, db, db_field, request):
        """People whom one may see, and those whom the page shows anyway."""
        if db_field.name != "person":
            return super().get_field_queryset(db, db_field, request)
        seen = Person.objects.visible_to(request.user).values("pk")
        return Person.objects.filter(Q(pk__in=seen) | Q(affiliations__isnull=False)).distinct()


@admin.register(Organisation)
class OrganisationAdmin(Retired, TrackedAdmin):
    list_display = ["name", "kind", "commune", "email", "phone", "retired_at"]
    list_select_related = ["commune"]
    list_filter = ["kind", IS_RETIRED]
    search_fields = ["name__unaccent"]
    chart_field = "kind"
    autocomplete_fields = ["commune"]
    ordering = ["name", "pk"]
    inlines = [AffiliationInline]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


class MandateInline(SearchedFields, PeriodAdmin, admin.TabularInline):
    model = Mandate
    extra = 0
    can_delete = False


@admin.register(User)
class UserAdmin(TrackedAdmin):
    """Accounts sign in by a code: no password here, and an address that only its owner changes."""

    form = UserForm
    list_display = ["email", "name", "is_active", "last_login"]
    list_filter = ["is_active", "mandates__role", "mandates__territory"]
    search_fields = ["email", "name__unaccent"]
    ordering = ["email", "pk"]
    inlines = [MandateInline]

    def get_fields(self, request, obj=None):
        return ["email", "name", "is_active", "last_login", "created_at"] if obj else ["email", "name"]

    def get_readonly_fields(self, request, obj=None):
        return ["email", "last_login", "created_at"] if obj else []

    def get_search_results(self, request, queryset, search_term):
        """Where an advisor is to be chosen, offer those who do the work today."""
        if request.GET.get("field_name") in ADVISOR_FIELDS and "app_label" in request.GET:
            queryset = queryset.advisors_of(None, timezone.localdate())
        return super().get_search_results(request, queryset, search_term)

    def save_model(self, request, obj, form, change):
        if change:
            if "is_active" in form.changed_data:
                open_or_close(obj)
            super().save_model(request, obj, form, change)
            return
        opened = services.open_account(email=obj.email, name=obj.name, at=timezone.now())
        obj.pk, obj._state.adding = opened.pk, False

    def save_formset(self, request, form, formset, change):
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []  # what the admin reads after
        for row in formset.forms:
            if row.has_changed():
                save_mandate(row, user=form.instance)


def open_or_close(user: User) -> None:
    if user.is_active:
        services.reopen_account(user=user)
    else:
        services.close_account(user=user, today=timezone.localdate())


def save_mandate(form, *, user: User) -> Mandate:
    values = {name: form.cleaned_data[name] for name in ("role", "territory", "starts_on", "ends_on")}
    if form.instance.pk is None:
        return services.grant_mandate(user=user, **values)
    return services.change_mandate(mandate=form.instance, today=timezone.localdate(), **values)


class InForceFilter(admin.SimpleListFilter):
    title = "en cours"
    parameter_name = "en-cours"

    def lookups(self, request, model_admin):
        return [("oui", "en cours")]

    def queryset(self, request, queryset):
        return queryset.on(timezone.localdate()) if self.value() else queryset


@admin.register(Mandate)
class MandateAdmin(PeriodAdmin, TrackedAdmin):
    list_display = ["user", "role", "territory", "starts_on", "last_day"]
    list_select_related = ["user", "territory"]
    list_filter = [InForceFilter, "role", "territory"]
    search_fields = ["user__email", "user__name__unaccent"]
    autocomplete_fields = ["user"]
    ordering = ["user__email", "starts_on", "pk"]
    actions = ["end_today"]

    def save_model(self, request, obj, form, change):
        saved = save_mandate(form, user=obj.user)
        obj.pk, obj._state.adding = saved.pk, False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.action(description="Terminer aujourd’hui", permissions=["change"])
    def end_today(self, request, queryset):
        today = timezone.localdate()
        for mandate in queryset.order_by("pk"):
            try:
                services.end_mandate(mandate=mandate, last_day=today, today=today)
            except ValidationError as refusal:
                self.message_user(request, f"{mandate.user} : {refusal.messages[0]}", messages.ERROR)
            else:
                self.message_user(request, f"{mandate.user} : mandat terminé, aujourd’hui compris.")


@admin.register(PersonLink)
class PersonLinkAdmin(TrackedAdmin):
    list_display = ["user", "person", "confirmed_by", "confirmed_at"]
    list_select_related = ["user", "person", "confirmed_by"]
    search_fields = ["user__email", "person__name_key"]
    autocomplete_fields = ["user", "person"]
    fields = ["user", "person"]
    ordering = ["user__email", "pk"]

    def has_change_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        saved = services.confirm_person_link(
            user=obj.user, person=obj.person, confirmed_by=request.user, at=timezone.now()
        )
        obj.pk, obj._state.adding = saved.pk, False
