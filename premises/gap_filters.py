"""Which missing activities the inventory shows: all of it stands in the address."""

from django import forms
from django.db.models import Case, F, QuerySet, Value, When
from django.utils import timezone
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, FilterSet

from coopconnexion.accounts.models import User
from coopconnexion.backoffice.tables import FilterForm, options
from coopconnexion.db import NameKey, folded
from coopconnexion.territories.models import Territory
from premises.enums import GapSource, GapStatus
from premises.models import MissingActivity

STATUS_RANK = Case(*(When(status=status, then=Value(rank)) for rank, status in enumerate(GapStatus)))
SORTS = {"activite": folded(F("label")), "etat": STATUS_RANK, "revoir": F("review_on"), "constat": F("observed_on")}
BY_STATUS = "etat"


class GapFilter(FilterSet):
    q = CharFilter(label="Chercher", method="search", max_length=100)
    etat = ChoiceFilter(label="État", field_name="status", empty_label="Tous", choices=GapStatus.choices)
    source = ChoiceFilter(label="Source", empty_label="Toutes", choices=GapSource.choices)
    territoire = ChoiceFilter(label="Territoire", field_name="territory", empty_label="Tous")
    a_revoir = BooleanFilter(label="À revoir", method="stale", widget=forms.CheckboxInput)
    tri = ChoiceFilter(
        method="keep_sort",
        widget=forms.HiddenInput,
        choices=[(sign + key, key) for key in SORTS for sign in ("", "-")],
    )

    class Meta:
        form = FilterForm

    def __init__(self, data, *, user: User):
        super().__init__(data, MissingActivity.objects.visible_to(user))
        self.today = timezone.localdate()
        territories = options(territoire=(Territory.objects.staffed_by(user), F("name")))["territoire"]
        self.filters["territoire"].extra["choices"] = territories

    @property
    def rows(self) -> QuerySet[MissingActivity]:
        """The gaps that answer, in order; none when a filter cannot be read."""
        if not self.form.is_valid():
            return MissingActivity.objects.none()
        backwards, key = self.sort.startswith("-"), SORTS[self.sort.removeprefix("-")]
        if not hasattr(key, "asc"):
            key = F(key)
        by = key.desc() if backwards else key.asc()
        return self.filter_queryset(self.queryset).order_by(by, "pk")

    @property
    def sort(self) -> str:
        return (self.form.is_valid() and self.form.cleaned_data.get("tri")) or BY_STATUS

    def search(self, rows, name, value):
        return rows.alias(key=NameKey("label")).filter(key__contains=NameKey(Value(value)))

    def stale(self, rows, name, value):
        return rows.stale(self.today) if value else rows

    def keep_sort(self, rows, name, value):
        return rows
