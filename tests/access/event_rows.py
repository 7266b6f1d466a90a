"""One row of each thing of events in a territory, and the address of each."""

from datetime import date, timedelta

from coopconnexion.notices.services import new_link
from events.models import Attendance, EventSeries, Invitation, InvitationLink, NetworkLink, RegistrationLink
from tests.factories import EventFactory, NetworkActorFactory, RegistrationFactory, UserFactory


def event_rows(territory, person, at) -> dict:
    """Return the rows of the world of ``tests.access.world``, by name; ``person`` is registered."""
    rule = {"frequency": "weekly", "starts_on": date(2026, 1, 1), "ends_on": date(2040, 1, 1)}
    series = EventSeries.objects.create(title="Café", territory=territory, **rule)
    event = EventFactory(territory=territory, series=series)
    registration = RegistrationFactory(event=event, person=person)
    Attendance.objects.create(
        event=event, registration=registration, session=event.sessions.get(), outcome="attended", noted_at=at
    )
    actor = NetworkActorFactory(territory=territory)
    link = NetworkLink.objects.create(actor=actor, event=event, role="speaker", happened_on=at.date())
    until = {"invited_at": at, "expires_at": at + timedelta(days=14)}
    advisor = UserFactory(advisor=True, territory=territory)
    invitation = Invitation.objects.create(
        event=event, email="guest@example.org", role="observer", invited_by=advisor, **until
    )
    guest = new_link(InvitationLink, at=at, expires_at=at + timedelta(days=14), invitation=invitation)
    token = new_link(RegistrationLink, at=at, expires_at=at + timedelta(days=40), registration=registration)
    return {"event": event, "registration": registration, "registration_token": token, "actor": actor, "link": link} | {
        "guest_token": guest,
        "guest": invitation,
    }


def event_rules(world) -> dict:
    """Return the arguments of the addresses of events, by the beginning of their name."""
    session = world.event.sessions.get().pk
    person = {"pk": world.event.pk, "registration_pk": world.registration.pk}
    return {
        "events:invitation": {"token": world.guest_token},
        "events_staff:invitation_revoke": {"pk": world.guest.pk},
        "events_staff:invite": {"kind": "evenement", "pk": world.event.pk},
        "network_staff:link_remove": {"pk": world.link.pk},
        "network_staff:link_add": {"kind": "evenement", "pk": world.event.pk},
        "network_staff:": {"pk": world.actor.pk},
        "events_staff:presence_by_code": {"code": world.registration.code},
        "events_staff:presence_note": {"pk": session, "registration_pk": world.registration.pk},
        "events_staff:presence": {"pk": session},
        "events_staff:certificates": {"pk": world.event.pk},
        "events_staff:certificate": person,
        "events_staff:sign_in_session": {"pk": world.event.pk, "session_pk": session},
        "events:agenda_month": {"year": 2026, "month": 11},
        "events:registration": {"token": world.registration_token},
        "events:my_registration": {"pk": world.registration.pk},
        "events_staff:session_add": {"pk": world.event.pk},
        "events_staff:session_": {"pk": world.event.pk, "session_pk": session},
        "events_staff:registration_withdraw": {"pk": world.registration.pk},
        "events_staff:": {"pk": world.event.pk},
        "events:": {"pk": world.event.pk},
    }
