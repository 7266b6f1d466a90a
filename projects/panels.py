"""What projects show on the pages of a person and of a project, and in « mon espace »."""

from coopconnexion import panels
from coopconnexion.accounts.models import Person
from coopconnexion.panels import Panel
from projects.documents.own import stage_words
from projects.models import CandidateProfile, Project


def _profile(request, person: Person) -> Panel | None:
    """What the person chose to say of their situation, for those who do the daily work alone."""
    if not Person.objects.worked_by(request.user).filter(pk=person.pk).exists():
        return None
    profile = CandidateProfile.objects.select_related("recorded_by").filter(person=person).first()
    return Panel("projects/profiles/panels/profile.html", {"person": person, "profile": profile})


@panels.register("person", panels.staff, position=60)
def profile_of_person(request, subject) -> Panel | None:
    return _profile(request, subject)


@panels.register("project", panels.staff, position=60)
def profile_of_holder(request, subject) -> Panel | None:
    return _profile(request, subject.holder)


@panels.register("my_space", panels.signed_in, position=30)
def my_projects(request, subject) -> Panel:
    """The projects of the addresses that the user has verified: two queries."""
    rows = Project.objects.of_addresses_of(request.user).select_related("holder", "territory")
    rows = rows.prefetch_related("themes").order_by("-created_at", "pk")
    projects = [(project, stage_words(project)) for project in rows]
    return Panel("projects/own/panels/my_projects.html", {"projects": projects})
