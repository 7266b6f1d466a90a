"""What the back office keeps for staff."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from coopconnexion.db import NameKey
from coopconnexion.territories.models import Territory
from coopconnexion.uploads import private_name, private_storage


class SavedFilterQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, and those that colleagues share with the team."""
        return self.filter(Q(user=user) | Q(is_shared=True)) if user.is_staff else self.none()


class SavedFilter(models.Model):
    """The filters of a list of the back office, kept under a name; a habit of its user, so without history."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="compte", related_name="saved_filters"
    )
    page = models.CharField("page", max_length=100)
    name = models.CharField("nom", max_length=60)
    query = models.CharField("filtres", max_length=2000)
    is_shared = models.BooleanField("partagé avec l’équipe", default=False)

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        verbose_name = "filtre enregistré"
        verbose_name_plural = "filtres enregistrés"
        constraints = [
            models.UniqueConstraint(
                F("user"),
                F("page"),
                NameKey("name"),
                name="accounts_savedfilter_name",
                violation_error_code="name_taken",
                violation_error_message="Vous avez déjà un filtre de ce nom sur cette page : choisissez un autre nom.",
            )
        ]

    def __str__(self):
        return self.name


class FlawCount(models.Model):
    """How many rows a check of consistency found last night, in a territory or, without one, in none in particular."""

    check_key = models.CharField("contrôle", max_length=100)
    territory = models.ForeignKey(Territory, models.CASCADE, verbose_name="territoire", null=True, blank=True)
    found = models.PositiveIntegerField("anomalies")
    counted_at = models.DateTimeField("compté le")

    class Meta:
        verbose_name = "compte d’anomalies"
        verbose_name_plural = "comptes d’anomalies"
        constraints = [
            models.UniqueConstraint(
                name="accounts_flawcount_once",
                fields=["check_key", "territory"],
                nulls_distinct=False,
                violation_error_code="count_exists",
                violation_error_message="Ce contrôle est déjà compté pour ce territoire.",
            )
        ]

    def __str__(self):
        return f"{self.check_key} : {self.found}"


class PreparedExportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, and nobody else's."""
        return self.filter(requested_by=user) if user.is_staff else self.none()

    def pending(self):
        return self.filter(ended_at=None)

    def kept(self, at):
        """Neither forgotten nor about to be."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at))


class PreparedExport(models.Model):
    """A long export that a worker writes: the file of who asked for it, for a time.

    ``path`` is the address of the export; without the ``rights`` under which it was written, it is not given.
    """

    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="demandé par", related_name="exports"
    )
    path = models.CharField("adresse", max_length=3000)
    title = models.CharField("contenu", max_length=100)
    filename = models.CharField("nom du fichier", max_length=150)
    rows = models.PositiveIntegerField("lignes")
    rights = models.JSONField("droits", default=list)
    file = models.FileField("fichier", storage=private_storage, upload_to=private_name, max_length=200, blank=True)
    requested_at = models.DateTimeField("demandé le", default=timezone.now)
    started_at = models.DateTimeField("commencé le", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    ended_at = models.DateTimeField("fini le", null=True, blank=True)
    expires_at = models.DateTimeField("gardé jusqu’au", null=True, blank=True)
    refusal = models.CharField("ce qui l’a empêché", max_length=300, blank=True)

    objects = PreparedExportQuerySet.as_manager()

    class Meta:
        verbose_name = "export préparé"
        verbose_name_plural = "exports préparés"
        constraints = [
            models.UniqueConstraint(
                name="accounts_preparedexport_once",
                fields=["requested_by", "path"],
                condition=Q(ended_at=None),
                violation_error_code="export_asked",
                violation_error_message="Cet export est déjà demandé : il se prépare.",
            ),
            models.CheckConstraint(
                name="accounts_preparedexport_ended",
                condition=Q(ended_at=None, expires_at=None) | Q(ended_at__isnull=False, expires_at__isnull=False),
                violation_error_code="export_incomplete",
                violation_error_message="Un export fini est gardé un temps.",
            ),
        ]
        indexes = [models.Index(F("requested_by"), F("requested_at").desc(), name="accounts_preparedexport_own")]

    def __str__(self):
        return self.title


class RowImportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own: what is wrong in a file may name people."""
        return self.filter(uploaded_by=user) if user.is_staff else self.none()

    def waiting(self):
        return self.filter(applied_at=None, discarded_at=None)


class RowImport(models.Model):
    """A list brought in a spreadsheet: what its check found, kept until it is applied or given up."""

    key = models.CharField("liste", max_length=30)
    filename = models.CharField("fichier", max_length=200)
    file = models.FileField("contenu", storage=private_storage, upload_to=private_name, blank=True, max_length=200)
    sha256 = models.CharField("empreinte", max_length=64)
    counts = models.JSONField("décompte", default=dict)
    changes = models.JSONField("ce qui change", default=list)
    errors = models.JSONField("à corriger", default=list)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="apporté par", related_name="+"
    )
    uploaded_at = models.DateTimeField("apporté le", default=timezone.now, editable=False)
    applied_at = models.DateTimeField("importé le", null=True, blank=True)
    discarded_at = models.DateTimeField("abandonné le", null=True, blank=True)

    objects = RowImportQuerySet.as_manager()

    class Meta:
        verbose_name = "import d’une liste"
        verbose_name_plural = "imports de listes"
        constraints = [
            models.CheckConstraint(
                name="accounts_rowimport_one_end",
                condition=Q(applied_at=None) | Q(discarded_at=None),
                violation_error_code="import_ended_twice",
                violation_error_message="Un import est fait ou abandonné, pas les deux.",
            )
        ]

    def __str__(self):
        return self.filename
