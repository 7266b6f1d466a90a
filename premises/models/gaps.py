from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from coopconnexion.db import tracked
from coopconnexion.territories.models import Activity, Commune, NafCode, Territory
from coopconnexion.uploads import private_name, private_storage
from premises.enums import GapSource, GapStatus
from premises.models.units import Unit
from projects.models import Project

LIVE = (GapStatus.SUSPECTED, GapStatus.CONFIRMED, GapStatus.IN_PROGRESS)


class MissingActivityQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(territory__in=ids)

    def live(self):
        """Neither filled nor dismissed."""
        return self.filter(status__in=LIVE)

    def stale(self, day):
        """Live, and past the date at which it had to be looked at again."""
        return self.live().filter(review_on__lte=day)

    def published(self, day):
        """Shown to the public as ideas: confirmed, and looked at lately enough."""
        return self.filter(status=GapStatus.CONFIRMED, review_on__gt=day)


@tracked
class MissingActivity(models.Model):
    """An activity that a town has less of than its like, or that people say it lacks: a line of the inventory.

    A low density proves no need: it is a gap to the reference, confirmed or not by who knows the town.
    ``figures`` keeps the computed result as it stood, with its group, vintage and sources.
    """

    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name="territoire", related_name="gaps")
    commune = models.ForeignKey(Commune, models.PROTECT, verbose_name="commune", related_name="+")
    sector = models.CharField("secteur", max_length=100, blank=True)
    label = models.CharField("activité", max_length=200)
    activity = models.ForeignKey(
        Activity, models.PROTECT, verbose_name="activité de la liste", related_name="gaps", null=True, blank=True
    )
    naf = models.ForeignKey(
        NafCode, models.PROTECT, verbose_name="code NAF rév. 2", related_name="+", null=True, blank=True
    )
    type_code = models.CharField("type d’équipement (BPE)", max_length=4, blank=True)
    status = models.CharField("état", max_length=20, choices=GapStatus, default=GapStatus.SUSPECTED)
    status_note = models.CharField("ce qui l’explique", max_length=300, blank=True)
    reason = models.TextField("pourquoi", blank=True)
    source = models.CharField("source", max_length=20, choices=GapSource)
    source_detail = models.CharField("précision sur la source", max_length=200, blank=True)
    observed_on = models.DateField("constatée le")
    evidence = models.TextField("éléments à l’appui", blank=True)
    evidence_file = models.FileField(
        "pièce à l’appui", storage=private_storage, upload_to=private_name, max_length=200, blank=True
    )
    evidence_filename = models.CharField("nom de la pièce", max_length=200, blank=True)
    figures = models.JSONField("résultat du calcul", null=True, blank=True)
    review_on = models.DateField("à revoir le")
    idea = models.TextField("présentation publique", blank=True, help_text="Ce que les créateurs liront.")
    project = models.ForeignKey(
        Project, models.PROTECT, verbose_name="projet", related_name="gaps", null=True, blank=True
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, verbose_name="cellule où elle s’est ouverte", related_name="+", null=True, blank=True
    )
    filled_on = models.DateField("comblée le", null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="notée par", related_name="+", null=True, blank=True
    )
    created_at = models.DateTimeField("notée le", default=timezone.now, editable=False)

    objects = MissingActivityQuerySet.as_manager()

    class Meta:
        verbose_name = "activité manquante"
        verbose_name_plural = "activités manquantes"
        constraints = [
            models.UniqueConstraint(
                name="premises_missingactivity_once",
                fields=["commune", "activity", "sector"],
                condition=Q(status__in=LIVE, activity__isnull=False),
                violation_error_code="gap_exists",
                violation_error_message="Cette activité est déjà à l’inventaire de cette commune.",
            ),
            models.CheckConstraint(
                name="premises_missingactivity_review",
                condition=Q(review_on__gt=F("observed_on")),
                violation_error_code="review_too_early",
                violation_error_message="La date de révision vient après celle du constat.",
            ),
            models.CheckConstraint(
                name="premises_missingactivity_evidence",
                condition=~Q(status__in=[GapStatus.CONFIRMED, GapStatus.IN_PROGRESS]) | ~Q(evidence=""),
                violation_error_code="evidence_missing",
                violation_error_message="Une activité manquante confirmée a des éléments à l’appui.",
            ),
            models.CheckConstraint(
                name="premises_missingactivity_filled",
                condition=Q(status=GapStatus.FILLED, filled_on__isnull=False)
                | (~Q(status=GapStatus.FILLED) & Q(filled_on=None)),
                violation_error_code="filled_incomplete",
                violation_error_message="Une activité comblée a la date à laquelle elle l’a été ; les autres non.",
            ),
            models.CheckConstraint(
                name="premises_missingactivity_explained",
                condition=Q(status__in=[GapStatus.SUSPECTED, GapStatus.CONFIRMED])
                | (Q(status=GapStatus.IN_PROGRESS) & (Q(project__isnull=False) | ~Q(status_note="")))
                | (Q(status=GapStatus.FILLED) & (Q(project__isnull=False) | Q(unit__isnull=False) | ~Q(status_note="")))
                | (Q(status=GapStatus.DISMISSED) & ~Q(status_note="")),
                violation_error_code="status_unexplained",
                violation_error_message="Dites ce qui explique cet état : un projet, une ouverture, ou quelques mots.",
            ),
        ]
        indexes = [models.Index(F("territory"), F("status"), name="premises_missingactivity_list")]

    def __str__(self):
        return f"{self.label}, {self.commune}"
