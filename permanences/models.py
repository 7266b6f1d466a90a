from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Count, Deferrable, ExpressionWrapper, F, Q, Value
from django.db.models.expressions import RawSQL
from django.utils import timezone

from coopconnexion.accounts.models import Person
from coopconnexion.db import EQUAL, OVERLAPS, PeriodQuerySet, ends_after_start, period, span, tracked
from coopconnexion.notices.models import (
    AbstractLink,
    AbstractOffer,
    AbstractReminder,
    AbstractWaitingEntry,
    OfferQuerySet,
    WaitingQuerySet,
)
from coopconnexion.territories.models import Territory
from permanences.enums import CancelledBy, Channel, HolidayRule, Nth, Outcome, Weekday
from premises.models import Venue
from projects.models import Project


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


FREE = """
NOT EXISTS (
    SELECT 1 FROM permanences_booking AS booking
    WHERE booking.slot_id = permanences_slot.id AND booking.cancelled_at IS NULL AND booking.released_at IS NULL
) AND NOT EXISTS (
    SELECT 1 FROM permanences_slotoffer AS offer
    WHERE offer.slot_id = permanences_slot.id AND offer.accepted_at IS NULL AND offer.declined_at IS NULL
    AND offer.lapsed_at IS NULL AND offer.expires_at > %s
)
"""


class SlotQuerySet(models.QuerySet):
    def open(self):
        """Not closed by staff."""
        return self.filter(closed_at=None)

    def free(self, at):
        """Open, without a standing booking or an offer that still holds.

        Written in SQL because it stands on the busiest page: two anti-joins on partial unique indexes, and half the
        time to build. Only at the top of a queryset of slots, where the table keeps its name; not in a subquery.
        """
        return self.open().filter(RawSQL(FREE, [at], output_field=models.BooleanField()))  # noqa: S611  # no input in it

    def bookable(self, at):
        """Free, and the notice of its permanence not begun: what the public may take."""
        notice = ExpressionWrapper(
            F("permanence__notice_minutes") * timedelta(minutes=1), output_field=models.DurationField()
        )
        return self.free(at).filter(starts_at__gt=Value(at) + notice)

    def in_order(self):
        return self.order_by("starts_at", "desk", "pk")

    def count_bookable(self, permanences, at) -> dict[int, int]:
        """How many different times each of these permanences still offers: one query."""
        rows = self.bookable(at).filter(permanence__in=permanences).values_list("permanence")
        return dict(rows.annotate(times=Count("starts_at", distinct=True)).order_by("permanence"))

    def free_times(self, permanence, at) -> list["Slot"]:
        """One free slot per time of the day, with ``free_count``, the advisors still free then: one query."""
        slots = self.filter(permanence=permanence, starts_at__gt=at + permanence.notice).free(at).in_order()
        return _by_time(slots).get(permanence.pk, [])

    def free_times_by_permanence(self, permanences, at) -> dict[int, list["Slot"]]:
        """The same for several permanences, by their id: one query."""
        return _by_time(self.filter(permanence__in=permanences).bookable(at).in_order())


def _by_time(slots) -> dict[int, list["Slot"]]:
    """The first slot of each time, counting those beside it, by permanence."""
    times: dict[int, dict[datetime, Slot]] = {}
    for slot in slots:
        first = times.setdefault(slot.permanence_id, {}).setdefault(slot.starts_at, slot)
        first.free_count = getattr(first, "free_count", 0) + 1
    return {pk: list(slots.values()) for pk, slots in times.items()}


