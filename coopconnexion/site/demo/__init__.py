"""The demo: a believable year of CoopConnexion, told around the day it is loaded."""

from datetime import datetime

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction

from coopconnexion.db import lock_name
from coopconnexion.site.demo import (
    accounts,
    agreement,
    counts,
    desk,
    events,
    follow,
    gaps,
    guard,
    lives,
    members,
    network,
    offers,
    park,
    permanences,
    projects,
    reference,
    situations,
    surveys,
    units,
    venues,
)
from coopconnexion.site.demo.story import Story

addresses = accounts.addresses
is_loaded = guard.is_loaded


@transaction.atomic
def load(*, at: datetime) -> bool:
    """Fill an empty database with the demo; return whether it was done now, and not before.

    :raises ValidationError: real_data, when the database holds anything else: nothing is then touched
    """
    lock_name("demo")
    if guard.is_loaded():
        return False
    if held := guard.held_data():
        raise ValidationError(
            f"Cette base contient déjà des données ({', '.join(held)}) : la démonstration ne se charge que dans une "
            "base vide, et n’a touché à rien.",
            code="real_data",
        )
    _tell(Story(at))
    return True


def _tell(story: Story) -> None:
    reference.tell(story)
    accounts.tell(story)
    with pghistory.context(user=story.users["directrice"].pk):
        reference.tell_organisations(story)
        partnership = agreement.tell(story)
        venues.tell(story, partnership)
        counts.tell(story)
    with pghistory.context(user=story.users["conseillere"].pk):
        members.tell(story)
        lives.tell(story)
        situations.tell(story)
        projects.tell(story)
        follow.tell(story)
        units.tell(story, partnership)
        park.tell(story)
        surveys.tell(story)
        offers.tell(story)
        gaps.tell(story)
        permanences.tell(story)
        events.tell(story)
        network.tell(story)
        desk.tell(story)
