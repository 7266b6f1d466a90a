"""The two monthly permanences: a year behind, months ahead."""

from datetime import date, time

from coopconnexion.periods import months_later
from coopconnexion.recurrence import Nth, Weekday, nth_weekday
from coopconnexion.site.demo import coming, past
from coopconnexion.site.demo.story import Story
from coopconnexion.territories.rules import public_holiday
from permanences import services
from permanences.models import Permanence, Schedule

SCHEDULES = {
    "bethune": {
        "name": "Permanence de Béthune",
        "nth": Nth.FIRST,
        "weekday": Weekday.THURSDAY,
        "opens_at": time(9),
        "closes_at": time(12, 30),
        "break_starts_at": time(10, 30),
        "break_ends_at": time(11),
        "desks": 2,
    },
    "lens": {
        "name": "Permanence de Lens",
        "nth": Nth.FIRST,
        "weekday": Weekday.MONDAY,
        "opens_at": time(14),
        "closes_at": time(17),
        "desks": 1,
    },
}
SINCE = date(2020, 1, 2)
A_YEAR, AT_MOST = 12, 36  # months


def tell(story: Story) -> None:
    horizons = _horizons(story)
    for place, rule in SCHEDULES.items():
        schedule = Schedule.objects.create(
            territory=story.territories[place],
            venue=story.venues[place],
            slot_minutes=45,
            months_ahead=horizons[place],
            starts_on=SINCE,
            **rule,
        )
        services.generate_permanences(schedule=schedule, at=story.moment(story.months_ago(A_YEAR), 6))
        services.generate_permanences(schedule=schedule, at=story.at)
        held = list(Permanence.objects.filter(schedule=schedule).in_order().prefetch_related("slots"))
        past.tell(story, [each for each in held if each.held_on <= story.today], place)
        coming.tell(story, [each for each in held if each.held_on > story.today], place)


def _horizons(story: Story) -> dict[str, int]:
    """Return how far ahead to create each permanence, in months: a year.

    The one that meets a public holiday first goes as far as that, so that the demo shows a date that moves.
    """
    reach = {place: _months_to_holiday(story, rule) for place, rule in SCHEDULES.items()}
    soonest = min(reach, key=reach.get)
    return {place: max(A_YEAR, reach[place]) if place == soonest else A_YEAR for place in SCHEDULES}


def _months_to_holiday(story: Story, rule: dict) -> int:
    for months in range(1, AT_MOST):
        month = months_later(story.today.replace(day=1), months)
        if public_holiday(nth_weekday(month.year, month.month, rule["nth"], rule["weekday"])):
            return months + 1  # reached whatever the day of the month
    return AT_MOST
