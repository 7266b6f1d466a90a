"""The network: who does what in the Artois, what was said with them, whom they helped, who came to what."""

from dataclasses import dataclass
from datetime import timedelta

from coopconnexion.accounts.models import Person
from coopconnexion.site.demo.story import Story, days
from events.enums import ActorRole, Channel, ExchangeKind, LinkRole, Outcome, WithdrawnBy
from events.models import (
    Attendance,
    Event,
    NetworkActor,
    NetworkExchange,
    NetworkLink,
    NewsletterConsent,
    Registration,
)
from projects.models import Project


@dataclass(frozen=True)
class Actor:
    """An organisation of the story in the network; ``consent``: days since they agreed to be listed."""

    key: str
    role: ActorRole
    place: str
    themes: tuple[str, ...]
    offer: str
    consent: int | None
    contact: int


ACTORS = (
    Actor("bethune", ActorRole.INSTITUTION, "bethune", ("commerce",), "Prête deux locaux et relaie.", 300, 12),
    Actor("agglo", ActorRole.INSTITUTION, "bethune", ("developpement-local",), "Aide à l’immobilier.", None, 95),
    Actor("cci", ActorRole.SUPPORT, "bethune", ("commerce",), "Études de marché, formalités, réseau.", 210, 33),
    Actor("commercants", ActorRole.BUSINESS, "bethune", ("commerce",), "Parraine les nouveaux commerces.", 280, 20),
    Actor("ressourcerie", ActorRole.SUPPORT, "bethune", ("economie-circulaire", "ess"), "Ateliers, matières.", 150, 48),
    Actor("amap", ActorRole.PRODUCER, "bethune", ("circuits-courts",), "Débouchés et producteurs.", 120, 210),
    Actor("jardins", ActorRole.PRODUCER, "lens", ("circuits-courts", "ess"), "Terres à l’essai, maraîchage.", 90, 75),
    Actor("imprimerie", ActorRole.BUSINESS, "bethune", (), "Imprime les débuts à prix coûtant.", None, 260),
    Actor("brasserie", ActorRole.MENTOR, "lens", ("circuits-courts", "commerce"), "Parraine deux projets.", 60, 16),
    Actor("expert", ActorRole.TRAINING, "lens", (), "Comptabilité des débuts, en atelier.", 45, 40),
    Actor("banque", ActorRole.FUNDING, "lens", ("ess",), "Prêts d’honneur, microcrédit.", 200, 27),
)
SPEAKERS = (
    ("cci", "Ouvrir une boutique quand les vitrines se vident", LinkRole.SPEAKER),
    ("commercants", "Ouvrir une boutique quand les vitrines se vident", LinkRole.SPEAKER),
    ("expert", "Fixer ses prix sans se brader", LinkRole.HOST),
    ("amap", "Rencontre du réseau : producteurs et commerçants", LinkRole.PARTNER),
    ("ressourcerie", "Réparer plutôt que jeter : un métier ?", LinkRole.HOST),
    ("jardins", "Circuits courts : de la ferme à l’étal", LinkRole.SPEAKER),
    ("ressourcerie", "L’économie circulaire près de chez nous", LinkRole.SPEAKER),
    ("expert", "Tenir sa comptabilité sans y passer ses soirées", LinkRole.HOST),
)
HELPED = (
    ("brasserie", "La Cantine de Nadia", LinkRole.SUPPLIER, 60),
    ("cci", "La Cantine de Nadia", LinkRole.ADVISER, 110),
    ("banque", "Le Petit Bouchon", LinkRole.FUNDER, 30),
)
SAID = "Point sur les projets en cours ; se dit prêt à recevoir un porteur de projet par trimestre."
ATTENDED, ABSENT, EXCUSED = Outcome.ATTENDED, Outcome.ABSENT, Outcome.EXCUSED
OUTCOMES = (ATTENDED, ATTENDED, ATTENDED, ATTENDED, ABSENT, ATTENDED, EXCUSED, ATTENDED)
UNNOTED = "Se faire connaître avec peu de moyens"
"""The latest workshop: nobody has noted so far who came."""
FULL = "Tenir sa comptabilité sans y passer ses soirées"


