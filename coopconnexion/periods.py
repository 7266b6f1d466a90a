"""Half-open periods as people read them: ``ends_on`` is stored exclusive, forms and pages show the last day."""

from calendar import monthrange
from datetime import date, timedelta

from django import forms, template
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import ValidationError
from django.utils.formats import date_format

register = template.Library()

DAY = timedelta(days=1)


@register.filter
def last_day(ends_on: date | None) -> date | None:
    """Return the last day of a period that ends before ``ends_on``; ``None`` when it has no end."""
    return ends_on and ends_on - DAY


def months_later(day: date, months: int) -> date:
    """Return the same day ``months`` later, or the last of that month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def day_after(last: date | None) -> date | None:
    """Return the exclusive end of a period whose last day is ``last``."""
    return last and last + DAY


class LastDayField(forms.DateField):
    """Show and read the last day of a period; its clean value is the exclusive end."""

    def prepare_value(self, value):
        return last_day(value) if isinstance(value, date) else value

    def to_python(self, value):
        if isinstance(value, date):  # from Python, as it is stored
            return super().to_python(value)
        try:
            return day_after(super().to_python(value))
        except OverflowError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class PeriodAdmin:
    """Mixin of admins and inlines: ``ends_on`` is asked and shown as the last day."""

    last_day_label = "dernier jour"

    @admin.display(description="dernier jour", ordering="ends_on", empty_value="–")
    def last_day(self, obj):
        return date_format(last_day(obj.ends_on)) if obj.ends_on else "–"

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "ends_on":
            return db_field.formfield(form_class=LastDayField, label=self.last_day_label, widget=AdminDateWidget)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_fields(self, request, obj=None):
        fields = super().get_fields(request, obj)
        if self.has_change_permission(request, obj):
            return fields
        return ["last_day" if name == "ends_on" else name for name in fields if name != "last_day"]

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return fields if self.has_change_permission(request, obj) else [*fields, "last_day"]
