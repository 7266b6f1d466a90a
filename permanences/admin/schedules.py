"""Schedules and their closures as rows, for their history; the planning pages change them."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from permanences.admin.bookings import ReadOnlyAdmin
from permanences.models import Schedule


@admin.register(Schedule)
class ScheduleAdmin(ReadOnlyAdmin):
    list_display = ["name", "territory", "venue", "nth", "weekday", "opens_at", "closes_at", "page"]
    list_select_related = ["territory", "venue"]
    list_filter = ["territory"]
    search_fields = ["name__unaccent", "venue__name__unaccent"]
    fields = [
        "page",
        *("name", "territory", "venue", "nth", "weekday", "opens_at", "closes_at", "break_starts_at", "break_ends_at"),
        *("slot_minutes", "desks", "notice_minutes", "booking_opens_days", "reminder_minutes", "holiday_rule"),
        *("booking_paused_message", "months_ahead", "starts_on", "ends_on"),
    ]
    readonly_fields = ["page"]
    ordering = ["name", "pk"]

    @admin.display(description="changer")
    def page(self, obj):
        address = reverse("permanences_staff:schedule_dates", args=[obj.pk])
        return format_html('<a href="{}">Ouvrir le rythme</a>', address)
