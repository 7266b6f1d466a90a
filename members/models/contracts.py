from datetime import date, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import ExpressionWrapper, F, Func, Q

from coopconnexion.db import EQUAL, OVERLAPS, PeriodQuerySet, ends_after_start, period, tracked
from coopconnexion.notices.models import Message
from members.enums import AmendmentSubject, ContractNature, DeadlineKind
from members.models.members import Member


class OptionQuerySet(models.QuerySet):
    def active(self):
        """Offered in forms; a retired one stays on what it was given to."""
        return self.filter(retired_at=None)


@tracked
class ContractKind(models.Model):
    """A kind of contract, as data; a contract copies the limits when it is signed."""

    key = models.SlugField("clé", unique=True)
    label = models.CharField("libellé", max_length=100)
    max_months = models.PositiveSmallIntegerField("durée maximale (mois)", null=True, blank=True)
    max_renewals = models.PositiveSmallIntegerField("renouvellements possibles", null=True, blank=True)
    nature = models.CharField("effet", max_length=20, choices=ContractNature, default=ContractNature.EMPLOYMENT)
    starts_association_clock = models.BooleanField(
        "fait courir le délai d’association",
        default=False,
        help_text="Trois ans pour devenir associé·e, moins la durée des contrats d’avant (C. trav. L7331-3).",
    )
    retired_at = models.DateTimeField("retiré le", null=True, blank=True)

    objects = OptionQuerySet.as_manager()

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
    weekly_hours = models.DecimalField("heures par semaine", max_digits=4, decimal_places=2, null=True, blank=True)
    activity_started_on = models.DateField("début d’activité", null=True, blank=True)
    programme = models.TextField("programme et engagements", blank=True)
    objective_amount = models.DecimalField(
        "objectif d’activité (€)", max_digits=10, decimal_places=2, null=True, blank=True
    )
    objective_months = models.PositiveSmallIntegerField("sur combien de mois", null=True, blank=True)
    ended_early_because = models.CharField("motif de fin anticipée", max_length=200, blank=True)
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
            models.CheckConstraint(
                name="members_contract_objective_whole",
                condition=Q(objective_amount=None, objective_months=None)
                | Q(objective_amount__isnull=False, objective_months__isnull=False, objective_months__gt=0),
                violation_error_code="objective_incomplete",
                violation_error_message="Un objectif d’activité a un montant et un nombre de mois.",
            ),
            models.CheckConstraint(
                name="members_contract_plausible",
                condition=Q(starts_on__gte=date(2000, 1, 1)),
                violation_error_code="date_implausible",
                violation_error_message="Un contrat ne commence pas avant l’an 2000 : vérifiez la date.",
            ),
        ]
        indexes = [
            models.Index(F("ends_on"), F("member"), name="members_contract_ends"),
            models.Index(F("starts_on").desc(), F("id"), name="members_contract_newest"),
        ]

    def __str__(self):
        return f"{self.kind} de {self.member}"

    @property
    def last_day(self) -> date | None:
        """The last day in force, as people say it; ``ends_on`` is exclusive."""
        return self.ends_on and self.ends_on - timedelta(days=1)


class ContractTermsQuerySet(PeriodQuerySet):
    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(contract__member__territory__in=ids)


@tracked
class ContractTerms(models.Model):
    """The contribution rate and the fixed pay of a contract over a half-open period; shown, not used for payroll."""

    contract = models.ForeignKey(Contract, models.CASCADE, verbose_name="contrat", related_name="terms")
    starts_on = models.DateField("du")
    ends_on = models.DateField("au (exclu)", null=True, blank=True)
    contribution_rate = models.DecimalField("taux de contribution (%)", max_digits=4, decimal_places=2)
    fixed_pay = models.DecimalField("part fixe (€ par mois)", max_digits=8, decimal_places=2, null=True, blank=True)

    objects = ContractTermsQuerySet.as_manager()

    class Meta:
        verbose_name = "conditions d’un contrat"
        verbose_name_plural = "conditions des contrats"
        constraints = [
            ends_after_start("members_contractterms_period"),
            models.CheckConstraint(
                name="members_contractterms_rate",
                condition=Q(contribution_rate__gte=0, contribution_rate__lte=50),
                violation_error_code="rate_implausible",
                violation_error_message="Le taux de contribution est un pourcentage entre 0 et 50.",
            ),
            models.CheckConstraint(
                name="members_contractterms_fixed_pay",
                condition=Q(fixed_pay=None) | Q(fixed_pay__gte=0),
                violation_error_code="fixed_pay_negative",
                violation_error_message="La part fixe ne peut pas être négative.",
            ),
            ExclusionConstraint(
                name="members_contractterms_no_overlap",
                expressions=[("contract", EQUAL), (period("starts_on", "ends_on"), OVERLAPS)],
                violation_error_code="terms_overlap",
                violation_error_message="D’autres conditions valent déjà pendant cette période.",
            ),
        ]

    def __str__(self):
        return f"{self.contribution_rate} % à partir du {self.starts_on:%d/%m/%Y}"


class AmendmentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(contract__member__territory__in=ids)


@tracked
class Amendment(models.Model):
    """An « avenant »: what was signed to change a contract, numbered within it."""

    contract = models.ForeignKey(Contract, models.CASCADE, verbose_name="contrat", related_name="amendments")
    number = models.PositiveSmallIntegerField("numéro")
    signed_on = models.DateField("signé le", null=True, blank=True)
    effective_on = models.DateField("prend effet le")
    subject = models.CharField("objet", max_length=20, choices=AmendmentSubject)
    text = models.TextField("contenu")
    terms = models.OneToOneField(
        ContractTerms, models.PROTECT, verbose_name="conditions", related_name="amendment", null=True, blank=True
    )

    objects = AmendmentQuerySet.as_manager()

    class Meta:
        verbose_name = "avenant"
        constraints = [
            models.UniqueConstraint(
                name="members_amendment_number",
                fields=["contract", "number"],
                violation_error_code="amendment_number_taken",
                violation_error_message="Un avenant de ce contrat porte déjà ce numéro.",
            )
        ]

    def __str__(self):
        return f"Avenant n° {self.number}"


class DeadlineAlert(models.Model):
    """An alert before a legal end, once per contract, date and number of months before it."""

    contract = models.ForeignKey(Contract, models.CASCADE, verbose_name="contrat", related_name="alerts")
    kind = models.CharField("nature", max_length=20, choices=DeadlineKind)
    deadline_on = models.DateField("échéance")
    months_before = models.PositiveSmallIntegerField("mois avant")
    raised_at = models.DateTimeField("levée le")
    message = models.OneToOneField(
        Message, models.SET_NULL, verbose_name="message", related_name="+", null=True, blank=True
    )

    class Meta:
        verbose_name = "alerte d’échéance"
        verbose_name_plural = "alertes d’échéance"
        constraints = [
            models.UniqueConstraint(
                name="members_deadlinealert_once",
                fields=["contract", "kind", "deadline_on", "months_before"],
                violation_error_code="alert_raised",
                violation_error_message="Cette alerte a déjà été donnée.",
            )
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.months_before} mois avant"
