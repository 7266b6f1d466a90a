from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Q

from coopconnexion.db import EQUAL, OVERLAPS, PeriodQuerySet, ends_after_start, period, tracked
from coopconnexion.partnerships.models import Partnership
from coopconnexion.territories.models import Commune, Territory
from members.models import Member
from premises.enums import OccupancyState, TenureKind
from projects.models import Project


class VenueQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(territory__in=ids)


@tracked
class Venue(models.Model):
    """A place where people meet: permanences, events."""

    name = models.CharField("nom", max_length=100)
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name="territoire", related_name="venues")
    street = models.CharField("adresse", max_length=200)
    commune = models.ForeignKey(Commune, models.PROTECT, verbose_name="commune")
    postal_code = models.CharField("code postal", max_length=5)
    access = models.TextField("accès", blank=True, help_text="Comment venir, où sonner, où se garer.")
    step_free = models.BooleanField("accessible en fauteuil", null=True, blank=True)

    objects = VenueQuerySet.as_manager()

    class Meta:
        verbose_name = "lieu"
        verbose_name_plural = "lieux"

    def __str__(self):
        return self.name

    @property
    def postal_address(self) -> str:
        """On one line; reads ``commune``."""
        return f"{self.street}, {self.postal_code} {self.commune}"


class UnitQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(territory__in=ids)


@tracked
class Unit(models.Model):
    """A commercial unit that can be let to a shop."""

    reference = models.CharField("référence", max_length=50, blank=True)
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name="territoire", related_name="units")
    street = models.CharField("adresse", max_length=200)
    commune = models.ForeignKey(Commune, models.PROTECT, verbose_name="commune")
    floor_area_m2 = models.DecimalField("surface (m²)", max_digits=8, decimal_places=2, null=True, blank=True)
    former_activity = models.CharField("dernière activité", max_length=200, blank=True)
    state = models.CharField("occupation", max_length=20, choices=OccupancyState, default=OccupancyState.UNKNOWN)
    vacant_since = models.DateField("vacante depuis", null=True, blank=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = "cellule commerciale"
        verbose_name_plural = "cellules commerciales"

    def __str__(self):
        return self.street


class ProvisionQuerySet(PeriodQuerySet):
    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(partnership__territory__in=ids)


@tracked
class Provision(models.Model):
    """A unit or a venue that a city lends under an agreement."""

    partnership = models.ForeignKey(Partnership, models.PROTECT, verbose_name="convention", related_name="provisions")
    unit = models.ForeignKey(
        Unit, models.PROTECT, verbose_name="cellule", related_name="provisions", null=True, blank=True
    )
    venue = models.ForeignKey(
        Venue, models.PROTECT, verbose_name="lieu", related_name="provisions", null=True, blank=True
    )
    starts_on = models.DateField("du")
    ends_on = models.DateField("au (exclu)", null=True, blank=True)

    objects = ProvisionQuerySet.as_manager()

    class Meta:
        verbose_name = "mise à disposition"
        verbose_name_plural = "mises à disposition"
        constraints = [
            ends_after_start("premises_provision_period"),
            models.CheckConstraint(
                name="premises_provision_one_thing",
                condition=Q(unit=None, venue__isnull=False) | Q(unit__isnull=False, venue=None),
                violation_error_code="provision_one_thing",
                violation_error_message="Une mise à disposition porte sur une cellule ou sur un lieu.",
            ),
        ]

    def __str__(self):
        return f"Mise à disposition de {self.unit or self.venue}"


class OccupancyQuerySet(PeriodQuerySet):
    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(unit__territory__in=ids)


@tracked
class Occupancy(models.Model):
    """A unit used by a member or a project, over a half-open period; two never overlap."""

    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="cellule", related_name="occupancies")
    member = models.ForeignKey(
        Member, models.PROTECT, verbose_name="membre", related_name="occupancies", null=True, blank=True
    )
    project = models.ForeignKey(
        Project, models.PROTECT, verbose_name="projet", related_name="occupancies", null=True, blank=True
    )
    tenure = models.CharField("titre d’occupation", max_length=20, choices=TenureKind)
    starts_on = models.DateField("du")
    ends_on = models.DateField("au (exclu)", null=True, blank=True)

    objects = OccupancyQuerySet.as_manager()

    class Meta:
        verbose_name = "occupation"
        constraints = [
            ends_after_start("premises_occupancy_period"),
            models.CheckConstraint(
                name="premises_occupancy_one_occupant",
                condition=Q(member=None, project__isnull=False) | Q(member__isnull=False, project=None),
                violation_error_code="one_occupant",
                violation_error_message="Une cellule est occupée par un membre ou par un projet.",
            ),
            ExclusionConstraint(
                name="premises_occupancy_no_overlap",
                expressions=[("unit", EQUAL), (period("starts_on", "ends_on"), OVERLAPS)],
                violation_error_code="occupancy_overlap",
                violation_error_message="Cette cellule est déjà occupée pendant cette période.",
            ),
        ]

    def __str__(self):
        return f"{self.unit} : {self.member or self.project}"
