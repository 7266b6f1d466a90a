"""The projects of a list as a table to take away: exactly what is filtered, in its order."""

from collections.abc import Iterator
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from coopconnexion.accounts.models import User
from coopconnexion.accounts.permissions import can_see_contacts
from coopconnexion.french import phone_words
from projects.documents.cards import at_a_glance
from projects.models import Project

CHUNK = 2000  # rows kept in memory
FACTS = [
    "Référence",
    "Titre",
    "Porteur·se",
    "Territoire",
    "Thèmes",
    "Activité envisagée",
    "Étape",
    "À cette étape depuis le",
    "Motif",
    "Référent·e",
    "Prochaine étape",
    "Pour le",
    "Dernier suivi le",
    "Provenance",
    "Prescripteur",
    "Ouvert le",
    "Intégré le",
    "Archivé le",
    "Projet d’essai",
]
CONTACTS = ["Courriel", "Téléphone"]


def header(*, with_contacts: bool) -> list[str]:
    return FACTS + (CONTACTS if with_contacts else [])


def table(rows: QuerySet[Project], *, user: User) -> Iterator[list]:
    """Yield a line of cells for each project; contacts only where ``user`` may see them."""
    for project in at_a_glance(rows).select_related("referrer").iterator(chunk_size=CHUNK):
        yield facts(project) + (contacts(project) if can_see_contacts(user, project.territory_id) else [])


def facts(project: Project) -> list:
    return [
        project.reference,
        project.title,
        str(project.holder),
        str(project.territory),
        ", ".join(project.theme_labels),
        project.intended_activity,
        project.get_stage_display(),
        day(project.stage_since),
        project.pool_reason or (str(project.closing_reason) if project.closing_reason else ""),
        str(project.advisor) if project.advisor else "",
        project.next_step,
        project.next_step_on,
        day(project.touched_at),
        project.get_source_display(),
        str(project.referrer) if project.referrer else "",
        day(project.created_at),
        project.integrated_on,
        day(project.archived_at),
        "oui" if project.is_test else "",
    ]


def contacts(project: Project) -> list[str]:
    return [project.holder.email, phone_words(project.holder.phone)]


def day(moment) -> date | None:
    return moment and timezone.localdate(moment)
