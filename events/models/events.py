"""Events, the sessions they are made of, and the rules by which they come back."""

from datetime import datetime
from uuid import uuid4

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from coopconnexion.db import EQUAL, OVERLAPS, ends_after_start, span, tracked, tracked_links
from coopconnexion.recurrence import Nth, Weekday
from coopconnexion.territories.models import Territory, Theme
from events.enums import Audience, EventKind, Frequency
from premises.models import Venue


def default_reminders() -> list[int]:
    """Minutes before the first session: two days, three hours."""
    return [2 * 24 * 60, 3 * 60]


class OfTerritoryQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(territory__in=ids)


@tracked
class EventSeries(models.Model):
    """The rule by which an event comes back: « tous les 2 mardis », « le 1er mardi du mois »."""

    title = models.CharField("titre", max_length=200)
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name="territoire", related_name="event_series")
    frequency = models.CharField("rythme", max_length=20, choices=Frequency)
    every = models.PositiveSmallIntegerField("toutes les … semaines", default=1)
    nth = models.SmallIntegerField("rang dans le mois", choices=Nth, null=True, blank=True)
    weekday = models.SmallIntegerField("jour", choices=Weekday, null=True, blank=True)
    starts_on = models.DateField("à partir du")
    ends_on = models.DateField("jusqu’au (exclu)")
    keeps_holidays = models.BooleanField("maintenir les jours fériés", default=False)

    objects = OfTerritoryQuerySet.as_manager()

    class Meta:
        verbose_name = "série d’évènements"
        verbose_name_plural = "séries d’évènements"
        constraints = [
            ends_after_start("events_eventseries_period"),
            models.CheckConstraint(
                name="events_eventseries_rule",
                condition=Q(
                    frequency=Frequency.WEEKLY,
                    every__gte=1,
                    every__lte=26,
                    nth__isnull=True,
                    weekday__isnull=True,
                )
                | Q(
                    frequency=Frequency.MONTHLY,
                    nth__isnull=False,
                    nth__in=Nth.values,
                    weekday__isnull=False,
                    weekday__in=Weekday.values,
                ),
                violation_error_code="rule",
                violation_error_message="Choisissez un rythme : de 1 à 26 semaines, ou un rang et un jour du mois.",
            ),
        ]

    def __str__(self):
        return self.title


class EventQuerySet(OfTerritoryQuerySet):
    def upcoming(self, at):
        """What everybody may know of and that is not over."""
        return self.published().filter(ends_at__gt=at, cancelled_at=None)

    def published(self):
        return self.filter(published_at__isnull=False)

    def held(self):
        """Published and not cancelled."""
        return self.published().filter(cancelled_at=None)

    def listed(self):
        """On the public agenda: those by invitation are for the guests alone."""
        return self.published().exclude(audience=Audience.INVITATION)

    def in_order(self):
        return self.order_by("starts_at", "pk")


