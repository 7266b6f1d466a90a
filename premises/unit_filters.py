"""Which units the register shows: all of it stands in the address."""

from django import forms
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, FilterSet, NumberFilter

from coopconnexion.accounts.models import User
from coopconnexion.backoffice.tables import FilterForm, options
from coopconnexion.db import folded
from coopconnexion.periods import months_later
from coopconnexion.territories.models import Territory
from premises.documents.register import STALE_MONTHS
from premises.enums import Availability, FollowUpDetail, FollowUpStatus, OccupancyState
from premises.models import Unit, UnitGroup, UnitPhoto
from premises.search import answering

EMPTY = "vide"
GONE, ALL = "disparues", "toutes"
SORTS = {
    "adresse": folded(F("street")),
    "commune": folded(F("commune__name")),
    "occupation": Case(*(When(state=state, then=Value(rank)) for rank, state in enumerate(OccupancyState))),
    "vacante": F("vacant_since"),
    "surface": F("floor_area_m2"),
    "loyer": F("monthly_rent"),
    "releve": F("surveyed_on"),
}
BY_ADDRESS = "adresse"


def in_order(rows: QuerySet[Unit], sort: str) -> QuerySet[Unit]:
    """Order by the name of a column, backwards after a « - »; empty values last, then along the street."""
    key = SORTS.get(sort.removeprefix("-"), SORTS[BY_ADDRESS])
    by = key.desc if sort.startswith("-") else key.asc
    return rows.order_by(by(nulls_last=True), "street", "number", "repetition", "pk")


def capitalised(choices) -> list[tuple[str, str]]:
    return [(value, str(label)[:1].upper() + str(label)[1:]) for value, label in choices]


def bound(label: str, field: str, lookup: str) -> NumberFilter:
    return NumberFilter(label=label, field_name=field, lookup_expr=lookup, min_value=0, max_value=10**6)


class UnitFilter(FilterSet):
    """The filters of the register; what cannot be read finds nothing, and says why."""

    q = CharFilter(label="Chercher", method="search", max_length=100)
    occupation = ChoiceFilter(
        label="Occupation",
        method="in_state",
        empty_label="Toutes",
        choices=[
            (EMPTY, "Vide (vacante ou jamais occupée)"),
            *((v, str(w).capitalize()) for v, w in OccupancyState.choices),
        ],
    )
    disponibilite = ChoiceFilter(
        label="Disponibilité",
        field_name="availability",
        empty_label="Toutes",
        choices=capitalised(Availability.choices),
    )
    territoire = ChoiceFilter(label="Territoire", field_name="territory", empty_label="Tous")
    groupe = ChoiceFilter(label="Groupe", field_name="groups", empty_label="Tous")
    commune = CharFilter(label="Commune", field_name="commune__name", lookup_expr="unaccent__icontains", max_length=100)
    secteur = CharFilter(label="Secteur", field_name="sector", lookup_expr="unaccent__icontains", max_length=100)
    voie = CharFilter(label="Voie", field_name="street", lookup_expr="unaccent__icontains", max_length=150)
    suivi = ChoiceFilter(
        label="Suivi",
        method="followed",
        empty_label="Tous",
        choices=capitalised([*FollowUpStatus.choices, *FollowUpDetail.choices]),
    )
    vide_depuis = ChoiceFilter(
        label="Vide depuis au moins",
        method="empty_for",
        empty_label="Peu importe",
        choices=[(3, "3 mois"), (6, "6 mois"), (12, "1 an"), (24, "2 ans (friche commerciale)"), (60, "5 ans")],
    )
    surface_min = bound("Surface d’au moins (m²)", "floor_area_m2", "gte")
    surface_max = bound("Surface d’au plus (m²)", "floor_area_m2", "lte")
    loyer_max = bound("Loyer mensuel d’au plus (€)", "monthly_rent", "lte")
    publiee = ChoiceFilter(
        label="Public",
        method="published",
        empty_label="Peu importe",
        choices=[("oui", "Publiée"), ("non", "Pas publiée")],
    )
    photos = ChoiceFilter(
        label="Photos",
        method="with_photos",
        empty_label="Peu importe",
        choices=[("oui", "Avec photo"), ("non", "Sans photo")],
    )
    a_revoir = BooleanFilter(label="Pas vue depuis un an", method="stale", widget=forms.CheckboxInput)
    existe = ChoiceFilter(
        label="Existence",
        method="exists",
        empty_label="Existe encore",
        choices=[(GONE, "N’existe plus"), (ALL, "Toutes")],
    )
    tri = ChoiceFilter(
        method="keep_sort",
        widget=forms.HiddenInput,
        choices=[(sign + key, key) for key in SORTS for sign in ("", "-")],
    )

    class Meta:
        form = FilterForm

    def __init__(self, data, *, user: User):
        self.user, self.today = user, timezone.localdate()
        super().__init__(data, Unit.objects.visible_to(user))
        found = options(
            territoire=(Territory.objects.staffed_by(user), F("name")),
            groupe=(UnitGroup.objects.visible_to(user), F("name")),
        )
        for name, choices in found.items():
            self.filters[name].extra["choices"] = choices

    @property
    def rows(self) -> QuerySet[Unit]:
        """The units that answer, in order; none when a filter cannot be read."""
        if not self.form.is_valid():
            return Unit.objects.none()
        rows = self.filter_queryset(self.queryset)
        if not self.form.cleaned_data.get("existe"):
            rows = rows.standing()
        return in_order(rows, self.sort)

    @property
    def sort(self) -> str:
        return (self.form.is_valid() and self.form.cleaned_data.get("tri")) or BY_ADDRESS

    def search(self, rows, name, value):
        return answering(rows, value)

    def in_state(self, rows, name, value):
        return rows.empty() if value == EMPTY else rows.filter(state=value)

    def followed(self, rows, name, value):
        return rows.filter(Q(followup=value) | Q(followup_detail=value))

    def empty_for(self, rows, name, value):
        return rows.empty_for(int(value), self.today)

    def published(self, rows, name, value):
        return rows.filter(published_at__isnull=value == "non")

    def with_photos(self, rows, name, value):
        has_some = Exists(UnitPhoto.objects.filter(unit=OuterRef("pk")))
        return rows.filter(has_some if value == "oui" else ~has_some)

    def stale(self, rows, name, value):
        return rows.stale(months_later(self.today, -STALE_MONTHS)) if value else rows

    def exists(self, rows, name, value):
        return rows.exclude(closed_on=None) if value == GONE else rows

    def keep_sort(self, rows, name, value):
        return rows
