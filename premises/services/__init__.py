"""The use cases of units, surveys, counts and gaps: the only code that writes."""

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
    "change_unit",
    "close_unit",
    "follow_unit",
    "publish_unit",
    "register_unit",
    "set_state",
    "split_unit",
    "withdraw_unit",
    "write_unit_note",
]
