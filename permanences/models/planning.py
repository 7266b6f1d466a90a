"""When permanences are held: schedules, closures, and the days they give."""

from datetime import date, datetime, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from coopconnexion.db import EQUAL, OVERLAPS, PeriodQuerySet, ends_after_start, period, tracked
from coopconnexion.recurrence import Nth, Weekday
from coopconnexion.territories.models import Territory
from permanences.enums import HolidayRule
from premises.models import Venue


def default_reminders() -> list[int]:
    """Minutes before the appointment: seven days, one day, two hours."""
    return [7 * 24 * 60, 24 * 60, 120]


class DayPlan(models.Model):
    """What a day of permanence is made of; a schedule gives it to the permanences it generates."""

    opens_at = models.TimeField("ouvre à")
    closes_at = models.TimeField("ferme à")
    break_starts_at = models.TimeField("pause de", null=True, blank=True)
    break_ends_at = models.TimeField("pause jusqu’à", null=True, blank=True)
    slot_minutes = models.PositiveSmallIntegerField("durée d’un créneau (minutes)", default=45)
    desks = models.PositiveSmallIntegerField("accueils en parallèle", default=1)
    notice_minutes = models.PositiveIntegerField(
        "réservation au plus tard (minutes avant)", default=120, help_text="Dernier moment pour réserver en ligne."
    )
    booking_opens_days = models.PositiveSmallIntegerField(
        "réservation ouverte (jours avant)",
        default=90,
        help_text="Combien de jours à l’avance le public peut réserver.",
    )
    reminder_minutes = ArrayField(
        models.PositiveIntegerField(), verbose_name="rappels (minutes avant)", default=default_reminders, blank=True
    )
    booking_paused_message = models.TextField(
        "message de suspension",
        blank=True,
        help_text="S’il est rempli, la réservation en ligne est suspendue et ce message s’affiche.",
    )

    class Meta:
        abstract = True


def day_plan_constraints(prefix: str) -> list[models.BaseConstraint]:
    return [
        models.CheckConstraint(
            name=f"{prefix}_hours",
            condition=Q(closes_at__gt=F("opens_at")),
            violation_error_code="hours",
            violation_error_message="La fermeture doit venir après l’ouverture.",
        ),
        models.CheckConstraint(
            name=f"{prefix}_break",
            condition=Q(break_starts_at=None, break_ends_at=None)
            | Q(
                break_starts_at__isnull=False,  # a comparison with NULL would let half a break pass
                break_ends_at__isnull=False,
                break_starts_at__gte=F("opens_at"),
                break_ends_at__lte=F("closes_at"),
                break_ends_at__gt=F("break_starts_at"),
            ),
            violation_error_code="break",
            violation_error_message="La pause doit tenir dans les heures d’ouverture, avec un début et une fin.",
        ),
        models.CheckConstraint(
            name=f"{prefix}_sizes",
            condition=Q(slot_minutes__gte=5, slot_minutes__lte=480, desks__gte=1, desks__lte=20),
            violation_error_code="sizes",
            violation_error_message="Un créneau dure de 5 minutes à 8 heures, avec 1 à 20 accueils.",
        ),
    ]


class ScheduleQuerySet(PeriodQuerySet):
    def visible_to(self, user):
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(territory__in=ids)


@tracked
class Schedule(DayPlan):
    """The rule of a permanence: « le 1er jeudi du mois, à La Fabrique »."""

    name = models.CharField("nom", max_length=100)
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name="territoire", related_name="schedules")
    venue = models.ForeignKey(Venue, models.PROTECT, verbose_name="lieu", related_name="schedules")
    nth = models.SmallIntegerField("rang dans le mois", choices=Nth, default=Nth.FIRST)
    weekday = models.SmallIntegerField("jour", choices=Weekday, default=Weekday.THURSDAY)
    holiday_rule = models.CharField(
        "si c’est un jour férié", max_length=20, choices=HolidayRule, default=HolidayRule.NEXT_WEEK
    )
    months_ahead = models.PositiveSmallIntegerField(
        "créer à l’avance (mois)", default=12, help_text="Les permanences sont créées jusqu’à cette échéance."
    )
    starts_on = models.DateField("valable à partir du")
    ends_on = models.DateField("valable jusqu’au (exclu)", null=True, blank=True)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = "rythme de permanence"
        verbose_name_plural = "rythmes de permanence"
        constraints = [
            ends_after_start("permanences_schedule_period"),
            *day_plan_constraints("permanences_schedule"),
            models.CheckConstraint(
                name="permanences_schedule_rule",
                condition=Q(nth__in=Nth.values, weekday__in=Weekday.values, months_ahead__gte=1, months_ahead__lte=36),
                violation_error_code="rule",
                violation_error_message="Choisissez un rang, un jour et une échéance de 1 à 36 mois.",
            ),
        ]

    def __str__(self):
        return self.name


