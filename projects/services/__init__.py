"""Use cases of projects."""

from projects.services.opening import note_referrer, open_project

__all__ = ["note_referrer", "open_project"]
