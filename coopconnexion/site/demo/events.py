"""Talks, workshops and meetings, past and to come."""

from datetime import time, timedelta

from coopconnexion.recurrence import at_wall_time
from coopconnexion.site.demo.story import Story, days
from coopconnexion.territories.rules import public_holiday
from events.enums import EventKind
from events.models import Event, EventSession

TALK, WORKSHOP, INFO, NETWORK = EventKind.CONFERENCE, EventKind.WORKSHOP, EventKind.INFO_SESSION, EventKind.NETWORK
EVENTS = (
    (-310, 18, 2, TALK, "bethune", "Ouvrir une boutique quand les vitrines se vident", 60, ["commerce"]),
    (-262, 14, 3, WORKSHOP, "lens", "Fixer ses prix sans se brader", 12, []),
    (-215, 10, 2, INFO, "bethune", "Entreprendre en coopérative : réunion d’information", 25, ["ess"]),
    (-170, 18, 2, NETWORK, "bethune", "Rencontre du réseau : producteurs et commerçants", 40, ["circuits-courts"]),
    (-128, 14, 3, WORKSHOP, "bethune", "Réparer plutôt que jeter : un métier ?", 15, ["economie-circulaire"]),
    (-84, 18, 2, TALK, "lens", "Circuits courts : de la ferme à l’étal", 50, ["circuits-courts", "commerce"]),
    (-47, 10, 2, INFO, "lens", "Entreprendre en coopérative : réunion d’information", 25, ["ess"]),
    (-19, 14, 3, WORKSHOP, "bethune", "Se faire connaître avec peu de moyens", 12, []),
    (12, 10, 2, INFO, "bethune", "Entreprendre en coopérative : réunion d’information", 25, ["ess"]),
    (26, 18, 2, TALK, "bethune", "L’économie circulaire près de chez nous", 60, ["economie-circulaire"]),
    (40, 14, 3, WORKSHOP, "lens", "Tenir sa comptabilité sans y passer ses soirées", 12, []),
    (61, 18, 2, NETWORK, "bethune", "Rencontre du réseau de l’Artois", 40, ["developpement-local"]),
    (88, 10, 2, INFO, "lens", "Entreprendre en coopérative : réunion d’information", 25, ["ess"]),
)
WORDS = {
    TALK: "Deux témoignages, un débat, puis un verre. Entrée libre, dans la limite des places.",
    WORKSHOP: "On vient avec son projet, on repart avec un plan d’action. En petit groupe, avec une intervenante.",
    INFO: "Comment fonctionne une coopérative d’activité et d’emploi, ce qu’est un CAPE, ce que cela coûte.",
    NETWORK: "Dix minutes pour se présenter, le reste pour faire connaissance.",
}

FREE_DAYS = (1, 2, 4)
"""Neither the weekend nor the days of the permanences."""


def tell(story: Story) -> None:
    for offset, hour, hours, kind, place, title, capacity, themes in EVENTS:
        day = story.today + days(offset)
        while day.weekday() not in FREE_DAYS or public_holiday(day):
            day += days(1)
        starts_at = at_wall_time(day, time(hour))
        event = Event.objects.create(
            title=title,
            kind=kind,
            territory=story.territories[place],
            venue=story.venues[place],
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=hours),
            description=WORDS[kind],
            capacity=capacity,
            published_at=starts_at - timedelta(days=60),
        )
        EventSession.objects.create(event=event, starts_at=event.starts_at, ends_at=event.ends_at)
        event.themes.set(story.themes[key] for key in themes)
