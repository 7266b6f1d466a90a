"""Which step of the pipeline may follow which."""

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