def tell(story: Story) -> None:
    actors = {actor.key: _tell_actor(story, actor) for actor in ACTORS}
    for key, title, role in SPEAKERS:
        event = Event.objects.filter(title=title).earliest("starts_at")
        on = min(story.today, event.starts_at.date())
        _link(story, actors[key], role, event=event, happened_on=on)
    for key, title, role, ago in HELPED:
        project = Project.objects.get(title=title)
        _link(story, actors[key], role, project=project, happened_on=story.today - days(ago))
    crowd = [_passer_by(story, number) for number in range(26)]
    for rank, event in enumerate(Event.objects.order_by("starts_at", "pk")):
        _fill(story, event, crowd[rank % 5 :] + crowd[: rank % 5])


def _tell_actor(story: Story, actor: Actor) -> NetworkActor:
    organisation = story.organisations[actor.key]
    row = NetworkActor.objects.create(
        organisation=organisation,
        role=actor.role,
        territory=story.territories[actor.place],
        commune=organisation.commune,
        offer=actor.offer,
        consent_on=story.today - days(actor.consent) if actor.consent else None,
        consent_note="Par courriel" if actor.consent else "",
        created_at=story.moment(story.today - days(310), 10),
    )
    row.themes.set(story.themes[key] for key in actor.themes)
    NetworkExchange.objects.create(
        actor=row,
        happened_on=story.today - days(actor.contact),
        kind=ExchangeKind.PHONE,
        note=SAID,
        noted_by=story.users["conseillere"],
        noted_at=story.moment(story.today - days(actor.contact), 17),
    )
    return row


def _link(story: Story, actor: NetworkActor, role: LinkRole, **to) -> None:
    NetworkLink.objects.create(actor=actor, role=role, noted_by=story.users["conseillere"], noted_at=story.at, **to)


def _passer_by(story: Story, number: int) -> Person:
    person = story.person(commune=("Béthune", "Beuvry", "Lens")[number % 3], since=story.moment(story.today, 8))
    if number % 3 == 0:
        NewsletterConsent.objects.create(
            person=person,
            given_at=story.moment(story.today - days(100 - number), 12),
            given_through="l’inscription à un évènement",
        )
    return person


def _fill(story: Story, event: Event, crowd: list[Person]) -> None:
    """Seat as many people as came or will, keep the next on the list when the event is full."""
    full = event.title == FULL
    places = event.capacity if full else min(len(crowd) - 2, event.capacity * 2 // 3)
    for rank, person in enumerate(crowd[: places + (3 if full else 1)]):
        joined_at = min(event.starts_at, story.at) - timedelta(days=20, hours=-rank)
        withdrew = not full and rank == places
        registration = Registration.objects.create(
            event=event,
            person=person,
            form_token=story.uuid(),
            channel=Channel.STAFF if rank % 7 == 6 else Channel.WEB,
            registered_by=story.users["conseillere"] if rank % 7 == 6 else None,
            joined_at=joined_at,
            served_at=joined_at if rank < places else None,
            confirmed_at=joined_at + timedelta(hours=2) if rank % 4 else None,
            left_at=joined_at + timedelta(days=6) if withdrew else None,
            withdrawn_by=WithdrawnBy.PARTICIPANT if withdrew else "",
        )
        if event.ends_at < story.at and event.title != UNNOTED and registration.is_seated:
            _note(story, registration, OUTCOMES[rank % len(OUTCOMES)])


def _note(story: Story, registration: Registration, outcome: Outcome) -> None:
    event = registration.event
    for session in event.sessions.all():
        Attendance.objects.create(
            event=event,
            registration=registration,
            session=session,
            outcome=outcome,
            noted_at=session.ends_at,
            noted_by=story.users["conseillere"],
        )
