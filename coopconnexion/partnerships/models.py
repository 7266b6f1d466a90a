from django.db import models

from coopconnexion.accounts.models import Organisation
from coopconnexion.db import PeriodQuerySet, ends_after_start, tracked
from coopconnexion.territories.models import Territory


@tracked
class Partnership(models.Model):
    """An agreement between the coop and a city; amendments carry what changes."""

    title = models.CharField("intitulé", max_length=200)
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name="territoire", related_name="partnerships")
    parties = models.ManyToManyField(Organisation, verbose_name="parties", related_name="partnerships")
    signed_on = models.DateField("signée le")
    starts_on = models.DateField("du")
    ends_on = models.DateField("au (exclu)", null=True, blank=True)
    summary = models.TextField("objet", blank=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = "convention de partenariat"
        verbose_name_plural = "conventions de partenariat"
        constraints = [ends_after_start("partnerships_partnership_period")]

    def __str__(self):
        return self.title


@tracked
class Amendment(models.Model):
    """A numbered change of an agreement, with its own period."""

    partnership = models.ForeignKey(Partnership, models.CASCADE, verbose_name="convention", related_name="amendments")
    number = models.PositiveSmallIntegerField("numéro")
    signed_on = models.DateField("signé le")
    starts_on = models.DateField("du")
    ends_on = models.DateField("au (exclu)", null=True, blank=True)
    summary = models.TextField("objet", blank=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = "avenant"
        constraints = [
            ends_after_start("partnerships_amendment_period"),
            models.UniqueConstraint(
                name="partnerships_amendment_number",
                fields=["partnership", "number"],
                violation_error_code="amendment_number",
                violation_error_message="Cette convention a déjà un avenant de ce numéro.",
            ),
        ]

    def __str__(self):
        return f"Avenant n° {self.number}"


@tracked
class Objective(models.Model):
    """A target for an indicator of the register over a half-open period."""

    partnership = models.ForeignKey(Partnership, models.CASCADE, verbose_name="convention", related_name="objectives")
    amendment = models.ForeignKey(
        Amendment, models.PROTECT, verbose_name="avenant", related_name="objectives", null=True, blank=True
    )
    indicator = models.CharField("indicateur", max_length=80)
    label = models.CharField("libellé", max_length=200)
    target = models.DecimalField("cible", max_digits=10, decimal_places=2)
    starts_on = models.DateField("du")
    ends_on = models.DateField("au (exclu)")

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = "objectif"
        constraints = [ends_after_start("partnerships_objective_period")]

    def __str__(self):
        return self.label
