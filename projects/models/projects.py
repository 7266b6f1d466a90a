from functools import reduce
from operator import or_

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from coopconnexion.accounts.models import Organisation, Person
from coopconnexion.db import NameKey, folded, tracked, tracked_links
from coopconnexion.territories.models import Activity, Territory, Theme
from members.models import Member
from projects.enums import CLOSED_STAGES, OPEN_STAGES, ReasonKind, Source, Stage
from projects.rules import legal_pairs


class ClosingReasonQuerySet(models.QuerySet):
    def active(self):
        """Offered in forms; a retired one stays on the projects that bear it."""
        return self.filter(retired_at=None)


@tracked
class ClosingReason(models.Model):
    """Why a project was refused or given up, as data; retired, never deleted, once used."""

    kind = models.CharField("pour", max_length=20, choices=ReasonKind)
    label = models.CharField("libellé", max_length=100)
    position = models.PositiveSmallIntegerField("ordre", default=0)
    retired_at = models.DateTimeField("retiré le", null=True, blank=True)

    objects = ClosingReasonQuerySet.as_manager()

    class Meta:
        verbose_name = "motif de refus ou d’abandon"
        verbose_name_plural = "motifs de refus et d’abandon"
        constraints = [
            models.UniqueConstraint(
                name="projects_closingreason_once",
                fields=["kind", "label"],
                violation_error_code="reason_exists",
                violation_error_message="Ce motif existe déjà.",
            )
        ]

    def __str__(self):
        return self.label


class ProjectQuerySet(models.QuerySet):
    def open(self):
        return self.filter(stage__in=OPEN_STAGES)

    def active(self):
        """Open and not asleep in the pool."""
        return self.open().exclude(stage=Stage.POOL)

    def counted(self):
        """Without the test projects, which count nowhere."""
        return self.filter(is_test=False)

    def archived(self):
        return self.filter(archived_at__isnull=False)

    def not_archived(self):
        return self.filter(archived_at=None)

    def visible_to(self, user):
        """What the back office shows this user: staff see the projects of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(territory__in=ids)

    def of_addresses_of(self, user):
        """Those of the people whose address this user has verified."""
        return self.filter(holder__email__in=user.verified_addresses())


@tracked(exclude=("touched_at",))
class Project(models.Model):
    """A business idea carried by a person, from first contact to integration."""

    holder = models.ForeignKey(Person, models.PROTECT, verbose_name="porteur·se", related_name="projects")
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name="territoire", related_name="projects")
    title = models.CharField("titre", max_length=200)
    pitch = models.TextField("présentation", blank=True)
    themes = models.ManyToManyField(Theme, verbose_name="thèmes", related_name="projects", blank=True)
    intended_activity = models.CharField("activité envisagée", max_length=200, blank=True)
    activity = models.ForeignKey(
        Activity, models.PROTECT, verbose_name="activité de la liste", related_name="projects", null=True, blank=True
    )
    stage = models.CharField("étape", max_length=20, choices=Stage, default=Stage.FIRST_CONTACT)
    stage_since = models.DateTimeField("à cette étape depuis le", default=timezone.now)
    wakes_on = models.DateField("à reprendre le", null=True, blank=True)
    pool_reason = models.CharField("motif de la pause", max_length=200, blank=True)
    closing_reason = models.ForeignKey(
        ClosingReason, models.PROTECT, verbose_name="motif", related_name="projects", null=True, blank=True
    )
    next_step = models.CharField("prochaine étape", max_length=200, blank=True)
    next_step_on = models.DateField("pour le", null=True, blank=True)
    touched_at = models.DateTimeField("dernier suivi le", default=timezone.now)
    source = models.CharField("provenance", max_length=20, choices=Source)
    source_detail = models.CharField("précision sur la provenance", max_length=200, blank=True)
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
    observers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name="observateurs", related_name="observed_projects", blank=True
    )
    member = models.ForeignKey(
        Member, models.PROTECT, verbose_name="membre", related_name="projects", null=True, blank=True
    )
    integrated_on = models.DateField("intégré le", null=True, blank=True)
    is_test = models.BooleanField("projet d’essai", default=False, help_text="Ne compte dans aucun chiffre.")
    created_at = models.DateTimeField("créé le", default=timezone.now, editable=False)
    archived_at = models.DateTimeField("archivé le", null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = "projet"
        triggers = [pgtrigger.FSM(name="projects_project_legal_step", field="stage", transitions=legal_pairs())]
        constraints = [
            models.CheckConstraint(
                name="projects_project_integration_whole",
                condition=Q(stage=Stage.INTEGRATED, member__isnull=False, integrated_on__isnull=False)
                | (~Q(stage=Stage.INTEGRATED) & Q(member=None, integrated_on=None)),
                violation_error_code="integration_incomplete",
                violation_error_message=(
                    "Un projet intégré a un membre et une date d’intégration ; les autres n’en ont pas."
                ),
            ),
            models.CheckConstraint(
                name="projects_project_pool_whole",
                condition=(Q(stage=Stage.POOL, wakes_on__isnull=False) & ~Q(pool_reason=""))
                | (~Q(stage=Stage.POOL) & Q(wakes_on=None, pool_reason="")),
                violation_error_code="pool_incomplete",
                violation_error_message="Un projet en vivier a un motif et une date de reprise.",
            ),
            models.CheckConstraint(
                name="projects_project_closing_whole",
                condition=Q(stage__in=sorted(CLOSED_STAGES), closing_reason__isnull=False)
                | (~Q(stage__in=sorted(CLOSED_STAGES)) & Q(closing_reason=None)),
                violation_error_code="closing_incomplete",
                violation_error_message="Un projet refusé ou abandonné a un motif ; les autres n’en ont pas.",
            ),
            models.CheckConstraint(
                name="projects_project_next_step_dated",
                condition=(Q(stage__in=sorted(OPEN_STAGES), next_step_on__isnull=False) & ~Q(next_step=""))
                | (~Q(stage__in=sorted(OPEN_STAGES)) & Q(next_step_on=None, next_step="")),
                violation_error_code="next_step_missing",
                violation_error_message=(
                    "Un projet ouvert a une prochaine étape et sa date ; un projet fini n’en a pas."
                ),
            ),
            models.CheckConstraint(
                name="projects_project_archived_when_over",
                condition=Q(archived_at=None) | ~Q(stage__in=sorted(OPEN_STAGES)),
                violation_error_code="archived_while_open",
                violation_error_message="Un projet ouvert ne s’archive pas : terminez-le d’abord.",
            ),
        ]
        indexes = [
            models.Index(F("territory"), F("stage"), name="projects_project_board"),
            models.Index(F("advisor"), F("next_step_on"), name="projects_project_next_step"),
            models.Index(F("touched_at"), F("id"), name="projects_project_touched"),
            models.Index(F("created_at").desc(), F("id").desc(), name="projects_project_newest"),
            GinIndex(
                OpClass(folded(F("title")), name="gin_trgm_ops"), fastupdate=False, name="projects_project_title_trgm"
            ),
            GinIndex(
                OpClass(NameKey("title"), name="gin_trgm_ops"), fastupdate=False, name="projects_project_title_key"
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def reference(self) -> str:
        """What staff say: « P123 »."""
        return f"P{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN_STAGES


@tracked_links
class ProjectTheme(Project.themes.through):
    class Meta:
        proxy = True


@tracked_links
class ProjectObserver(Project.observers.through):
    class Meta:
        proxy = True


class OfProjectQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of the projects of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(project__territory__in=ids)

    def shared(self):
        """What the holder may read."""
        return self.filter(is_shared=True)


def legal_steps() -> Q:
    """Return the condition that a step is the first, or one of the pipeline's."""
    pairs = [Q(from_stage=origin, to_stage=target) for origin, target in legal_pairs()]
    return reduce(or_, pairs, Q(from_stage="", to_stage=Stage.FIRST_CONTACT))


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
        constraints = [
            models.CheckConstraint(
                name="projects_stagechange_legal",
                condition=legal_steps(),
                violation_error_code="step_illegal",
                violation_error_message="Un projet ne passe pas directement de cette étape à celle-là.",
            )
        ]
        indexes = [models.Index(F("to_stage"), F("changed_at"), name="projects_stagechange_reached")]

    def __str__(self):
        return f"{self.get_to_stage_display()} le {self.changed_at:%d/%m/%Y}"


