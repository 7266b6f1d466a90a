from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.adapter import get_adapter

from coopconnexion.notices import adapters
from coopconnexion.notices.models import Message
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
AT = datetime(2027, 5, 3, 8, 0, tzinfo=UTC)
PREFIXES = [
    "account/email/login_code",
    "account/email/email_confirmation",
    "account/email/email_confirmation_signup",
    "account/email/unknown_account",
    "account/email/account_already_exists",
    "account/email/password_reset_key",
    "account/email/password_changed",
    *(f"mfa/email/{name}" for name in adapters.CHANGES),
]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_mail_of_an_account_is_a_message_in_french_that_staff_never_see(prefix, time_machine, settings):
    time_machine.move_to(AT, tick=False)
    get_adapter().send_mail(prefix, "zoe@example.org", {"code": "QWRT-7K2P", "request": None})
    message = Message.objects.get()
    assert (message.to_email, message.is_secret, message.shown_text) == ("zoe@example.org", True, "")
    assert message.secrets == ["QWRT-7K2P"]
    assert message.expires_at == AT + timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)
    for words in (message.subject, message.text, message.html):
        assert words.strip()
        assert "¿" not in words
    assert "Bonjour" in message.text
    assert list(Message.objects.visible_to(UserFactory(manager=True))) == []


def test_a_sign_in_code_is_in_both_bodies(time_machine):
    time_machine.move_to(AT, tick=False)
    for _ in range(2):
        get_adapter().send_mail("account/email/login_code", "zoe@example.org", {"code": "QWRT-7K2P"})
    first, second = Message.objects.all()
    assert "QWRT-7K2P" in first.text
    assert "QWRT-7K2P" in first.html
    assert first.key != second.key


def test_asking_for_a_code_writes_a_message(client):
    user = UserFactory(email="zoe@example.org")
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    client.post("/compte/login/code/", {"email": user.email})
    assert Message.objects.get().kind == "account_login_code"


def test_a_link_in_a_mail_never_comes_from_the_request(client, settings):
    settings.ALLOWED_HOSTS = ["*"]
    client.post("/compte/login/code/", {"email": "inconnue@example.org"}, headers={"host": "piege.example"})
    message = Message.objects.get()
    assert message.kind == "account_unknown_account"
    assert "piege.example" not in message.text + message.html
    assert f"{settings.SITE_URL}/compte/signup/" in message.text
