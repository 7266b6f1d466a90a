"""What the back office keeps for staff."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from coopconnexion.db import NameKey
from coopconnexion.territories.models import Territory


class SavedFilterQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, and those that colleagues share with the team."""
        return self.filter(Q(user=user) | Q(is_shared=True)) if user.is_staff else self.none()


class SavedFilter(models.Model):
    """The filters of a list of the back office, kept under a name; a habit of its user, so without history."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="compte", related_name="saved_filters"
    )
    page = models.CharField("page", max_length=100)
    name = models.CharField("nom", max_length=60)
    query = models.CharField("filtres", max_length=2000)
    is_shared = models.BooleanField("partagé avec l’équipe", default=False)

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        verbose_name = "filtre enregistré"
        verbose_name_plural = "filtres enregistrés"
        constraints = [
            models.UniqueConstraint(
                F("user"),
                F("page"),
                NameKey("name"),
                name="accounts_savedfilter_name",
                violation_error_code="name_taken",
                violation_error_message="Vous avez déjà un filtre de ce nom sur cette page : choisissez un autre nom.",
            )
        ]

    def __str__(self):
        return self.name


class FlawCount(models.Model):
    """How many rows a check of consistency found last night, in a territory or, without one, in none in particular."""

    check_key = models.CharField("contrôle", max_length=100)
    territory = models.ForeignKey(Territory, models.CASCADE, verbose_name="territoire", null=True, blank=True)
    found = models.PositiveIntegerField("anomalies")
    counted_at = models.DateTimeField("compté le")

    class Meta:
        verbose_name = "compte d’anomalies"
        verbose_name_plural = "comptes d’anomalies"
        constraints = [
            models.UniqueConstraint(
                name="accounts_flawcount_once",
                fields=["check_key", "territory"],
                nulls_distinct=False,
                violation_error_code="count_exists",
                violation_error_message="Ce contrôle est déjà compté pour ce territoire.",
            )
        ]

    def __str__(self):
        return f"{self.check_key} : {self.found}"
