from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F

from coopconnexion.db import tracked, tracked_links


class Commune(models.Model):
    """A French municipality, by its INSEE code."""

    insee_code = models.CharField("code INSEE", max_length=5, primary_key=True)
    name = models.CharField("nom", max_length=100)
    postal_codes = ArrayField(models.CharField(max_length=5), verbose_name="codes postaux", default=list, blank=True)
    population = models.PositiveIntegerField("population municipale", null=True, blank=True)
    population_year = models.PositiveSmallIntegerField("millésime de la population", null=True, blank=True)
    latitude = models.FloatField("latitude", null=True, blank=True)
    longitude = models.FloatField("longitude", null=True, blank=True)
    department = models.CharField("département", max_length=3, blank=True)
    epci_code = models.CharField("SIREN de l’intercommunalité", max_length=9, blank=True)
    epci_name = models.CharField("intercommunalité", max_length=150, blank=True)

    class Meta:
        verbose_name = "commune"
        indexes = [models.Index(F("epci_code"), F("insee_code"), name="territories_commune_epci")]

    def __str__(self):
        return self.name


class TerritoryQuerySet(models.QuerySet):
    def staffed_by(self, user):
        """Whose rows ``user`` sees in the back office."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(pk__in=ids)

    def offered_to(self, user):
        """Where ``user`` may put a row: the territories where they do the daily work."""
        ids = user.as_worker().staff_territory_ids()
        return self if ids is None else self.filter(pk__in=ids)


@tracked
class Territory(models.Model):
    """Where a mandate, a schedule or a project belongs: one or several communes."""

    name = models.CharField("nom", max_length=100, unique=True)
    slug = models.SlugField("adresse web", unique=True)
    communes = models.ManyToManyField(Commune, verbose_name="communes", related_name="territories", blank=True)

    objects = TerritoryQuerySet.as_manager()

    class Meta:
        verbose_name = "territoire"

    def __str__(self):
        return self.name


@tracked_links
class TerritoryCommune(Territory.communes.through):
    class Meta:
        proxy = True


class ThemeQuerySet(models.QuerySet):
    def active(self):
        return self.filter(retired_at=None)


@tracked
class Theme(models.Model):
    """A subject of projects and events, with its written definition; retired, never deleted, once used."""

    key = models.SlugField("clé", unique=True)
    label = models.CharField("libellé", max_length=80)
    definition = models.TextField("définition")
    position = models.PositiveSmallIntegerField("ordre", default=0)
    retired_at = models.DateTimeField("retiré le", null=True, blank=True)

    objects = ThemeQuerySet.as_manager()

    class Meta:
        verbose_name = "thème"

    def __str__(self):
        return self.label


class CommuneOutline(models.Model):
    """The simplified shape of a commune, to draw it; far too coarse to tell on which side a shop stands."""

    commune = models.OneToOneField(Commune, models.CASCADE, verbose_name="commune", related_name="outline")
    geometry = models.JSONField("contour", help_text="Géométrie GeoJSON, WGS84.")
    source = models.CharField("source", max_length=200)

    class Meta:
        verbose_name = "contour de commune"
        verbose_name_plural = "contours de communes"

    def __str__(self):
        return str(self.commune)


class NafCode(models.Model):
    """A subclass of the NAF rév. 2, the French nomenclature of activities, with the levels above it."""

    code = models.CharField("code", max_length=6, primary_key=True)
    label = models.CharField("libellé", max_length=255)
    class_code = models.CharField("classe", max_length=5)
    class_label = models.CharField("libellé de la classe", max_length=255)
    group_code = models.CharField("groupe", max_length=4)
    group_label = models.CharField("libellé du groupe", max_length=255)
    division_code = models.CharField("division", max_length=2)
    division_label = models.CharField("libellé de la division", max_length=255)
    section = models.CharField("section", max_length=1)
    section_label = models.CharField("libellé de la section", max_length=255)

    class Meta:
        verbose_name = "code NAF rév. 2"
        verbose_name_plural = "codes NAF rév. 2"

    def __str__(self):
        return f"{self.code} {self.label}"


class FacilityType(models.Model):
    """A type of the INSEE's Base permanente des équipements in one vintage: codes change from one to the next."""

    vintage = models.PositiveSmallIntegerField("millésime")
    code = models.CharField("code", max_length=4)
    label = models.CharField("libellé", max_length=200)
    domain = models.CharField("domaine", max_length=100, blank=True)
    subdomain = models.CharField("sous-domaine", max_length=100, blank=True)

    class Meta:
        verbose_name = "type d’équipement (BPE)"
        verbose_name_plural = "types d’équipement (BPE)"
        constraints = [
            models.UniqueConstraint(
                name="territories_facilitytype_once",
                fields=["vintage", "code"],
                violation_error_code="type_exists",
                violation_error_message="Ce type existe déjà pour ce millésime.",
            )
        ]

    def __str__(self):
        return f"{self.code} {self.label} ({self.vintage})"


class ActivityQuerySet(models.QuerySet):
    def active(self):
        return self.filter(retired_at=None)


@tracked
class Activity(models.Model):
    """A trade as the coop names it, with the codes that statistics give it; retired, never deleted, once used."""

    key = models.SlugField("clé", unique=True)
    label = models.CharField("libellé", max_length=120, unique=True)
    naf_codes = models.ManyToManyField(NafCode, verbose_name="codes NAF rév. 2", related_name="activities", blank=True)
    facility_types = models.ManyToManyField(
        FacilityType, verbose_name="types d’équipement (BPE)", related_name="activities", blank=True
    )
    retired_at = models.DateTimeField("retirée le", null=True, blank=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = "activité"

    def __str__(self):
        return self.label


@tracked_links
class ActivityNafCode(Activity.naf_codes.through):
    class Meta:
        proxy = True


@tracked_links
class ActivityFacilityType(Activity.facility_types.through):
    class Meta:
        proxy = True
