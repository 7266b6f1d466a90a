from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from coopconnexion.db import NameKey, tracked
from coopconnexion.territories.models import Activity, Commune, NafCode, Territory
from coopconnexion.uploads import private_name, private_storage
from premises.enums import (
    DETAILED,
    DETAILS_OF,
    EMPTY_STATES,
    Availability,
    ClosureReason,
    Condition,
    DatePrecision,
    ErpType,
    FollowUpDetail,
    FollowUpStatus,
    OccupancyState,
)
from premises.rules.dates import words
from premises.rules.derelict import DERELICT_MONTHS, begun_by, is_derelict


class UnitQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(territory__in=ids)

    def standing(self):
        """That still exist as shops."""
        return self.filter(closed_on=None)

    def empty(self):
        """Vacant, or never occupied."""
        return self.standing().filter(state__in=sorted(EMPTY_STATES))

    def empty_for(self, months, today):
        """Empty for at least as many months, for sure."""
        begun = Q()
        for precision, limit in begun_by(today, months).items():
            begun |= Q(vacant_since_precision=precision, vacant_since__lte=limit)
        return self.empty().filter(begun)

    def derelict(self, today):
        """Empty for two years: they may bear the tax on derelict shops (CGI, art. 1530)."""
        return self.empty_for(DERELICT_MONTHS, today)

    def stale(self, limit):
        """Not seen since ``limit``, or never."""
        return self.standing().filter(Q(surveyed_on=None) | Q(surveyed_on__lt=limit))

    def shown_to_city(self, user):
        """That officials read: those of the territories of their mandates."""
        return self.filter(territory__in=user.territory_ids(Role.OFFICIAL) or ())

    def in_zone(self, campaign):
        """That a survey goes by: of its town, and of its streets when it names some."""
        here = self.filter(territory=campaign.territory_id, commune=campaign.commune_id)
        if not campaign.streets:
            return here
        keys = [NameKey(Value(street)) for street in campaign.streets]
        return here.alias(street_key=NameKey("street")).filter(street_key__in=keys)

    def standing_at(self, campaign, *, street, number, repetition, door):
        """At an address of the town of a survey."""
        town = self.standing().filter(territory=campaign.territory_id, commune=campaign.commune_id)
        told = {"street": street, "repetition": repetition, "door": door}
        same = town.alias(**{f"{name}_key": NameKey(name) for name in told})
        return same.filter(number=number, **{f"{name}_key": NameKey(Value(value)) for name, value in told.items()})

    def on_offer(self):
        """Shown to the public: published, to let, still there."""
        return self.standing().filter(published_at__isnull=False, availability=Availability.YES)


def details_belong() -> Q:
    """Return the condition that a follow-up's detail is one of its status."""
    said = Q()
    for status, details in DETAILS_OF.items():
        nothing = Q() if status in DETAILED else Q(followup_detail="")
        said |= Q(followup=status) & (Q(followup_detail__in=[str(each) for each in details]) | nothing)
    return said