@tracked
class PremisesNeed(models.Model):
    """The premises that a project looks for; an empty field is unknown."""

    project = models.OneToOneField(Project, models.CASCADE, verbose_name="projet", related_name="premises_need")
    min_area_m2 = models.PositiveIntegerField("surface minimale (m²)", null=True, blank=True)
    max_area_m2 = models.PositiveIntegerField("surface maximale (m²)", null=True, blank=True)
    max_monthly_rent = models.DecimalField(
        "loyer maximal (€ par mois)", max_digits=8, decimal_places=2, null=True, blank=True
    )
    needs_step_free = models.BooleanField("accès de plain-pied", null=True, blank=True)
    needs_shop_window = models.BooleanField("vitrine", null=True, blank=True)
    needs_water = models.BooleanField("point d’eau", null=True, blank=True)
    needs_extraction = models.BooleanField("extraction (cuisine)", null=True, blank=True)
    wanted_from = models.DateField("à partir du", null=True, blank=True)
    note = models.TextField("précisions", blank=True)

    class Meta:
        verbose_name = "besoin de local"
        verbose_name_plural = "besoins de local"
        constraints = [
            models.CheckConstraint(
                name="projects_premisesneed_area",
                condition=Q(min_area_m2=None) | Q(max_area_m2=None) | Q(max_area_m2__gte=F("min_area_m2")),
                violation_error_code="area_reversed",
                violation_error_message="La surface maximale est plus petite que la minimale.",
            )
        ]

    def __str__(self):
        return f"Local pour {self.project}"
