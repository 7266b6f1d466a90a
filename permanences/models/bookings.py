"""Appointments, their links and their reminders."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from coopconnexion.accounts.models import Person
from coopconnexion.db import tracked
from coopconnexion.notices.models import (
    AbstractLink,
    AbstractReminder,
)
from permanences.enums import CancelledBy, Channel, Outcome
from permanences.models.planning import Permanence
from permanences.models.slots import Slot
from projects.models import Project


class BookingQuerySet(models.QuerySet):
    def standing(self):
        """Neither cancelled nor released."""
        return self.filter(cancelled_at=None, released_at=None)

    def unconfirmed(self):
        """Standing, taken on the web, and nobody has used a link from a message yet."""
        return self.standing().filter(confirmed_at=None, channel=Channel.WEB, outcome="")

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
