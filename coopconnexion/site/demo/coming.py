"""The permanences to come: one full with people waiting, one with free slots, one called off.

Few messages leave: the candidate's confirmation, one place on a waiting list, one cancellation. The other
appointments are told as made before, without a word.
"""

from datetime import timedelta

from coopconnexion.site.demo.past import channel_of
from coopconnexion.site.demo.projects import nadia
from coopconnexion.site.demo.story import Story
from permanences import services
from permanences.enums import Channel
from permanences.models import Booking, MissedRequest, Permanence, Slot, WaitingListEntry
from projects.enums import OPEN_STAGES
from projects.models import Project

WAITING = 3


def tell(story: Story, permanences: list[Permanence], place: str) -> None:
    """:param permanences: in order of date"""
    able = [
        project
        for project in story.projects
        if project.territory == story.territories[place]
        and project.stage in OPEN_STAGES
        and not project.is_test
        and project != nadia(story)
    ]
    if place == "bethune":
        _tell_bethune(story, permanences, able)
    else:
        _tell_lens(story, permanences, able)


def _tell_bethune(story: Story, permanences: list[Permanence], able: list[Project]) -> None:
    full, free = permanences[:2]
    slots = _slots(full)
    for slot, project in zip(slots, able, strict=False):
        _book(story, slot, project)
    _tell_waiting(story, full, able[len(slots) :][:WAITING])
    taken = _slots(free)
    for slot, project in zip(taken[1:3], able[-2:], strict=True):
        _book(story, slot, project, is_confirmed=False)
    candidate = nadia(story)
    services.book_slot(
        slot=taken[-1],
        person=candidate.holder,
        project=candidate,
        form_token=story.uuid(),
        channel=Channel.WEB,
        message=candidate.pitch,
        at=story.at,
    )


def _tell_lens(story: Story, permanences: list[Permanence], able: list[Project]) -> None:
    free, called_off = permanences[:2]
    for slot, project in zip(_slots(free)[:2], able, strict=False):
        _book(story, slot, project)
    _book(story, _slots(called_off)[0], next(project for project in able[2:] if project.holder.email))
    services.cancel_permanence(permanence=called_off, reason="Toute l’équipe est en formation", at=story.at)


def _slots(permanence: Permanence) -> list[Slot]:
    return sorted(permanence.slots.all(), key=lambda slot: (slot.starts_at, slot.desk))


def _book(story: Story, slot: Slot, project: Project, *, is_confirmed: bool = True) -> None:
    """Tell an appointment made in the last days; its reminders to come are laid, no message is written."""
    booked_at = max(project.created_at, story.at - timedelta(hours=story.chance.randint(5, 200)))
    how = channel_of(story, project, booked_at)
    if not is_confirmed:
        how = {"channel": Channel.WEB}
    booking = Booking.objects.create(
        slot=slot,
        permanence=slot.permanence,
        person=project.holder,
        project=project,
        uid=story.uuid(),
        form_token=story.uuid(),
        booked_at=booked_at,
        message=project.pitch,
        **how,
    )
    services.schedule_reminders(booking=booking, at=story.at)


def _tell_waiting(story: Story, permanence: Permanence, projects: list[Project]) -> None:
    """The last one has just joined, and hears of it; the others came before."""
    *before, last = projects
    for rank, project in enumerate(before):
        joined_at = max(project.created_at, story.at - timedelta(hours=50 - 20 * rank))
        WaitingListEntry.objects.create(
            permanence=permanence,
            person=project.holder,
            project=project,
            form_token=story.uuid(),
            joined_at=joined_at,
            confirmed_at=joined_at,
        )
    services.join_waiting_list(
        permanence=permanence, person=last.holder, project=last, form_token=story.uuid(), at=story.at
    )
    MissedRequest.objects.create(permanence=permanence, form_token=story.uuid(), missed_at=story.at)
