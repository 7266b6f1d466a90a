from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from coopconnexion.db import tracked
from coopconnexion.territories.models import Commune, Territory
from coopconnexion.uploads import private_name, private_storage
from premises.enums import ImportState
from premises.models.units import Unit


class UnitSourceQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(territory__in=ids)


@tracked
class UnitSource(models.Model):
    """Where lists of units come from, with how its columns are read: kept from one file to the next."""

    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name="territoire", related_name="unit_sources")
    name = models.CharField("source", max_length=150, help_text="LOCOMVAC de la DGFiP, relevé de la ville…")
    licence = models.CharField("licence", max_length=100, blank=True)
    mapping = models.JSONField("correspondance des colonnes", default=dict, blank=True)
    whole_park = models.BooleanField(
        "donne tous les locaux, même occupés", default=False, help_text="Sinon, aucun taux de vacance n’en sort."
    )
    state_of_all = models.CharField(
        "occupation de toutes les lignes",
        max_length=20,
        blank=True,
        help_text="Un fichier de locaux vacants : vacante.",
    )

    objects = UnitSourceQuerySet.as_manager()

    class Meta:
        verbose_name = "source de locaux"
        verbose_name_plural = "sources de locaux"
        constraints = [
            models.UniqueConstraint(
                name="premises_unitsource_once",
                fields=["territory", "name"],
                violation_error_code="source_exists",
                violation_error_message="Cette source existe déjà pour ce territoire.",
            )
        ]

    def __str__(self):
        return self.name


class UnitReference(models.Model):
    """What a source calls a unit: how the next file of the same source finds it again."""

    unit = models.ForeignKey(Unit, models.CASCADE, verbose_name="cellule", related_name="references")
    source = models.ForeignKey(UnitSource, models.PROTECT, verbose_name="source", related_name="references")
    commune = models.ForeignKey(Commune, models.PROTECT, verbose_name="commune", related_name="+")
    reference = models.CharField("référence", max_length=100)

    class Meta:
        verbose_name = "référence d’une source"
        verbose_name_plural = "références des sources"
        constraints = [
            models.UniqueConstraint(
                name="premises_unitreference_once",
                fields=["source", "commune", "reference"],
                violation_error_code="reference_twice",
                violation_error_message="Cette source donne déjà cette référence à une autre cellule.",
            )
        ]

    def __str__(self):
        return self.reference


class UnitImportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(source__territory__in=ids)


class UnitImport(models.Model):
    """A file of units: received, its columns chosen, checked without writing, then applied whole or discarded."""

    source = models.ForeignKey(UnitSource, models.PROTECT, verbose_name="source", related_name="imports")
    filename = models.CharField("fichier", max_length=200)
    file = models.FileField("contenu", storage=private_storage, upload_to=private_name, blank=True, max_length=200)
    sha256 = models.CharField("empreinte", max_length=64)
    sheet = models.CharField("feuille", max_length=100, blank=True)
    header_row = models.PositiveIntegerField("ligne des en-têtes", null=True, blank=True)
    mapping = models.JSONField("correspondance des colonnes", default=dict, blank=True)
    surveyed_on = models.DateField("relevé du", null=True, blank=True)
    state = models.CharField("étape", max_length=20, choices=ImportState, default=ImportState.RECEIVED)
    done = models.PositiveIntegerField("lignes faites", default=0)
    total = models.PositiveIntegerField("lignes en tout", default=0)
    counts = models.JSONField("lignes", default=dict, blank=True)
    errors = models.JSONField("erreurs", default=list, blank=True)
    changes = models.JSONField("changements montrés", default=list, blank=True)
    refusal = models.TextField("refus", blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="apporté par", related_name="+"
    )
    uploaded_at = models.DateTimeField("apporté le", default=timezone.now, editable=False)
    started_at = models.DateTimeField("commencé le", null=True, blank=True)
    ended_at = models.DateTimeField("terminé le", null=True, blank=True)

    objects = UnitImportQuerySet.as_manager()

    class Meta:
        verbose_name = "import de locaux"
        verbose_name_plural = "imports de locaux"
        constraints = [
            models.CheckConstraint(
                name="premises_unitimport_ended",
                condition=Q(ended_at=None) | ~Q(state__in=[ImportState.RECEIVED, ImportState.CHECKING]),
                violation_error_code="import_ended",
                violation_error_message="Cet import est déjà terminé.",
            )
        ]
        indexes = [models.Index(F("source"), F("uploaded_at").desc(), name="premises_unitimport_newest")]

    def __str__(self):
        return self.filename
