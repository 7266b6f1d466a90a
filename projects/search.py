from django.db.models import F, Q, Value
from django.urls import reverse

from coopconnexion.accounts import search
from coopconnexion.accounts.models import User
from coopconnexion.accounts.search import Found
from coopconnexion.db import folded
from projects.models import Project


@search.register(position=20)
def projects(user: User, query: str, limit: int) -> list[Found]:
    rows = Project.objects.visible_to(user).alias(plain_title=folded(F("title")))
    rows = rows.filter(Q(plain_title__contains=folded(Value(query))) | search.named(query, "holder__name_key"))
    return [
        Found(
            kind="projet",
            label=project.title,
            detail=f"{project.holder} · {project.get_stage_display()}",
            url=reverse("admin:projects_project_change", args=[project.pk]),
        )
        for project in rows.select_related("holder").order_by("plain_title", "pk")[:limit]
    ]
