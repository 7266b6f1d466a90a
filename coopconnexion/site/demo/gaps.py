"""What the town lacks: three gaps to towns like it, computed, and what people and the city say."""

from coopconnexion.site.demo.counts import GROUP
from coopconnexion.site.demo.story import Story, days
from coopconnexion.territories.models import Activity
from premises import services
from premises.documents.comparison import compare, figures_of
from premises.enums import GapSource, GapStatus
from premises.models import CountSet, MissingActivity, ReferenceGroup
from projects.models import Project

ACTIVITIES = {
    "Épicerie de la rue de Lille": "epicerie",
    "Sols et murs d’Artois": "revetements",
    "Sport pour tous au Mont-Liébaut": "sport",
    "Le Petit Bouchon": "caviste",
    "Lessive de quartier": "pressing",
    "Mode sans âge": "vetements",
    "Fleurs de saison": "fleuriste",
    "La Cantine de Nadia": "restaurant",
    "Le Fournil du marché": "boulangerie",
}
"""Which activity of our list each project would add to the town."""
IDEAS = {
    "epicerie": "Une épicerie de quartier, avec des produits de la région et les dépannages du soir.",
    "sport": "De quoi s’équiper sans aller en zone commerciale : neuf, occasion ou location.",
    "reparation-velo": "Réparer, équiper et louer des vélos près de la gare et des nouvelles pistes.",
    "poissonnerie": "Du poisson de la côte, en boutique ou au marché couvert, plusieurs jours par semaine.",
}
SAID = (
    ("reparation-velo", GapSource.PERMANENCE, "Demandé à quatre permanences sur six.", "Cahier des permanences."),
    ("poissonnerie", GapSource.SURVEY, "La dernière poissonnerie a fermé.", "212 réponses sur 540 à l’enquête."),
    ("pressing", GapSource.ELECTED, "Les habitants des faubourgs vont à Bruay.", ""),
)


def tell(story: Story) -> None:
    activities = {each.key: each for each in Activity.objects.all()}
    for title, key in ACTIVITIES.items():
        Project.objects.filter(title=title).update(activity=activities[key])
    for line in _compared(story):
        _computed(story, *line)
    for place, (key, source, reason, evidence) in enumerate(SAID):
        _said(story, activities[key], source, reason, evidence, story.today - days(40 + 30 * place))
    _move(story)


def _compared(story: Story) -> list[tuple]:
    found = compare(
        commune=story.communes["Béthune"],
        group=list(ReferenceGroup.objects.get(name=GROUP).communes.all()),
        count_set=CountSet.objects.get(),
    )
    return [(line, found) for line in found.gaps]


def _computed(story: Story, line, found) -> None:
    activity = line.activities[0]
    day = story.months_ago(3)
    services.note_gap(
        territory=story.territories["bethune"],
        commune=found.commune,
        label=activity.label,
        activity=activity,
        type_code=line.gap.code,
        source=GapSource.COMPUTED,
        source_detail=str(found.count_set),
        observed_on=day,
        reason="La ville en compte moins que les villes de sa taille.",
        evidence="Écart à la référence calculé, et constaté pendant le tour d’automne.",
        figures=figures_of(line, found),
        by=story.users["directrice"],
        at=story.moment(day, 11),
    )


def _said(story: Story, activity: Activity, source: GapSource, reason: str, evidence: str, day) -> None:
    services.note_gap(
        territory=story.territories["bethune"],
        commune=story.communes["Béthune"],
        label=activity.label,
        activity=activity,
        source=source,
        observed_on=day,
        reason=reason,
        evidence=evidence,
        by=story.users["conseillere"],
        at=story.moment(day, 17),
    )


def _move(story: Story) -> None:
    """Confirm what is published as an idea; a project under way fills one more."""
    by, at = story.users["directrice"], story.moment(story.today - days(25), 10)
    for key, idea in IDEAS.items():
        gap = MissingActivity.objects.get(activity__key=key)
        services.change_gap(gap=gap, idea=idea, by=by, at=at)
        services.move_gap(gap=gap, to=GapStatus.CONFIRMED, by=by, at=at)
    floors = MissingActivity.objects.get(activity__key="revetements")
    services.move_gap(gap=floors, to=GapStatus.CONFIRMED, by=by, at=at)
    services.move_gap(
        gap=floors,
        to=GapStatus.IN_PROGRESS,
        project=next(each for each in story.projects if each.title == "Sols et murs d’Artois"),
        by=by,
        at=at,
    )
