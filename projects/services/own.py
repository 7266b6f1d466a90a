"""What a holder may change of their own project."""

from django.core.exceptions import ValidationError
from django.db import transaction

from projects.enums import OPEN_STAGES
from projects.models import Project


@transaction.atomic
def edit_own_pitch(*, project: Project, pitch: str, intended_activity: str) -> Project:
    """Change how ``project`` is presented, in its holder's words; no follow-up of the team is noted.

    :raises ValidationError: project_over
    """
    project = Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    if project.stage not in OPEN_STAGES:
        raise ValidationError(
            "Le suivi de ce projet est terminé\u202f: pour y changer quelque chose, appelez-nous.", code="project_over"
        )
    project.pitch, project.intended_activity = pitch, intended_activity
    project.save(update_fields=["pitch", "intended_activity"])
    return project
