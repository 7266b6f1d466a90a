from django.db.models import QuerySet
from django.urls import reverse

from coopconnexion.accounts.models import Person, User
from coopconnexion.accounts.search import Found, arms, asked, ranked, reach, register
from coopconnexion.db import NameKey
from projects.models import Project

LETTER = "P"
PEOPLE_SHOWN = 10
NAMES = {"title_key": 1.0, "holder__name_key": 0.9}


@register(position=20, kind="projet")
def projects(user: User, query: str, limit: int) -> list[Found]:
    """By title, by reference, and by who holds it."""
    rows = Project.objects.visible_to(user).alias(title_key=NameKey("title")).select_related("holder")
    rows = ranked(rows, query, names=NAMES, reference=LETTER, **reach(user, "holder"))
    return [
        Found(
            kind="projet",
            label=project.title,
            detail=f"{project.reference} · {project.holder} · {project.get_stage_display()}",
            url=reverse("projects_staff:project", args=[project.pk]),
            rank=project.rank,
        )
        for project in rows.order_by("-rank", "title_key", "pk")[:limit]
    ]


def answering(rows: QuerySet[Project], query: str, *, user: User) -> QuerySet[Project]:
    """Return those of ``rows`` that answer ``query`` as the search would, all of them, in their own order."""
    paths = {"email": "", "phone": ""} | reach(user, "holder")
    ways = arms(asked(query), names=NAMES, reference=LETTER, **paths)
    if not ways:
        return rows.none()
    everything = Project.objects.alias(title_key=NameKey("title"))
    first, *others = (everything.filter(way.rows).values("pk") for way in ways)
    return rows.filter(pk__in=first.union(*others) if others else first)


def people_answering(user: User, query: str) -> list[Person]:
    """Return the first people, among those this user may see, whose name, phone or e-mail answers ``query``."""
    rows = ranked(Person.objects.visible_to(user), query, names={"name_key": 1.0}, **reach(user))
    return list(rows.order_by("-rank", "name_key", "pk")[:PEOPLE_SHOWN])