class Slot(models.Model):
    """A time with one advisor; closed rather than deleted once somebody booked it."""

    permanence = models.ForeignKey(Permanence, models.CASCADE, verbose_name="permanence", related_name="slots")
    desk = models.PositiveSmallIntegerField("accueil", default=1)
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin")
    closed_at = models.DateTimeField("fermé le", null=True, blank=True)

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = "créneau"
        verbose_name_plural = "créneaux"
        constraints = [
            models.CheckConstraint(
                name="permanences_slot_period",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_code="period_empty",
                violation_error_message="La fin doit venir après le début.",
            ),
            ExclusionConstraint(
                name="permanences_slot_no_overlap",
                expressions=[("permanence", EQUAL), ("desk", EQUAL), (span("starts_at", "ends_at"), OVERLAPS)],
                condition=Q(closed_at=None),
                deferrable=Deferrable.IMMEDIATE,  # a whole permanence is shifted in one statement
                violation_error_code="slot_overlap",
                violation_error_message="Deux créneaux d’un même accueil se chevauchent.",
            ),
            # the target of the composite foreign key of a booking
            models.UniqueConstraint(name="permanences_slot_in_permanence", fields=["id", "permanence"]),
        ]

    def __str__(self):
        return f"{timezone.localtime(self.starts_at):%d/%m/%Y %H:%M}"


class BookingQuerySet(models.QuerySet):
    def standing(self):
        """Neither cancelled nor released."""
        return self.filter(cancelled_at=None, released_at=None)

    def unconfirmed(self):
        """Standing, taken on the web, and nobody has used a link from a message yet."""
        return self.standing().filter(confirmed_at=None, channel=Channel.WEB)

    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(permanence__territory__in=ids)

    def of_addresses_of(self, user):
        """The user's own: bookings of the people whose address the user has verified."""
        return self.filter(person__email__in=user.verified_addresses())


@tracked
class Booking(models.Model):
    """A person's appointment; cancelling it frees the slot and keeps the trace."""

    permanence = models.ForeignKey(Permanence, models.PROTECT, verbose_name="permanence", related_name="bookings")
    slot = models.ForeignKey(Slot, models.PROTECT, verbose_name="créneau", related_name="bookings")
    person = models.ForeignKey(Person, models.PROTECT, verbose_name="personne", related_name="bookings")
    project = models.ForeignKey(Project, models.PROTECT, verbose_name="projet", related_name="bookings")
    uid = models.UUIDField("identifiant du calendrier", unique=True, editable=False)
    form_token = models.UUIDField("jeton du formulaire", unique=True, editable=False)
    channel = models.CharField("prise", max_length=20, choices=Channel)
    booked_at = models.DateTimeField("prise le")
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="prise par", related_name="+", null=True, blank=True
    )
    message = models.TextField("ce que la personne a écrit", blank=True)
    staff_note = models.TextField("notes de l’équipe", blank=True)
    confirmed_at = models.DateTimeField("adresse confirmée le", null=True, blank=True)
    held_until = models.DateTimeField("gardée sous réserve jusqu’au", null=True, blank=True)
    moved_at = models.DateTimeField("déplacée par la coopérative le", null=True, blank=True)
    move_answered_at = models.DateTimeField("réponse au déplacement le", null=True, blank=True)
    cancelled_at = models.DateTimeField("annulée le", null=True, blank=True)
    cancelled_by = models.CharField("annulée par", max_length=20, choices=CancelledBy, blank=True)
    cancel_reason = models.CharField("motif d’annulation", max_length=300, blank=True)
    released_at = models.DateTimeField("libérée le", null=True, blank=True)
    outcome = models.CharField("présence", max_length=20, choices=Outcome, blank=True)
    outcome_at = models.DateTimeField("présence notée le", null=True, blank=True)
    sequence = models.PositiveIntegerField("révision du calendrier", default=0, editable=False)

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = "rendez-vous"
        verbose_name_plural = "rendez-vous"
        constraints = [
            models.UniqueConstraint(
                name="permanences_booking_one_per_slot",
                fields=["slot"],
                condition=Q(cancelled_at=None, released_at=None),
                violation_error_code="slot_taken",
                violation_error_message="Ce créneau vient d’être réservé.",
            ),
            models.UniqueConstraint(
                name="permanences_booking_one_per_person",
                fields=["person", "permanence"],
                condition=Q(cancelled_at=None, released_at=None),
                violation_error_code="already_booked",
                violation_error_message="Cette personne a déjà un rendez-vous à cette permanence.",
            ),
            models.CheckConstraint(
                name="permanences_booking_cancelled_whole",
                condition=Q(cancelled_at=None, cancelled_by="")
                | (Q(cancelled_at__isnull=False) & Q(cancelled_by__in=CancelledBy.values)),
                violation_error_code="cancelled_whole",
                violation_error_message="Une annulation a une date et un auteur.",
            ),
            models.CheckConstraint(
                name="permanences_booking_one_end",
                condition=Q(cancelled_at=None) | Q(released_at=None),
                violation_error_code="one_end",
                violation_error_message="Un rendez-vous est annulé ou libéré, pas les deux.",
            ),
            models.CheckConstraint(
                name="permanences_booking_outcome_whole",
                condition=Q(outcome="", outcome_at=None)
                | (Q(outcome__in=Outcome.values, outcome_at__isnull=False) & Q(cancelled_at=None, released_at=None)),
                violation_error_code="outcome_whole",
                violation_error_message="La présence se note avec sa date, sur un rendez-vous qui tient.",
            ),
        ]
        indexes = [
            models.Index(
                F("permanence"), name="permanences_booking_standing", condition=Q(cancelled_at=None, released_at=None)
            ),
            models.Index(
                F("held_until"),
                name="permanences_booking_held",
                condition=Q(held_until__isnull=False, cancelled_at=None, released_at=None),
            ),
        ]

    def __str__(self):
        return f"{self.person}, {self.slot}"

    @property
    def is_standing(self) -> bool:
        return self.cancelled_at is None and self.released_at is None


