"""Places at an event, the waiting list, links, reminders and attendance."""

from uuid import uuid4

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from coopconnexion.accounts.models import Person
from coopconnexion.db import tracked
from coopconnexion.notices.models import AbstractLink, AbstractReminder, AbstractWaitingEntry, WaitingQuerySet
from events.enums import Channel, Outcome, WithdrawnBy
from events.models.events import Event, EventSession


class RegistrationQuerySet(WaitingQuerySet):
    def standing(self):
        """With a place or waiting for one."""
        return self.filter(left_at=None)

    def seated(self):
        """Those who have a place."""
        return self.filter(left_at=None, served_at__isnull=False)

    def counted(self):
        """Those who take one of the places; who came without having registered takes none."""
        return self.seated().exclude(channel=Channel.ON_SITE)

    def in_line(self):
        """Waiting, and not held until confirmed: those who may be promoted."""
        return self.waiting().filter(Q(held_at=None) | Q(confirmed_at__isnull=False))

    def in_order(self):
        """First come, first served."""
        return self.order_by("joined_at", "pk")

    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(event__territory__in=ids)

    def of_addresses_of(self, user):
        """The user's own: those of the people whose address the user has verified."""
        return self.filter(person__email__in=user.verified_addresses())


@tracked
class Registration(AbstractWaitingEntry):
    """A person's place at an event, or on its waiting list; withdrawing keeps the trace.

    ``served_at``: since when the person has a place; ``left_at``: since when they do not come.
    """

    event = models.ForeignKey(Event, models.PROTECT, verbose_name="évènement", related_name="registrations")
    person = models.ForeignKey(Person, models.PROTECT, verbose_name="personne", related_name="registrations")
    organisation_name = models.CharField("structure", max_length=200, blank=True)
    message = models.TextField("ce que la personne a écrit", blank=True)
    form_token = models.UUIDField("jeton du formulaire", unique=True, editable=False)
    code = models.UUIDField("code de présence", unique=True, default=uuid4, editable=False)
    channel = models.CharField("inscription", max_length=20, choices=Channel)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="inscrit par", related_name="+", null=True, blank=True
    )
    held_at = models.DateTimeField("sans place tant que non confirmée, depuis le", null=True, blank=True)
    confirmed_at = models.DateTimeField("adresse confirmée le", null=True, blank=True)
    withdrawn_by = models.CharField("retirée par", max_length=20, choices=WithdrawnBy, blank=True)
    withdraw_reason = models.CharField("motif", max_length=300, blank=True)
    sequence = models.PositiveIntegerField("révision du calendrier", default=0, editable=False)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = "inscription"
        constraints = [
            models.UniqueConstraint(
                name="events_registration_once",
                fields=["event", "person"],
                condition=Q(left_at=None),
                violation_error_code="already_registered",
                violation_error_message="Cette personne est déjà inscrite à cet évènement.",
            ),
            models.UniqueConstraint(
                name="events_registration_of_event",
                fields=["id", "event"],
                violation_error_code="registration_exists",
                violation_error_message="Cette inscription existe déjà.",
            ),
            models.CheckConstraint(
                name="events_registration_left_whole",
                condition=Q(left_at=None, withdrawn_by="")
                | (Q(left_at__isnull=False) & Q(withdrawn_by__in=WithdrawnBy.values)),
                violation_error_code="left_whole",
                violation_error_message="Un retrait a une date et un auteur.",
            ),
            models.CheckConstraint(
                name="events_registration_held_without_place",
                condition=Q(served_at=None) | Q(held_at=None) | Q(confirmed_at__isnull=False),
                violation_error_code="held_without_place",
                violation_error_message="Une inscription à confirmer n’a pas encore de place.",
            ),
        ]
        indexes = [
            models.Index(F("event"), F("joined_at"), name="events_registration_standing", condition=Q(left_at=None)),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="events_registration_capacity",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Q(new__served_at__isnull=False, new__left_at__isnull=True)
                & ~pgtrigger.Q(new__channel=Channel.ON_SITE.value),
                declare=[("places", "INTEGER")],
                func="""
                IF TG_OP = 'UPDATE' THEN
                    IF OLD.served_at IS NOT NULL AND OLD.left_at IS NULL AND OLD.channel <> 'on_site'
                        AND OLD.event_id = NEW.event_id THEN RETURN NEW; END IF;
                END IF;
                SELECT capacity INTO places FROM events_event WHERE id = NEW.event_id FOR NO KEY UPDATE;
                IF places IS NOT NULL AND places <= (
                    SELECT count(*) FROM events_registration
                    WHERE event_id = NEW.event_id AND id <> NEW.id AND served_at IS NOT NULL AND left_at IS NULL
                    AND channel <> 'on_site'
                ) THEN
                    RAISE EXCEPTION 'event % is full', NEW.event_id
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'events_registration_capacity';
                END IF;
                RETURN NEW;
                """,
            )
        ]

    def __str__(self):
        return f"{self.person}, {self.event}"

    @property
    def is_standing(self) -> bool:
        return self.left_at is None

    @property
    def is_seated(self) -> bool:
        return self.left_at is None and self.served_at is not None

    @property
    def is_waiting(self) -> bool:
        return self.left_at is None and self.served_at is None

    @property
    def is_held(self) -> bool:
        """Too many requests came with these details: no place before the address is confirmed."""
        return self.is_waiting and self.held_at is not None and self.confirmed_at is None


