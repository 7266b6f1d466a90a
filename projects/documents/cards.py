"""A project at a glance: what its card on the board and its row in the list say."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.utils import timezone

from coopconnexion.accounts.models import User
from coopconnexion.territories.models import Theme
from projects.enums import Stage
from projects.models import Project
from projects.rules import next_stages, rung

THEMES = ArraySubquery(Theme.objects.filter(projects=OuterRef("pk")).order_by("position", "label").values("label"))

SHOWN_IN_A_ROW = (
    *("title", "is_test", "archived_at", "stage", "wakes_on", "next_step", "next_step_on"),
    *("touched_at", "created_at", "source", "holder__first_name", "holder__last_name", "territory__name"),
    *("advisor__name", "advisor__email", "closing_reason__label"),
)


def at_a_glance(rows: QuerySet[Project]) -> QuerySet[Project]:
    """Fetch with the projects all that a card or a row shows, in one query."""
    related = rows.select_related("holder", "territory", "advisor", "closing_reason")
    return related.annotate(theme_labels=THEMES)


def in_a_row(rows: QuerySet[Project]) -> QuerySet[Project]:
    """Fetch what a row shows and nothing else."""
    return at_a_glance(rows).only(*SHOWN_IN_A_ROW)


def initials(user: User | None) -> str:
    """« Camille Dupont-Martin » is « CDM »; an account without a name is known by its address."""
    if user is None:
        return ""
    words = str(user).partition("@")[0].replace("-", " ").replace(".", " ").split()
    return "".join(word[0] for word in words[:3]).upper()


@dataclass
class Card:
    """A project on some day."""

    project: Project
    at: datetime

    @cached_property
    def today(self) -> date:
        return timezone.localdate(self.at)

    @cached_property
    def touched_on(self) -> date:
        return timezone.localdate(self.project.touched_at)

    @property
    def created_on(self) -> date:
        return timezone.localdate(self.project.created_at)

    @property
    def initials(self) -> str:
        return initials(self.project.advisor)

    @property
    def is_late(self) -> bool:
        return self.project.next_step_on is not None and self.project.next_step_on < self.today

    @property
    def days_late(self) -> int:
        return (self.today - self.project.next_step_on).days

    @property
    def days_silent(self) -> int:
        return (self.today - self.touched_on).days

    @property
    def silence_tone(self) -> str:
        """The tone of the badge that says the rung."""
        return {1: "info", 2: "warning"}.get(self.rung, "danger")

    @cached_property
    def rung(self) -> int | None:
        """The rung of the ladder of silence; an over or sleeping project climbs none."""
        asleep = not self.project.is_open or self.project.stage == Stage.POOL
        return None if asleep else rung(self.days_silent)

    @cached_property
    def moves(self) -> list[Stage]:
        return [Stage(stage) for stage in next_stages(self.project)]


def cards(rows: QuerySet[Project], *, at: datetime) -> list[Card]:
    return [Card(project, at) for project in rows]


def soonest_first() -> list:
    """Order open projects by their next step; the last to be over come first among the others."""
    return [F("next_step_on").asc(nulls_last=True), F("stage_since").desc(), F("pk").asc()]
