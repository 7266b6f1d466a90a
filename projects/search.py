from django.urls import reverse

from coopconnexion.accounts.models import User
from coopconnexion.accounts.search import Found, ranked, reach, register
from coopconnexion.db import NameKey
from projects.models import Project


@register(position=20, kind="projet")
def projects(user: User, query: str, limit: int) -> list[Found]:
    """By title, by reference, and by who holds it."""
    rows = Project.objects.visible_to(user).alias(title_key=NameKey("title")).select_related("holder")
    names = {"title_key": 1.0, "holder__name_key": 0.9}
    rows = ranked(rows, query, names=names, reference="P", **reach(user, "holder"))
    return [
        Found(
            kind="projet",
            label=project.title,
            detail=f"P{project.pk} · {project.holder} · {project.get_stage_display()}",
            url=reverse("admin:projects_project_change", args=[project.pk]),
            rank=project.rank,
        )
        for project in rows.order_by("-rank", "title_key", "pk")[:limit]
    ]
