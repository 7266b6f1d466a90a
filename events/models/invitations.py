"""Invitations of partners to an event or to a project: accepted or refused, never both; they expire."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from coopconnexion.db import tracked
from coopconnexion.notices.models import AbstractLink
from events.enums import InvitationRole
from events.models.events import Event
from events.models.network import NetworkActor
from events.models.registrations import Registration
from projects.models import Project

LONGEST = timedelta(days=90)


class InvitationQuerySet(models.QuerySet):
    def open(self, at):
        """Neither answered, withdrawn nor past their time."""
        return self.unanswered().filter(expires_at__gt=at)

    def unanswered(self):
        return self.filter(accepted_at=None, declined_at=None, revoked_at=None)

    def visible_to(self, user):
        """Staff: those to the events and projects of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(Q(event__territory__in=ids) | Q(project__territory__in=ids))


@tracked
class Invitation(models.Model):
    """Somebody is asked to come to an event or to help a project, in a role."""

    event = models.ForeignKey(
        Event, models.PROTECT, verbose_name="évènement", related_name="invitations", null=True, blank=True
    )
    project = models.ForeignKey(
        Project, models.PROTECT, verbose_name="projet", related_name="invitations", null=True, blank=True
    )
    actor = models.ForeignKey(
        NetworkActor, models.PROTECT, verbose_name="acteur", related_name="invitations", null=True, blank=True
    )
    email = models.EmailField("courriel")
    name = models.CharField("nom", max_length=200, blank=True)
    role = models.CharField("en tant que", max_length=20, choices=InvitationRole)
    message = models.TextField("mot d’accompagnement", blank=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="invité par", related_name="+"
    )
    invited_at = models.DateTimeField("invité le", default=timezone.now)
    expires_at = models.DateTimeField("valable jusqu’au")
    reminded_at = models.DateTimeField("relancé le", null=True, blank=True)
    accepted_at = models.DateTimeField("accepté le", null=True, blank=True)
    declined_at = models.DateTimeField("décliné le", null=True, blank=True)
    decline_reason = models.CharField("motif du refus", max_length=300, blank=True)
    revoked_at = models.DateTimeField("retirée le", null=True, blank=True)
    registration = models.OneToOneField(
        Registration, models.PROTECT, verbose_name="inscription", related_name="invitation", null=True, blank=True
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "invitation"
        constraints = [
            models.CheckConstraint(
                name="events_invitation_one_subject",
                condition=Q(event=None, project__isnull=False) | Q(event__isnull=False, project=None),
                violation_error_code="one_subject",
                violation_error_message="On invite à un évènement ou à un projet.",
            ),
            models.CheckConstraint(
                name="events_invitation_one_end",
                condition=Q(accepted_at=None, declined_at=None)
                | Q(accepted_at=None, revoked_at=None)
                | Q(declined_at=None, revoked_at=None),
                violation_error_code="one_end",
                violation_error_message="Une invitation est acceptée, refusée ou retirée : une seule fois.",
            ),
            models.CheckConstraint(
                name="events_invitation_answered_once",
                condition=Q(accepted_at=None) | Q(declined_at=None),
                violation_error_code="answered_once",
                violation_error_message="Une invitation est acceptée ou refusée, jamais les deux.",
            ),
            models.CheckConstraint(
                name="events_invitation_lifetime",
                condition=Q(expires_at__gt=F("invited_at")) & Q(expires_at__lte=F("invited_at") + LONGEST),
                violation_error_code="lifetime",
                violation_error_message="Une invitation vaut 90 jours au plus.",
            ),
            models.UniqueConstraint(
                "event",
                "project",
                Lower("email"),
                name="events_invitation_once",
                condition=Q(accepted_at=None, declined_at=None, revoked_at=None),
                nulls_distinct=False,
                violation_error_code="already_invited",
                violation_error_message="Cette adresse a déjà une invitation sans réponse.",
            ),
        ]

    def __str__(self):
        return f"{self.name or self.email}, {self.event or self.project}"

    def is_open(self, at) -> bool:
        return not (self.accepted_at or self.declined_at or self.revoked_at) and self.expires_at > at


class InvitationLink(AbstractLink):
    """A link of a message that opens one invitation."""

    invitation = models.ForeignKey(Invitation, models.CASCADE, verbose_name="invitation", related_name="links")

    class Meta:
        verbose_name = "lien d’invitation"
        verbose_name_plural = "liens d’invitation"

    def __str__(self):
        return f"Lien vers {self.invitation}"
