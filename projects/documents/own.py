"""A project as its holder reads it: plain words, and nothing that the team keeps to itself."""

from projects.enums import Stage
from projects.models import Project

WORDS = {
    Stage.FIRST_CONTACT: "Votre projet est arrivé. La suite\u202f: un premier entretien pour en parler.",
    Stage.ASSESSMENT: "Nous regardons ensemble le besoin, les clients, les chiffres, et le local s’il en faut un.",
    Stage.SUPPORT: "Vous êtes accompagné·e\u202f: nous avançons ensemble jusqu’au premier contrat.",
    Stage.POOL: "Votre projet est en pause. Vous pouvez nous rappeler quand vous voulez pour le reprendre.",
    Stage.INTEGRATED: "Votre projet est devenu une entreprise de la coopérative. Bravo\u202f!",
    Stage.REFUSED: "Le suivi de ce projet est terminé. Une autre idée\u202f? Nous sommes là.",
    Stage.ABANDONED: "Le suivi de ce projet est terminé. Une autre idée\u202f? Nous sommes là.",
}
LABELS = {Stage.POOL: "en pause", Stage.REFUSED: "terminé", Stage.ABANDONED: "terminé"}


def stage_label(project: Project) -> str:
    return LABELS.get(project.stage) or project.get_stage_display()


def stage_words(project: Project) -> dict[str, str]:
    """Return where ``project`` stands, in a word and in a sentence: no reason, no date, no step of the team's."""
    return {"label": stage_label(project), "text": WORDS[project.stage]}


def shared_with_holder(project: Project) -> dict:
    """Return the notes, interviews and documents that the team shared: three queries."""
    return {
        "notes": list(project.notes.shared().select_related("written_by").order_by("-written_at", "-pk")),
        "interviews": list(project.interviews.shared().order_by("-held_at", "-pk")),
        "documents": list(project.documents.shared().order_by("-added_at", "-pk")),
    }
