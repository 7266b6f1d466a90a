"""Use cases of projects."""

from projects.services.archiving import archive, archive_quiet_projects, unarchive
from projects.services.closing import close_projects
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
from projects.services.following import assign_owners, digest_week, enqueue_digests, write_digest
from projects.services.handovers import hand_over
from projects.services.integration import integrate_project, undo_integration, why_not_undone
from projects.services.opening import note_referrer, open_project
from projects.services.own import edit_own_pitch
from projects.services.profiles import forget_profile, note_premises_need, tell_profile
from projects.services.records import (
    add_document,
    correct_interview,
    edit_note,
    record_interview,
    remove_document,
    share,
    write_note,
)
from projects.services.sending import send_draft
from projects.services.steps import change_stage, plan_next_step, touch

__all__ = [
    "add_document",
    "archive",
    "archive_quiet_projects",
    "assign_owners",
    "change_stage",
    "close_projects",
    "correct_interview",
    "digest_week",
    "drop_draft",
    "edit_note",
    "edit_own_pitch",
    "edit_project",
    "enqueue_digests",
    "enqueue_idle_drafts",
    "forget_profile",
    "hand_over",
    "integrate_project",
    "keep_typed",
    "lock_open",
    "note_premises_need",
    "note_referrer",
    "open_project",
    "plan_next_step",
    "receive_project",
    "record_interview",
    "remove_document",
    "resume_draft",
    "save_contact",
    "save_step",
    "send_draft",
    "share",
    "start_draft",
    "tell_profile",
    "tend_draft",
    "touch",
    "unarchive",
    "undo_integration",
    "why_not_undone",
    "write_digest",
    "write_note",
]
