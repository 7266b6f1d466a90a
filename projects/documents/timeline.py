"""What happened to a project, newest first: steps, interviews, notes, documents, handovers in one list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import models

from coopconnexion.accounts.models import User
from projects.models import Project


@dataclass(frozen=True)
class Entry:
    """``kind`` names the model of ``row`` and the fragment that shows it."""

    at: datetime
    kind: str
    row: models.Model
    by: User | None

    @property
    def can_be_shared(self) -> bool:
        return hasattr(self.row, "is_shared")


SOURCES = {
    "step": ("stage_changes", "changed_at", "changed_by", ()),
    "interview": ("interviews", "held_at", "recorded_by", ()),
    "note": ("notes", "written_at", "written_by", ()),
    "document": ("documents", "added_at", "added_by", ()),
    "handover": ("handovers", "handed_at", "handed_by", ("from_advisor", "to_advisor")),
}


def timeline(project: Project) -> list[Entry]:
    """Return everything, in as many queries as there are kinds."""
    return sorted(entries(project), key=lambda entry: (entry.at, entry.row.pk), reverse=True)


def entries(project: Project) -> Iterator[Entry]:
    for kind, (relation, at, by, others) in SOURCES.items():
        for row in getattr(project, relation).select_related(by, *others):
            yield Entry(getattr(row, at), kind, row, getattr(row, by))