@tracked(in_bulk=True)
class Unit(models.Model):
    """A commercial unit that can be let to a shop; an empty field is unknown, which is not « no »."""

    reference = models.CharField("référence", max_length=60, blank=True)
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name="territoire", related_name="units")
    commune = models.ForeignKey(Commune, models.PROTECT, verbose_name="commune", related_name="units")
    number = models.PositiveIntegerField("numéro", null=True, blank=True)
    repetition = models.CharField("bis, ter…", max_length=10, blank=True)
    street = models.CharField("voie", max_length=150)
    building = models.CharField("bâtiment", max_length=50, blank=True)
    floor = models.CharField("étage", max_length=30, blank=True)
    door = models.CharField("porte", max_length=30, blank=True)
    postal_code = models.CharField("code postal", max_length=5, blank=True)
    latitude = models.FloatField("latitude", null=True, blank=True, help_text="WGS84, en degrés.")
    longitude = models.FloatField("longitude", null=True, blank=True, help_text="WGS84, en degrés.")
    sector = models.CharField("secteur", max_length=100, blank=True)
    street_section = models.CharField("linéaire", max_length=100, blank=True)
    parcel = models.CharField("parcelle", max_length=20, blank=True)

    floor_area_m2 = models.DecimalField("surface (m²)", max_digits=8, decimal_places=2, null=True, blank=True)
    sales_area_m2 = models.DecimalField("surface de vente (m²)", max_digits=8, decimal_places=2, null=True, blank=True)
    area_class = models.CharField(
        "classe de surface", max_length=20, blank=True, help_text="Telle que la source la donne."
    )
    frontage_m = models.DecimalField("vitrine (m)", max_digits=6, decimal_places=2, null=True, blank=True)
    condition = models.CharField("état", max_length=20, choices=Condition, default=Condition.UNKNOWN)
    erp_type = models.CharField("type d’ERP", max_length=2, choices=ErpType, blank=True)
    step_free = models.BooleanField("accès de plain-pied (PMR)", null=True, blank=True)
    extraction = models.BooleanField("extraction (cuisine)", null=True, blank=True)
    shop_window = models.BooleanField("vitrine sur rue", null=True, blank=True)
    water = models.BooleanField("point d’eau", null=True, blank=True)

    sign_name = models.CharField("enseigne", max_length=150, blank=True)
    activity_label = models.CharField("activité exercée ou dernière exercée", max_length=200, blank=True)
    activity = models.ForeignKey(
        Activity, models.PROTECT, verbose_name="activité de la liste", related_name="units", null=True, blank=True
    )
    naf = models.ForeignKey(
        NafCode, models.PROTECT, verbose_name="code NAF rév. 2", related_name="+", null=True, blank=True
    )
    state = models.CharField("occupation", max_length=20, choices=OccupancyState, default=OccupancyState.UNKNOWN)
    availability = models.CharField("disponibilité", max_length=20, choices=Availability, default=Availability.UNKNOWN)
    vacant_since = models.DateField("vacante depuis", null=True, blank=True)
    vacant_since_precision = models.CharField("précision", max_length=5, choices=DatePrecision, blank=True)
    surveyed_on = models.DateField("dernier relevé le", null=True, blank=True)

    monthly_rent = models.DecimalField(
        "loyer mensuel hors taxes et charges (€)", max_digits=9, decimal_places=2, null=True, blank=True
    )
    monthly_charges = models.DecimalField(
        "charges mensuelles (€)", max_digits=9, decimal_places=2, null=True, blank=True
    )
    rent_is_public = models.BooleanField("montrer le loyer au public", default=False)
    owner_name = models.CharField("propriétaire", max_length=200, blank=True)
    owner_contact = models.TextField("contact du propriétaire", blank=True)
    tax_category = models.CharField("catégorie révisée (DGFiP)", max_length=10, blank=True)
    rental_value = models.DecimalField(
        "valeur locative révisée (€)", max_digits=10, decimal_places=2, null=True, blank=True
    )
    extra = models.JSONField("autres colonnes de la source", default=dict, blank=True)

    followup = models.CharField("suivi", max_length=20, choices=FollowUpStatus, default=FollowUpStatus.NONE)
    followup_detail = models.CharField("précision du suivi", max_length=20, choices=FollowUpDetail, blank=True)
    public_note = models.TextField("présentation publique", blank=True)
    published_at = models.DateTimeField("publiée le", null=True, blank=True)
    closed_on = models.DateField("n’existe plus depuis le", null=True, blank=True)
    closed_because = models.CharField("parce que", max_length=20, choices=ClosureReason, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name="issue de la cellule", related_name="parts", null=True, blank=True
    )
    created_at = models.DateTimeField("enregistrée le", default=timezone.now, editable=False)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = "cellule commerciale"
        verbose_name_plural = "cellules commerciales"
        constraints = [
            models.UniqueConstraint(
                name="premises_unit_reference",
                fields=["commune", "reference"],
                condition=~Q(reference=""),
                violation_error_code="reference_taken",
                violation_error_message="Une autre cellule de cette commune a déjà cette référence.",
            ),
            models.UniqueConstraint(
                F("commune"),
                NameKey("street"),
                Coalesce(F("number"), Value(0)),
                NameKey("repetition"),
                NameKey("building"),
                NameKey("floor"),
                NameKey("door"),
                name="premises_unit_address",
                condition=Q(reference="", closed_on=None),
                violation_error_code="address_taken",
                violation_error_message=(
                    "Une cellule sans référence est déjà enregistrée à cette adresse : précisez l’étage ou la porte, "
                    "ou donnez-lui une référence."
                ),
            ),
            models.CheckConstraint(
                name="premises_unit_areas",
                condition=(Q(floor_area_m2=None) | Q(floor_area_m2__gt=0))
                & (Q(sales_area_m2=None) | Q(sales_area_m2__gt=0))
                & (Q(sales_area_m2=None) | Q(floor_area_m2=None) | Q(sales_area_m2__lte=F("floor_area_m2"))),
                violation_error_code="area_impossible",
                violation_error_message=(
                    "Une surface est plus grande que zéro, et la surface de vente ne dépasse pas la surface totale."
                ),
            ),
            models.CheckConstraint(
                name="premises_unit_amounts",
                condition=(Q(monthly_rent=None) | Q(monthly_rent__gte=0))
                & (Q(monthly_charges=None) | Q(monthly_charges__gte=0))
                & (Q(rental_value=None) | Q(rental_value__gte=0))
                & (Q(frontage_m=None) | Q(frontage_m__gte=0)),
                violation_error_code="amount_negative",
                violation_error_message="Un loyer, des charges ou une longueur ne sont jamais négatifs.",
            ),
            models.CheckConstraint(
                name="premises_unit_vacant_since",
                condition=Q(vacant_since=None, vacant_since_precision="")
                | (
                    Q(vacant_since__isnull=False)
                    & ~Q(state=OccupancyState.OCCUPIED)
                    & (
                        Q(vacant_since_precision=DatePrecision.DAY)
                        | Q(vacant_since_precision=DatePrecision.MONTH, vacant_since__day=1)
                        | Q(vacant_since_precision=DatePrecision.YEAR, vacant_since__day=1, vacant_since__month=1)
                    )
                ),
                violation_error_code="vacant_since_impossible",
                violation_error_message="Une date de vacance a une précision, et une cellule occupée n’en a pas.",
            ),
            models.CheckConstraint(
                name="premises_unit_position",
                condition=Q(latitude=None, longitude=None)
                | (
                    Q(latitude__isnull=False, longitude__isnull=False)
                    & Q(latitude__range=(-90, 90), longitude__range=(-180, 180))
                ),
                violation_error_code="position_impossible",
                violation_error_message="La position a une latitude et une longitude en degrés, ou aucune des deux.",
            ),
            models.CheckConstraint(
                name="premises_unit_followup",
                condition=details_belong(),
                violation_error_code="followup_detail",
                violation_error_message="Cette précision ne va pas avec ce suivi : choisissez-en une de sa liste.",
            ),
            models.CheckConstraint(
                name="premises_unit_closed_whole",
                condition=Q(closed_on=None, closed_because="") | (Q(closed_on__isnull=False) & ~Q(closed_because="")),
                violation_error_code="closure_incomplete",
                violation_error_message="Une cellule qui n’existe plus a une date et une raison.",
            ),
        ]
        indexes = [
            models.Index(F("territory"), F("street"), F("number"), F("id"), name="premises_unit_walk"),
            models.Index(F("commune"), NameKey("street"), F("number"), name="premises_unit_address_key"),
            models.Index(
                F("territory"), F("published_at"), name="premises_unit_offer", condition=Q(published_at__isnull=False)
            ),
            models.Index(
                F("published_at").desc(),
                F("id").desc(),
                name="premises_unit_newest_offer",
                condition=Q(closed_on=None, published_at__isnull=False, availability=Availability.YES),
            ),
            GinIndex(
                OpClass(NameKey("street"), name="gin_trgm_ops"), fastupdate=False, name="premises_unit_street_trgm"
            ),
            GinIndex(
                OpClass(NameKey("sign_name"), name="gin_trgm_ops"), fastupdate=False, name="premises_unit_sign_trgm"
            ),
            GinIndex(
                OpClass(NameKey("activity_label"), name="gin_trgm_ops"),
                fastupdate=False,
                name="premises_unit_activity_trgm",
            ),
        ]

    def __str__(self):
        return self.address

    @property
    def address(self) -> str:
        """« 14 bis rue Sadi-Carnot »."""
        return " ".join(filter(None, (str(self.number or ""), self.repetition, self.street)))

    @property
    def place(self) -> str:
        """What tells two units of one address apart: building, floor, door."""
        return ", ".join(filter(None, (self.building, self.floor, self.door)))

    @property
    def is_empty(self) -> bool:
        return self.state in EMPTY_STATES

    def is_derelict(self, today) -> bool:
        """Empty for two years, and still there."""
        empty = self.is_empty and self.closed_on is None
        return empty and is_derelict(self.vacant_since, self.vacant_since_precision, today)

    @property
    def vacant_since_words(self) -> str:
        """« 12 mars 2026 », « mars 2026 », « 2026 », or nothing."""
        return words(self.vacant_since, self.vacant_since_precision) if self.vacant_since else ""


class OfUnitQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of the units of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(unit__territory__in=ids)


@tracked
class UnitPhoto(models.Model):
    """A picture of a unit, shown to the public once staff say so."""

    unit = models.ForeignKey(Unit, models.CASCADE, verbose_name="cellule", related_name="photos")
    file = models.FileField("image", storage=private_storage, upload_to=private_name, max_length=200)
    description = models.CharField(
        "ce que montre l’image", max_length=200, help_text="Pour qui ne la voit pas ; sans personne reconnaissable."
    )
    is_public = models.BooleanField("visible du public", default=False)
    position = models.PositiveSmallIntegerField("ordre", default=0)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="ajoutée par", related_name="+", null=True, blank=True
    )
    added_at = models.DateTimeField("ajoutée le", default=timezone.now, editable=False)

    objects = OfUnitQuerySet.as_manager()

    class Meta:
        verbose_name = "photo"

    def __str__(self):
        return self.description


@tracked
class UnitDocument(models.Model):
    """A file about a unit, for the team alone."""

    unit = models.ForeignKey(Unit, models.CASCADE, verbose_name="cellule", related_name="documents")
    title = models.CharField("titre", max_length=200)
    file = models.FileField("fichier", storage=private_storage, upload_to=private_name, max_length=200)
    filename = models.CharField("nom du fichier", max_length=200)
    content_type = models.CharField("type", max_length=100)
    size = models.PositiveIntegerField("taille (octets)")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="ajouté par", related_name="+", null=True, blank=True
    )
    added_at = models.DateTimeField("ajouté le", default=timezone.now, editable=False)

    objects = OfUnitQuerySet.as_manager()

    class Meta:
        verbose_name = "document"

    def __str__(self):
        return self.title
