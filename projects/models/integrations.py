from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from coopconnexion.db import tracked
from members.models import Business, Contract, Member
from projects.enums import Stage
from projects.models.projects import OfProjectQuerySet, Project


@tracked
class Integration(models.Model):
    """A project became a business of the coop: what that created, so that it can be undone within the day."""

    project = models.ForeignKey(Project, models.CASCADE, verbose_name="projet", related_name="integrations")
    from_stage = models.CharField("depuis l’étape", max_length=20, choices=Stage)
    member = models.ForeignKey(
        Member, models.SET_NULL, verbose_name="membre", related_name="integrations", null=True, blank=True
    )
    business = models.ForeignKey(
        Business, models.SET_NULL, verbose_name="entreprise", related_name="integrations", null=True, blank=True
    )
    contract = models.ForeignKey(
        Contract, models.SET_NULL, verbose_name="contrat", related_name="integrations", null=True, blank=True
    )
    created = models.JSONField("créé à cette occasion", default=list)
    integrated_on = models.DateField("intégré le")
    integrated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="par", related_name="+", null=True, blank=True
    )
    integrated_at = models.DateTimeField("noté le", default=timezone.now)
    next_step = models.CharField("prochaine étape d’alors", max_length=200, blank=True)
    next_step_on = models.DateField("pour le", null=True, blank=True)
    pool_reason = models.CharField("motif de la pause d’alors", max_length=200, blank=True)
    undone_at = models.DateTimeField("annulé le", null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="annulé par", related_name="+", null=True, blank=True
    )

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = "intégration"
        constraints = [
            models.UniqueConstraint(
                name="projects_integration_one_standing",
                fields=["project"],
                condition=Q(undone_at=None),
                violation_error_code="already_integrated",
                violation_error_message="Ce projet vient d’être intégré.",
            )
        ]

    def __str__(self):
        return f"Intégration de {self.project}"


class Handover(models.Model):
    """A project passed from one advisor to another: who, when, why."""

    project = models.ForeignKey(Project, models.CASCADE, verbose_name="projet", related_name="handovers")
    from_advisor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="de", related_name="+", null=True, blank=True
    )
    to_advisor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="à", related_name="+", null=True, blank=True
    )
    handed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="par", related_name="+", null=True, blank=True
    )
    handed_at = models.DateTimeField("le", default=timezone.now)
    note = models.CharField("précisions", max_length=300, blank=True)

    objects = OfProjectQuerySet.as_manager()

    class Meta:
        verbose_name = "passation"
        indexes = [models.Index(F("project"), F("handed_at"), name="projects_handover_when")]

    def __str__(self):
        return f"Passation du {timezone.localtime(self.handed_at):%d/%m/%Y}"
