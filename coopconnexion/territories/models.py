from django.contrib.postgres.fields import ArrayField
from django.db import models

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

    class Meta:
        verbose_name = "commune"

    def __str__(self):
        return self.name


class TerritoryQuerySet(models.QuerySet):
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
