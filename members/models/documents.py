from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from coopconnexion.db import tracked
from coopconnexion.uploads import private_name, private_storage
from members.enums import IssuedKind
from members.models.contracts import ContractKind, OptionQuerySet
from members.models.members import Member


@tracked
class DocumentKind(models.Model):
    """A document that the coop must receive from each member, as data; retired, never deleted, once used."""

    label = models.CharField("libellé", max_length=100, unique=True)
    contract_kind = models.ForeignKey(
        ContractKind,
        models.PROTECT,
        verbose_name="seulement avec un contrat",
        related_name="+",
        null=True,
        blank=True,
        help_text="Vide : demandé à tous les membres.",
    )
    validity_months = models.PositiveSmallIntegerField("valable (mois)", null=True, blank=True)
    position = models.PositiveSmallIntegerField("ordre", default=0)
    retired_at = models.DateTimeField("retiré le", null=True, blank=True)

    objects = OptionQuerySet.as_manager()

    class Meta:
        verbose_name = "pièce à recevoir"
        verbose_name_plural = "pièces à recevoir"

    def __str__(self):
        return self.label


class OfMemberQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(member__territory__in=ids)


@tracked
class ReceivedDocument(models.Model):
    """A document received from a member, with its file or as a mere note that it came."""

    member = models.ForeignKey(Member, models.PROTECT, verbose_name="membre", related_name="received_documents")
    kind = models.ForeignKey(DocumentKind, models.PROTECT, verbose_name="pièce", related_name="received")
    received_on = models.DateField("reçue le")
    valid_until = models.DateField("valable jusqu’au", null=True, blank=True)
    note = models.CharField("précisions", max_length=200, blank=True)
    file = models.FileField("fichier", storage=private_storage, upload_to=private_name, blank=True, max_length=200)
    filename = models.CharField("nom du fichier", max_length=200, blank=True)
    content_type = models.CharField("type", max_length=100, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="notée par", related_name="+", null=True, blank=True
    )
    recorded_at = models.DateTimeField("notée le", default=timezone.now, editable=False)

    objects = OfMemberQuerySet.as_manager()

    class Meta:
        verbose_name = "pièce reçue"
        verbose_name_plural = "pièces reçues"
        indexes = [models.Index(F("member"), F("kind"), name="members_receiveddocument_kind")]

    def __str__(self):
        return f"{self.kind} de {self.member}"


class IssuedDocument(models.Model):
    """A document that the coop gave, byte for byte as given, with the figures it was made from."""

    member = models.ForeignKey(Member, models.PROTECT, verbose_name="membre", related_name="issued_documents")
    kind = models.CharField("nature", max_length=20, choices=IssuedKind)
    year = models.PositiveSmallIntegerField("année", null=True, blank=True)
    issued_at = models.DateTimeField("donné le", default=timezone.now, editable=False)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="donné par", related_name="+", null=True, blank=True
    )
    content = models.BinaryField("contenu")
    data = models.JSONField("données", default=dict)

    objects = OfMemberQuerySet.as_manager()

    class Meta:
        verbose_name = "document donné"
        verbose_name_plural = "documents donnés"
        constraints = [
            models.CheckConstraint(
                name="members_issueddocument_year",
                condition=Q(kind=IssuedKind.YEAR, year__isnull=False) | (~Q(kind=IssuedKind.YEAR) & Q(year=None)),
                violation_error_code="issued_year",
                violation_error_message="Un relevé de l’année porte une année ; les attestations n’en portent pas.",
            )
        ]

    def __str__(self):
        return f"{self.get_kind_display()} de {self.member}"
