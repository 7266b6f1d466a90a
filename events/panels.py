"""What events and the network show in « mon espace », and on the pages of people, projects and events."""

from django.utils import timezone

from coopconnexion import panels
from coopconnexion.accounts.permissions import can_work
from coopconnexion.panels import Panel, listed
from events.documents.network import proposals_for
from events.models import NetworkActor, Registration


@panels.register("my_space", panels.signed_in, position=25)
def my_registrations(request, subject) -> Panel | None:
    """The registrations to come of the addresses that the user has verified: one query."""
    rows = Registration.objects.of_addresses_of(request.user).standing()
    rows = rows.filter(event__ends_at__gt=timezone.now(), event__cancelled_at=None)
    found = listed(rows.select_related("event__venue__commune", "person").order_by("event__starts_at", "pk"))
    return Panel("events/manage/panels/my_registrations.html", found) if found["rows"] else None


@panels.register("event", panels.staff, position=10)
def links_of_event(request, subject) -> Panel:
    """Who hosts, speaks, helped: one query."""
    links = subject.network_links.select_related("actor__organisation", "actor__person").order_by("noted_at", "pk")
    works = can_work(request.user, subject.territory_id)
    context = {"links": links, "kind": "evenement", "row": subject, "can_work": works}
    return Panel("network/panels/links.html", context)


@panels.register("project", panels.staff, position=70)
def links_of_project(request, subject) -> Panel:
    """Who helped the project, and who could: three queries."""
    links = subject.network_links.select_related("actor__organisation", "actor__person")
    links = list(links.order_by("noted_at", "pk"))
    actors = NetworkActor.objects.visible_to(request.user).active().prefetch_related("themes")
    actors = actors.select_related("organisation", "person", "commune", "territory")
    proposals = proposals_for(subject, actors, known={link.actor_id for link in links})
    works = can_work(request.user, subject.territory_id)
    context = {"links": links, "proposals": proposals, "kind": "projet", "row": subject, "can_work": works}
    return Panel("network/panels/links.html", context)


@panels.register("person", panels.staff, position=50)
def events_of_person(request, subject) -> Panel | None:
    """The events for which the person registered, the latest first: one query."""
    rows = Registration.objects.visible_to(request.user).filter(person=subject).select_related("event")
    found = listed(rows.order_by("-event__starts_at", "-pk"))
    return Panel("events/office/panels/registrations.html", found) if found["rows"] else None


def _invitations(request, subject, kind: str) -> Panel | None:
    works = can_work(request.user, subject.territory_id)
    found = list(subject.invitations.order_by("-invited_at", "-pk")[:50])
    context = {"invitations": found, "kind": kind, "row": subject, "can_work": works, "at": timezone.now()}
    return Panel("events/invitations/panels/invitations.html", context) if found or works else None


@panels.register("event", panels.staff, position=20)
def invitations_to_event(request, subject) -> Panel | None:
    """Who was invited, and what they answered: one query."""
    return _invitations(request, subject, "evenement")


@panels.register("project", panels.staff, position=71)
def invitations_to_project(request, subject) -> Panel | None:
    return _invitations(request, subject, "projet")
