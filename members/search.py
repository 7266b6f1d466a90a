from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse

from coopconnexion.accounts.models import Person, User
from coopconnexion.accounts.search import Found, answers, arms, asked, ranked, reach, register
from coopconnexion.db import NameKey
from members.models import Business, Member

LETTER = "M"
PEOPLE_SHOWN = 10
NAMES = {"person__name_key": 0.95}


@register(position=15, kind="membre")
def members(user: User, query: str, limit: int) -> list[Found]:
    rows = Member.objects.visible_to(user).select_related("person", "territory")
    rows = ranked(rows, query, names=NAMES, reference=LETTER, **reach(user, "person"))
    return [
        Found(
            kind="membre",
            label=str(member.person),
            detail=f"M{member.pk} · {member.territory}",
            url=reverse("members_staff:member", args=[member.pk]),
            rank=member.rank,
        )
        for member in rows.order_by("-rank", "person__name_key", "pk")[:limit]
    ]


@register(position=25, kind="entreprise")
def businesses(user: User, query: str, limit: int) -> list[Found]:
    rows = Business.objects.visible_to(user).alias(folded_name=NameKey("name"), folded_activity=NameKey("activity"))
    carriers = Member.objects.visible_to(user).filter(businesses=OuterRef("pk")).order_by("pk")
    rows = rows.select_related("commune").annotate(carrier=Subquery(carriers.values("pk")[:1]))
    rows = ranked(rows, query, names={"folded_name": 1.0, "folded_activity": 0.7})
    return [
        Found(
            kind="entreprise",
            label=business.name,
            detail=" · ".join(filter(None, [business.activity, str(business.commune or "")])),
            url=page_of(business),
            rank=business.rank,
        )
        for business in rows.order_by("-rank", "folded_name", "pk")[:limit]
    ]


def page_of(business: Business) -> str:
    """Return the page of the first member who carries it, where it is worked on; its own in the admin without any."""
    if business.carrier:
        return f"{reverse('members_staff:member', args=[business.carrier])}#entreprises"
    return reverse("admin:members_business_change", args=[business.pk])


def answering(rows: QuerySet[Member], query: str, *, user: User) -> QuerySet[Member]:
    """Return those of ``rows`` that answer ``query`` as the search would, all of them, in their own order."""
    paths = {"email": "", "phone": ""} | reach(user, "person")
    ways = arms(asked(query), names=NAMES, reference=LETTER, **paths)
    return rows.filter(pk__in=answers(Member.objects.all(), ways)) if ways else rows.none()


def people_answering(user: User, query: str) -> list[Person]:
    """Return the first people, among those this user may see, whose name, phone or e-mail answers ``query``."""
    rows = ranked(Person.objects.visible_to(user), query, names={"name_key": 1.0}, **reach(user))
    return list(rows.order_by("-rank", "name_key", "pk")[:PEOPLE_SHOWN])
