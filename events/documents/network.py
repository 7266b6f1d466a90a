"""What is read of the network: actors with their last contact, who could help a project, and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from coopconnexion.db import folded
from events.enums import ActorRole
from events.models import NetworkActor, NetworkExchange, NetworkLink
from projects.models import Project

PROPOSED = 5
HEADER = [
    *("Acteur", "Nature", "Rôle", "Territoire", "Commune", "Thèmes", "Apport", "Dernier contact", "Liens"),
    *("Dans l’annuaire", "Courriel", "Téléphone", "Site"),
]


def with_contacts(actors: QuerySet[NetworkActor]) -> QuerySet[NetworkActor]:
    """Annotate the ``name`` to sort by, the day of the ``last_contact`` and the ``link_count``."""
    latest = NetworkExchange.objects.filter(actor=OuterRef("pk")).order_by().values("actor")
    links = NetworkLink.objects.filter(actor=OuterRef("pk")).order_by().values("actor")
    return actors.annotate(
        name=Coalesce(folded(F("organisation__name")), F("person__name_key")),
        last_contact=Subquery(latest.annotate(day=Max("happened_on")).values("day")),
        link_count=Coalesce(Subquery(links.annotate(n=Count("pk")).values("n")), 0),
    ).select_related("organisation", "person", "territory", "commune")


@dataclass(frozen=True)
class Proposal:
    """An actor that could help, and why in words."""

    actor: NetworkActor
    reasons: tuple[str, ...]
    rank: int


HELPFUL = {
    ActorRole.SUPPORT: 2,
    ActorRole.FUNDING: 2,
    ActorRole.MENTOR: 2,
    ActorRole.TRAINING: 1,
    ActorRole.PREMISES: 1,
}


def proposals_for(project: Project, actors: Iterable[NetworkActor], *, known: set[int]) -> list[Proposal]:
    """Return who could help ``project``, the best first: those who share a theme, its town or its territory.

    ``actors`` come with their themes; those ``known`` to help it already are left out. The same project and the same
    actors always give the same answer.
    """
    themes = {theme.pk: theme.label for theme in project.themes.all()}
    found = [proposal(project, actor, themes) for actor in actors if actor.pk not in known]
    able = [each for each in found if each is not None]
    return sorted(able, key=lambda each: (-each.rank, str(each.actor), each.actor.pk))[:PROPOSED]


def proposal(project: Project, actor: NetworkActor, themes: dict[int, str]) -> Proposal | None:
    shared = [themes[theme.pk] for theme in actor.themes.all() if theme.pk in themes]
    reasons = [f"thème partagé\u202f: {label}" for label in sorted(shared)]
    same_town = actor.commune_id is not None and actor.commune_id == project.holder.commune_id
    same_territory = actor.territory_id in (None, project.territory_id)
    if same_town:
        reasons.append(f"à {actor.commune}, comme le porteur")
    elif same_territory and actor.territory_id:
        reasons.append(f"sur le même territoire, {actor.territory}")
    help_given = HELPFUL.get(ActorRole(actor.role), 0)
    if help_given:
        reasons.append(f"son rôle\u202f: {actor.get_role_display()}")
    if not shared and not (help_given and (same_town or same_territory)):
        return None
    return Proposal(actor, tuple(reasons), 4 * len(shared) + 2 * same_town + same_territory + help_given)


def table(actors: Iterable[NetworkActor], *, with_addresses: bool) -> Iterator[list]:
    """Yield a line of cells for each actor."""
    for actor in actors:
        subject = actor.organisation or actor.person
        reached = (subject.email, str(subject.phone)) if with_addresses else ("", "")
        yield [
            *(str(actor), "organisation" if actor.organisation_id else "personne", actor.get_role_display()),
            *(
                str(actor.territory or ""),
                str(actor.commune or ""),
                ", ".join(str(each) for each in actor.themes.all()),
            ),
            *(actor.offer, actor.last_contact, actor.link_count, actor.is_listed, *reached),
            getattr(subject, "website", ""),
        ]
