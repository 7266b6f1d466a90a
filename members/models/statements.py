from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from coopconnexion.db import tracked
from coopconnexion.uploads import private_name, private_storage
from members.models.documents import OfMemberQuerySet
from members.models.members import Member


class StatementImportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Who brought the file, and the direction."""
        if user.staff_territory_ids() is None:
            return self
        return self.filter(uploaded_by=user.pk)


class StatementImport(models.Model):
    """A file of statements: checked first, then applied whole or discarded."""

    filename = models.CharField("fichier", max_length=200)
    file = models.FileField("contenu", storage=private_storage, upload_to=private_name, blank=True, max_length=200)
    sha256 = models.CharField("empreinte", max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="apporté par", related_name="+"
    )
    uploaded_at = models.DateTimeField("apporté le", default=timezone.now, editable=False)
    counts = models.JSONField("lignes", default=dict)
    errors = models.JSONField("erreurs", default=list)
    applied_at = models.DateTimeField("importé le", null=True, blank=True)
    discarded_at = models.DateTimeField("abandonné le", null=True, blank=True)

    objects = StatementImportQuerySet.as_manager()

    class Meta:
        verbose_name = "import de relevés"
        verbose_name_plural = "imports de relevés"
        constraints = [
            models.CheckConstraint(
                name="members_statementimport_one_end",
                condition=Q(applied_at=None) | Q(discarded_at=None),
                violation_error_code="import_ended",
                violation_error_message="Cet import est déjà terminé.",
            )
        ]

    def __str__(self):
        return self.filename


@tracked(in_bulk=True)
class Statement(models.Model):
    """A member's figures of a month, in euros; an empty one is unknown, not zero."""

    member = models.ForeignKey(Member, models.PROTECT, verbose_name="membre", related_name="statements")
    month = models.DateField("mois", help_text="Premier jour du mois.")
    turnover = models.DecimalField("chiffre d’affaires", max_digits=12, decimal_places=2)
    purchases = models.DecimalField("achats", max_digits=12, decimal_places=2, null=True, blank=True)
    contribution = models.DecimalField("contribution", max_digits=12, decimal_places=2, null=True, blank=True)
    gross_pay = models.DecimalField("salaire brut", max_digits=12, decimal_places=2, null=True, blank=True)
    imported_by = models.ForeignKey(
        StatementImport, models.PROTECT, verbose_name="import", related_name="statements", null=True, blank=True
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="saisi par", related_name="+", null=True, blank=True
    )
    entered_at = models.DateTimeField("saisi le", default=timezone.now)

    objects = OfMemberQuerySet.as_manager()

    class Meta:
        verbose_name = "relevé mensuel"
        verbose_name_plural = "relevés mensuels"
        constraints = [
            models.UniqueConstraint(
                name="members_statement_one_per_month",
                fields=["member", "month"],
                violation_error_code="statement_exists",
                violation_error_message="Ce membre a déjà un relevé pour ce mois.",
            ),
            models.CheckConstraint(
                name="members_statement_first_of_month",
                condition=Q(month__day=1, month__gte=date(2000, 1, 1)),
                violation_error_code="month_invalid",
                violation_error_message="Un relevé porte sur un mois entier, à partir de l’an 2000.",
            ),
            models.CheckConstraint(
                name="members_statement_gross_pay",
                condition=Q(gross_pay=None) | Q(gross_pay__gte=0),
                violation_error_code="gross_pay_negative",
                violation_error_message="Un salaire brut ne peut pas être négatif.",
            ),
        ]
        indexes = [models.Index(F("month"), F("member"), name="members_statement_month")]

    def __str__(self):
        return f"{self.member}, {self.month:%m/%Y}"
