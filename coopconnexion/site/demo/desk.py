"""What lies on the team's desk today: a handover, documents, a double to settle, an integration that may be undone."""

from django.core.files.uploadedfile import SimpleUploadedFile

from coopconnexion.periods import months_later
from coopconnexion.site.demo.ideas import Idea
from coopconnexion.site.demo.projects import nadia, tell_idea
from coopconnexion.site.demo.story import Story, days
from members.models import ContractKind
from projects import services
from projects.enums import Source, Stage
from projects.models import Project
from projects.services.integration import Signature

SOAPS = Idea(
    "Savons de la Lawe",
    "savonnerie",
    "Des savons à froid, aux huiles de la région, vendus sur les marchés et en ligne.",
    ("circuits-courts", "economie-circulaire"),
    170,
    Stage.SUPPORT,
)
FORGOTTEN = Idea(
    "Ludothèque ambulante",
    "location de jeux",
    "Un fourgon de jeux de société qui passe dans les écoles et les maisons de retraite.",
    ("ess",),
    220,
    Stage.ASSESSMENT,
)
SENT_TWICE = Idea(
    "Navette pour les courses",
    "transport de personnes",
    "Conduire les aînés au marché et chez le médecin, à plusieurs et à petit prix.",
    ("ess",),
    1,
    Stage.FIRST_CONTACT,
    Source.WEB,
    holder="Quentin Cordonier",
    email="quentin.cordonnier",
)
"""From the same mailbox as « La Navette des aînés », under a name typed in haste: one human, two rows."""
BUDGET = "Poste;Par mois\r\nLégumes et épicerie;1 450 €\r\nLocation de la cuisine;300 €\r\nVentes attendues;3 200 €\r\n"
TO_BRING = "Pour la commission : trois devis, le bail proposé, la liste de vos dix premiers clients.\n"


def tell(story: Story) -> None:
    tell_idea(story, FORGOTTEN)
    tell_idea(story, SENT_TWICE)
    _hand_over(story)
    _bring_documents(story, nadia(story))
    _integrate(story, tell_idea(story, SOAPS))
    services.archive_quiet_projects(at=story.at)


def _hand_over(story: Story) -> None:
    """The project that Hugo has left alone for longest goes to Camille, with a word."""
    hugo, camille, director = (story.users[key] for key in ("conseiller", "conseillere", "directrice"))
    left = hugo.followed_projects.active().order_by("touched_at", "pk")[:1]
    note = "Hugo est en formation jusqu’à la fin du mois : le porteur est prévenu."
    services.hand_over(projects=left, to=camille, by=director, at=story.at - days(2), note=note)


def _bring_documents(story: Story, project: Project) -> None:
    """A budget that the team keeps to itself, a list that the holder reads; a colleague who looks on."""
    project.observers.add(story.users["conseillere"])
    for title, filename, content_type, text, is_shared, ago in (
        ("Budget prévisionnel", "budget.csv", "text/csv", BUDGET, False, 20),
        ("À apporter à la commission", "a-apporter.txt", "text/plain", TO_BRING, True, 6),
    ):
        services.add_document(
            project=project,
            title=title,
            upload=SimpleUploadedFile(filename, text.encode(), content_type),
            is_shared=is_shared,
            by=project.advisor,
            at=story.at - days(ago),
        )


def _integrate(story: Story, project: Project) -> None:
    """Camille did it this morning: until tonight she may take it back."""
    signature = Signature(
        kind=ContractKind.objects.get(key="cape"), starts_on=story.today, ends_on=months_later(story.today, 12)
    )
    services.integrate_project(
        project=project,
        integrated_on=story.today,
        business_name=project.title,
        activity=project.intended_activity,
        by=story.users["conseillere"],
        at=story.at,
        commune=project.holder.commune,
        signature=signature,
    )
