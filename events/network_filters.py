"""Which actors of the network staff and visitors look for: all of it stands in the address."""

from datetime import timedelta

from django import forms
from django.db.models import F, Q, QuerySet, Value
from django.utils import timezone
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, FilterSet, ModelChoiceFilter

from coopconnexion.accounts.models import User
from coopconnexion.backoffice.tables import FilterForm, options
from coopconnexion.db import NameKey
from coopconnexion.territories.models import Commune, Territory, Theme
from events.documents.network import with_contacts
from events.enums import ActorRole
from events.models import NetworkActor

SILENT = timedelta(days=183)


class Searched(FilterSet):
    q = CharFilter(label="Chercher", method="search", max_length=100)
    role = ChoiceFilter(label="Rôle", choices=ActorRole.choices, empty_label="Tous")

    def search(self, rows, name, value):
        key = NameKey(Value(value))
        keys = {"organisation_key": NameKey(F("organisation__name")), "offer_key": NameKey(F("offer"))}
        found = Q(organisation_key__contains=key) | Q(person__name_key__contains=key) | Q(offer_key__contains=key)
        return rows.alias(**keys).filter(found)


class ActorFilter(Searched):
    """The list of the office, by name; archived actors aside unless asked for."""

    theme = ChoiceFilter(label="Thème", field_name="themes", empty_label="Tous")
    territoire = ChoiceFilter(label="Territoire", field_name="territory", empty_label="Tous")
    annuaire = ChoiceFilter(
        label="Annuaire",
        method="in_directory",
        choices=[("oui", "accord donné"), ("non", "sans accord")],
        empty_label="Tous",
    )
    silence = BooleanFilter(label="Sans contact depuis six mois", method="silent", widget=forms.CheckboxInput)
    archives = BooleanFilter(label="Archivés", method="archived", widget=forms.CheckboxInput)

    class Meta:
        form = FilterForm

    def __init__(self, data, *, user: User):
        super().__init__(data, with_contacts(NetworkActor.objects.visible_to(user)))
        found = options(
            territoire=(Territory.objects.staffed_by(user), F("name")), theme=(Theme.objects.active(), F("label"))
        )
        for name, choices in found.items():
            self.filters[name].extra["choices"] = choices

    @property
    def rows(self) -> QuerySet[NetworkActor]:
        """The actors that answer, by name; none when a filter cannot be read."""
        if not self.form.is_valid():
            return NetworkActor.objects.none()
        rows = self.filter_queryset(self.queryset)
        if not self.form.cleaned_data.get("archives"):
            rows = rows.active()
        return rows.order_by("name", "pk").prefetch_related("themes")

    def in_directory(self, rows, name, value):
        listed = NetworkActor.objects.listed().values("pk")
        return rows.filter(pk__in=listed) if value == "oui" else rows.exclude(pk__in=listed)

    def silent(self, rows, name, value):
        since = timezone.localdate() - SILENT
        return rows.filter(Q(last_contact=None) | Q(last_contact__lt=since)) if value else rows

    def archived(self, rows, name, value):
        return rows.filter(archived_at__isnull=False) if value else rows


class DirectoryFilter(Searched):
    """The public directory: who agreed to stand there."""

    theme = ModelChoiceFilter(
        label="Thème",
        field_name="themes",
        to_field_name="key",
        queryset=Theme.objects.active().order_by("position", "label", "pk"),
        empty_label="Tous",
    )
    commune = ModelChoiceFilter(
        label="Commune",
        queryset=Commune.objects.filter(networkactor__isnull=False).distinct().order_by("name", "pk"),
        empty_label="Toutes",
    )

    class Meta:
        model = NetworkActor
        fields: list[str] = []

    @property
    def rows(self) -> QuerySet[NetworkActor]:
        """The actors that answer, by name; none when a filter cannot be read."""
        if not self.form.is_valid():
            return NetworkActor.objects.none()
        return with_contacts(self.qs).order_by("name", "pk").prefetch_related("themes")

    @property
    def is_narrowed(self) -> bool:
        return any(self.form.data.get(name) for name in self.filters)
