"""What the tests of indicators tell of events."""

from events.models import Attendance, NetworkLink
from tests.factories import EventFactory, NetworkActorFactory, RegistrationFactory


def story_of_events(project, at):
    """An event to which somebody came, and an actor of the network who helped the project."""
    event = EventFactory(territory=project.territory, starts_at=at)
    registration = RegistrationFactory(event=event)
    Attendance.objects.create(
        event=event, registration=registration, session=event.sessions.get(), outcome="attended", noted_at=at
    )
    actor = NetworkActorFactory(territory=project.territory)
    NetworkLink.objects.create(actor=actor, project=project, role="adviser", happened_on=at.date())
