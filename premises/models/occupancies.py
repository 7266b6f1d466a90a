from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from coopconnexion.accounts.models import Organisation
from coopconnexion.db import EQUAL, OVERLAPS, PeriodQuerySet, ends_after_start, period, tracked
from coopconnexion.partnerships.models import Partnership
from members.models import Member
from premises.enums import InterestOrigin, TenureKind
from premises.models.units import OfUnitQuerySet, Unit
from premises.models.venues import Venue
from projects.models import Project


class ProvisionQuerySet(PeriodQuerySet):
    def ending_after(self, day):
        """Not over on ``day``, begun or not."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day))

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
    def ending_after(self, day):
        """Not over on ``day``, begun or not."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day))

    def of_person(self, person_id):
        """Theirs, as a project then as a member."""
        return self.filter(Q(member__person=person_id) | Q(project__holder=person_id))

    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(unit__territory__in=ids)


@tracked
class Occupancy(models.Model):
    """A unit used by a member or a project, over a half-open period; two never overlap.

    Who signed the lease is another thing than who trades there: during a CAPE or a CESA it may be the coop.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="cellule", related_name="occupancies")
    member = models.ForeignKey(
        Member, models.PROTECT, verbose_name="membre", related_name="occupancies", null=True, blank=True
    )
    project = models.ForeignKey(
        Project, models.PROTECT, verbose_name="projet", related_name="occupancies", null=True, blank=True
    )
    lease_holder = models.ForeignKey(
        Organisation,
        models.PROTECT,
        verbose_name="titulaire du bail",
        related_name="leases",
        null=True,
        blank=True,
        help_text="S’il n’est pas l’occupant : la coopérative, la ville…",
    )
    tenure = models.CharField("titre d’occupation", max_length=20, choices=TenureKind)
    starts_on = models.DateField("du")
    ends_on = models.DateField("au (exclu)", null=True, blank=True)
    monthly_rent = models.DecimalField(
        "loyer mensuel hors taxes (€)", max_digits=9, decimal_places=2, null=True, blank=True
    )
    note = models.TextField("remarque", blank=True)

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
            models.CheckConstraint(
                name="premises_occupancy_rent",
                condition=Q(monthly_rent=None) | Q(monthly_rent__gte=0),
                violation_error_code="rent_negative",
                violation_error_message="Un loyer n’est jamais négatif.",
            ),
        ]

    def __str__(self):
        return f"{self.unit} : {self.member or self.project}"

    @property
    def occupant(self) -> Member | Project:
        return self.member or self.project

    @property
    def person_id(self) -> int:
        """Who is there; reads ``member`` or ``project``."""
        return self.member.person_id if self.member else self.project.holder_id

    def is_shown(self, user) -> bool:
        """Tell whether ``user``, who sees the unit, may see who is there, who may belong to another territory."""
        ids = user.staff_territory_ids()
        return ids is None or self.occupant.territory_id in ids

    def shown_name(self, user) -> str:
        return str(self.occupant) if self.is_shown(user) else "occupant d’un autre territoire"


class OccupancyAlert(models.Model):
    """An alert before a lease or a chain of leases ends, given once; the row is what makes it once."""

    occupancy = models.ForeignKey(Occupancy, models.CASCADE, verbose_name="occupation", related_name="alerts")
    kind = models.CharField("alerte", max_length=40)
    ends_on = models.DateField("échéance")
    given_at = models.DateTimeField("donnée le", default=timezone.now)

    class Meta:
        verbose_name = "alerte d’occupation"
        verbose_name_plural = "alertes d’occupation"
        constraints = [
            models.UniqueConstraint(
                name="premises_occupancyalert_once",
                fields=["occupancy", "kind", "ends_on"],
                violation_error_code="alert_given",
                violation_error_message="Cette alerte a déjà été donnée.",
            )
        ]

    def __str__(self):
        return f"{self.kind}, {self.occupancy}"


class UnitInterestQuerySet(OfUnitQuerySet):
    def standing(self):
        """Not withdrawn."""
        return self.filter(withdrawn_at=None)


@tracked
class UnitInterest(models.Model):
    """A project wants a unit."""

    project = models.ForeignKey(Project, models.CASCADE, verbose_name="projet", related_name="unit_interests")
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="cellule", related_name="interests")
    origin = models.CharField("dit par", max_length=20, choices=InterestOrigin)
    message = models.TextField("message", blank=True)
    said_at = models.DateTimeField("dit le", default=timezone.now)
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="noté par", related_name="+", null=True, blank=True
    )
    withdrawn_at = models.DateTimeField("retiré le", null=True, blank=True)

    objects = UnitInterestQuerySet.as_manager()

    class Meta:
        verbose_name = "intérêt pour une cellule"
        verbose_name_plural = "intérêts pour des cellules"
        constraints = [
            models.UniqueConstraint(
                name="premises_unitinterest_once",
                fields=["project", "unit"],
                condition=Q(withdrawn_at=None),
                violation_error_code="interest_exists",
                violation_error_message="Ce projet s’intéresse déjà à cette cellule.",
            )
        ]
        indexes = [models.Index(F("unit"), F("said_at"), name="premises_unitinterest_when")]

    def __str__(self):
        return f"{self.project} : {self.unit}"
