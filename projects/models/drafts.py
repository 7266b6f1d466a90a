from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from coopconnexion.notices.models import AbstractLink, Message
from projects.models.projects import Project


class ProjectDraftQuerySet(models.QuerySet):
    def unfinished(self):
        """Neither sent nor dropped."""
        return self.filter(submitted_at=None, dropped_at=None)


class ProjectDraft(models.Model):
    """A project that its holder is still writing on the site, kept at each step; relaunched once, then dropped."""

    email = models.EmailField("courriel")
    data = models.JSONField("réponses", default=dict)
    step = models.PositiveSmallIntegerField("étape", default=1)
    created_at = models.DateTimeField("commencé le", default=timezone.now, editable=False)
    updated_at = models.DateTimeField("repris le", default=timezone.now)
    reminded_at = models.DateTimeField("relancé le", null=True, blank=True)
    reminder = models.OneToOneField(
        Message, models.SET_NULL, verbose_name="relance", related_name="+", null=True, blank=True
    )
    submitted_at = models.DateTimeField("envoyé le", null=True, blank=True)
    dropped_at = models.DateTimeField("abandonné le", null=True, blank=True)
    project = models.ForeignKey(
        Project, models.SET_NULL, verbose_name="projet", related_name="drafts", null=True, blank=True
    )

    objects = ProjectDraftQuerySet.as_manager()

    class Meta:
        verbose_name = "projet en cours d’écriture"
        verbose_name_plural = "projets en cours d’écriture"
        constraints = [
            models.CheckConstraint(
                name="projects_projectdraft_one_end",
                condition=Q(submitted_at=None) | Q(dropped_at=None),
                violation_error_code="draft_ended",
                violation_error_message="Ce projet a déjà été envoyé ou abandonné.",
            )
        ]
        indexes = [
            models.Index(
                F("updated_at"),
                name="projects_projectdraft_idle",
                condition=Q(submitted_at=None, dropped_at=None),
            )
        ]

    def __str__(self):
        return f"Projet commencé le {timezone.localtime(self.created_at):%d/%m/%Y}"

    @property
    def first_name(self) -> str:
        return self.data.get("contact", {}).get("first_name", "")


class DraftLink(AbstractLink):
    """Opens one draft, without an account."""

    draft = models.ForeignKey(ProjectDraft, models.CASCADE, verbose_name="projet", related_name="links")

    class Meta:
        verbose_name = "lien de reprise"
        verbose_name_plural = "liens de reprise"

    def __str__(self):
        return f"Lien vers {self.draft}"
