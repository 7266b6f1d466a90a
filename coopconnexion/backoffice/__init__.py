"""What every page of the back office shares: who may enter, what a row may show, who changed what and when."""

from coopconnexion.backoffice.admin import TrackedAdmin
from coopconnexion.backoffice.edits import EditedMeanwhile, EditPage, Meanwhile
from coopconnexion.backoffice.history import Change, Version, history_page
from coopconnexion.backoffice.pages import StaffPage, visible

__all__ = [
    "Change",
    "EditPage",
    "EditedMeanwhile",
    "Meanwhile",
    "StaffPage",
    "TrackedAdmin",
    "Version",
    "history_page",
    "visible",
]
