"""What every page of the back office shares: who may enter, what a row may show, who changed what and when."""

from coopconnexion.backoffice.admin import IS_RETIRED, Retired, TrackedAdmin
from coopconnexion.backoffice.bulk import BulkPage, bulk_action, table_rows
from coopconnexion.backoffice.edits import EditedMeanwhile, EditPage, Meanwhile
from coopconnexion.backoffice.history import Change, Version, history_page
from coopconnexion.backoffice.lists import SearchedFields
from coopconnexion.backoffice.pages import StaffPage, visible

__all__ = [
    "IS_RETIRED",
    "BulkPage",
    "Change",
    "EditPage",
    "EditedMeanwhile",
    "Meanwhile",
    "Retired",
    "SearchedFields",
    "StaffPage",
    "TrackedAdmin",
    "Version",
    "bulk_action",
    "history_page",
    "table_rows",
    "visible",
]
