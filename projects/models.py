from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from coopconnexion.accounts.models import Organisation, Person
from coopconnexion.db import tracked, tracked_links
from coopconnexion.territories.models import Territory, Theme
from members.models import Member
from projects.enums import OPEN_STAGES, Source, Stage


class ProjectQuerySet(models.QuerySet):
    def open(self):
        return self.filter(stage__in=OPEN_STAGES)

    def counted(self):
        """Without the test projects, which count nowhere."""
        return self.filter(is_test=False)

    def visible_to(self, user):
        """What the back office shows this user: staff see the projects of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(territory__in=ids)


@tracked
class Project(models.Model):
    """A business idea carried by a person, from first contact to integration."""

    holder = models.ForeignKey(Person, models.PROTECT, verbose_name="porteur·se", related_name="projects")
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name="territoire", related_name="projects")
    title = models.CharField("titre", max_length=200)
    pitch = models.TextField("présentation", blank=True)
    themes = models.ManyToManyField(Theme, verbose_name="thèmes", related_name="projects", blank=True)
    intended_activity = models.CharField("activité envisagée", max_length=200, blank=True)
    stage = models.CharField("étape", max_length=20, choices=Stage, default=Stage.FIRST_CONTACT)
    source = models.CharField("provenance", max_length=20, choices=Source)
    referrer = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name="prescripteur", related_name="+", null=True, blank=True
    )
    advisor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="référent·e",
        related_name="followed_projects",
        null=True,
        blank=True,
    )
    member = models.ForeignKey(
        Member, models.PROTECT, verbose_name="membre", related_name="projects", null=True, blank=True
    )
    integrated_on = models.DateField("intégré le", null=True, blank=True)
    is_test = models.BooleanField("projet d’essai", default=False, help_text="Ne compte dans aucun chiffre.")
    created_at = models.DateTimeField("créé le", default=timezone.now, editable=False)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = "projet"
        constraints = [
            models.CheckConstraint(
                name="projects_project_integration_whole",
                condition=Q(stage=Stage.INTEGRATED, member__isnull=False, integrated_on__isnull=False)
                | (~Q(stage=Stage.INTEGRATED) & Q(member=None, integrated_on=None)),
                violation_error_code="integration_incomplete",
                violation_error_message=(
                    "Un projet intégré a un membre et une date d’intégration ; les autres n’en ont pas."
                ),
            )
        ]
        indexes = [models.Index(F("territory"), F("stage"), name="projects_project_board")]

    def __str__(self):
        return self.title


@tracked_links
class ProjectTheme(Project.themes.through):
    class Meta:
        proxy = True


class StageChange(models.Model):
    """A dated step of a project through the pipeline: who, from, to, why."""

    project = models.ForeignKey(Project, models.CASCADE, verbose_name="projet", related_name="stage_changes")
    from_stage = models.CharField("de", max_length=20, choices=Stage, blank=True)
    to_stage = models.CharField("à", max_length=20, choices=Stage)
    changed_at = models.DateTimeField("le", default=timezone.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="par", related_name="+", null=True, blank=True
    )
    reason = models.CharField("motif", max_length=200, blank=True)

    class Meta:
        verbose_name = "changement d’étape"
        verbose_name_plural = "changements d’étape"

    def __str__(self):
        return f"{self.get_to_stage_display()} le {self.changed_at:%d/%m/%Y}"
