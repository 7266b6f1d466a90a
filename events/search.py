"""What events and the network add to the search of the back office."""

from django.urls import reverse

from coopconnexion.accounts.models import User
from coopconnexion.accounts.search import Found, ranked, register
from coopconnexion.db import NameKey
from coopconnexion.french import moment_words
from events.models import Event


@register(position=40, kind="évènement")
def events(user: User, query: str, limit: int) -> list[Found]:
    rows = Event.objects.visible_to(user).select_related("venue").alias(title_key=NameKey("title"))
    rows = ranked(rows, query, names={"title_key": 0.9})
    return [
        Found(
            kind="évènement",
            label=event.title,
            detail=f"{moment_words(event.starts_at)} · {event.venue}",
            url=reverse("events_staff:event", args=[event.pk]),
            rank=event.rank,
        )
        for event in rows.order_by("-rank", "-starts_at", "-pk")[:limit]
    ]
