"""Nobody is forgotten: an owner for every open project, and one message a week with what is due."""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from coopconnexion import jobs
from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Mandate, User
from coopconnexion.notices.models import Message
from coopconnexion.territories.models import Territory
from projects.documents.to_do import silence_of, silent_projects, steps_due
from projects.emails import digests
from projects.enums import OPEN_STAGES
from projects.models import Handover, Project

DIGEST_HOUR = time(8)
DIGEST_WINDOW = timedelta(days=2)
"""How late a digest may still leave when nothing ran on Monday morning."""


# --- an owner for every project --------------------------------------------------------------------------------------


@transaction.atomic
def assign_owners(*, at: datetime) -> list[Project]:
    """Give every open project without an advisor to the least loaded one of its territory, if there is one."""
    rows = Project.objects.open().filter(advisor=None).select_for_update(of=("self",), skip_locked=True)
    given = []
    for project in rows.select_related("territory").order_by("pk"):
        if owner := least_loaded(project.territory, timezone.localdate(at)):
            Project.objects.filter(pk=project.pk).update(advisor=owner)
            Handover.objects.create(project=project, to_advisor=owner, handed_at=at, note="Attribué d’office")
            given.append(project)
    return given


def least_loaded(territory: Territory, today: date) -> User | None:
    """Return the advisor of ``territory`` who follows the fewest open projects."""
    held = Mandate.objects.on(today).filter(Q(territory=None) | Q(territory=territory), role=Role.ADVISOR)
    rows = User.objects.filter(pk__in=held.values("user"), is_active=True)
    load = Count("followed_projects", filter=Q(followed_projects__stage__in=sorted(OPEN_STAGES)))
    return rows.annotate(load=load).order_by("load", "pk").first()


# --- one message a week ----------------------------------------------------------------------------------------------


def digest_week(at: datetime) -> str | None:
    """Return the ISO week whose digest is to leave at ``at`` (« 2026-W11 »), from Monday 8:00; ``None`` later."""
    now = timezone.localtime(at)
    monday = now.date() - timedelta(days=now.weekday())
    begins = timezone.make_aware(datetime.combine(monday, DIGEST_HOUR))
    if not begins <= now < begins + DIGEST_WINDOW:
        return None
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02d}"


def digest_key(user_id: int, week: str) -> str:
    return f"projects-digest:{user_id}:{week}"


def enqueue_digests(*, at: datetime) -> None:
    """Ask for the digest of everybody who follows a project and has not been written to this week."""
    week = digest_week(at)
    if week is None:
        return
    followed = Project.objects.open().exclude(advisor=None).values("advisor")
    users = User.objects.filter(pk__in=followed, is_active=True).order_by("pk").values_list("pk", flat=True)
    keys = {digest_key(pk, week): pk for pk in users}
    written = set(Message.objects.filter(key__in=keys).values_list("key", flat=True))
    for key, pk in keys.items():
        if key not in written:
            jobs.enqueue("projects.write_digest", user_id=pk)


@transaction.atomic
def write_digest(*, user: User, at: datetime) -> Message | None:
    """Write to ``user`` what is due this week and who hears nothing; once a week, and only if there is anything."""
    week = digest_week(at)
    if week is None or not user.is_active:
        return None
    today = timezone.localdate(at)
    sunday = today + timedelta(days=6 - today.weekday())
    steps = list(steps_due(user, today, until=sunday))
    silences = [silence_of(project, today) for project in silent_projects(user, at)]
    if not steps and not silences:
        return None
    return digests.write_digest(user, key=digest_key(user.pk, week), steps=steps, silences=silences, today=today, at=at)
