from datetime import datetime

from coopconnexion.accounts.models import Person
from coopconnexion.accounts.personal_data import DELETE, register
from projects.models import CandidateProfile, Project, StageChange


def keep_latest_profile(kept: Person, gone: Person, at: datetime) -> None:
    """What was told last counts; the history keeps what was told before."""
    theirs = CandidateProfile.objects.filter(person=gone).first()
    ours = CandidateProfile.objects.filter(person=kept).first()
    if theirs is None:
        return
    if ours is not None:
        latest, other = (theirs, ours) if theirs.told_on > ours.told_on else (ours, theirs)
        if latest.in_priority_district is None:
            latest.in_priority_district = other.in_priority_district
            latest.save(update_fields=["in_priority_district"])
        other.delete()
    CandidateProfile.objects.filter(person=gone).update(person=kept)


register(
    Project,
    person="holder",
    export={
        "titre": "title",
        "présentation": "pitch",
        "activité envisagée": "intended_activity",
        "territoire": "territory",
        "étape": "get_stage_display",
        "provenance": "get_source_display",
        "créé le": "created_at",
        "intégré le": "integrated_on",
    },
    erase={"title": "Projet effacé", "pitch": "", "intended_activity": ""},
)
register(
    StageChange,
    person="project__holder",
    export={"projet": "project.title", "à": "get_to_stage_display", "le": "changed_at", "motif": "reason"},
    erase={"reason": ""},
)
THEMES = "Des thèmes choisis dans une liste : un chiffre."

register(Project.themes.through, person="project__holder", kept=THEMES)
register(Project.themes.through.link_history, person="project__holder", kept=THEMES)
register(
    CandidateProfile,
    person="person",
    export={"situations": "situations", "quartier prioritaire": "in_priority_district", "dit le": "told_on"},
    erase=DELETE,
    merge=keep_latest_profile,
)
