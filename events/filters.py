"""Which events a visitor looks for: all of it stands in the address."""

from django.db.models import QuerySet
from django_filters import ChoiceFilter, FilterSet, ModelChoiceFilter

from coopconnexion.territories.models import Commune, Territory, Theme
from events.enums import EventKind
from events.models import Event


class EventFilter(FilterSet):
    """The filters of the public agenda; what cannot be read finds nothing, and says why."""

    nature = ChoiceFilter(label="Nature", field_name="kind", choices=EventKind.choices, empty_label="Toutes")
    theme = ModelChoiceFilter(
        label="Thème",
        field_name="themes",
        to_field_name="key",
        queryset=Theme.objects.active().order_by("position", "label", "pk"),
        empty_label="Tous",
    )
    commune = ModelChoiceFilter(
        label="Commune",
        field_name="venue__commune",
        queryset=Commune.objects.filter(venue__isnull=False).distinct().order_by("name", "pk"),
        empty_label="Toutes",
    )
    territoire = ModelChoiceFilter(
        label="Territoire",
        field_name="territory",
        to_field_name="slug",
        queryset=Territory.objects.order_by("name", "pk"),
        empty_label="Tous",
    )

    class Meta:
        model = Event
        fields: list[str] = []

    @property
    def rows(self) -> QuerySet[Event]:
        """The events that answer; none when a filter cannot be read."""
        return self.qs if self.form.is_valid() else Event.objects.none()

    @property
    def is_narrowed(self) -> bool:
        return self.form.is_bound and any(self.form.data.get(name) for name in self.filters)
