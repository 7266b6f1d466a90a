"""The permanences of the last twelve months: who came, who did not, who called it off."""

from datetime import datetime, timedelta

from coopconnexion.site.demo.story import Story, days
from permanences import services
from permanences.enums import CancelledBy, Channel, Outcome
from permanences.models import Booking, MissedRequest, Permanence, Slot
from projects.enums import OPEN_STAGES
from projects.models import Project

TO_NOTE = 3
"""Appointments of the last permanence still « à renseigner »."""
CLOSED = 5
"""Rank, from the last, of the permanence that was called off."""
AT_MOST = 5  # appointments of one project
NOTES = (
    "Projet clair. À faire : chiffrer le local et revoir dans un mois.",
    "Vient avec son conjoint. Orientée vers l’atelier « Fixer ses prix ».",
    "Dossier France Travail à jour. Prévoir un CAPE de 12 mois.",
    "Hésite entre deux activités ; a pris les coordonnées d’un membre à rencontrer.",
    "",
    "",
)


def tell(story: Story, permanences: list[Permanence], place: str) -> None:
    """:param permanences: in order, the last perhaps of this very day"""
    if place == "bethune" and len(permanences) > CLOSED:
        closed = permanences.pop(-CLOSED)
        _call_off(story, closed)
    met = {project.pk: 0 for project in story.projects}
    for permanence in permanences:
        bookings = _bookings(story, permanence, place, met)
        if permanence is permanences[-1]:
            _leave_to_note(bookings)
        Booking.objects.bulk_create(bookings)
    _tell_missed(story, permanences[-2:])


def _call_off(story: Story, permanence: Permanence) -> None:
    at = story.moment(permanence.held_on - days(12), 10)
    services.cancel_permanence(permanence=permanence, reason="Travaux à La Fabrique", at=at)


def _tell_missed(story: Story, permanences: list[Permanence]) -> None:
    """People who looked for a slot in vain: the staff home then proposes another range."""
    MissedRequest.objects.bulk_create(
        MissedRequest(
            permanence=permanence,
            form_token=story.uuid(),
            missed_at=story.moment(permanence.held_on - days(3 + rank), 20),
        )
        for permanence in permanences
        for rank in range(2)
    )


def _bookings(story: Story, permanence: Permanence, place: str, met: dict[int, int]) -> list[Booking]:
    slots = sorted(permanence.slots.all(), key=lambda slot: (slot.starts_at, slot.desk))
    wanted = round(len(slots) * story.chance.uniform(0.6, 1))
    able = [project for project in story.projects if _may_come(story, project, permanence, place, met)]
    story.chance.shuffle(able)
    able.sort(key=lambda project: met[project.pk])
    taken = story.chance.sample(slots, min(wanted, len(able)))
    bookings = []
    for slot, project in zip(taken, able, strict=False):
        booking = _booking(story, slot, project, is_first=met[project.pk] == 0)
        met[project.pk] += 1
        bookings.append(booking)
    return bookings


def _may_come(story: Story, project: Project, permanence: Permanence, place: str, met: dict[int, int]) -> bool:
    """Opened two days before at the latest, not closed yet, and not one who comes every month."""
    day = story.moment(permanence.held_on, 8)
    is_over = project.stage not in OPEN_STAGES and project.last_step_at < day
    return (
        project.territory == story.territories[place]
        and project.created_at < day - days(2)
        and not is_over
        and not project.is_test
        and met[project.pk] < AT_MOST
    )


def _booking(story: Story, slot: Slot, project: Project, *, is_first: bool) -> Booking:
    booked_at = max(project.created_at, slot.starts_at - timedelta(hours=story.chance.randint(50, 500)))
    booking = Booking(
        slot=slot,
        permanence_id=slot.permanence_id,
        person=project.holder,
        project=project,
        uid=story.uuid(),
        form_token=story.uuid(),
        booked_at=booked_at,
        message=project.pitch if is_first else "",
        **channel_of(story, project, booked_at),
    )
    _tell_end(story, booking)
    return booking


def channel_of(story: Story, project: Project, booked_at: datetime) -> dict:
    """Return how the appointment was made: by phone for who has no address, else mostly online, and confirmed."""
    if not project.holder.email or story.chance.random() < 0.2:
        return {"channel": Channel.STAFF, "booked_by": story.users["conseillere"]}
    return {"channel": Channel.WEB, "confirmed_at": min(booked_at + timedelta(hours=2), story.at)}


def _tell_end(story: Story, booking: Booking) -> None:
    fate = story.chance.random()
    eve = booking.booked_at + (booking.slot.starts_at - booking.booked_at) * 0.8
    if fate < 0.07:
        booking.cancelled_at, booking.cancelled_by = eve, CancelledBy.CANDIDATE
        booking.sequence = 1
    elif fate < 0.1 and booking.channel == Channel.WEB:
        booking.confirmed_at, booking.released_at, booking.sequence = None, eve, 1
    elif booking.slot.starts_at < story.at:
        booking.outcome = _outcome(story)
        booking.outcome_at = min(booking.slot.ends_at, story.at)
        if booking.outcome == Outcome.ATTENDED:
            booking.staff_note = story.chance.choice(NOTES)


def _outcome(story: Story) -> Outcome:
    return story.chance.choices((Outcome.ATTENDED, Outcome.NO_SHOW, Outcome.EXCUSED), (80, 12, 8))[0]


def _leave_to_note(bookings: list[Booking]) -> None:
    begun = sorted((each for each in bookings if each.outcome), key=lambda booking: booking.slot.starts_at)
    for booking in begun[-TO_NOTE:]:
        booking.outcome, booking.outcome_at, booking.staff_note = "", None, ""
