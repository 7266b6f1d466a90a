from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.db import connection

from coopconnexion import calendars, jobs
from coopconnexion.notices import rules, services
from coopconnexion.notices.models import Message
from tests.factories import MessageFactory
from tests.notices.mailserver import dawdle, hang_up

AT = datetime(2027, 5, 3, 8, 0, tzinfo=UTC)
SECRET = "abcdefghijklmnopqrstuvwxyz"


def make_message(**values) -> Message:
    return MessageFactory(**({"created_at": AT, "due_at": AT, "text": "Bonjour", "html": "<p>Bonjour</p>"} | values))


def deliver(message, at=AT) -> Message:
    services.deliver_message(message_id=message.pk, at=at)
    return Message.objects.get(pk=message.pk)


def invitation() -> bytes:
    link = f"https://coop.example/r/{SECRET}/"
    return calendars.invitation(
        method="REQUEST",
        uid="u@coop.example",
        sequence=0,
        stamp=AT,
        starts_at=AT,
        ends_at=AT + timedelta(hours=1),
        summary="Rendez-vous",
        location="La Fabrique",
        description=f"Votre lien : {link} {link}",
        organizer=("Coop", "c@example.org"),
        attendee=("Zoé", "z@example.org"),
        url=f"https://coop.example/longue/{SECRET}/",
    )


@pytest.mark.django_db
def test_a_message_leaves_once(mailserver, settings):
    settings.REPLY_TO_EMAIL = "accueil@coopconnexion.example"
    message = make_message(to_name="Müller, Zoé", subject="Rendez-vous à 9 h ?")
    sent = deliver(message)
    deliver(message, AT + timedelta(hours=1))
    (received,) = mailserver.mails
    assert (sent.state, sent.sent_at, sent.attempts, sent.claimed_at) == ("envoyé", AT, 1, None)
    assert received["Message-ID"] == message.message_id
    assert received["Date"] == "Mon, 03 May 2027 08:00:00 +0000"
    assert received["Reply-To"] == "accueil@coopconnexion.example"
    assert received["Auto-Submitted"] == "auto-generated"
    assert mailserver.envelopes[0].rcpt_tos == ["camille@example.org"]
    assert [part.get_content_type() for part in received.walk()] == ["multipart/alternative", "text/plain", "text/html"]


@pytest.mark.django_db
def test_an_invitation_is_shown_by_some_programs_and_opened_by_others(mailserver):
    message = make_message()
    content = invitation()
    message.attachments.create(filename="invite.ics", content_type="text/calendar; method=REQUEST", content=content)
    deliver(message)
    (received,) = mailserver.mails
    assert [part.get_content_type() for part in received.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    shown, file = [part for part in received.walk() if part.get_content_type() in ("text/calendar", "application/ics")]
    assert (shown.get_param("method"), shown["Content-Transfer-Encoding"]) == ("REQUEST", "base64")
    assert file.get_filename() == "invite.ics"
    assert shown.get_payload(decode=True) == file.get_payload(decode=True) == content


@pytest.mark.django_db
def test_the_same_message_has_the_same_bytes_each_time(mailserver):
    message = make_message()
    message.attachments.create(
        filename="invite.ics", content_type="text/calendar; method=REQUEST", content=invitation()
    )
    deliver(message)
    Message.objects.update(sent_at=None)
    deliver(message, AT + timedelta(minutes=3))
    first, second = (envelope.original_content for envelope in mailserver.envelopes)
    assert first == second


@pytest.mark.django_db
def test_secrets_are_gone_once_sent(mailserver):
    message = make_message(text=f"/r/{SECRET}/", html=f"<a href='/r/{SECRET}/'>", secrets=[SECRET])
    message.attachments.create(
        filename="invite.ics", content_type="text/calendar; method=REQUEST", content=invitation()
    )
    sent = deliver(message)
    assert SECRET in mailserver.mails[0].get_payload()[0].get_payload()[0].get_payload(decode=True).decode()
    assert (sent.text, sent.html, sent.secrets) == ("/r/•••/", "<a href='/r/•••/'>", [])
    kept = bytes(sent.attachments.get().content).replace(b"\r\n ", b"").decode()
    assert SECRET not in kept
    assert kept.count("•••") == 3


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["camille@example.org", "inconnu@example.org"])
def test_nothing_stays_of_a_sign_in_code(mailserver, address):
    message = make_message(
        kind="account_login_code", to_email=address, text="ABCD", html="<b>ABCD</b>", secrets=["ABCD"]
    )
    ended = deliver(message)
    assert (ended.text, ended.html, ended.secrets, ended.shown_text) == ("", "", [], "")
    assert ended.state in ("envoyé", "refusé")