class BookingLink(AbstractLink):
    """A link of a message that opens one booking."""

    booking = models.ForeignKey(Booking, models.CASCADE, verbose_name="rendez-vous", related_name="links")

    class Meta:
        verbose_name = "lien de rendez-vous"
        verbose_name_plural = "liens de rendez-vous"

    def __str__(self):
        return f"Lien vers {self.booking}"


class BookingReminder(AbstractReminder):
    """A reminder of a booking: one of each kind, moved when the booking moves."""

    booking = models.ForeignKey(Booking, models.CASCADE, verbose_name="rendez-vous", related_name="reminders")

    class Meta:
        verbose_name = "rappel"
        constraints = [
            models.UniqueConstraint(
                name="permanences_bookingreminder_once",
                fields=["booking", "minutes_before"],
                violation_error_code="reminder_exists",
                violation_error_message="Ce rappel existe déjà.",
            )
        ]
        indexes = [
            models.Index(F("due_at"), name="permanences_reminder_due", condition=Q(message=None, skipped_at=None))
        ]

    def __str__(self):
        return f"Rappel de {self.booking}"


class WaitingListQuerySet(WaitingQuerySet):
    def in_line(self):
        """Waiting, and not held until confirmed: those a free slot may be offered to."""
        return self.waiting().filter(Q(held_at=None) | Q(confirmed_at__isnull=False))

    def in_order(self):
        """First come, first served."""
        return self.order_by("joined_at", "pk")

    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(permanence__territory__in=ids)


class WaitingListEntry(AbstractWaitingEntry):
    """Somebody who waits for a slot of a full permanence."""

    permanence = models.ForeignKey(
        Permanence, models.PROTECT, verbose_name="permanence", related_name="waiting_entries"
    )
    person = models.ForeignKey(Person, models.PROTECT, verbose_name="personne", related_name="waiting_entries")
    project = models.ForeignKey(Project, models.PROTECT, verbose_name="projet", related_name="waiting_entries")
    form_token = models.UUIDField("jeton du formulaire", unique=True, editable=False)
    message = models.TextField("ce que la personne a écrit", blank=True)
    held_at = models.DateTimeField("sans proposition tant que non confirmée, depuis le", null=True, blank=True)
    confirmed_at = models.DateTimeField("adresse confirmée le", null=True, blank=True)
    booking = models.OneToOneField(
        Booking, models.PROTECT, verbose_name="rendez-vous obtenu", related_name="waiting_entry", null=True, blank=True
    )

    objects = WaitingListQuerySet.as_manager()

    class Meta:
        verbose_name = "inscription en liste d’attente"
        verbose_name_plural = "inscriptions en liste d’attente"
        constraints = [
            models.UniqueConstraint(
                name="permanences_waitinglistentry_once",
                fields=["permanence", "person"],
                condition=Q(left_at=None, served_at=None),
                violation_error_code="already_waiting",
                violation_error_message="Cette personne est déjà sur la liste d’attente.",
            ),
            models.CheckConstraint(
                name="permanences_waitinglistentry_served_whole",
                condition=Q(served_at=None, booking=None) | Q(served_at__isnull=False, booking__isnull=False),
                violation_error_code="served_whole",
                violation_error_message="Une attente servie a son rendez-vous.",
            ),
        ]

    def __str__(self):
        return f"{self.person}, {self.permanence}"

    @property
    def is_waiting(self) -> bool:
        return self.left_at is None and self.served_at is None

    @property
    def is_held(self) -> bool:
        """Too many requests came with these details: nothing is offered before the address is confirmed."""
        return self.held_at is not None and self.confirmed_at is None


