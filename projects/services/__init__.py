"""Use cases of projects."""

from projects.services.integration import integrate_project, undo_integration, why_not_undone
from projects.services.opening import note_referrer, open_project

__all__ = ["integrate_project", "note_referrer", "open_project", "undo_integration", "why_not_undone"]
