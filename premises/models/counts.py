"""How many establishments of each kind each commune has, from one source and one vintage at a time."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F
from django.utils import timezone

from coopconnexion.db import tracked, tracked_links
from coopconnexion.territories.models import Commune
from coopconnexion.uploads import private_name, private_storage
from premises.enums import CountKind


class CountSet(models.Model):
    """Counts of one source and one vintage; two sets are never added up nor compared.

    ``codes`` are what the set knows: BPE types of its vintage, or NAF rév. 2 codes for SIRENE. A code that is not
    there is unknown; a code that is there and has no row in a commune of the set counts zero.
    """

    kind = models.CharField("source", max_length=20, choices=CountKind)
    vintage = models.PositiveSmallIntegerField("millésime")
    label = models.CharField("intitulé", max_length=150)
    licence = models.CharField("licence", max_length=100, blank=True)
    filename = models.CharField("fichier", max_length=200)
    sha256 = models.CharField("empreinte", max_length=64)
    codes = ArrayField(models.CharField(max_length=6), verbose_name="codes connus", default=list)
    rows_read = models.PositiveBigIntegerField("lignes lues", default=0)
    rows_counted = models.PositiveBigIntegerField("établissements comptés", default=0)
    set_aside = models.JSONField("lignes écartées, par raison", default=dict, blank=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="importé par", related_name="+", null=True, blank=True
    )
    imported_at = models.DateTimeField("importé le", default=timezone.now)
    retired_at = models.DateTimeField("retiré le", null=True, blank=True)

    class Meta:
        verbose_name = "jeu de dénombrements"
        verbose_name_plural = "jeux de dénombrements"
        constraints = [
            models.UniqueConstraint(
                name="premises_countset_once",
                fields=["kind", "vintage", "label"],
                violation_error_code="count_set_exists",
                violation_error_message="Ce jeu existe déjà : ce millésime de cette source est importé.",
            )
        ]

    def __str__(self):
        return f"{self.label}, {self.vintage}"


class CountImportQuerySet(models.QuerySet):
    def pending(self):
        """Neither counted nor refused."""
        return self.filter(ended_at=None)


class CountImport(models.Model):
    """A file of counts that somebody brought: read by a worker, then counted whole or refused."""

    kind = models.CharField("source", max_length=20, choices=CountKind)
    vintage = models.PositiveSmallIntegerField("millésime")
    label = models.CharField("intitulé", max_length=150, blank=True)
    filename = models.CharField("fichier", max_length=200)
    file = models.FileField("contenu", storage=private_storage, upload_to=private_name, blank=True, max_length=200)
    sha256 = models.CharField("empreinte", max_length=64)
    rows_done = models.PositiveBigIntegerField("lignes lues", default=0)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    count_set = models.ForeignKey(
        CountSet, models.SET_NULL, verbose_name="jeu", related_name="imports", null=True, blank=True
    )
    refusal = models.TextField("refus", blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="apporté par", related_name="+"
    )
    uploaded_at = models.DateTimeField("apporté le", default=timezone.now, editable=False)
    started_at = models.DateTimeField("commencé le", null=True, blank=True)
    ended_at = models.DateTimeField("terminé le", null=True, blank=True)

    objects = CountImportQuerySet.as_manager()

    class Meta:
        verbose_name = "import de dénombrements"
        verbose_name_plural = "imports de dénombrements"

    def __str__(self):
        return self.filename


class CountedCommune(models.Model):
    """A commune that a set covers: what has no row there counts zero, elsewhere it is unknown."""

    count_set = models.ForeignKey(CountSet, models.CASCADE, verbose_name="jeu", related_name="communes")
    commune = models.ForeignKey(Commune, models.PROTECT, verbose_name="commune", related_name="+")

    class Meta:
        verbose_name = "commune dénombrée"
        verbose_name_plural = "communes dénombrées"
        constraints = [
            models.UniqueConstraint(
                name="premises_countedcommune_once",
                fields=["count_set", "commune"],
                violation_error_code="commune_twice",
                violation_error_message="Cette commune est deux fois dans le jeu.",
            )
        ]

    def __str__(self):
        return f"{self.count_set}, {self.commune}"


class EstablishmentCount(models.Model):
    """How many establishments of a code a commune has in a set; ``None`` where the source leaves it empty."""

    count_set = models.ForeignKey(CountSet, models.CASCADE, verbose_name="jeu", related_name="counts")
    commune = models.ForeignKey(Commune, models.PROTECT, verbose_name="commune", related_name="+", db_index=False)
    code = models.CharField("code", max_length=6)
    number = models.PositiveIntegerField("nombre", null=True, blank=True)

    class Meta:
        verbose_name = "dénombrement"
        constraints = [
            models.UniqueConstraint(
                name="premises_establishmentcount_once",
                fields=["count_set", "code", "commune"],
                violation_error_code="count_twice",
                violation_error_message="Ce code est dénombré deux fois dans la même commune.",
            )
        ]
        indexes = [models.Index(F("count_set"), F("commune"), name="premises_count_commune")]

    def __str__(self):
        return f"{self.commune}, {self.code} : {self.number}"


@tracked
class ReferenceGroup(models.Model):
    """Towns that a town is compared with; chosen by staff, the town itself left out of the sums."""

    name = models.CharField("nom", max_length=100, unique=True)
    communes = models.ManyToManyField(Commune, verbose_name="communes", related_name="reference_groups")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="composé par", related_name="+", null=True, blank=True
    )
    made_at = models.DateTimeField("composé le", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "groupe de référence"
        verbose_name_plural = "groupes de référence"

    def __str__(self):
        return self.name


@tracked_links
class ReferenceGroupCommune(ReferenceGroup.communes.through):
    class Meta:
        proxy = True