@pytest.mark.django_db
def test_a_refusal_for_good_is_kept_for_staff_and_not_tried_again(mailserver):
    message = make_message(to_email="inconnu@example.org", secrets=["x"])
    refused = deliver(message)
    deliver(message, AT + timedelta(days=1))
    assert (refused.state, refused.failed_at, refused.attempts) == ("refusé", AT, 1)
    assert "No such user" in refused.last_error
    assert Message.objects.get().attempts == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "trouble",
    ["450 4.2.0 greylisted", "421 closing", hang_up, dawdle],
    ids=lambda trouble: getattr(trouble, "__name__", trouble),
)
def test_a_passing_trouble_is_tried_again_later(mailserver, settings, trouble):
    settings.EMAIL_TIMEOUT = 1
    mailserver.answers = [trouble]
    message = make_message()
    waiting = deliver(message)
    assert (waiting.state, waiting.claimed_at, waiting.due_at) == ("en attente", None, AT + timedelta(minutes=1))
    assert waiting.last_error
    deliver(message, AT + timedelta(seconds=59))
    assert mailserver.envelopes == []
    sent = deliver(message, AT + timedelta(minutes=1))
    assert (sent.state, sent.attempts, sent.last_error) == ("envoyé", 2, "")
    assert mailserver.message_ids == [message.message_id]


@pytest.mark.django_db
def test_a_full_mailbox_is_tried_for_two_days_then_given_up(mailserver):
    message, at = make_message(to_email="pleine@example.org"), AT
    while (row := deliver(message, at)).failed_at is None:
        at = row.due_at
    assert row.attempts == rules.MAX_ATTEMPTS
    assert timedelta(days=1) < row.failed_at - AT < timedelta(days=3)
    assert "Mailbox full" in row.last_error


