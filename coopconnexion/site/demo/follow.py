"""How the candidates' projects are followed: interviews, notes, needs in premises, what holders say of themselves."""

from datetime import datetime

from coopconnexion.site.demo.story import Story, days
from members.enums import MeetingMode
from projects.enums import Hardship, Stage
from projects.models import CandidateProfile, Interview, Note, PremisesNeed, Project

SUMMARIES = (
    "Première rencontre : l’idée est claire, la clientèle reste à préciser. A déjà vendu à des proches.",
    "Budget relu ligne à ligne : le seuil de rentabilité est à 1 900 € par mois, atteignable au bout d’un an.",
    "Deux fournisseurs rencontrés, prix négociés. Reste à trouver où produire.",
    "Hésite entre une boutique et les marchés ; compare les deux pour la prochaine fois.",
)
NOTES = (
    "Très motivée, prévoir du temps sur les chiffres.",
    "Pièces à apporter : dernier avis d’imposition, diplôme, devis du matériel.",
)
SHARED_NOTE = "Merci pour ce rendez-vous. Pour la prochaine fois : trois devis et la liste de vos dix premiers clients."
HARDSHIPS = (
    [Hardship.JOB_SEEKER],
    [Hardship.JOB_SEEKER, Hardship.MINIMUM_INCOME],
    [Hardship.EMPLOYED],
    [Hardship.STUDENT],
    [Hardship.JOB_SEEKER],
    [Hardship.MINIMUM_INCOME],
)


def tell(story: Story) -> None:
    for rank, project in enumerate(story.projects):
        if project.advisor and project.stage != Stage.FIRST_CONTACT:
            _tell_interviews(story, project, rank)
        if project.advisor and project.is_open and rank % 3 == 0:
            _tell_notes(project)
        if project.is_open and rank % 4 == 1:
            _tell_need(project, rank)
        if rank % 5:
            _tell_profile(story, project, rank)


def _tell_interviews(story: Story, project: Project, rank: int) -> None:
    held = [project.created_at + (project.last_step_at - project.created_at) * share for share in (0.3, 0.8)]
    for number, held_at in enumerate(held[: 1 + rank % 2]):
        Interview.objects.create(
            project=project,
            held_at=_at_half_past(held_at),
            mode=MeetingMode.PERMANENCE if number == 0 else MeetingMode.ON_SITE,
            minutes=45,
            summary=SUMMARIES[(rank + number) % len(SUMMARIES)],
            is_shared=rank % 4 == 0,
            recorded_by=project.advisor,
            recorded_at=held_at,
        )
    if project.stage == Stage.SUPPORT:
        touched_at = story.at - days(rank % 30)
        Project.objects.filter(pk=project.pk).update(touched_at=max(touched_at, project.touched_at))


def _at_half_past(moment: datetime) -> datetime:
    return moment.replace(minute=30, second=0, microsecond=0)


def _tell_notes(project: Project) -> None:
    written_at = project.last_step_at
    shared = project.stage == Stage.SUPPORT
    Note.objects.create(
        project=project,
        text=SHARED_NOTE if shared else NOTES[project.pk % len(NOTES)],
        is_shared=shared,
        written_by=project.advisor,
        written_at=written_at,
    )


def _tell_need(project: Project, rank: int) -> None:
    PremisesNeed.objects.create(
        project=project,
        min_area_m2=20 + rank % 5 * 10,
        max_area_m2=60 + rank % 7 * 20,
        max_monthly_rent=300 + rank % 6 * 100,
        needs_step_free=True if rank % 2 else None,
        needs_shop_window=True,
        needs_water=True if project.intended_activity in ("restauration", "boulangerie") else None,
    )


def _tell_profile(story: Story, project: Project, rank: int) -> None:
    CandidateProfile.objects.get_or_create(
        person=project.holder,
        defaults={
            "situations": HARDSHIPS[rank % len(HARDSHIPS)],
            "in_priority_district": None if rank % 4 == 0 else rank % 3 == 0,
            "told_on": story.today,
            "recorded_by": project.advisor,
        },
    )
