"""The use cases of units, surveys, counts and gaps: the only code that writes."""

from premises.services.campaigns import (
    change_campaign,
    close_campaign,
    open_campaign,
    reopen_campaign,
    settle_observation,
)
from premises.services.correspondence import add_activity, change_activity, restore_activity, retire_activity
from premises.services.count_imports import receive_counts
from premises.services.counts import import_counts, refuse_mixed, restore_counts, retire_counts
from premises.services.follow_up import follow_unit, follow_units, why_untrue, write_unit_note
from premises.services.gap_evidence import attach_evidence, remove_evidence
from premises.services.gaps import change_gap, move_gap, note_gap, review_gap
from premises.services.groups import change_group, make_group, remove_group
from premises.services.imports import apply_asked, bring_units, check_asked, choose_sheet, discard_units
from premises.services.interests import say_interest, withdraw_interest
from premises.services.observations import record_found_unit, record_observation, take_back
from premises.services.occupancies import correct_occupancy, end_occupancy, move_in, remove_occupancy
from premises.services.passes import holder_of, issue_pass, revoke_pass
from premises.services.photos import (
    add_unit_document,
    add_unit_photo,
    change_unit_photo,
    remove_unit_document,
    remove_unit_photo,
)
from premises.services.provisions import change_provision, end_provision, lend_unit
from premises.services.unit_groups import (
    make_unit_group,
    put_in_group,
    remove_unit_group,
    rename_unit_group,
    take_out_of_group,
)
from premises.services.units import (
    change_unit,
    close_unit,
    publish_unit,
    publish_units,
    register_unit,
    set_state,
    split_unit,
    withdraw_unit,
    withdraw_units,
)

__all__ = [
    "add_activity",
    "add_unit_document",
    "add_unit_photo",
    "apply_asked",
    "attach_evidence",
    "bring_units",
    "change_activity",
    "change_campaign",
    "change_gap",
    "change_group",
    "change_provision",
    "change_unit",
    "change_unit_photo",
    "check_asked",
    "choose_sheet",
    "close_campaign",
    "close_unit",
    "correct_occupancy",
    "discard_units",
    "end_occupancy",
    "end_provision",
    "follow_unit",
    "follow_units",
    "holder_of",
    "import_counts",
    "issue_pass",
    "lend_unit",
    "make_group",
    "make_unit_group",
    "move_gap",
    "move_in",
    "note_gap",
    "open_campaign",
    "publish_unit",
    "publish_units",
    "put_in_group",
    "receive_counts",
    "record_found_unit",
    "record_observation",
    "refuse_mixed",
    "register_unit",
    "remove_evidence",
    "remove_group",
    "remove_occupancy",
    "remove_unit_document",
    "remove_unit_group",
    "remove_unit_photo",
    "rename_unit_group",
    "reopen_campaign",
    "restore_activity",
    "restore_counts",
    "retire_activity",
    "retire_counts",
    "review_gap",
    "revoke_pass",
    "say_interest",
    "set_state",
    "settle_observation",
    "split_unit",
    "take_back",
    "take_out_of_group",
    "why_untrue",
    "withdraw_interest",
    "withdraw_unit",
    "withdraw_units",
    "write_unit_note",
]
