from projects.models.drafts import DraftLink, ProjectDraft
from projects.models.integrations import Handover, Integration
from projects.models.people import CandidateProfile
from projects.models.projects import (
    ClosingReason,
    PremisesNeed,
    Project,
    ProjectObserver,
    ProjectTheme,
    StageChange,
)
from projects.models.records import Interview, Note, ProjectDocument

__all__ = [
    "CandidateProfile",
    "ClosingReason",
    "DraftLink",
    "Handover",
    "Integration",
    "Interview",
    "Note",
    "PremisesNeed",
    "Project",
    "ProjectDocument",
    "ProjectDraft",
    "ProjectObserver",
    "ProjectTheme",
    "StageChange",
]
