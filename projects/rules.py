"""Which step of the pipeline may follow which; how silence is counted."""

from bisect import bisect_right

from django.conf import settings

from projects.enums import Stage

FORWARD = {
    Stage.FIRST_CONTACT: (Stage.ASSESSMENT, Stage.POOL, Stage.REFUSED, Stage.ABANDONED),
    Stage.ASSESSMENT: (Stage.SUPPORT, Stage.POOL, Stage.REFUSED, Stage.ABANDONED),
    Stage.SUPPORT: (Stage.POOL, Stage.INTEGRATED, Stage.REFUSED, Stage.ABANDONED),
    Stage.POOL: (
        Stage.FIRST_CONTACT,
        Stage.ASSESSMENT,
        Stage.SUPPORT,
        Stage.INTEGRATED,
        Stage.REFUSED,
        Stage.ABANDONED,
    ),
}
BACKWARD = {
    Stage.ASSESSMENT: (Stage.FIRST_CONTACT,),
    Stage.SUPPORT: (Stage.ASSESSMENT,),
    Stage.REFUSED: (Stage.FIRST_CONTACT, Stage.ASSESSMENT, Stage.SUPPORT),
    Stage.ABANDONED: (Stage.FIRST_CONTACT, Stage.ASSESSMENT, Stage.SUPPORT),
}
"""Corrections and reopenings: they need a reason."""

UNDOING = {Stage.INTEGRATED: (Stage.SUPPORT, Stage.POOL)}
"""Back from an integration, through its undoing alone."""


def legal_pairs() -> list[tuple[str, str]]:
    """Return every (from, to) that the database lets through."""
    return sorted(
        (origin.value, target.value)
        for steps in (FORWARD, BACKWARD, UNDOING)
        for origin, targets in steps.items()
        for target in targets
    )


def next_stages(project) -> list[Stage]:
    """Return the steps that ``project`` may take now, forward ones first."""
    return [*FORWARD.get(project.stage, ()), *BACKWARD.get(project.stage, ())]


def rung(days_untouched: int) -> int | None:
    """Return the rung of the ladder that a silence of so many days has climbed, from 1 up; ``None`` below the first."""
    return bisect_right(settings.PROJECT_LADDER_DAYS, days_untouched) or None
