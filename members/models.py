from datetime import date, timedelta

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, Func, OuterRef, Q

from coopconnexion.accounts.models import Person
from coopconnexion.db import EQUAL, OVERLAPS, PeriodQuerySet, ends_after_start, period, tracked, tracked_links
from coopconnexion.territories.models import Commune, Territory


class MemberQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(territory__in=ids)


@tracked
class Member(models.Model):
    """A person who is or was an entrepreneur of the coop; one row per person."""

    person = models.OneToOneField(Person, models.PROTECT, verbose_name="personne", related_name="member")
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name="territoire", related_name="members")
    advisor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="référent·e",
        related_name="followed_members",
        null=True,
        blank=True,
    )
    associated_on = models.DateField("associé·e depuis le", null=True, blank=True)
    exited_on = models.DateField("sorti·e le", null=True, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = "membre"

    def __str__(self):
        return str(self.person)


class BusinessQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of a member of their territories, and those that have no member yet."""
        ids = user.staff_territory_ids()
        if ids is None:
            return self
        theirs = Business.members.through.objects.filter(business=OuterRef("pk"))
        return self.filter(Exists(theirs.filter(member__territory__in=ids)) | ~Exists(theirs))


@tracked
class Business(models.Model):
    """What a member, or several together, sell under the coop's roof."""

    name = models.CharField("nom", max_length=200)
    activity = models.CharField("activité", max_length=200)
    commune = models.ForeignKey(Commune, models.PROTECT, verbose_name="commune", null=True, blank=True)
    members = models.ManyToManyField(Member, verbose_name="membres", related_name="businesses")
    opened_on = models.DateField("ouverte le", null=True, blank=True)
    closed_on = models.DateField("fermée le", null=True, blank=True)

    objects = BusinessQuerySet.as_manager()

    class Meta:
        verbose_name = "entreprise"
        constraints = [ends_after_start("members_business_period", start="opened_on", end="closed_on")]

    def __str__(self):
        return self.name


@tracked_links
class BusinessMember(Business.members.through):
    class Meta:
        proxy = True


@tracked
class ContractKind(models.Model):
    """A kind of contract, as data; a contract copies the limits when it is signed."""

    key = models.SlugField("clé", unique=True)
    label = models.CharField("libellé", max_length=100)
    max_months = models.PositiveSmallIntegerField("durée maximale (mois)", null=True, blank=True)
    max_renewals = models.PositiveSmallIntegerField("renouvellements possibles", null=True, blank=True)
    retired_at = models.DateTimeField("retiré le", null=True, blank=True)

    class Meta:
        verbose_name = "nature de contrat"
        verbose_name_plural = "natures de contrat"

    def __str__(self):
        return self.label


class MonthsLater(Func):
    """``MonthsLater(day, n)``: the same day ``n`` months later, as a date."""

    template = "(%(expressions)s)::date"
    arg_joiner = " + "
    output_field = models.DateField()

    def __init__(self, day, months):
        interval = Func(models.Value(0), months, function="make_interval", output_field=models.DurationField())
        super().__init__(ExpressionWrapper(F(day), models.DateField()), interval)


class ContractQuerySet(PeriodQuerySet):
    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(member__territory__in=ids)


@tracked
class Contract(models.Model):
    """A contract between a member and the coop, over a half-open period.

    CAPE: 12 months at most, renewable twice (C. com. L127-1 s.). The limits stand on the row, copied from the kind.
    """

    member = models.ForeignKey(Member, models.PROTECT, verbose_name="membre", related_name="contracts")
    kind = models.ForeignKey(ContractKind, models.PROTECT, verbose_name="nature", related_name="contracts")
    series = models.PositiveSmallIntegerField("série", default=1)
    renewal_rank = models.PositiveSmallIntegerField("rang de renouvellement", default=0)
    signed_on = models.DateField("signé le", null=True, blank=True)
    starts_on = models.DateField("du")
    ends_on = models.DateField("au (exclu)", null=True, blank=True)
    max_months = models.PositiveSmallIntegerField("durée maximale (mois)", null=True, blank=True, editable=False)
    max_renewals = models.PositiveSmallIntegerField("renouvellements possibles", null=True, blank=True, editable=False)

    objects = ContractQuerySet.as_manager()

    class Meta:
        verbose_name = "contrat"
        constraints = [
            ends_after_start("members_contract_period"),
            models.CheckConstraint(
                name="members_contract_max_months",
                condition=Q(max_months=None)
                | (Q(ends_on__isnull=False) & Q(ends_on__lte=MonthsLater("starts_on", F("max_months")))),
                violation_error_code="contract_too_long",
                violation_error_message="Ce contrat dépasse la durée maximale de sa nature.",
            ),
            models.CheckConstraint(
                name="members_contract_max_renewals",
                condition=Q(max_renewals=None) | Q(renewal_rank__lte=F("max_renewals")),
                violation_error_code="too_many_renewals",
                violation_error_message="Ce contrat ne peut plus être renouvelé.",
            ),
            models.UniqueConstraint(
                name="members_contract_rank",
                fields=["member", "kind", "series", "renewal_rank"],
                violation_error_code="rank_taken",
                violation_error_message="Ce rang de renouvellement existe déjà.",
            ),
            ExclusionConstraint(
                name="members_contract_no_overlap",
                expressions=[("member", EQUAL), ("kind", EQUAL), (period("starts_on", "ends_on"), OVERLAPS)],
                violation_error_code="contract_overlap",
                violation_error_message="Ce contrat chevauche un autre contrat de même nature.",
            ),
        ]

    def __str__(self):
        return f"{self.kind} de {self.member}"

    @property
    def last_day(self) -> date | None:
        """The last day in force, as people say it; ``ends_on`` is exclusive."""
        return self.ends_on and self.ends_on - timedelta(days=1)
