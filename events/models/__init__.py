from events.models.events import (
    Event,
    EventQuerySet,
    EventSeries,
    EventSession,
    EventSessionQuerySet,
    EventTheme,
    default_reminders,
)
from events.models.invitations import Invitation, InvitationLink, InvitationQuerySet
from events.models.network import (
    ActorTheme,
    NetworkActor,
    NetworkActorQuerySet,
    NetworkExchange,
    NetworkLink,
    NetworkLinkQuerySet,
)
from events.models.newsletter import NewsletterConsent, NewsletterConsentQuerySet
from events.models.registrations import (
    Attendance,
    AttendanceQuerySet,
    Registration,
    RegistrationLink,
    RegistrationQuerySet,
    RegistrationReminder,
)

__all__ = [
    "ActorTheme",
    "Attendance",
    "AttendanceQuerySet",
    "Event",
    "EventQuerySet",
    "EventSeries",
    "EventSession",
    "EventSessionQuerySet",
    "EventTheme",
    "Invitation",
    "InvitationLink",
    "InvitationQuerySet",
    "NetworkActor",
    "NetworkActorQuerySet",
    "NetworkExchange",
    "NetworkLink",
    "NetworkLinkQuerySet",
    "NewsletterConsent",
    "NewsletterConsentQuerySet",
    "Registration",
    "RegistrationLink",
    "RegistrationQuerySet",
    "RegistrationReminder",
    "default_reminders",
]