class RegistrationLink(AbstractLink):
    """A link of a message that opens one registration."""

    registration = models.ForeignKey(Registration, models.CASCADE, verbose_name="inscription", related_name="links")

    class Meta:
        verbose_name = "lien d’inscription"
        verbose_name_plural = "liens d’inscription"

    def __str__(self):
        return f"Lien vers {self.registration}"


class RegistrationReminder(AbstractReminder):
    """A reminder of the first session of a day: one of each kind, laid anew when the event moves."""

    registration = models.ForeignKey(Registration, models.CASCADE, verbose_name="inscription", related_name="reminders")
    session = models.ForeignKey(EventSession, models.CASCADE, verbose_name="séance", related_name="reminders")

    class Meta:
        verbose_name = "rappel d’évènement"
        verbose_name_plural = "rappels d’évènement"
        constraints = [
            models.UniqueConstraint(
                name="events_registrationreminder_once",
                fields=["registration", "session", "minutes_before"],
                violation_error_code="reminder_exists",
                violation_error_message="Ce rappel existe déjà.",
            )
        ]
        indexes = [models.Index(F("due_at"), name="events_reminder_due", condition=Q(message=None, skipped_at=None))]

    def __str__(self):
        return f"Rappel de {self.registration}"


class AttendanceQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(event__territory__in=ids)


@tracked
class Attendance(models.Model):
    """Whether a registered person came to a session; ``event`` is that of both, the database sees to it."""

    event = models.ForeignKey(Event, models.PROTECT, verbose_name="évènement", related_name="attendances")
    registration = models.ForeignKey(
        Registration, models.PROTECT, verbose_name="inscription", related_name="attendances"
    )
    session = models.ForeignKey(EventSession, models.PROTECT, verbose_name="séance", related_name="attendances")
    outcome = models.CharField("présence", max_length=20, choices=Outcome)
    noted_at = models.DateTimeField("notée le")
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="notée par", related_name="+", null=True, blank=True
    )

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = "présence"
        constraints = [
            models.UniqueConstraint(
                name="events_attendance_once",
                fields=["registration", "session"],
                violation_error_code="attendance_exists",
                violation_error_message="La présence de cette personne à cette séance est déjà notée.",
            ),
            models.CheckConstraint(
                name="events_attendance_outcome",
                condition=Q(outcome__in=Outcome.values),
                violation_error_code="outcome",
                violation_error_message="Présent·e, absent·e ou excusé·e.",
            ),
        ]

    def __str__(self):
        return f"{self.registration_id}, {self.session_id} : {self.get_outcome_display()}"
