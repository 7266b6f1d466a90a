"""The use cases of units, surveys, counts and gaps: the only code that writes."""

from premises.services.counts import import_counts, refuse_mixed, retire_counts
from premises.services.gaps import change_gap, move_gap, note_gap, review_gap
from premises.services.units import (
    change_unit,
    close_unit,
    follow_unit,
    publish_unit,
    register_unit,
    set_state,
    split_unit,
    withdraw_unit,
    write_unit_note,
)

__all__ = [
    "change_gap",
    "change_unit",
    "close_unit",
    "follow_unit",
    "import_counts",
    "move_gap",
    "note_gap",
    "publish_unit",
    "refuse_mixed",
    "register_unit",
    "retire_counts",
    "review_gap",
    "set_state",
    "split_unit",
    "withdraw_unit",
    "write_unit_note",
]
