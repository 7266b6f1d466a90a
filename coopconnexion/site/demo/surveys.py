"""Two walks through the whole town, a third begun: what was seen of each unit, and what became of it since."""

from datetime import date

from coopconnexion.periods import months_later
from coopconnexion.site.demo.story import Story, days
from coopconnexion.territories.models import Territory
from premises import services
from premises.enums import EMPTY_STATES, Finding, FollowUpDetail, FollowUpStatus, OccupancyState
from premises.models import Observation, SurveyCampaign, Unit

FIRST, SECOND = 13, 2
"""Months since either walk."""
UNSEEN = 5
WORKS = "Échafaudage devant la vitrine."
BEGUN = ("Grand’Place", "rue Sadi-Carnot")
"""The streets of the walk of this week; the first twelve units of the first are seen."""
LET_SINCE = 6
"""Units empty at the first walk and occupied since."""
STEPS = (
    (FollowUpStatus.WAITING, FollowUpDetail.OWNER_WRITTEN, "Courrier de la ville, avec la brochure de la convention."),
    (FollowUpStatus.FIRST_CONTACT, FollowUpDetail.OWNER_OPEN, "Prêt à baisser le loyer pour un premier commerce."),
    (FollowUpStatus.ONGOING, FollowUpDetail.VISIT, "Visite avec une porteuse de projet."),
    (FollowUpStatus.BLOCKED, FollowUpDetail.THIRD_PARTY, "Succession en cours, à revoir au printemps."),
    (FollowUpStatus.BLOCKED, FollowUpDetail.BUILDING, "L’électricité est à refaire."),
    (FollowUpStatus.ONGOING, FollowUpDetail.NEGOTIATION, "Loyer progressif sur douze mois."),
)


def tell(story: Story) -> None:
    units = list(Unit.objects.in_bulk().values())
    units.sort(key=lambda unit: (unit.sector, unit.street, unit.number, unit.repetition))
    let = _let_since(story, units)
    first = _walk(story, "Tour du centre et des faubourgs, premier relevé", story.months_ago(FIRST))
    then = {unit.pk: _state_on(unit, first.starts_on, let) for unit in units}
    _observe(story, first, units, {unit.pk: OccupancyState.UNKNOWN for unit in units}, then)
    second = _walk(story, "Tour d’automne", story.months_ago(SECOND))
    since = {unit.pk: _state_on(unit, second.starts_on, set()) for unit in units}
    _observe(story, second, units[UNSEEN:], then, since)
    _begin(story, units, since)
    _follow(story, [unit for unit in units if unit.state in EMPTY_STATES], [u for u in units if u.pk in let])


def _let_since(story: Story, units: list[Unit]) -> set[int]:
    """Choose units of the park, occupied now, that were empty at the first walk."""
    occupied = [unit.pk for unit in units if unit.state == OccupancyState.OCCUPIED and not unit.occupancies.exists()]
    return set(story.chance.sample(occupied, LET_SINCE))


def _walk(story: Story, title: str, day: date, *, streets=(), closed: bool = True) -> SurveyCampaign:
    territory: Territory = story.territories["bethune"]
    return SurveyCampaign.objects.create(
        territory=territory,
        commune=story.communes["Béthune"],
        title=title,
        streets=list(streets),
        is_exhaustive=True,
        starts_on=day,
        opened_by=story.users["conseillere"],
        opened_at=story.moment(day, 9),
        closed_at=story.moment(day + days(2), 17) if closed else None,
    )


def _state_on(unit: Unit, day: date, let: set[int]) -> OccupancyState:
    """Return what a unit was on a day of the past, from what is known of it today."""
    if unit.pk in let:
        return OccupancyState.VACANT
    was_empty = unit.vacant_since is not None and unit.vacant_since <= day
    return OccupancyState.VACANT if was_empty else OccupancyState.OCCUPIED


def _observe(story: Story, campaign: SurveyCampaign, units: list[Unit], before: dict, after: dict) -> None:
    rows = []
    for place, unit in enumerate(units):
        seen_at = story.moment(campaign.starts_on, 9 + place // 40, place % 40)
        rows.append(_row(story, campaign, unit, before[unit.pk], after[unit.pk], seen_at))
    Observation.objects.bulk_create(rows)
    Unit.objects.filter(pk__in=[unit.pk for unit in units]).update(surveyed_on=campaign.starts_on)


def _row(story: Story, campaign: SurveyCampaign, unit: Unit, before, after, seen_at) -> Observation:
    changed = Finding.VACANT if after == OccupancyState.VACANT else Finding.OPEN
    return Observation(
        campaign=campaign,
        unit=unit,
        client_id=story.uuid(),
        finding=Finding.UNCHANGED if after == before else changed,
        state_before=before,
        state=after,
        seen_at=seen_at,
        received_at=seen_at,
        seen_by=story.users["conseillere"],
    )


def _begin(story: Story, units: list[Unit], known: dict) -> None:
    """Begin a walk this week, as far as the middle of a square."""
    walk = _walk(story, "Les rues du marché", story.today - days(3), streets=BEGUN, closed=False)
    first = sorted((unit for unit in units if unit.street == BEGUN[0]), key=lambda unit: unit.number)[:12]
    _observe(story, walk, first, known, {unit.pk: unit.state for unit in first})


def _follow(story: Story, empty: list[Unit], let: list[Unit]) -> None:
    advisor = story.users["conseillere"]
    for place, unit in enumerate(empty[:18]):
        status, detail, note = STEPS[place % len(STEPS)]
        at = story.moment(story.today - days(20 + 9 * place), 15)
        services.follow_unit(unit=unit, status=status, detail=detail, note=note, by=advisor, at=at)
    for place, unit in enumerate(sorted(let, key=lambda unit: unit.pk)):
        detail = FollowUpDetail.WAS_NOT_VACANT if place == 0 else FollowUpDetail.VACANCY_ENDED
        at = story.moment(months_later(story.today, -SECOND), 16)
        services.follow_unit(unit=unit, status=FollowUpStatus.DONE, detail=detail, by=advisor, at=at)
