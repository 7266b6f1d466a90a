from datetime import UTC, datetime

import pytest
from django.contrib.admin.sites import site
from django.urls import reverse

from coopconnexion.notices.models import Message
from tests.factories import MessageFactory, UserFactory

pytestmark = pytest.mark.django_db
AT = datetime(2027, 5, 3, 8, 0, tzinfo=UTC)
LIST = "admin:notices_message_changelist"


@pytest.fixture
def manager(client):
    user = UserFactory(manager=True)
    client.force_login(user)
    return client


def test_staff_read_what_was_sent_without_its_secrets(manager):
    message = MessageFactory(text="Votre lien : https://coop.example/r/abcdef/", secrets=["abcdef"], attempts=1)
    page = manager.get(reverse("admin:notices_message_change", args=[message.pk]))
    assert page.status_code == 200
    assert "https://coop.example/r/•••/" in page.text
    assert "abcdef" not in page.text
    assert 'name="_save"' not in page.text


def test_sign_in_codes_are_nowhere(manager):
    secret = MessageFactory(kind="account_login_code", text="QWRT", subject="Votre code", failed_at=AT)
    shown = MessageFactory(subject="Confirmation")
    page = manager.get(reverse(LIST))
    assert [message.pk for message in page.context["cl"].result_list] == [shown.pk]
    assert "account_login_code" not in page.text
    assert manager.get(reverse("admin:notices_message_change", args=[secret.pk])).status_code == 404


def test_the_list_takes_as_many_queries_with_three_messages(manager, django_assert_max_num_queries):
    MessageFactory()
    with django_assert_max_num_queries(30) as first:
        manager.get(reverse(LIST))
    MessageFactory.create_batch(2, failed_at=AT)
    with django_assert_max_num_queries(len(first)):
        manager.get(reverse(LIST))


@pytest.mark.parametrize(
    ("state", "subjects"),
    [
        ("attente", {"attend"}),
        ("envoye", {"parti"}),
        ("a-voir", {"refusé"}),
        ("refuse", {"refusé", "refusé vu"}),
        ("perime", {"périmé"}),
        ("n-importe", {"attend", "parti", "refusé", "refusé vu", "périmé"}),
    ],
)
def test_messages_are_found_by_state(manager, state, subjects):
    MessageFactory(subject="attend")
    MessageFactory(subject="parti", sent_at=AT)
    MessageFactory(subject="refusé", failed_at=AT)
    MessageFactory(subject="refusé vu", failed_at=AT, seen_at=AT)
    MessageFactory(subject="périmé", expired_at=AT)
    page = manager.get(reverse(LIST), {"etat": state})
    assert {message.subject for message in page.context["cl"].result_list} == subjects


def test_a_refused_message_is_sent_again_from_the_list(manager):
    refused, pending = MessageFactory(failed_at=AT), MessageFactory()
    data = {"action": "resend", "_selected_action": [refused.pk, pending.pk]}
    page = manager.post(reverse(LIST), data, follow=True)
    assert Message.objects.filter(key=f"resent:{refused.pk}").count() == 1
    assert Message.objects.count() == 3
    assert "Seul un message refusé peut être renvoyé." in page.text


def test_a_failure_leaves_what_is_to_be_done(manager):
    refused = MessageFactory(failed_at=AT)
    manager.post(reverse(LIST), {"action": "mark_seen", "_selected_action": [refused.pk]})
    refused.refresh_from_db()
    assert refused.seen_at is not None


def test_a_reader_looks_and_does_nothing(client, rf):
    client.force_login(UserFactory(reader=True))
    refused = MessageFactory(failed_at=AT)
    assert client.get(reverse(LIST)).status_code == 200
    client.post(reverse(LIST), {"action": "resend", "_selected_action": [refused.pk]})
    assert Message.objects.count() == 1


def test_nobody_writes_a_message_by_hand(rf):
    request = rf.get("/")
    request.user = UserFactory(manager=True)
    admin = site._registry[Message]
    allowed = (
        admin.has_add_permission(request), admin.has_change_permission(request), admin.has_delete_permission(request)
    )  # fmt: skip
    assert allowed == (False, False, False)