@tracked
class Event(models.Model):
    """A talk, a workshop or a meeting of the network, in one or several sessions.

    ``starts_at`` and ``ends_at`` span its sessions that are held: the database keeps them so.
    """

    title = models.CharField("titre", max_length=200)
    kind = models.CharField("nature", max_length=20, choices=EventKind)
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name="territoire", related_name="events")
    venue = models.ForeignKey(Venue, models.PROTECT, verbose_name="lieu", related_name="events")
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin")
    description = models.TextField("présentation", blank=True)
    capacity = models.PositiveSmallIntegerField("places", null=True, blank=True, help_text="Vide : sans limite.")
    themes = models.ManyToManyField(Theme, verbose_name="thèmes", related_name="events", blank=True)
    audience = models.CharField("public", max_length=20, choices=Audience, default=Audience.PUBLIC)
    registration_opens_at = models.DateTimeField(
        "inscriptions à partir du", null=True, blank=True, help_text="Vide : dès la publication."
    )
    registration_closes_at = models.DateTimeField(
        "inscriptions jusqu’au", null=True, blank=True, help_text="Vide : jusqu’au début."
    )
    reminder_minutes = ArrayField(
        models.PositiveIntegerField(), verbose_name="rappels (minutes avant)", default=default_reminders, blank=True
    )
    series = models.ForeignKey(
        EventSeries, models.PROTECT, verbose_name="série", related_name="events", null=True, blank=True
    )
    planned_on = models.DateField("date prévue par la série", null=True, blank=True, editable=False)
    published_at = models.DateTimeField("publié le", null=True, blank=True)
    cancelled_at = models.DateTimeField("annulé le", null=True, blank=True)
    cancel_reason = models.CharField("motif d’annulation", max_length=300, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = "évènement"
        constraints = [
            models.CheckConstraint(
                name="events_event_period",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_code="period_empty",
                violation_error_message="La fin doit venir après le début.",
            ),
            models.CheckConstraint(
                name="events_event_capacity",
                condition=Q(capacity=None) | Q(capacity__gte=1),
                violation_error_code="capacity",
                violation_error_message="Indiquez au moins une place, ou laissez vide pour ne pas limiter.",
            ),
            models.CheckConstraint(
                name="events_event_audience",
                condition=Q(audience__in=Audience.values),
                violation_error_code="audience",
                violation_error_message="Choisissez à qui l’évènement est ouvert.",
            ),
            ends_after_start(
                "events_event_registration_period", start="registration_opens_at", end="registration_closes_at"
            ),
            models.CheckConstraint(
                name="events_event_planned",
                condition=Q(planned_on=None) | Q(series__isnull=False),
                violation_error_code="planned",
                violation_error_message="Seul un évènement d’une série a une date prévue par elle.",
            ),
            models.UniqueConstraint(
                name="events_event_once_per_plan",
                fields=["series", "planned_on"],
                violation_error_code="already_planned",
                violation_error_message="Cette date de la série existe déjà.",
            ),
        ]
        indexes = [
            models.Index(F("starts_at"), F("id"), name="events_event_when"),
            models.Index(F("ends_at"), name="events_event_end"),
        ]

    def __str__(self):
        return self.title

    @property
    def closes_at(self) -> datetime:
        """Until when one may register, and be promoted from the waiting list."""
        return min(self.registration_closes_at or self.starts_at, self.starts_at)

    def is_open_for_registration(self, at: datetime) -> bool:
        """Tell whether people may register online at ``at``, places aside."""
        return (
            self.published_at is not None
            and self.cancelled_at is None
            and (self.registration_opens_at is None or self.registration_opens_at <= at)
            and at < self.closes_at
        )


@tracked_links
class EventTheme(Event.themes.through):
    class Meta:
        proxy = True


class EventSessionQuerySet(models.QuerySet):
    def held(self):
        """Not cancelled, of an event that is held."""
        return self.filter(cancelled_at=None, event__cancelled_at=None, event__published_at__isnull=False)

    def in_order(self):
        return self.order_by("starts_at", "pk")

    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(event__territory__in=ids)


@tracked
class EventSession(models.Model):
    """One time at which people meet; whoever registers for the event comes to all of its sessions."""

    event = models.ForeignKey(Event, models.CASCADE, verbose_name="évènement", related_name="sessions")
    title = models.CharField("intitulé", max_length=200, blank=True)
    venue = models.ForeignKey(
        Venue,
        models.PROTECT,
        verbose_name="autre lieu",
        related_name="event_sessions",
        null=True,
        blank=True,
        help_text="Vide : le lieu de l’évènement.",
    )
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin")
    uid = models.UUIDField("identifiant du calendrier", unique=True, default=uuid4, editable=False)
    sequence = models.PositiveIntegerField("révision du calendrier", default=0, editable=False)
    cancelled_at = models.DateTimeField("annulée le", null=True, blank=True)
    cancel_reason = models.CharField("motif d’annulation", max_length=300, blank=True)

    objects = EventSessionQuerySet.as_manager()

    class Meta:
        verbose_name = "séance"
        constraints = [
            ends_after_start("events_eventsession_period", start="starts_at", end="ends_at"),
            ExclusionConstraint(
                name="events_eventsession_no_overlap",
                expressions=[("event", EQUAL), (span("starts_at", "ends_at"), OVERLAPS)],
                condition=Q(cancelled_at=None),
                violation_error_code="session_overlap",
                violation_error_message="Deux séances de cet évènement se chevauchent.",
            ),
            models.UniqueConstraint(
                name="events_eventsession_of_event",
                fields=["id", "event"],
                violation_error_code="session_exists",
                violation_error_message="Cette séance existe déjà.",
            ),
        ]
        indexes = [models.Index(F("starts_at"), name="events_eventsession_when")]
        triggers = [
            pgtrigger.Trigger(
                name="events_eventsession_span",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.After,
                declare=[("of_event", "BIGINT")],
                func="""
                of_event := COALESCE(NEW.event_id, OLD.event_id);
                UPDATE events_event SET starts_at = held.first, ends_at = held.last
                FROM (
                    SELECT min(starts_at) AS first, max(ends_at) AS last
                    FROM events_eventsession WHERE event_id = of_event AND cancelled_at IS NULL
                ) AS held
                WHERE id = of_event AND held.first IS NOT NULL
                AND (events_event.starts_at, events_event.ends_at) IS DISTINCT FROM (held.first, held.last);
                RETURN NULL;
                """,
            )
        ]

    def __str__(self):
        return f"{self.event}, {timezone.localtime(self.starts_at):%d/%m/%Y %H:%M}"

    @property
    def place(self) -> Venue:
        """Where it is held; reads ``event.venue``."""
        return self.venue or self.event.venue
