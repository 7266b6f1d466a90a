from datetime import UTC, datetime, timedelta

import pytest

from coopconnexion.accounts import personal_data
from coopconnexion.notices import services
from coopconnexion.notices.models import Attachment, Message
from tests.factories import MessageFactory, PersonFactory

pytestmark = pytest.mark.django_db
AT = datetime(2027, 5, 3, 8, 0, tzinfo=UTC)


def test_a_person_gets_their_messages_without_the_secrets():
    person = PersonFactory()
    MessageFactory(person=person, text="Votre lien : abcdef", secrets=["abcdef"], created_at=AT, sent_at=AT)
    MessageFactory(person=PersonFactory())
    assert personal_data.export_rows(person)["messages"] == [
        {
            "objet": "Objet",
            "destinataire": "camille@example.org",
            "texte": "Votre lien : •••",
            "écrit le": "2027-05-03T10:00:00+02:00",
            "envoyé le": "2027-05-03T10:00:00+02:00",
        }
    ]


def test_erasing_a_person_empties_their_messages_and_holds_back_what_has_not_left():
    person = PersonFactory()
    sent = MessageFactory(person=person, to_name="Camille", html="<p>Bonjour</p>", sent_at=AT)
    sent.attachments.create(filename="invite.ics", content_type="text/calendar", content=b"Camille")
    pending = MessageFactory(person=person)
    other = MessageFactory(person=PersonFactory())
    personal_data.erase_rows(person, AT)
    rows = Message.objects.filter(person=person).values_list("to_email", "to_name", "subject", "text", "html")
    assert set(rows) == {("", "", "Message effacé", "", "")}
    assert Attachment.objects.count() == 0
    pending.refresh_from_db()
    assert pending.expired_at == AT
    other.refresh_from_db()
    assert (other.text, other.expired_at) == ("Bonjour", None)


def test_the_trace_of_sign_in_mails_goes_after_a_week():
    MessageFactory(kind="account_login_code", created_at=AT - timedelta(days=7, seconds=1), sent_at=AT)
    kept = [MessageFactory(kind="account_login_code", created_at=AT - timedelta(days=7)), MessageFactory(created_at=AT)]
    kept.append(MessageFactory(created_at=AT - timedelta(days=400)))
    services.forget_secret_messages(at=AT)
    assert list(Message.objects.order_by("pk")) == kept
