from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from coopconnexion.db import tracked
from coopconnexion.territories.models import Commune, Territory
from coopconnexion.uploads import private_name, private_storage
from premises.enums import CampaignOrigin, Finding, OccupancyState
from premises.models.imports import UnitImport
from premises.models.units import OfUnitQuerySet, Unit
from premises.rules.walks import street_key


class SurveyCampaignQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(territory__in=ids)

    def ongoing(self):
        return self.filter(closed_at=None)

    def closed(self):
        return self.filter(closed_at__isnull=False)


@tracked
class SurveyCampaign(models.Model):
    """A survey of the shops of a town, or of some of its streets: on foot, or as a file told it.

    A rate of vacancy needs the whole park: ``is_exhaustive`` says that every unit of the zone, occupied ones too, was
    to be seen. A list of vacant units alone never is.
    """

    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name="territoire", related_name="campaigns")
    commune = models.ForeignKey(Commune, models.PROTECT, verbose_name="commune", related_name="+")
    title = models.CharField("nom", max_length=150)
    origin = models.CharField("origine", max_length=20, choices=CampaignOrigin, default=CampaignOrigin.WALK)
    streets = ArrayField(
        models.CharField(max_length=150), verbose_name="voies", default=list, blank=True, help_text="Vide : toutes."
    )
    is_exhaustive = models.BooleanField(
        "tous les commerces de la zone sont au registre, même occupés",
        default=False,
        help_text="Sans cela, aucun taux de vacance n’est calculé : seulement des nombres.",
    )
    starts_on = models.DateField("à partir du")
    unit_import = models.ForeignKey(
        UnitImport, models.PROTECT, verbose_name="import", related_name="campaigns", null=True, blank=True
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="ouvert par", related_name="+", null=True, blank=True
    )
    opened_at = models.DateTimeField("ouvert le", default=timezone.now)
    closed_at = models.DateTimeField("terminé le", null=True, blank=True)

    objects = SurveyCampaignQuerySet.as_manager()

    class Meta:
        verbose_name = "tour de terrain"
        verbose_name_plural = "tours de terrain"
        indexes = [models.Index(F("territory"), F("starts_on").desc(), name="premises_campaign_newest")]

    def __str__(self):
        return self.title

    def covers(self, street: str) -> bool:
        """Tell whether a street of its town is of the survey."""
        return not self.streets or street_key(street) in {street_key(each) for each in self.streets}


class CampaignPassQuerySet(models.QuerySet):
    def valid(self, at):
        return self.filter(revoked_at=None, expires_at__gt=at, campaign__closed_at=None)


class CampaignPass(models.Model):
    """What a phone in the street shows to send its observations, though its session has ended; kept as a hash."""

    campaign = models.ForeignKey(SurveyCampaign, models.CASCADE, verbose_name="tour", related_name="passes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="pour", related_name="+")
    token_hash = models.CharField("empreinte", max_length=64, unique=True)
    issued_at = models.DateTimeField("donné le", default=timezone.now)
    expires_at = models.DateTimeField("expire le")
    revoked_at = models.DateTimeField("retiré le", null=True, blank=True)

    objects = CampaignPassQuerySet.as_manager()

    class Meta:
        verbose_name = "laissez-passer de terrain"
        verbose_name_plural = "laissez-passer de terrain"

    def __str__(self):
        return f"{self.campaign}, {self.user}"


class Observation(models.Model):
    """What was seen of a unit during a survey; a second look is another row, the last seen counts.

    ``client_id`` is made by the phone: sent twice, it is written once. ``conflict`` keeps what the unit had become
    meanwhile, until somebody settles it: ``reason`` (« changed_meanwhile », « seen_later », « occupied »), ``state``,
    ``sign_name``, ``surveyed_on``. ``before`` is what the register said, to undo a tap.
    """

    campaign = models.ForeignKey(SurveyCampaign, models.CASCADE, verbose_name="tour", related_name="observations")
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="cellule", related_name="observations")
    client_id = models.UUIDField("identifiant de l’envoi", unique=True)
    finding = models.CharField("vu", max_length=20, choices=Finding)
    state_before = models.CharField("état connu au départ", max_length=20, choices=OccupancyState)
    state = models.CharField("état", max_length=20, choices=OccupancyState)
    before = models.JSONField("ce que disait le registre", null=True, blank=True)
    sign_name = models.CharField("enseigne", max_length=150, blank=True)
    note = models.TextField("remarque", blank=True)
    photo = models.FileField("photo", storage=private_storage, upload_to=private_name, max_length=200, blank=True)
    seen_at = models.DateTimeField("vu le")
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="vu par", related_name="+", null=True, blank=True
    )
    received_at = models.DateTimeField("reçu le", default=timezone.now)
    conflict = models.JSONField("conflit", null=True, blank=True)
    settled_at = models.DateTimeField("réglé le", null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="réglé par", related_name="+", null=True, blank=True
    )

    objects = OfUnitQuerySet.as_manager()

    class Meta:
        verbose_name = "observation"
        constraints = [
            models.CheckConstraint(
                name="premises_observation_settled",
                condition=Q(settled_at=None) | Q(conflict__isnull=False),
                violation_error_code="nothing_to_settle",
                violation_error_message="Cette observation n’est en conflit avec rien.",
            )
        ]
        indexes = [
            models.Index(F("campaign"), F("unit"), F("seen_at").desc(), name="premises_observation_last"),
            models.Index(F("unit"), F("seen_at").desc(), name="premises_observation_unit"),
        ]

    def __str__(self):
        return f"{self.unit} : {self.get_finding_display()}"