@pytest.mark.django_db
def test_a_mail_server_that_is_down_loses_nothing(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    waiting = deliver(make_message())
    assert (waiting.state, waiting.claimed_at) == ("en attente", None)
    assert waiting.last_error.startswith("ConnectionRefusedError")


@pytest.mark.django_db
def test_a_fault_of_ours_is_heard_and_does_not_go_on_for_ever(monkeypatch):
    message = make_message(html="")
    monkeypatch.setattr("coopconnexion.notices.emails.build", lambda message: 1 / 0)
    at = AT
    for _ in range(rules.MAX_ATTEMPTS):
        with pytest.raises(ZeroDivisionError):
            deliver(message, at)
        deliver(message, at)  # the claim holds: nobody else runs into it meanwhile
        at += rules.CLAIM_LIFETIME + timedelta(seconds=1)
    given_up = deliver(message, at)
    assert (given_up.state, given_up.last_error) == ("refusé", "ZeroDivisionError: division by zero")


@pytest.mark.django_db
def test_a_message_that_is_worth_nothing_any_more_is_not_sent(mailserver):
    message = make_message(expires_at=AT, text="abcdef", secrets=["abcdef"])
    expired = deliver(message)
    assert (expired.state, expired.attempts, expired.text) == ("périmé", 0, "•••")
    assert mailserver.envelopes == []


@pytest.mark.django_db
def test_what_the_server_took_is_recorded_even_if_called_off_meanwhile(mailserver):
    message = make_message()
    claimed = services.claim_message(message_id=message.pk, at=AT)
    Message.objects.update(expired_at=AT)
    services.delivery._record_sent(claimed, at=AT)
    assert Message.objects.get().state == "envoyé"


@pytest.mark.django_db
def test_a_worker_that_lost_its_claim_does_not_undo_that_of_another():
    message = make_message()
    slow = services.claim_message(message_id=message.pk, at=AT)
    later = AT + rules.CLAIM_LIFETIME + timedelta(seconds=1)
    assert services.claim_message(message_id=message.pk, at=later).attempts == 2
    services.delivery._record_error(slow, ConnectionRefusedError(), at=later)
    row = Message.objects.get()
    assert (row.claimed_at, row.due_at) == (later, AT)


@pytest.mark.django_db
def test_a_claim_holds_for_its_lifetime_only():
    message = make_message()
    assert services.claim_message(message_id=message.pk, at=AT - timedelta(seconds=1)) is None
    assert services.claim_message(message_id=message.pk, at=AT).attempts == 1
    assert services.claim_message(message_id=message.pk, at=AT + rules.CLAIM_LIFETIME) is None
    assert services.claim_message(message_id=message.pk, at=AT + rules.CLAIM_LIFETIME * 2).attempts == 2


@pytest.mark.django_db(transaction=True)
def test_four_workers_on_one_row_send_one_mail(mailserver):
    message, start = make_message(), Barrier(4)

    def work():
        start.wait()
        services.deliver_message(message_id=message.pk, at=AT)
        connection.close()

    workers = [Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert mailserver.message_ids == [message.message_id]
    assert Message.objects.get().attempts == 1


@pytest.mark.django_db
def test_the_sweeper_takes_up_what_was_left_lying(monkeypatch, django_capture_on_commit_callbacks):
    asked = []
    monkeypatch.setattr(jobs, "_send", lambda name, kwargs: asked.append((name, kwargs["message_id"])))
    old = AT - timedelta(minutes=10)
    forgotten = make_message(created_at=old, due_at=old)
    stale = make_message(created_at=old, due_at=AT - timedelta(minutes=9), claimed_at=AT - timedelta(minutes=3))
    retry = make_message(created_at=old, attempts=1)
    make_message(created_at=old, claimed_at=AT - timedelta(minutes=1))
    make_message(created_at=old, due_at=AT + timedelta(minutes=1))
    make_message(created_at=AT - timedelta(seconds=30))
    for end in ("sent_at", "failed_at", "expired_at"):
        make_message(created_at=old, **{end: old})
    with django_capture_on_commit_callbacks(execute=True):
        services.enqueue_due_messages(at=AT)
    assert asked == [("notices.send_message", message.pk) for message in (forgotten, stale, retry)]


@pytest.mark.django_db
def test_the_sweeper_gives_up_what_is_outdated_unless_a_worker_holds_it():
    old = AT - timedelta(minutes=10)
    outdated = make_message(expires_at=old)
    make_message(expires_at=AT + timedelta(minutes=1))
    make_message(expires_at=old, claimed_at=AT - timedelta(seconds=10))
    make_message(expires_at=old, sent_at=old)
    services.expire_outdated_messages(at=AT)
    assert list(Message.objects.filter(expired_at=AT)) == [outdated]


@pytest.mark.django_db
def test_one_message_that_fails_stops_no_other(mailserver):
    messages = [make_message(), make_message(to_email="inconnu@example.org"), make_message()]
    states = [deliver(message).state for message in messages]
    assert states == ["envoyé", "refusé", "envoyé"]


@pytest.mark.django_db
def test_a_name_that_looks_like_a_header_stays_a_name(settings):
    deliver(make_message(to_name='"Zoé" <piège@example.org>, autre@example.org; x'))
    (sent,) = mail.outbox
    parsed = message_from_bytes(sent.message().as_bytes())
    assert sent.recipients()[0].endswith("<camille@example.org>")
    assert len(parsed.get_all("To")) == 1
