from django.db import models
from django.db.models import F, Q

from coopconnexion.db import tracked
from coopconnexion.territories.models import Territory, Theme
from events.enums import EventKind
from premises.models import Venue


class EventQuerySet(models.QuerySet):
    def upcoming(self, at):
        return self.filter(ends_at__gt=at, cancelled_at=None)

    def visible_to(self, user):
        """Staff: those of their territories."""
        ids = user.staff_territory_ids()
        return self if ids is None else self.filter(territory__in=ids)


@tracked
class Event(models.Model):
    """A talk, a workshop or a meeting of the network."""

    title = models.CharField("titre", max_length=200)
    kind = models.CharField("nature", max_length=20, choices=EventKind)
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name="territoire", related_name="events")
    venue = models.ForeignKey(Venue, models.PROTECT, verbose_name="lieu", related_name="events")
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin")
    description = models.TextField("présentation", blank=True)
    capacity = models.PositiveSmallIntegerField("places", null=True, blank=True)
    themes = models.ManyToManyField(Theme, verbose_name="thèmes", related_name="events", blank=True)
    cancelled_at = models.DateTimeField("annulé le", null=True, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = "évènement"
        constraints = [
            models.CheckConstraint(
                name="events_event_period",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_code="period_empty",
                violation_error_message="La fin doit venir après le début.",
            )
        ]

    def __str__(self):
        return self.title
