"""What visitors ask for: people recognised, floods held, nobody told who else is registered."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from coopconnexion.accounts.models import Person
from coopconnexion.notices.models import Message
from events import services
from events.enums import Audience, WithdrawnBy
from events.models import NewsletterConsent, Registration
from events.services import Attendee
from tests.factories import EventFactory, MemberFactory, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return timezone.now()


ZOE = Attendee("Zoé", "Lefebvre", "zoe@example.org")


def ask(event, *, at, attendee=ZOE, token=None, **kwargs):
    return services.request_registration(event=event, attendee=attendee, form_token=token or uuid4(), at=at, **kwargs)


def kinds():
    return list(Message.objects.order_by("pk").values_list("kind", flat=True))


def test_a_visitor_gets_a_place_without_an_account(at):
    answer = ask(EventFactory(), at=at, attendee=Attendee("Zoé", "Lefebvre", "ZOE@example.org", "", "Le Potager"))
    assert (answer.registration.is_seated, answer.registration.organisation_name) == (True, "Le Potager")
    assert (str(answer.registration.person), answer.registration.person.email) == ("Zoé Lefebvre", "zoe@example.org")


def test_a_known_person_is_recognised(at):
    person = PersonFactory(first_name="Zoé", last_name="Lefebvre", email="zoe@example.org")
    assert ask(EventFactory(), at=at).registration.person == person


def test_a_double_click_registers_once_and_gives_the_same_answer(at):
    event, token = EventFactory(), uuid4()
    first, second = (ask(event, at=at, token=token) for _ in range(2))
    assert (first, kinds()) == (second, ["registration-confirmation"])


def test_who_is_registered_gets_their_link_by_mail_and_the_page_says_nothing(at):
    event = EventFactory()
    ask(event, at=at)
    assert ask(event, at=at).neutral
    assert kinds() == ["registration-confirmation", "registration-existing"]
    assert ask(event, at=at).neutral
    assert len(kinds()) == 2


def test_one_form_sent_for_two_people_registers_both(at):
    event, token = EventFactory(), uuid4()
    ask(event, at=at, token=token)
    other = ask(event, at=at, token=token, attendee=Attendee("Max", "Lefebvre", "zoe@example.org"))
    assert other.registration.person.first_name == "Max"
    assert Registration.objects.count() == 2


def test_an_old_form_of_who_withdrew_registers_nobody(at):
    event, token = EventFactory(), uuid4()
    registration = ask(event, at=at, token=token).registration
    services.withdraw_registration(registration=registration, by=WithdrawnBy.PARTICIPANT, at=at)
    assert ask(event, at=at, token=token).neutral
    assert not Registration.objects.standing().exists()


def test_the_sixth_request_of_a_day_waits_for_its_confirmation(at):
    answers = [ask(EventFactory(), at=at) for _ in range(6)]
    assert [answer.neutral for answer in answers] == [False] * 5 + [True]
    assert kinds()[-1] == "registration-hold"


def test_a_suspicious_visit_takes_no_place(at):
    event = EventFactory(capacity=1)
    assert ask(event, at=at, suspicious=True).neutral
    assert services.free_places(event) == 1


def test_an_address_is_not_flooded(at):
    for _ in range(8):
        ask(EventFactory(), at=at)
    with pytest.raises(ValidationError) as refusal:
        ask(EventFactory(), at=at)
    assert (refusal.value.code, len(kinds())) == ("too_many_messages", 8)
    assert ask(EventFactory(), at=at + timedelta(days=1, minutes=1)).registration is not None


def test_an_event_by_invitation_takes_no_visitor(at):
    with pytest.raises(ValidationError) as refusal:
        ask(EventFactory(audience=Audience.INVITATION), at=at)
    assert (refusal.value.code, Person.objects.exists()) == ("by_invitation", False)


def test_an_event_for_members_answers_the_same_to_all(at):
    event = EventFactory(audience=Audience.MEMBERS)
    MemberFactory(person__first_name="Zoé", person__last_name="Lefebvre", person__email="zoe@example.org")
    stranger = Attendee("Max", "Martin", "max@example.org")
    answers = [ask(event, at=at), ask(event, at=at, attendee=stranger)]
    assert answers[0] == answers[1]
    assert kinds() == ["registration-confirmation", "registration-members"]
    assert Registration.objects.get().person.first_name == "Zoé"


def test_the_newsletter_is_agreed_to_with_its_proof_once(at):
    wants = Attendee("Zoé", "Lefebvre", "zoe@example.org", wants_newsletter=True)
    for _ in range(2):
        ask(EventFactory(title="Fixer ses prix"), at=at, attendee=wants)
    consent = NewsletterConsent.objects.get()
    assert (consent.given_at, "Fixer ses prix" in consent.given_through) == (at, True)
    services.end_newsletter(person=consent.person, at=at + timedelta(days=1))
    assert not NewsletterConsent.objects.in_force().exists()


def test_nobody_agrees_to_the_newsletter_by_silence(at):
    ask(EventFactory(), at=at)
    assert not NewsletterConsent.objects.exists()


def test_the_links_are_sent_again_once_an_hour(at):
    ask(EventFactory(), at=at)
    for minutes in (0, 1):
        services.send_links(email="zoe@example.org", at=at.replace(minute=0) + timedelta(minutes=minutes))
    services.send_links(email="nobody@example.org", at=at)
    assert kinds() == ["registration-confirmation", "registration-link"]


NAMES = ["Zoé\r\nBcc: a@b.fr", "=HYPERLINK(1)", "<script>alert(1)</script>", "Z" * 100]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_breaks_a_message(name, at):
    ask(EventFactory(title="Titre\nsur deux lignes"), at=at, attendee=Attendee(name, "Martin", "zoe@example.org"))
    message = Message.objects.get()
    assert "\n" not in message.subject + message.to_name
    assert "<script>" not in message.html
