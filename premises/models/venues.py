from django.db import models

from coopconnexion.db import tracked
from coopconnexion.territories.models import Commune, Territory


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
