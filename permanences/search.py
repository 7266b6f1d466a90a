"""What permanences add to the search of the back office, and who may be found when somebody calls."""

from django.db.models import Q
from django.urls import reverse

from coopconnexion.accounts.models import Person, User
from coopconnexion.accounts.search import Found, named, phoned, ranked, reach, register
from coopconnexion.french import moment_words
from permanences.models import Booking

CALLERS_SHOWN = 10


def people_matching(user: User, query: str) -> list[Person]:
    """The people this user may see whose name, phone or e-mail answers ``query``."""
    if not query:
        return []
    reached = (Q(email__icontains=query) | phoned(query)) & reach(user).get("among", Q())
    matches = reached | named(query)
    return list(Person.objects.visible_to(user).filter(matches).order_by("name_key", "pk")[:CALLERS_SHOWN])


@register(position=30, kind="rendez-vous", plural="rendez-vous")
def bookings(user: User, query: str, limit: int) -> list[Found]:
    rows = Booking.objects.visible_to(user).standing().select_related("person", "slot", "project")
    rows = ranked(rows, query, names={"person__name_key": 0.9}, **reach(user, "person"))
    return [
        Found(
            kind="rendez-vous",
            label=str(booking.person),
            detail=f"{moment_words(booking.slot.starts_at)} · {booking.project.title}",
            url=f"{reverse('permanences_staff:permanence', args=[booking.permanence_id])}#rdv-{booking.pk}",
            rank=booking.rank,
        )
        for booking in rows.order_by("-rank", "-slot__starts_at", "-pk")[:limit]
    ]
