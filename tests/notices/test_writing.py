import time
from datetime import UTC, datetime, timedelta

import pytest
from celery import Celery
from django.core.exceptions import ValidationError

from coopconnexion import jobs
from coopconnexion.notices import services
from coopconnexion.notices.models import Message
from permanences.models import BookingLink
from tests.factories import BookingFactory, MessageFactory, PersonFactory

pytestmark = pytest.mark.django_db
AT = datetime(2027, 5, 3, 8, 0, tzinfo=UTC)


@pytest.fixture
def sent_tasks(monkeypatch):
    """The tasks handed to the broker."""
    tasks = []
    monkeypatch.setattr(jobs, "_send", lambda name, kwargs: tasks.append((name, kwargs)))
    return tasks


def write(template, **values) -> Message:
    defaults = {
        "key": "booking:1:confirmation",
        "kind": "confirmation",
        "to_email": "Zoe@Example.org ",
        "to_name": "Zoé Müller",
        "person": None,
        "template": template,
        "context": {"name": "Zoé & <Co>", "token": "abcdef", "soon": True},
        "at": AT,
    }
    return services.write_message(**(defaults | values))


def test_a_message_is_rendered_once_and_for_all(probe, settings):
    message = write(probe, secrets=["abcdef", ""])
    assert message.subject == "Rendez-vous de Zoé & <Co> très bientôt"
    assert message.text == (f"Bonjour Zoé & <Co>, voyez {settings.SITE_URL}/r/abcdef\n-- {settings.COOP_PHONE}\n")
    assert message.html == f"<p>Bonjour Zoé &amp; &lt;Co&gt;, <a href='{settings.SITE_URL}/r/abcdef'>voyez</a></p>"
    assert (message.to_email, message.secrets, message.created_at, message.due_at) == (
        "zoe@example.org",
        ["abcdef"],
        AT,
        AT,
    )
    assert message.message_id.endswith(f"@{settings.MAIL_DOMAIN}>")


def test_a_key_writes_one_message(probe, sent_tasks, django_capture_on_commit_callbacks):
    file = services.File(filename="invite.ics", content_type="text/calendar; method=REQUEST", content=b"BEGIN")
    with django_capture_on_commit_callbacks(execute=True):
        first = write(probe, attachments=[file])
        again = write(probe, attachments=[file], context={"name": "X", "token": "y"})
    assert (again.pk, again.text) == (first.pk, first.text)
    assert list(first.attachments.values_list("filename", "content_type")) == [
        ("invite.ics", "text/calendar; method=REQUEST")
    ]
    assert sent_tasks == [("notices.send_message", {"message_id": first.pk})]


def test_a_message_for_later_is_left_to_the_sweeper(probe, sent_tasks, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        write(probe, due_at=AT + timedelta(hours=1))
    assert sent_tasks == []


@pytest.mark.parametrize("email", ["", "  "])
def test_nobody_to_write_to_is_refused(probe, email):
    with pytest.raises(ValidationError) as refusal:
        write(probe, to_email=email)
    assert (refusal.value.code, Message.objects.count()) == ("no_address", 0)


def test_no_header_can_be_smuggled_in(probe):
    context = {"name": "Zoé\r\nBcc: victime@example.org", "token": "x"}
    message = write(probe, to_name="Zoé\r\nBcc: victime@example.org", context=context)
    assert message.subject == "Rendez-vous de Zoé Bcc: victime@example.org"
    assert message.to_name == "Zoé Bcc: victime@example.org"


def test_words_too_long_for_a_header_are_cut(probe):
    message = write(probe, to_name="é" * 300, context={"name": "é" * 300, "token": "x"})
    assert (len(message.subject), len(message.to_name)) == (200, 200)


def test_an_address_is_not_flooded():
    MessageFactory.create_batch(7, kind="hold", created_at=AT - timedelta(hours=23))
    MessageFactory.create_batch(5, kind="hold", created_at=AT - timedelta(hours=25))
    MessageFactory.create_batch(5, kind="hold", to_email="autre@example.org", created_at=AT)
    MessageFactory.create_batch(5, kind="reminder", created_at=AT)
    assert services.may_write_to(email="Camille@example.org", kinds=["hold", "link"], at=AT)
    MessageFactory(kind="link", created_at=AT)
    assert not services.may_write_to(email="camille@example.org", kinds=["hold", "link"], at=AT)


def test_a_link_opens_its_one_thing_until_it_expires():
    booking = BookingFactory()
    BookingFactory()
    until = AT + timedelta(days=1)
    token = services.new_link(BookingLink, at=AT, expires_at=until, booking=booking)
    other = services.new_link(BookingLink, at=AT, expires_at=None, booking=booking)
    assert token != other
    assert len(token) >= 22
    assert token.isalnum()
    link = BookingLink.objects.opened_by(token, AT).get()
    assert link.booking == booking
    assert token not in link.token_hash
    assert not BookingLink.objects.opened_by(token, until).exists()
    assert not BookingLink.objects.opened_by(token + "x", AT).exists()
    assert BookingLink.objects.opened_by(other, until).exists()
    BookingLink.objects.filter(pk=link.pk).update(revoked_at=AT)
    assert not BookingLink.objects.opened_by(token, AT).exists()


def test_a_refused_message_is_sent_again_to_the_present_address():
    person = PersonFactory(email="nouvelle@example.org")
    refused = MessageFactory(
        person=person, to_email="inconnu@example.org", failed_at=AT, text="Voyez abcdef", secrets=["abcdef"]
    )
    refused.attachments.create(filename="a.txt", content_type="text/plain", content=b"abc")
    retry = services.resend_message(message=refused, at=AT)
    assert services.resend_message(message=refused, at=AT) == retry
    refused.refresh_from_db()
    assert (retry.to_email, retry.text, retry.secrets, retry.state) == (
        "nouvelle@example.org",
        refused.text,
        refused.secrets,
        "en attente",
    )
    assert bytes(retry.attachments.get().content) == b"abc"
    assert retry.message_id != refused.message_id
    assert (refused.seen_at, refused.state) == (AT, "refusé")


@pytest.mark.parametrize(
    "values", [{}, {"sent_at": AT}, {"failed_at": AT, "kind": "account_login_code"}], ids=["pending", "sent", "secret"]
)
def test_only_a_refused_message_is_sent_again(values):
    with pytest.raises(ValidationError) as refusal:
        services.resend_message(message=MessageFactory(**values), at=AT)
    assert (refusal.value.code, Message.objects.count()) == ("not_failed", 1)


def test_a_failure_is_seen_once():
    refused, pending = MessageFactory(failed_at=AT), MessageFactory()
    for message in (refused, pending):
        services.mark_failure_seen(message=message, at=AT)
        services.mark_failure_seen(message=message, at=AT + timedelta(days=1))
    assert list(Message.objects.order_by("pk").values_list("seen_at", flat=True)) == [AT, None]


def test_a_broker_that_is_down_loses_nothing_and_holds_nobody_up(
    probe, settings, monkeypatch, django_capture_on_commit_callbacks
):
    broken = Celery(broker="redis://127.0.0.1:1/0", set_as_current=False)
    broken.conf.update(task_publish_retry=False, broker_transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS)
    monkeypatch.setattr(jobs, "current_app", broken)
    asked_at = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        message = write(probe)
    assert time.monotonic() - asked_at < 2
    later = AT + timedelta(minutes=2)
    assert list(Message.objects.due(later)) == [message]
