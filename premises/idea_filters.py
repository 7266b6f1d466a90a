"""Which ideas of activities a visitor looks for: all of it stands in the address."""

from django.db.models import F, Q, QuerySet, Value
from django_filters import CharFilter, ChoiceFilter, FilterSet

from coopconnexion.db import NameKey
from premises.models import MissingActivity


class IdeaFilter(FilterSet):
    q = CharFilter(label="Activité", method="search", max_length=80)
    commune = ChoiceFilter(label="Commune", field_name="commune", empty_label="Toutes")

    def __init__(self, data, *, rows: QuerySet[MissingActivity]):
        super().__init__(data, rows)
        towns = rows.order_by("commune__name").values_list("commune", "commune__name").distinct()
        self.filters["commune"].extra["choices"] = list(towns)

    @property
    def rows(self) -> QuerySet[MissingActivity]:
        """The ideas that answer; none when a filter cannot be read."""
        return self.qs if self.form.is_valid() else MissingActivity.objects.none()

    def search(self, rows, name, value):
        key = NameKey(Value(value))
        named = rows.alias(label_key=NameKey(F("label")), idea_key=NameKey(F("idea")))
        return named.filter(Q(label_key__contains=key) | Q(idea_key__contains=key))
