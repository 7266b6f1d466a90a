"""What projects show on the pages of a person and of a project, and in « mon espace »."""

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone

from coopconnexion import panels
from coopconnexion.accounts.enums import WORK_ROLES
from coopconnexion.accounts.models import Person
from coopconnexion.panels import Panel, listed
from projects.documents.own import stage_words
from projects.documents.to_do import Step, silence_of, silent_projects, steps_due, without_worker
from projects.models import CandidateProfile, Project, StageChange


def _profile(request, person: Person) -> Panel | None:
    """What the person chose to say of their situation, for those who do the daily work alone."""
    if not Person.objects.worked_by(request.user).filter(pk=person.pk).exists():
        return None
    profile = CandidateProfile.objects.select_related("recorded_by").filter(person=person).first()
    return Panel("projects/profiles/panels/profile.html", {"person": person, "profile": profile})


@panels.register("person", panels.staff, position=10)
def projects_of_person(request, subject) -> Panel:
    """What a person carries where the user works or reads, the newest first: one query."""
    rows = Project.objects.visible_to(request.user).filter(holder=subject).select_related("territory", "advisor")
    found = listed(rows.order_by("-created_at", "-pk"))
    return Panel("projects/panels/person_projects.html", {"person": subject, "can_add": _works(request.user), **found})


@panels.register("person", panels.staff, position=60)
def profile_of_person(request, subject) -> Panel | None:
    return _profile(request, subject)


@panels.register("project", panels.staff, position=60)
def profile_of_holder(request, subject) -> Panel | None:
    return _profile(request, subject.holder)


@panels.register("member", panels.staff, position=20)
def steps_before(request, subject) -> Panel | None:
    """How the member came: the steps of the projects that made them one, from the first contact."""
    rows = subject.projects.visible_to(request.user).prefetch_related(
        Prefetch("stage_changes", StageChange.objects.order_by("changed_at", "pk"))
    )
    projects = list(rows.order_by("created_at", "pk"))
    return Panel("projects/panels/steps_before.html", {"projects": projects}) if projects else None


@panels.register("my_space", panels.signed_in, position=30)
def my_projects(request, subject) -> Panel:
    """The projects of the addresses that the user has verified: two queries."""
    rows = Project.objects.of_addresses_of(request.user).select_related("holder", "territory")
    rows = rows.prefetch_related("themes").order_by("-created_at", "pk")
    projects = [(project, stage_words(project)) for project in rows]
    return Panel("projects/own/panels/my_projects.html", {"projects": projects})


TONES = {1: "neutral", 2: "warning", 3: "danger"}
"""Of the rungs of the ladder, the first to the last."""


def _works(user) -> bool:
    return user.territory_ids(*WORK_ROLES) != set()


@panels.register("staff_home", panels.staff, position=1)
def next_steps(request, subject) -> Panel | None:
    """The next steps due of the projects one follows, woken ones included."""
    today = timezone.localdate()
    found = listed(steps_due(request.user, today))
    if not found["rows"] and not request.user.followed_projects.open().exists():
        return None
    rows = [Step(project, today) for project in found["rows"]]
    context = {"rows": rows, "more": found["more"], "can_work": _works(request.user), "back": reverse("admin:index")}
    return Panel("projects/panels/next_steps.html", context)


@panels.register("staff_home", panels.staff, position=2)
def silences(request, subject) -> Panel | None:
    """The projects one follows that nobody touched, the longest silence first."""
    at = timezone.now()
    found = listed(silent_projects(request.user, at))
    if not found["rows"]:
        return None
    rows = [_silence_row(silence_of(project, timezone.localdate(at))) for project in found["rows"]]
    context = {"rows": rows, "more": found["more"], "can_work": _works(request.user)}
    return Panel("projects/panels/silences.html", context)


def _silence_row(silence) -> dict:
    return {"silence": silence, "label": f"{silence.days} jours", "tone": TONES.get(silence.rung, "danger")}


@panels.register("staff_home", panels.staff, position=3)
def unowned(request, subject) -> Panel | None:
    """Open projects of one's territories that nobody there follows."""
    if not _works(request.user):
        return None
    rows = without_worker(Project.objects.visible_to(request.user), timezone.localdate())
    found = listed(rows.select_related("holder", "territory").order_by("created_at", "pk"))
    return Panel("projects/panels/unowned.html", found) if found["rows"] else None
