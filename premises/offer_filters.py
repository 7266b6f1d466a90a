"""Which units on offer a visitor looks for: all of it stands in the address.

What is not known is not a « no »: a unit whose surface, rent or equipment nobody has noted, or that keeps its rent to
itself, stays in the list, after those that are sure to answer.
"""

from django import forms
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, FilterSet, NumberFilter

from coopconnexion.db import NameKey
from premises.forms.offers import MeasureField
from premises.models import Unit

LARGEST = 100_000  # m², euros
RENT_UNKNOWN = Q(rent_is_public=False) | Q(monthly_rent=None)


def need(label: str, name: str) -> BooleanFilter:
    return BooleanFilter(label=label, field_name=name, method="needing", widget=forms.CheckboxInput)


class MeasureFilter(NumberFilter):
    field_class = MeasureField


def measure(label: str, method: str) -> MeasureFilter:
    return MeasureFilter(label=label, method=method, min_value=0, max_value=LARGEST)


class OfferFilter(FilterSet):
    """The filters of the public list and of its map; what cannot be read finds nothing, and says why."""

    surface_min = measure("Surface minimale", "at_least")
    surface_max = measure("Surface maximale", "at_most")
    loyer_max = measure("Loyer maximal", "rent_at_most")
    voie = CharFilter(label="Rue", method="in_street", max_length=80)
    commune = ChoiceFilter(label="Commune", field_name="commune", empty_label="Toutes")
    plain_pied = need("Accès de plain-pied", "step_free")
    vitrine = need("Vitrine sur rue", "shop_window")
    extraction = need("Extraction pour cuisiner", "extraction")
    eau = need("Point d’eau", "water")

    def __init__(self, data, *, towns: list[tuple[str, str]]):
        super().__init__(data, Unit.objects.on_offer())
        self.filters["commune"].extra["choices"] = towns
        self.unknown: list[Q] = []

    @property
    def rows(self) -> QuerySet[Unit]:
        """The units that answer, the surest first, then the newest; none when a filter cannot be read."""
        if not self.form.is_valid():
            return Unit.objects.none()
        self.unknown = []
        rows = self.filter_queryset(self.queryset)
        newest_first = ("-published_at", "-pk")
        if not self.unknown:
            return rows.order_by(*newest_first)
        doubts = sum((Case(When(each, then=1), default=0) for each in self.unknown), Value(0, IntegerField()))
        return rows.order_by(doubts, *newest_first)

    @property
    def asked(self) -> dict[str, str]:
        """What narrows the list, as clean words: the same search always gives the same."""
        if not self.form.is_valid():
            return {}
        cleaned = sorted(self.form.cleaned_data.items())
        return {name: str(value) for name, value in cleaned if value not in (None, "", False)}

    def knowing(self, rows: QuerySet[Unit], said: Q, unknown: Q) -> QuerySet[Unit]:
        """Keep what answers and what nobody knows."""
        self.unknown.append(unknown)
        return rows.filter(said | unknown)

    def at_least(self, rows, name, value):
        return self.knowing(rows, Q(floor_area_m2__gte=value), Q(floor_area_m2=None))

    def at_most(self, rows, name, value):
        return self.knowing(rows, Q(floor_area_m2__lte=value), Q(floor_area_m2=None))

    def rent_at_most(self, rows, name, value):
        """A rent that is not shown neither answers nor fails: no search may guess it."""
        return self.knowing(rows, Q(rent_is_public=True, monthly_rent__lte=value), RENT_UNKNOWN)

    def in_street(self, rows, name, value):
        return rows.alias(street_key=NameKey("street")).filter(street_key__contains=NameKey(Value(value)))

    def needing(self, rows, name, value):
        return self.knowing(rows, Q(**{name: True}), Q(**{name: None})) if value else rows
