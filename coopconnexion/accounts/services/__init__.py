"""Use cases of people and accounts."""

from coopconnexion.accounts.services.doubles import double_warning
from coopconnexion.accounts.services.exports import ask_export, delete_export, may_be_given, tend_exports, write_export
from coopconnexion.accounts.services.flaws import count_flaws
from coopconnexion.accounts.services.history import forget_history
from coopconnexion.accounts.services.invitations import (
    accept_invitation,
    invitation_path,
    invitation_tokens,
    invite_manager,
    open_access,
)
from coopconnexion.accounts.services.mandates import (
    change_mandate,
    close_account,
    confirm_person_link,
    end_mandate,
    grant_mandate,
    open_account,
    reopen_account,
    revoke_mandate,
)
from coopconnexion.accounts.services.merging import CHOSEN_FIELDS, merge_people, tell_apart
from coopconnexion.accounts.services.people import erase_person, export_person, recognise_person
from coopconnexion.accounts.services.row_imports import apply_rows, check_rows, discard_rows, discard_stale_rows
from coopconnexion.accounts.services.saved_filters import delete_filter, rename_filter, save_filter

__all__ = [
    "CHOSEN_FIELDS",
    "accept_invitation",
    "apply_rows",
    "ask_export",
    "change_mandate",
    "check_rows",
    "close_account",
    "confirm_person_link",
    "count_flaws",
    "delete_export",
    "delete_filter",
    "discard_rows",
    "discard_stale_rows",
    "double_warning",
    "end_mandate",
    "erase_person",
    "export_person",
    "forget_history",
    "grant_mandate",
    "invitation_path",
    "invitation_tokens",
    "invite_manager",
    "may_be_given",
    "merge_people",
    "open_access",
    "open_account",
    "recognise_person",
    "rename_filter",
    "reopen_account",
    "revoke_mandate",
    "save_filter",
    "tell_apart",
    "tend_exports",
    "write_export",
]
