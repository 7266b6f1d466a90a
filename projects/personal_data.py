from coopconnexion.accounts.personal_data import register
from projects.models import Project, StageChange

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
