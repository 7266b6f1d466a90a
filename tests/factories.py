"""One factory per model: the bare minimum that the database accepts, and traits for what a test is about."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import factory
from django.core.files.base import ContentFile
from django.utils import timezone
from factory.django import DjangoModelFactory

from coopconnexion.accounts.enums import OrganisationKind, Role
from coopconnexion.accounts.models import Mandate, Organisation, Person, PersonLink, User
from coopconnexion.notices.models import Message
from coopconnexion.partnerships.models import Partnership
from coopconnexion.territories.models import Commune, Territory, Theme
from events.enums import ActorRole, EventKind
from events.enums import Channel as RegistrationChannel
from events.models import Event, EventSession, NetworkActor, Registration
from members.enums import IssuedKind
from members.models import (
    AdviceMeeting,
    Business,
    Contract,
    ContractKind,
    DocumentKind,
    IssuedDocument,
    MeetingParticipant,
    Member,
    ReceivedDocument,
)
from permanences.enums import CancelledBy, Channel, Outcome
from permanences.models import Booking, Permanence, Schedule, Slot, SlotOffer, WaitingListEntry
from premises.models import SurveyCampaign, Unit, Venue
from projects.enums import OPEN_STAGES, Source, Stage
from projects.models import Project


class CommuneFactory(DjangoModelFactory):
    class Meta:
        model = Commune
        django_get_or_create = ("insee_code",)

    insee_code = "62119"
    name = "Béthune"


class TerritoryFactory(DjangoModelFactory):
    class Meta:
        model = Territory

    name = factory.Sequence(lambda n: f"Territoire {n}")
    slug = factory.Sequence(lambda n: f"territoire-{n}")


class ThemeFactory(DjangoModelFactory):
    class Meta:
        model = Theme

    key = factory.Sequence(lambda n: f"theme-{n}")
    label = factory.Sequence(lambda n: f"Thème {n}")
    definition = "Une définition."


class PersonFactory(DjangoModelFactory):
    class Meta:
        model = Person

    first_name = "Camille"
    last_name = factory.Sequence(lambda n: f"Dupont{n}")
    email = factory.Sequence(lambda n: f"camille{n}@example.org")


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Organisation {n}")
    kind = OrganisationKind.OTHER


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        manager = factory.Trait(role=Role.MANAGER)
        advisor = factory.Trait(role=Role.ADVISOR)
        reader = factory.Trait(role=Role.READER)
        official = factory.Trait(role=Role.OFFICIAL)

    email = factory.Sequence(lambda n: f"compte{n}@example.org")
    password = "!"

    @classmethod
    def _create(cls, model_class, *args, role=None, territory=None, **kwargs):
        user = super()._create(model_class, *args, **kwargs)
        if role:
            MandateFactory(user=user, role=role, territory=territory)
        return user


class MandateFactory(DjangoModelFactory):
    class Meta:
        model = Mandate

    user = factory.SubFactory(UserFactory)
    role = Role.ADVISOR
    starts_on = date(2019, 12, 16)
    ends_on = factory.LazyAttribute(lambda mandate: date(2100, 1, 1) if mandate.role == Role.OFFICIAL else None)


class PersonLinkFactory(DjangoModelFactory):
    class Meta:
        model = PersonLink

    user = factory.SubFactory(UserFactory)
    person = factory.SubFactory(PersonFactory)
    confirmed_by = factory.SubFactory(UserFactory, manager=True)


class MessageFactory(DjangoModelFactory):
    class Meta:
        model = Message

    key = factory.Sequence(lambda n: f"test:{n}")
    kind = "test"
    to_email = "camille@example.org"
    subject = "Objet"
    text = "Bonjour"
    message_id = factory.Sequence(lambda n: f"<test-{n}@coopconnexion.example>")


class PartnershipFactory(DjangoModelFactory):
    class Meta:
        model = Partnership

    title = "Convention"
    territory = factory.SubFactory(TerritoryFactory)
    signed_on = starts_on = date(2019, 12, 16)


class MemberFactory(DjangoModelFactory):
    class Meta:
        model = Member

    person = factory.SubFactory(PersonFactory)
    territory = factory.SubFactory(TerritoryFactory)


class BusinessFactory(DjangoModelFactory):
    class Meta:
        model = Business

    name = factory.Sequence(lambda n: f"Entreprise {n}")
    activity = "Épicerie"


class ContractKindFactory(DjangoModelFactory):
    class Meta:
        model = ContractKind

    key = factory.Sequence(lambda n: f"contrat-{n}")
    label = "CAPE"


class ContractFactory(DjangoModelFactory):
    class Meta:
        model = Contract

    member = factory.SubFactory(MemberFactory)
    kind = factory.SubFactory(ContractKindFactory)
    starts_on = date(2024, 3, 1)
    ends_on = date(2025, 3, 1)


class DocumentKindFactory(DjangoModelFactory):
    class Meta:
        model = DocumentKind

    label = factory.Sequence(lambda n: f"Pièce {n}")


class ReceivedDocumentFactory(DjangoModelFactory):
    class Meta:
        model = ReceivedDocument

    class Params:
        with_file = factory.Trait(
            file=factory.LazyFunction(lambda: ContentFile(b"%PDF-1.7", name="x")),
            filename="carte.pdf",
            content_type="application/pdf",
        )

    member = factory.SubFactory(MemberFactory)
    kind = factory.SubFactory(DocumentKindFactory)
    received_on = date(2026, 1, 15)


class IssuedDocumentFactory(DjangoModelFactory):
    class Meta:
        model = IssuedDocument

    member = factory.SubFactory(MemberFactory)
    kind = IssuedKind.MEMBERSHIP
    content = b"%PDF-1.7"


class AdviceMeetingFactory(DjangoModelFactory):
    class Meta:
        model = AdviceMeeting

    held_at = datetime(2026, 1, 15, 9, tzinfo=UTC)


class MeetingParticipantFactory(DjangoModelFactory):
    class Meta:
        model = MeetingParticipant

    meeting = factory.SubFactory(AdviceMeetingFactory)
    member = factory.SubFactory(MemberFactory)


class ProjectFactory(DjangoModelFactory):
    class Meta:
        model = Project

    holder = factory.SubFactory(PersonFactory)
    territory = factory.SubFactory(TerritoryFactory)
    title = factory.Sequence(lambda n: f"Projet {n}")
    source = Source.PERMANENCE
    stage = Stage.FIRST_CONTACT
    next_step = factory.LazyAttribute(lambda project: "Faire le point" if project.stage in OPEN_STAGES else "")
    next_step_on = factory.LazyAttribute(lambda p: (p.next_step and timezone.localdate() + timedelta(days=7)) or None)


class VenueFactory(DjangoModelFactory):
    class Meta:
        model = Venue

    name = "La Fabrique"
    territory = factory.SubFactory(TerritoryFactory)
    street = "6 rue Sadi-Carnot"
    postal_code = "62400"
    commune = factory.SubFactory(CommuneFactory)


class UnitFactory(DjangoModelFactory):
    class Meta:
        model = Unit

    territory = factory.SubFactory(TerritoryFactory)
    number = factory.Sequence(lambda n: n + 1)
    street = "rue d’Arras"
    commune = factory.SubFactory(CommuneFactory)


class SurveyCampaignFactory(DjangoModelFactory):
    class Meta:
        model = SurveyCampaign

    territory = factory.SubFactory(TerritoryFactory)
    commune = factory.SubFactory(CommuneFactory)
    title = factory.Sequence(lambda n: f"Tour {n}")
    starts_on = factory.LazyFunction(timezone.localdate)


class EventFactory(DjangoModelFactory):
    class Meta:
        model = Event
        skip_postgeneration_save = True

    title = "Rencontre du réseau"
    kind = EventKind.NETWORK
    territory = factory.SubFactory(TerritoryFactory)
    venue = factory.SubFactory(VenueFactory, territory=factory.SelfAttribute("..territory"))
    starts_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=10))
    ends_at = factory.LazyAttribute(lambda event: event.starts_at + timedelta(hours=2))
    published_at = factory.LazyAttribute(lambda event: event.starts_at - timedelta(days=60))

    @factory.post_generation
    def sessions(self, create, extracted, **kwargs):
        """One, of the time of the event; ``sessions=False``: none."""
        if create and extracted is not False:
            EventSession.objects.create(event=self, starts_at=self.starts_at, ends_at=self.ends_at)


class RegistrationFactory(DjangoModelFactory):
    """Somebody with a place; ``waiting``: without one."""

    class Meta:
        model = Registration

    class Params:
        waiting = factory.Trait(served_at=None)

    event = factory.SubFactory(EventFactory)
    person = factory.SubFactory(PersonFactory)
    form_token = factory.LazyFunction(uuid4)
    channel = RegistrationChannel.WEB
    joined_at = factory.LazyAttribute(lambda row: min(timezone.now(), row.event.starts_at) - timedelta(days=5))
    served_at = factory.LazyAttribute(lambda row: row.joined_at)


class NetworkActorFactory(DjangoModelFactory):
    class Meta:
        model = NetworkActor

    organisation = factory.SubFactory(OrganisationFactory)
    role = ActorRole.SUPPORT


class ScheduleFactory(DjangoModelFactory):
    class Meta:
        model = Schedule

    name = "Permanence de Béthune"
    territory = factory.SubFactory(TerritoryFactory)
    venue = factory.SubFactory(VenueFactory, territory=factory.SelfAttribute("..territory"))
    opens_at = time(9)
    closes_at = time(12)
    starts_on = date(2020, 1, 1)


class PermanenceFactory(DjangoModelFactory):
    """Ten days from now, 9 h to 12 h, without slots: add a SlotFactory each."""

    class Meta:
        model = Permanence

    class Params:
        past = factory.Trait(held_on=factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=10)))

    territory = factory.SubFactory(TerritoryFactory)
    venue = factory.SubFactory(VenueFactory, territory=factory.SelfAttribute("..territory"))
    held_on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=10))
    opens_at = time(9)
    closes_at = time(12)


class SlotFactory(DjangoModelFactory):
    """Consecutive 45-minute slots of its permanence, from its opening."""

    class Meta:
        model = Slot

    permanence = factory.SubFactory(PermanenceFactory)

    @factory.lazy_attribute
    def starts_at(self):
        last = self.permanence.slots.filter(desk=self.desk).order_by("-ends_at").first() if self.permanence.pk else None
        opening = datetime.combine(self.permanence.held_on, self.permanence.opens_at)
        return last.ends_at if last else timezone.make_aware(opening)

    desk = 1
    ends_at = factory.LazyAttribute(lambda slot: slot.starts_at + timedelta(minutes=45))


class BookingFactory(DjangoModelFactory):
    class Meta:
        model = Booking

    class Params:
        confirmed = factory.Trait(confirmed_at=factory.LazyFunction(timezone.now))
        cancelled = factory.Trait(cancelled_at=factory.LazyFunction(timezone.now), cancelled_by=CancelledBy.CANDIDATE)
        released = factory.Trait(released_at=factory.LazyFunction(timezone.now))
        attended = factory.Trait(outcome=Outcome.ATTENDED, outcome_at=factory.LazyFunction(timezone.now))
        no_show = factory.Trait(outcome=Outcome.NO_SHOW, outcome_at=factory.LazyFunction(timezone.now))

    slot = factory.SubFactory(SlotFactory)
    permanence = factory.SelfAttribute("slot.permanence")
    person = factory.SubFactory(PersonFactory)
    project = factory.SubFactory(
        ProjectFactory,
        holder=factory.SelfAttribute("..person"),
        territory=factory.SelfAttribute("..slot.permanence.territory"),
    )
    uid = factory.LazyFunction(uuid4)
    form_token = factory.LazyFunction(uuid4)
    channel = Channel.WEB
    booked_at = factory.LazyFunction(timezone.now)


class WaitingListEntryFactory(DjangoModelFactory):
    class Meta:
        model = WaitingListEntry

    permanence = factory.SubFactory(PermanenceFactory)
    person = factory.SubFactory(PersonFactory)
    project = factory.SubFactory(
        ProjectFactory,
        holder=factory.SelfAttribute("..person"),
        territory=factory.SelfAttribute("..permanence.territory"),
    )
    form_token = factory.LazyFunction(uuid4)


class SlotOfferFactory(DjangoModelFactory):
    class Meta:
        model = SlotOffer

    entry = factory.SubFactory(WaitingListEntryFactory)
    slot = factory.SubFactory(SlotFactory, permanence=factory.SelfAttribute("..entry.permanence"))
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=12))
