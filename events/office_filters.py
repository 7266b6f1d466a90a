"""Which events staff look for: all of it stands in the address."""

from django.db.models import F, QuerySet, Value
from django.utils import timezone
from django_filters import CharFilter, ChoiceFilter, FilterSet

from coopconnexion.accounts.models import User
from coopconnexion.backoffice.tables import FilterForm, options
from coopconnexion.db import NameKey
from coopconnexion.territories.models import Territory, Theme
from events.documents.presence import events_to_note
from events.enums import EventKind
from events.models import Event
from premises.models import Venue

COMING, PAST, DRAFTS, CANCELLED, TO_NOTE = "a-venir", "passes", "brouillons", "annules", "presences"
STATES = [
    (COMING, "à venir"),
    (PAST, "passés"),
    (DRAFTS, "brouillons"),
    (CANCELLED, "annulés"),
    (TO_NOTE, "présences à noter"),
]


class EventOfficeFilter(FilterSet):
    q = CharFilter(label="Chercher", method="search", max_length=100)
    etat = ChoiceFilter(label="État", method="in_state", choices=STATES, empty_label="À venir et brouillons")
    nature = ChoiceFilter(label="Nature", field_name="kind", choices=EventKind.choices, empty_label="Toutes")
    theme = ChoiceFilter(label="Thème", field_name="themes", empty_label="Tous")
    lieu = ChoiceFilter(label="Lieu", field_name="venue", empty_label="Tous")
    territoire = ChoiceFilter(label="Territoire", field_name="territory", empty_label="Tous")

    class Meta:
        form = FilterForm

    def __init__(self, data, *, user: User):
        super().__init__(data, Event.objects.visible_to(user))
        self.at = timezone.now()
        found = options(
            territoire=(Territory.objects.staffed_by(user), F("name")),
            theme=(Theme.objects.active(), F("label")),
            lieu=(Venue.objects.visible_to(user), F("name")),
        )
        for name, choices in found.items():
            self.filters[name].extra["choices"] = choices

    @property
    def rows(self) -> QuerySet[Event]:
        """The events that answer, the soonest first, those that are over the latest first."""
        if not self.form.is_valid():
            return Event.objects.none()
        state = self.form.cleaned_data.get("etat")
        rows = self.filter_queryset(self.queryset)
        if not state:
            rows = rows.filter(cancelled_at=None, ends_at__gt=self.at)
        backwards = state in (PAST, CANCELLED, TO_NOTE)
        return rows.order_by(*(("-starts_at", "-pk") if backwards else ("starts_at", "pk")))

    def search(self, rows, name, value):
        return rows.alias(key=NameKey("title")).filter(key__contains=NameKey(Value(value)))

    def in_state(self, rows, name, value):
        held = rows.held()
        return {
            COMING: held.filter(ends_at__gt=self.at),
            PAST: held.filter(ends_at__lte=self.at),
            DRAFTS: rows.filter(published_at=None, cancelled_at=None),
            CANCELLED: rows.filter(cancelled_at__isnull=False),
            TO_NOTE: events_to_note(rows, self.at),
        }[value]
