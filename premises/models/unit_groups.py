"""Units that staff put together: a street to write to, the shops of a project of the city."""

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone

from coopconnexion.db import NameKey, tracked, tracked_links
from coopconnexion.territories.models import Territory
from premises.models.units import Unit


class UnitGroupQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(territory__in=ids)


@tracked
class UnitGroup(models.Model):
    """A named group of units of one territory; a unit may stand in several."""

    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name="territoire", related_name="unit_groups")
    name = models.CharField("nom", max_length=80)
    units = models.ManyToManyField(Unit, verbose_name="cellules", related_name="groups", blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="composé par", related_name="+", null=True, blank=True
    )
    made_at = models.DateTimeField("composé le", default=timezone.now, editable=False)

    objects = UnitGroupQuerySet.as_manager()

    class Meta:
        verbose_name = "groupe de cellules"
        verbose_name_plural = "groupes de cellules"
        constraints = [
            models.UniqueConstraint(
                F("territory"),
                NameKey("name"),
                name="premises_unitgroup_name",
                violation_error_code="name_taken",
                violation_error_message="Un groupe de ce territoire porte déjà ce nom.",
            )
        ]

    def __str__(self):
        return self.name


@tracked_links
class UnitGroupUnit(UnitGroup.units.through):
    class Meta:
        proxy = True
