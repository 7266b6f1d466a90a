"""Use cases of projects."""

from projects.services.drafts import (
    drop_draft,
    enqueue_idle_drafts,
    keep_typed,
    lock_open,
    resume_draft,
    save_contact,
    save_step,
    start_draft,
    tend_draft,
)
from projects.services.editing import edit_project, receive_project
from projects.services.integration import integrate_project, undo_integration, why_not_undone
from projects.services.opening import note_referrer, open_project
from projects.services.own import edit_own_pitch
from projects.services.profiles import forget_profile, note_premises_need, tell_profile
from projects.services.sending import send_draft

__all__ = [
    "drop_draft",
    "edit_own_pitch",
    "edit_project",
    "enqueue_idle_drafts",
    "forget_profile",
    "integrate_project",
    "keep_typed",
    "lock_open",
    "note_premises_need",
    "note_referrer",
    "open_project",
    "receive_project",
    "resume_draft",
    "save_contact",
    "save_step",
    "send_draft",
    "start_draft",
    "tell_profile",
    "tend_draft",
    "undo_integration",
    "why_not_undone",
]
