"""Permanences, bookings and waiting lists as rows: to find and read; the agenda is where they are worked on."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from coopconnexion.backoffice import TrackedAdmin
from permanences import services
from permanences.models import Booking, Permanence, WaitingListEntry


class AgendaLink:
    """Adds the link to the agenda of the permanence."""

    @admin.display(description="agenda")
    def agenda(self, obj):
        permanence_id = obj.pk if isinstance(obj, Permanence) else obj.permanence_id
        if permanence_id is None:
            return "–"
        return format_html(
            '<a href="{}">Ouvrir l’agenda</a>', reverse("permanences_staff:permanence", args=[permanence_id])
        )


class ReadOnlyAdmin(AgendaLink, TrackedAdmin):
    """Rows that only services write."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class EndFilter(admin.SimpleListFilter):
    title = "état"
    parameter_name = "etat"

    def lookups(self, request, model_admin):
        return [("tient", "tiennent"), ("annule", "annulés"), ("libere", "libérés"), ("a-confirmer", "non confirmés")]

    def queryset(self, request, queryset):
        if self.value() == "tient":
            return queryset.standing()
        if self.value() == "annule":
            return queryset.filter(cancelled_at__isnull=False)
        if self.value() == "libere":
            return queryset.filter(released_at__isnull=False)
        return queryset.unconfirmed() if self.value() == "a-confirmer" else queryset


@admin.register(Booking)
class BookingAdmin(ReadOnlyAdmin):
    list_display = ["person", "start", "project", "channel", "outcome", "cancelled_at", "agenda"]
    list_select_related = ["person", "slot", "project", "permanence"]
    list_filter = [EndFilter, "outcome", "channel", "permanence__territory"]
    search_fields = [
        "person__last_name__unaccent",
        "person__first_name__unaccent",
        "person__email",
        "project__title__unaccent",
    ]
    fields = [
        "agenda",
        *("permanence", "slot", "person", "project", "channel", "booked_at", "booked_by", "message", "staff_note"),
        *("confirmed_at", "held_until", "moved_at", "move_answered_at"),
        *("cancelled_at", "cancelled_by", "cancel_reason", "released_at", "outcome", "outcome_at"),
    ]
    readonly_fields = ["agenda"]
    ordering = ["-booked_at", "-pk"]

    @admin.display(description="heure", ordering="slot__starts_at")
    def start(self, obj):
        return obj.slot.starts_at


@admin.register(WaitingListEntry)
class WaitingListEntryAdmin(ReadOnlyAdmin):
    list_display = ["person", "permanence", "project", "joined_at", "left_at", "served_at", "agenda"]
    list_select_related = ["person", "permanence", "project"]
    list_filter = [("served_at", admin.EmptyFieldListFilter), ("left_at", admin.EmptyFieldListFilter)]
    search_fields = ["person__last_name__unaccent", "person__first_name__unaccent", "person__email"]
    fields = [
        "agenda",
        *("permanence", "person", "project", "message", "joined_at", "held_at", "confirmed_at"),
        *("left_at", "served_at", "booking"),
    ]
    readonly_fields = ["agenda"]
    ordering = ["-joined_at", "-pk"]


@admin.register(Permanence)
class PermanenceAdmin(AgendaLink, TrackedAdmin):
    """The online booking of a day is set here; its date, hours and end are the planning pages' business."""

    list_display = ["held_on", "opens_at", "closes_at", "venue", "territory", "cancelled_at", "agenda"]
    list_select_related = ["venue", "territory"]
    list_filter = ["territory", "held_on", ("cancelled_at", admin.EmptyFieldListFilter)]
    search_fields = ["venue__name__unaccent", "territory__name__unaccent"]
    fields = [
        "agenda",
        *("territory", "venue", "schedule", "held_on", "opens_at", "closes_at", "break_starts_at", "break_ends_at"),
        *("slot_minutes", "desks", "reminder_minutes", "cancelled_at", "cancel_reason"),
        *("shift_reason", "notice_minutes", "booking_opens_days", "booking_paused_message"),
    ]
    readonly_fields = fields[:14]
    ordering = ["-held_on", "opens_at", "pk"]

    def save_model(self, request, obj, form, change):
        services.change_online_booking(permanence=obj, **form.cleaned_data)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
