"""What the public reads of events: the places left in words, the sessions, the structured data of search engines."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from coopconnexion.calendars import Entry
from coopconnexion.french import count_words, moment_words
from coopconnexion.notices.services import absolute_url
from events.enums import Audience, LinkRole
from events.models import Event, EventSession, NetworkLink, Registration
from premises.models import Venue

SPOKEN = (LinkRole.HOST, LinkRole.SPEAKER, LinkRole.PARTNER)
FEW = 5
"""Places: from here down, the number is said louder."""


@dataclass(frozen=True)
class Places:
    """Whether people may register, in words; ``tone`` of its badge."""

    label: str
    tone: str
    is_open: bool = False
    is_full: bool = False


def with_places(events: QuerySet[Event]) -> QuerySet[Event]:
    """Annotate the places ``taken`` and the ``session_count`` of those that are held: what the public reads."""
    taken = Registration.objects.counted().filter(event=OuterRef("pk")).order_by().values("event")
    held = EventSession.objects.filter(event=OuterRef("pk"), cancelled_at=None).order_by().values("event")
    return events.annotate(taken=_counted(taken), session_count=_counted(held))


def with_counts(events: QuerySet[Event]) -> QuerySet[Event]:
    """Annotate, for the office, the ``waiting_count`` too."""
    waiting = Registration.objects.waiting().filter(event=OuterRef("pk")).order_by().values("event")
    return with_places(events).annotate(waiting_count=_counted(waiting))


def _counted(rows: QuerySet) -> Coalesce:
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


def places_of(event: Event, *, at: datetime) -> Places:
    """Say what is left of an event with its ``taken`` places."""
    if event.cancelled_at:
        return Places("Annulé", "danger")
    if event.ends_at <= at:
        return Places("Passé", "neutral")
    if event.registration_opens_at and at < event.registration_opens_at:
        return Places(f"Inscriptions {moment_words(event.registration_opens_at)}", "neutral")
    if not event.is_open_for_registration(at):
        return Places("Inscriptions closes", "neutral")
    if event.capacity is None:
        return Places("Sur inscription", "success", is_open=True)
    left = max(0, event.capacity - event.taken)
    if left == 0:
        return Places("Complet · liste d’attente", "warning", is_open=True, is_full=True)
    words = count_words(left, "place restante", "places restantes")
    return Places(words, "warning" if left <= FEW else "success", is_open=True)


def speakers_of(event: Event) -> QuerySet[NetworkLink]:
    """Who hosts, speaks or helps, in the order in which it was noted: one query."""
    links = event.network_links.filter(role__in=SPOKEN).select_related("actor__organisation", "actor__person")
    return links.order_by("noted_at", "pk")


def held_sessions(event: Event) -> list[EventSession]:
    """The sessions with their places, cancelled ones included, in order: one query."""
    return list(event.sessions.select_related("venue__commune").in_order())


STATUSES = {True: "https://schema.org/EventCancelled", False: "https://schema.org/EventScheduled"}


def structured_data(event: Event, sessions: list[EventSession], places: Places) -> dict:
    """Return the event as schema.org/Event: one ``subEvent`` per session when there are several."""
    data = {"@context": "https://schema.org", **_as_event(event, event.starts_at, event.ends_at, event.venue)}
    data["eventStatus"] = STATUSES[event.cancelled_at is not None]
    data["url"] = absolute_url(reverse("events:event", args=[event.pk]))
    data["organizer"] = {"@type": "Organization", "name": "CoopConnexion", "url": settings.SITE_URL}
    if event.description:
        data["description"] = event.description
    if places.is_open:
        data["offers"] = {
            "@type": "Offer",
            "price": 0,
            "priceCurrency": "EUR",
            "availability": f"https://schema.org/{'SoldOut' if places.is_full else 'InStock'}",
            "url": absolute_url(reverse("events:register", args=[event.pk])),
        }
    held = [session for session in sessions if session.cancelled_at is None]
    if len(held) > 1:
        data["subEvent"] = [
            _as_event(event, each.starts_at, each.ends_at, each.venue or event.venue, title=each.title) for each in held
        ]
    return data


def _as_event(event: Event, starts_at: datetime, ends_at: datetime, venue: Venue, *, title: str = "") -> dict:
    return {
        "@type": "Event",
        "name": title or event.title,
        "startDate": timezone.localtime(starts_at).isoformat(),
        "endDate": timezone.localtime(ends_at).isoformat(),
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "location": {
            "@type": "Place",
            "name": venue.name,
            "address": {
                "@type": "PostalAddress",
                "streetAddress": venue.street,
                "postalCode": venue.postal_code,
                "addressLocality": venue.commune.name,
                "addressCountry": "FR",
            },
        },
    }


def entry_of(event: Event, session: EventSession) -> Entry:
    """A session as calendars know it, the same in every feed; without a page where the public has none."""
    venue, at = session.venue or event.venue, getattr(session, "stamp", None) or event.published_at or event.starts_at
    is_public = event.published_at is not None and event.audience != Audience.INVITATION
    return Entry(
        uid=f"{session.uid}@{settings.MAIL_DOMAIN}",
        sequence=session.sequence,
        stamp=at,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        summary=f"{event.title} – {session.title}" if session.title else event.title,
        location=f"{venue.name}, {venue.postal_address}",
        description=session.cancel_reason or event.cancel_reason or event.description,
        url=absolute_url(reverse("events:event", args=[event.pk])) if is_public else "",
        cancelled=session.cancelled_at is not None or event.cancelled_at is not None,
    )
