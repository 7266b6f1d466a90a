"""Projects at every stage, and the steps that brought them there."""

from datetime import date, datetime

from coopconnexion.accounts.models import Person
from coopconnexion.periods import months_later
from coopconnexion.site.demo.businesses import FIRST_SIX
from coopconnexion.site.demo.ideas import IDEAS, NADIA, Idea
from coopconnexion.site.demo.story import Story, days
from projects.enums import CLOSED_STAGES, Source, Stage
from projects.models import ClosingReason, Project, StageChange

STEPS = {
    Stage.FIRST_CONTACT: (),
    Stage.ASSESSMENT: (Stage.ASSESSMENT,),
    Stage.SUPPORT: (Stage.ASSESSMENT, Stage.SUPPORT),
    Stage.POOL: (Stage.ASSESSMENT, Stage.SUPPORT, Stage.POOL),
    Stage.REFUSED: (Stage.ASSESSMENT, Stage.REFUSED),
    Stage.ABANDONED: (Stage.ASSESSMENT, Stage.SUPPORT, Stage.ABANDONED),
    Stage.INTEGRATED: (Stage.ASSESSMENT, Stage.SUPPORT, Stage.INTEGRATED),
}
NEXT_STEPS = {
    Stage.FIRST_CONTACT: ("Premier entretien", "Rappeler pour fixer un rendez-vous"),
    Stage.ASSESSMENT: ("Relire le budget prévisionnel", "Étude de la concurrence", "Deuxième entretien"),
    Stage.SUPPORT: ("Préparer le comité d’admission", "Rencontrer un fournisseur", "Visiter un local"),
}
RECENT = (
    *("Au Panier vert", "Second Fil", "L’Atelier des lunettes", "Boîte à outils", "Fromages d’ici"),
    *("Pains d’épices et Cie", "Repas de famille", "Studio Onze-Dix-Neuf"),
)
"""The businesses of the last months that came through a permanence."""
COMMUNES = {
    "bethune": ("Béthune", "Béthune", "Beuvry", "Annezin", "Verquin"),
    "lens": ("Lens", "Liévin", "Sallaumines"),
}


def tell(story: Story) -> None:
    for start in FIRST_SIX:
        _tell_integration(story, start.business, asked_on=months_later(start.since, -2))
    for business in RECENT:
        first = _first_contract_on(story, business)
        _tell_integration(story, business, asked_on=months_later(first, -5))
    for idea in IDEAS:
        tell_idea(story, idea)


def nadia(story: Story) -> Project:
    """Return the project of the account « candidate »."""
    return next(project for project in story.projects if project.title == NADIA)


def _first_contract_on(story: Story, business: str) -> date:
    return story.members[business].contracts.order_by("starts_on", "pk").first().starts_on


def _tell_integration(story: Story, business: str, *, asked_on: date) -> None:
    member = story.members[business]
    integrated_on = _first_contract_on(story, business)
    activity = member.businesses.order_by("pk").first().activity
    asked_at = story.moment(asked_on, 11)
    Person.objects.filter(pk=member.person_id).update(created_at=asked_at)
    project = Project.objects.create(
        holder=member.person,
        territory=member.territory,
        title=business,
        pitch=f"Ouvrir une activité de {activity} et en vivre, sans rester seul·e.",
        intended_activity=activity,
        stage=Stage.INTEGRATED,
        source=Source.PERMANENCE,
        advisor=member.advisor,
        member=member,
        integrated_on=integrated_on,
        created_at=asked_at,
    )
    project.themes.add(story.themes["commerce"])
    _tell_steps(story, project, until=story.moment(integrated_on, 9))


def tell_idea(story: Story, idea: Idea) -> Project:
    asked_at = story.moment(story.today - days(idea.since), 8 + idea.since % 10)
    project = Project.objects.create(
        holder=_holder(story, idea, asked_at),
        territory=story.territories[idea.place],
        title=idea.title,
        pitch=idea.pitch,
        intended_activity=idea.activity,
        stage=idea.stage,
        source=idea.source,
        referrer=story.organisations[idea.referrer] if idea.referrer else None,
        advisor=story.users["conseiller" if idea.since % 3 == 0 else "conseillere"] if STEPS[idea.stage] else None,
        is_test=idea.is_test,
        created_at=asked_at,
        **_what_comes_next(story, idea),
    )
    project.themes.set(story.themes[key] for key in idea.themes)
    _tell_steps(story, project, until=asked_at + (story.at - asked_at) * 0.7, reason=idea.reason)
    return project


def _what_comes_next(story: Story, idea: Idea) -> dict:
    """What the stage asks for: a next step, a pause with its end, or the reason of an end."""
    if idea.stage in CLOSED_STAGES:
        return {"closing_reason": _closing_reason(idea)}
    if idea.stage == Stage.POOL:
        wakes_on = _weekday(story.today + days(idea.since % 60 - 10))
        reason = idea.reason or "Attend la fin de sa formation"
        return {"wakes_on": wakes_on, "pool_reason": reason, "next_step": "Reprendre contact", "next_step_on": wakes_on}
    what = NEXT_STEPS[idea.stage][idea.since % len(NEXT_STEPS[idea.stage])]
    return {"next_step": what, "next_step_on": _weekday(story.today + days(idea.since % 17 - 4))}


def _weekday(day: date) -> date:
    """Nothing is planned on a week-end."""
    return day + days(7 - day.weekday()) if day.weekday() > 4 else day


def _closing_reason(idea: Idea) -> ClosingReason:
    reasons = ClosingReason.objects.filter(kind=idea.stage).order_by("position", "pk")
    return reasons[idea.since % reasons.count()]


def _holder(story: Story, idea: Idea, asked_at: datetime) -> Person:
    communes = COMMUNES[idea.place]
    return story.person(idea.holder, email=idea.email, commune=communes[idea.since % len(communes)], since=asked_at)


def _tell_steps(story: Story, project: Project, *, until: datetime, reason: str = "") -> None:
    """Spread the steps evenly from the first contact to ``until``; the last one bears the reason."""
    steps = STEPS[project.stage]
    changes = [StageChange(project=project, to_stage=Stage.FIRST_CONTACT, changed_at=project.created_at)]
    for rank, stage in enumerate(steps, start=1):
        changes.append(
            StageChange(
                project=project,
                from_stage=changes[-1].to_stage,
                to_stage=stage,
                changed_at=project.created_at + (until - project.created_at) * rank / len(steps),
                changed_by=project.advisor,
                reason=reason if rank == len(steps) else "",
            )
        )
    StageChange.objects.bulk_create(changes)
    project.last_step_at = project.stage_since = project.touched_at = changes[-1].changed_at
    project.save(update_fields=["stage_since", "touched_at"])
    story.projects.append(project)
