from django.contrib import admin

from coopconnexion.accounts.models import Affiliation, Mandate, Organisation, Person, User
from coopconnexion.backoffice import TrackedAdmin


class AffiliationInline(admin.TabularInline):
    model = Affiliation
    autocomplete_fields = ["person"]
    extra = 0


class MandateInline(admin.TabularInline):
    model = Mandate
    fields = ["role", "territory", "starts_on", "ends_on"]
    extra = 0


@admin.register(Person)
class PersonAdmin(TrackedAdmin):
    list_display = ["__str__", "email", "phone", "commune"]
    list_select_related = ["commune"]
    search_fields = ["last_name__unaccent", "first_name__unaccent", "email", "phone"]
    autocomplete_fields = ["commune"]
    ordering = ["name_key", "pk"]


@admin.register(Organisation)
class OrganisationAdmin(TrackedAdmin):
    list_display = ["name", "kind", "commune"]
    list_select_related = ["commune"]
    list_filter = ["kind"]
    search_fields = ["name__unaccent"]
    autocomplete_fields = ["commune"]
    ordering = ["name", "pk"]
    inlines = [AffiliationInline]


@admin.register(User)
class UserAdmin(TrackedAdmin):
    list_display = ["email", "name", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["email", "name__unaccent"]
    fields = ["email", "name", "is_active"]
    ordering = ["email", "pk"]
    inlines = [MandateInline]
