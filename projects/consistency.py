"""What does not hold together about projects, though the database lets it be."""

from datetime import timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from coopconnexion.backoffice import consistency
from projects.documents.to_do import without_worker
from projects.models import Project

FORGOTTEN = timedelta(days=60)


def project_page(project: Project) -> str:
    return reverse("projects_staff:project", args=[project.pk])


@consistency.register(
    "Projets ouverts que personne n’accompagne",
    model=Project,
    sentence="« {row} » n’a pas de référent·e, ou quelqu’un qui ne travaille plus sur son territoire.",
    territory="territory",
    url=project_page,
    position=30,
)
def without_owner(projects: QuerySet) -> QuerySet:
    return without_worker(projects, timezone.localdate())


@consistency.register(
    "Prochaines étapes oubliées",
    model=Project,
    sentence="« {row} » attend sa prochaine étape depuis plus de soixante jours.",
    territory="territory",
    url=project_page,
    position=31,
)
def steps_forgotten(projects: QuerySet) -> QuerySet:
    return projects.open().filter(next_step_on__lt=timezone.localdate() - FORGOTTEN)