@tracked
class Closure(models.Model):
    """Days on which a schedule holds no permanence: August, works at the venue."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, verbose_name="rythme", related_name="closures")
    starts_on = models.DateField("du")
    ends_on = models.DateField("au (exclu)")
    reason = models.CharField("motif", max_length=200)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = "fermeture"
        constraints = [
            ends_after_start("permanences_closure_period"),
            ExclusionConstraint(
                name="permanences_closure_no_overlap",
                expressions=[("schedule", EQUAL), (period("starts_on", "ends_on"), OVERLAPS)],
                violation_error_code="closure_overlap",
                violation_error_message="Une autre fermeture couvre déjà une partie de ces jours.",
            ),
        ]

    def __str__(self):
        return self.reason


class PermanenceQuerySet(models.QuerySet):
    def held(self):
        """Not cancelled."""
        return self.filter(cancelled_at=None)

    def from_day(self, day):
        return self.filter(held_on__gte=day)

    def in_order(self):
        return self.order_by("held_on", "opens_at", "pk")

    def visible_to(self, user):
        """The back office's permanences of this user's territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(territory__in=ids)


@tracked
class Permanence(DayPlan):
    """One day on which advisors receive people at a venue.

    ``planned_on`` is the day that its schedule gives for its month, even when staff hold it elsewhere, so that it is
    never generated twice; ``held_on`` is the day it takes place, after a public holiday or a move by staff.
    """

    schedule = models.ForeignKey(
        Schedule, models.PROTECT, verbose_name="rythme", related_name="permanences", null=True, blank=True
    )
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name="territoire", related_name="permanences")
    venue = models.ForeignKey(Venue, models.PROTECT, verbose_name="lieu", related_name="permanences")
    planned_on = models.DateField("date prévue par le rythme", null=True, blank=True, editable=False)
    held_on = models.DateField("date")
    shift_reason = models.CharField(
        "motif du changement de date", max_length=200, blank=True, help_text="Affiché au public : « Ascension »."
    )
    moved_at = models.DateTimeField("déplacée le", null=True, blank=True, editable=False)
    cancelled_at = models.DateTimeField("annulée le", null=True, blank=True, editable=False)
    cancel_reason = models.CharField("motif d’annulation", max_length=200, blank=True)
    sequence = models.PositiveIntegerField("révision du calendrier", default=0, editable=False)

    objects = PermanenceQuerySet.as_manager()

    class Meta:
        verbose_name = "permanence"
        constraints = [
            *day_plan_constraints("permanences_permanence"),
            models.UniqueConstraint(
                name="permanences_permanence_once_per_plan",
                fields=["schedule", "planned_on"],
                violation_error_code="already_generated",
                violation_error_message="Cette permanence existe déjà.",
            ),
        ]
        indexes = [models.Index(F("held_on"), F("opens_at"), name="permanences_permanence_day")]

    def __str__(self):
        return f"Permanence du {self.held_on:%d/%m/%Y}"

    @property
    def notice(self) -> timedelta:
        """How long before its start a slot stops being bookable online."""
        return timedelta(minutes=self.notice_minutes)

    @property
    def opens_for_booking_on(self) -> date:
        return self.held_on - timedelta(days=self.booking_opens_days)

    def is_open_for_booking(self, at: datetime) -> bool:
        """Tell whether the public may book at ``at``, slots aside."""
        return (
            self.cancelled_at is None
            and not self.booking_paused_message
            and self.opens_for_booking_on <= timezone.localdate(at) <= self.held_on
        )
