"""Every message that leaves is a row first; reminders, waiting lists and links: what the apps above make concrete."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from coopconnexion.accounts.models import Person
from coopconnexion.notices import rules
from coopconnexion.notices.enums import SkipReason


class MessageQuerySet(models.QuerySet):
    def pending(self):
        """Neither sent, refused nor outdated."""
        return self.filter(sent_at=None, failed_at=None, expired_at=None)

    def failed(self):
        return self.filter(failed_at__isnull=False)

    def to_see(self):
        """Refused, and no member of staff has said so far that they know."""
        return self.failed().filter(seen_at=None)

    def unclaimed(self, at):
        """Held by no worker, or by one taken for dead."""
        return self.filter(Q(claimed_at=None) | Q(claimed_at__lt=at - rules.CLAIM_LIFETIME))

    def due(self, at):
        """To be sent now, by whoever claims them first."""
        return self.pending().unclaimed(at).filter(due_at__lte=at)

    def outdated(self, at):
        """Not worth sending any more."""
        return self.filter(expires_at__lte=at)

    def lately_to(self, email, since):
        """Written since then to this address, or to others that end in the same mailbox."""
        email = email.strip().lower()
        variants = rules.mailbox_variants(email)
        same = Q(to_email__regex=variants) if variants else Q(to_email=email)
        return self.filter(same, created_at__gt=since)

    def secret(self):
        """Those that hold sign-in codes."""
        return self.filter(kind__startswith=rules.SECRET_KIND_PREFIX)

    def not_secret(self):
        """Without the messages that hold sign-in codes."""
        return self.exclude(kind__startswith=rules.SECRET_KIND_PREFIX)

    def visible_to(self, user):
        """Staff: the messages of the people they may see, and those to nobody in particular; never a sign-in code."""
        ids = user.staff_territory_ids()
        if ids is None:
            return self.not_secret()
        if not ids:
            return self.none()
        return self.not_secret().filter(Q(person=None) | Q(person__in=Person.objects.visible_to(user)))


class Message(models.Model):
    """An e-mail: written in the transaction that causes it, sent by a worker, kept as proof.

    ``secrets`` are the strings (tokens of links, sign-in codes) that are blanked from the bodies once sent and never
    shown to staff. ``key`` makes a message unique per subject and kind.
    """

    key = models.CharField("clé", max_length=200, unique=True, editable=False)
    kind = models.SlugField("nature", max_length=60)
    person = models.ForeignKey(
        Person, models.PROTECT, verbose_name="personne", related_name="messages", null=True, blank=True
    )
    to_email = models.EmailField("destinataire")
    to_name = models.CharField("nom du destinataire", max_length=200, blank=True)
    subject = models.CharField("objet", max_length=200)
    text = models.TextField("texte")
    html = models.TextField("HTML", blank=True)
    secrets = models.JSONField(default=list, blank=True, editable=False)
    message_id = models.CharField("Message-ID", max_length=200, unique=True, editable=False)
    created_at = models.DateTimeField("écrit le", default=timezone.now, editable=False)
    due_at = models.DateTimeField("à envoyer à partir du", default=timezone.now)
    expires_at = models.DateTimeField("plus à envoyer après le", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("tentatives", default=0)
    claimed_at = models.DateTimeField("pris en charge le", null=True, blank=True)
    sent_at = models.DateTimeField("envoyé le", null=True, blank=True)
    failed_at = models.DateTimeField("refusé le", null=True, blank=True)
    expired_at = models.DateTimeField("périmé le", null=True, blank=True)
    seen_at = models.DateTimeField("échec vu par l’équipe le", null=True, blank=True)
    last_error = models.TextField("dernière erreur", blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "message"
        constraints = [
            models.CheckConstraint(
                name="notices_message_one_end",
                condition=(
                    Q(sent_at=None, failed_at=None)
                    | Q(sent_at=None, expired_at=None)
                    | Q(failed_at=None, expired_at=None)
                ),
                violation_error_code="message_ended",
                violation_error_message="Un message est envoyé, refusé ou périmé : une seule fois.",
            )
        ]
        indexes = [
            models.Index(
                F("due_at"), name="notices_message_pending", condition=Q(sent_at=None, failed_at=None, expired_at=None)
            ),
            models.Index(F("to_email"), F("created_at"), name="notices_message_recipient"),
            models.Index(F("created_at"), F("id"), name="notices_message_written"),
            models.Index(
                F("failed_at"), name="notices_message_to_see", condition=Q(failed_at__isnull=False, seen_at=None)
            ),
        ]

    def __str__(self):
        return self.subject

    @property
    def state(self) -> str:
        """In one French word, for staff."""
        if self.sent_at:
            return "envoyé"
        if self.failed_at:
            return "refusé"
        if self.expired_at:
            return "périmé"
        return "en attente"

    @property
    def is_secret(self) -> bool:
        return rules.is_secret(self.kind)

    @property
    def shown_text(self) -> str:
        """What staff may read: secrets blanked, nothing of a message that is all secret."""
        return "" if self.is_secret else rules.blanked(self.text, self.secrets)


class Attachment(models.Model):
    """A file of a message, small: an invitation, a sheet."""

    message = models.ForeignKey(Message, models.CASCADE, verbose_name="message", related_name="attachments")
    filename = models.CharField("nom", max_length=100)
    content_type = models.CharField("type", max_length=200)
    content = models.BinaryField("contenu")

    class Meta:
        verbose_name = "pièce jointe"
        verbose_name_plural = "pièces jointes"

    def __str__(self):
        return self.filename


class ReminderQuerySet(models.QuerySet):
    def due(self, at):
        """To be sent or skipped at ``at``."""
        return self.filter(due_at__lte=at, message=None, skipped_at=None)


class AbstractReminder(models.Model):
    """One reminder of a kind for one subject: due, then either a message or a reason for none."""

    minutes_before = models.PositiveIntegerField("minutes avant")
    due_at = models.DateTimeField("prévu le")
    message = models.OneToOneField(
        Message, models.PROTECT, verbose_name="message", related_name="+", null=True, blank=True
    )
    skipped_at = models.DateTimeField("écarté le", null=True, blank=True)
    skip_reason = models.CharField("motif", max_length=20, choices=SkipReason, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        abstract = True


class LinkQuerySet(models.QuerySet):
    def live(self, at):
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at), revoked_at=None)

    def opened_by(self, token, at):
        """The live link of this token: one row or none."""
        return self.live(at).filter(token_hash=rules.link_hash(token))


class AbstractLink(models.Model):
    """A random token that opens one thing; only its SHA-256 is stored."""

    token_hash = models.CharField("empreinte", max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField("créé le", default=timezone.now, editable=False)
    expires_at = models.DateTimeField("expire le", null=True, blank=True)
    revoked_at = models.DateTimeField("révoqué le", null=True, blank=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        abstract = True


class WaitingQuerySet(models.QuerySet):
    def waiting(self):
        """Still on the list."""
        return self.filter(left_at=None, served_at=None)


class AbstractWaitingEntry(models.Model):
    """A place on a waiting list: kept until served or left."""

    joined_at = models.DateTimeField("inscrit le", default=timezone.now)
    left_at = models.DateTimeField("retiré le", null=True, blank=True)
    served_at = models.DateTimeField("servi le", null=True, blank=True)

    objects = WaitingQuerySet.as_manager()

    class Meta:
        abstract = True


class OfferQuerySet(models.QuerySet):
    def open(self):
        """Neither accepted, declined nor lapsed; may be past its time until the sweeper sees it."""
        return self.filter(accepted_at=None, declined_at=None, lapsed_at=None)


class AbstractOffer(models.Model):
    """A freed place kept for one waiting entry, for a limited time."""

    offered_at = models.DateTimeField("proposé le", default=timezone.now)
    expires_at = models.DateTimeField("réservé jusqu’au")
    accepted_at = models.DateTimeField("accepté le", null=True, blank=True)
    declined_at = models.DateTimeField("décliné le", null=True, blank=True)
    lapsed_at = models.DateTimeField("échu le", null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        abstract = True
