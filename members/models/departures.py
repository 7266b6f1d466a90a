from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from coopconnexion.db import ends_after_start, tracked
from coopconnexion.notices.models import AbstractLink, Message
from members.enums import ExitKind, Outcome
from members.models.contracts import OptionQuerySet
from members.models.members import Member


@tracked
class ExitReason(models.Model):
    """Why a member left, as data; retired, never deleted, once used."""

    label = models.CharField("libellé", max_length=100, unique=True)
    kind = models.CharField("nature", max_length=20, choices=ExitKind)
    position = models.PositiveSmallIntegerField("ordre", default=0)
    retired_at = models.DateTimeField("retiré le", null=True, blank=True)

    objects = OptionQuerySet.as_manager()

    class Meta:
        verbose_name = "motif de sortie"
        verbose_name_plural = "motifs de sortie"

    def __str__(self):
        return self.label


class DepartureQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(member__territory__in=ids)

    def open(self):
        """Without a return since."""
        return self.filter(returned_on=None)


@tracked
class Departure(models.Model):
    """A member left the coop; ``left_on`` is the first day outside, ``returned_on`` the first day back, if any."""

    member = models.ForeignKey(Member, models.PROTECT, verbose_name="membre", related_name="departures")
    left_on = models.DateField("sorti·e à partir du")
    reason = models.ForeignKey(ExitReason, models.PROTECT, verbose_name="motif", related_name="departures")
    note = models.TextField("précisions", blank=True)
    returned_on = models.DateField("revenu·e le", null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="notée par", related_name="+", null=True, blank=True
    )
    recorded_at = models.DateTimeField("notée le", default=timezone.now, editable=False)

    objects = DepartureQuerySet.as_manager()

    class Meta:
        verbose_name = "sortie"
        constraints = [
            ends_after_start("members_departure_period", start="left_on", end="returned_on"),
            models.UniqueConstraint(
                name="members_departure_one_open",
                fields=["member"],
                condition=Q(returned_on=None),
                violation_error_code="already_left",
                violation_error_message="La sortie de ce membre est déjà notée.",
            ),
        ]

    def __str__(self):
        return f"Sortie de {self.member}"


class OutcomeInquiryQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(departure__member__territory__in=ids)

    def due(self, day):
        """To be asked: their day has come, nobody asked nor answered, the member has not come back."""
        return self.filter(due_on__lte=day, asked_at=None, answered_at=None, departure__returned_on=None)

    def unanswered(self, day):
        """Their day has come and nobody knows yet, of members who have not come back."""
        return self.filter(due_on__lte=day, answered_at=None, departure__returned_on=None)


@tracked
class OutcomeInquiry(models.Model):
    """What became of somebody 6, 12, 24 or 36 months after leaving: asked once by mail, or noted by staff."""

    departure = models.ForeignKey(Departure, models.CASCADE, verbose_name="sortie", related_name="inquiries")
    months = models.PositiveSmallIntegerField("mois après la sortie")
    due_on = models.DateField("à demander le")
    asked_at = models.DateTimeField("demandé le", null=True, blank=True)
    message = models.OneToOneField(
        Message, models.SET_NULL, verbose_name="message", related_name="+", null=True, blank=True
    )
    outcome = models.CharField("situation", max_length=20, choices=Outcome, blank=True)
    note = models.CharField("précisions", max_length=300, blank=True)
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="noté par",
        related_name="+",
        null=True,
        blank=True,
        help_text="Vide : la personne a répondu par le lien.",
    )

    objects = OutcomeInquiryQuerySet.as_manager()

    class Meta:
        verbose_name = "nouvelles après la sortie"
        verbose_name_plural = "nouvelles après la sortie"
        constraints = [
            models.UniqueConstraint(
                name="members_outcomeinquiry_once",
                fields=["departure", "months"],
                violation_error_code="inquiry_exists",
                violation_error_message="Cette question est déjà prévue.",
            ),
            models.CheckConstraint(
                name="members_outcomeinquiry_answer_whole",
                condition=Q(answered_at=None, outcome="") | (Q(answered_at__isnull=False) & ~Q(outcome="")),
                violation_error_code="answer_incomplete",
                violation_error_message="Une réponse a une date et une situation.",
            ),
        ]
        indexes = [
            models.Index(F("due_on"), name="members_outcomeinquiry_due", condition=Q(asked_at=None, answered_at=None))
        ]

    def __str__(self):
        return f"{self.months} mois après"


class OutcomeLink(AbstractLink):
    """Opens the question of one inquiry, without an account."""

    inquiry = models.ForeignKey(OutcomeInquiry, models.CASCADE, verbose_name="question", related_name="links")

    class Meta:
        verbose_name = "lien de réponse"
        verbose_name_plural = "liens de réponse"

    def __str__(self):
        return f"Lien vers {self.inquiry}"