class WaitingLink(AbstractLink):
    """A link of a message that opens one place on a waiting list, with its offer if any."""

    entry = models.ForeignKey(WaitingListEntry, models.CASCADE, verbose_name="inscription", related_name="links")

    class Meta:
        verbose_name = "lien de liste d’attente"
        verbose_name_plural = "liens de liste d’attente"

    def __str__(self):
        return f"Lien vers {self.entry}"


class SlotOfferQuerySet(OfferQuerySet):
    def to_phone(self, at):
        """Still to be answered, by people whom no message can reach: staff call them."""
        return self.open().filter(expires_at__gt=at, entry__person__email="")

    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(entry__permanence__territory__in=ids)


class SlotOffer(AbstractOffer):
    """A freed slot kept for one waiting person."""

    entry = models.ForeignKey(WaitingListEntry, models.CASCADE, verbose_name="inscription", related_name="offers")
    slot = models.ForeignKey(Slot, models.PROTECT, verbose_name="créneau", related_name="offers")

    objects = SlotOfferQuerySet.as_manager()

    class Meta:
        verbose_name = "proposition de créneau"
        verbose_name_plural = "propositions de créneau"
        constraints = [
            models.UniqueConstraint(
                name="permanences_slotoffer_one_open_per_slot",
                fields=["slot"],
                condition=Q(accepted_at=None, declined_at=None, lapsed_at=None),
                violation_error_code="slot_offered",
                violation_error_message="Ce créneau est déjà proposé à quelqu’un.",
            ),
            models.UniqueConstraint(
                name="permanences_slotoffer_one_open_per_entry",
                fields=["entry"],
                condition=Q(accepted_at=None, declined_at=None, lapsed_at=None),
                violation_error_code="entry_offered",
                violation_error_message="Cette personne a déjà une proposition en cours.",
            ),
            models.CheckConstraint(
                name="permanences_slotoffer_one_end",
                condition=Q(accepted_at=None, declined_at=None)
                | Q(accepted_at=None, lapsed_at=None)
                | Q(declined_at=None, lapsed_at=None),
                violation_error_code="one_end",
                violation_error_message="Une proposition est acceptée, déclinée ou échue : une seule fois.",
            ),
        ]

    def __str__(self):
        return f"{self.slot} pour {self.entry.person_id}"

    @property
    def is_open(self) -> bool:
        """Not answered, and not yet seen past its time."""
        return self.accepted_at is None and self.declined_at is None and self.lapsed_at is None


class MissedRequest(models.Model):
    """Somebody tried for a slot that was gone; served if the same form then got another. No personal data."""

    permanence = models.ForeignKey(
        Permanence, models.CASCADE, verbose_name="permanence", related_name="missed_requests"
    )
    form_token = models.UUIDField(unique=True, editable=False)
    missed_at = models.DateTimeField("le")
    served_at = models.DateTimeField("servi ensuite le", null=True, blank=True)

    class Meta:
        verbose_name = "demande sans créneau"
        verbose_name_plural = "demandes sans créneau"

    def __str__(self):
        return f"{self.missed_at:%d/%m/%Y %H:%M}"


class AgendaFeed(AbstractLink):
    """The private calendar address of a member of staff."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="compte", related_name="agenda_feeds"
    )

    class Meta:
        verbose_name = "agenda privé"
        verbose_name_plural = "agendas privés"

    def __str__(self):
        return f"Agenda de {self.user}"
