from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from coopconnexion.accounts.models import Person
from coopconnexion.db import tracked
from projects.enums import Hardship


@tracked
class CandidateProfile(models.Model):
    """What a candidate chose to say of their situation: counted in aggregates, never shown singly to the city."""

    person = models.OneToOneField(Person, models.PROTECT, verbose_name="personne", related_name="candidate_profile")
    situations = ArrayField(
        models.CharField(max_length=20, choices=Hardship), verbose_name="situation", default=list, blank=True
    )
    in_priority_district = models.BooleanField("habite un quartier prioritaire", null=True, blank=True)
    told_on = models.DateField("dit le", default=timezone.localdate)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="noté par", related_name="+", null=True, blank=True
    )

    class Meta:
        verbose_name = "profil de candidat·e"
        verbose_name_plural = "profils de candidat·e·s"
        constraints = [
            models.CheckConstraint(
                name="projects_candidateprofile_situations",
                condition=Q(situations__contained_by=Hardship.values),
                violation_error_code="situation_unknown",
                violation_error_message="Choisissez les situations dans la liste.",
            )
        ]

    def __str__(self):
        return f"Profil de {self.person}"

    @property
    def situation_labels(self) -> list[str]:
        return [Hardship(situation).label for situation in self.situations]
