from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from coopconnexion.db import constraint_errors
from coopconnexion.notices.models import Message
from tests.factories import BookingFactory, MessageFactory, PersonFactory, TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db
AT = datetime(2027, 5, 3, 8, 0, tzinfo=UTC)


def test_a_message_ends_once():
    with pytest.raises(ValidationError) as refusal, constraint_errors(Message):
        MessageFactory(sent_at=AT, failed_at=AT)
    assert refusal.value.code == "message_ended"


def test_staff_see_the_messages_of_the_people_of_their_territories():
    booking = BookingFactory()
    territory = booking.permanence.territory
    theirs = MessageFactory(person=booking.person)
    nobody_s = MessageFactory()
    elsewhere = MessageFactory(person=BookingFactory().person)
    MessageFactory(person=booking.person, kind="account_login_code")
    lonely = MessageFactory(person=PersonFactory())

    def seen_by(**role):
        return set(Message.objects.visible_to(UserFactory(**role)))

    assert seen_by(manager=True) == {theirs, nobody_s, elsewhere, lonely}
    assert seen_by(advisor=True, territory=territory) == {theirs, nobody_s}
    assert seen_by(reader=True, territory=TerritoryFactory()) == {nobody_s}
    assert seen_by(official=True, territory=territory) == set()
    assert seen_by() == set()
