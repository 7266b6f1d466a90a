"""Who agreed to receive the newsletter: another tool sends it, we keep the agreement and its proof."""

from django.db import models
from django.db.models import F, Q

from coopconnexion.accounts.models import Person
from coopconnexion.db import tracked


class NewsletterConsentQuerySet(models.QuerySet):
    def in_force(self):
        return self.filter(ended_at=None)


@tracked
class NewsletterConsent(models.Model):
    """A person's agreement to receive the newsletter: when, by what form, until when."""

    person = models.ForeignKey(Person, models.PROTECT, verbose_name="personne", related_name="newsletter_consents")
    given_at = models.DateTimeField("donné le")
    given_through = models.CharField("par", max_length=200)
    ended_at = models.DateTimeField("retiré le", null=True, blank=True)

    objects = NewsletterConsentQuerySet.as_manager()

    class Meta:
        verbose_name = "accord pour la lettre d’information"
        verbose_name_plural = "accords pour la lettre d’information"
        constraints = [
            models.UniqueConstraint(
                name="events_newsletterconsent_once",
                fields=["person"],
                condition=Q(ended_at=None),
                violation_error_code="consent_exists",
                violation_error_message="Cette personne a déjà donné son accord.",
            ),
            models.CheckConstraint(
                name="events_newsletterconsent_period",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("given_at")),
                violation_error_code="period_empty",
                violation_error_message="Un accord se retire après avoir été donné.",
            ),
        ]

    def __str__(self):
        return f"{self.person}, {self.given_at:%d/%m/%Y}"
