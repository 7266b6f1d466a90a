"""The board: a column per stage, the most pressing projects first."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from projects.documents.cards import Card, at_a_glance, cards, soonest_first
from projects.enums import OPEN_STAGES, Stage
from projects.models import Project

SHOWN = 30
"""Cards in a column; the list has the others."""


@dataclass(frozen=True)
class Column:
    stage: Stage
    count: int
    cards: list[Card]

    @property
    def label(self) -> str:
        return self.stage.label.capitalize()

    @property
    def is_over(self) -> bool:
        return self.stage not in OPEN_STAGES

    @property
    def others(self) -> int:
        return self.count - len(self.cards)


def board(rows: QuerySet[Project], *, at: datetime) -> list[Column]:
    """Return a column for each stage, whatever it holds: two queries."""
    counts = dict(rows.order_by().values_list("stage").annotate(count=Count("pk")))
    place = Window(RowNumber(), partition_by="stage", order_by=soonest_first())
    first = at_a_glance(rows).annotate(place=place).filter(place__lte=SHOWN).order_by(F("place"))
    shown = cards(first, at=at)
    return [
        Column(stage, counts.get(stage, 0), [each for each in shown if each.project.stage == stage]) for stage in Stage
    ]
