"""What an advisor has to do about projects: next steps due, silences, projects whose owner is gone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from coopconnexion.accounts.enums import WORK_ROLES
from coopconnexion.accounts.models import Mandate, User
from projects.enums import Stage
from projects.models import Project
from projects.rules import rung

AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class Step:
    """A next step, seen from ``today``."""

    project: Project
    today: date

    @property
    def is_late(self) -> bool:
        return self.project.next_step_on < self.today

    @property
    def is_waking(self) -> bool:
        """The day to take up a project again has come."""
        return self.project.stage == Stage.POOL


@dataclass(frozen=True)
class Silence:
    """A project nobody followed for ``days``; the ``rung`` it climbed goes from 1 up."""

    project: Project
    days: int
    rung: int

    @property
    def is_last(self) -> bool:
        return self.rung == len(settings.PROJECT_LADDER_DAYS)


def steps_due(user: User, today: date, *, until: date | None = None) -> QuerySet[Project]:
    """The next steps of the projects that ``user`` follows, late ones first, up to a week ahead."""
    rows = user.followed_projects.open().filter(next_step_on__lte=until or today + AHEAD)
    return rows.select_related("holder").order_by("next_step_on", "pk")


def silent_projects(user: User, at: datetime) -> QuerySet[Project]:
    """The projects that ``user`` follows and that nobody touched for days; those asleep in the pool may be silent."""
    rows = user.followed_projects.active().filter(touched_at__lt=first_rung(at))
    return rows.select_related("holder").order_by("touched_at", "pk")


def first_rung(at: datetime) -> datetime:
    """Return the moment before which a silence counts: the end of the day the first rung looks back to."""
    day = timezone.localdate(at) - timedelta(days=settings.PROJECT_LADDER_DAYS[0])
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), datetime.min.time()))


def silence_of(project: Project, today: date) -> Silence:
    days = (today - timezone.localdate(project.touched_at)).days
    return Silence(project, days, rung(days) or 0)


def without_worker(rows: QuerySet[Project], today: date) -> QuerySet[Project]:
    """Keep the open projects that nobody follows, or somebody who does not work in their territory any more."""
    held = Mandate.objects.on(today).filter(
        Q(territory=None) | Q(territory=OuterRef("territory")),
        user=OuterRef("advisor"),
        user__is_active=True,
        role__in=WORK_ROLES,
    )
    return rows.open().filter(~Exists(held))
