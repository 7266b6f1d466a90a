from datetime import UTC, datetime, timedelta

import pytest
from django.template.loader import render_to_string

from coopconnexion.notices.panels import refused_messages
from tests.factories import MessageFactory, UserFactory

pytestmark = pytest.mark.django_db
AT = datetime(2027, 5, 3, 8, 0, tzinfo=UTC)


@pytest.fixture
def request_of_manager(rf):
    request = rf.get("/gestion/")
    request.user = UserFactory(manager=True)
    return request


def test_refused_messages_are_on_the_home_page_until_seen(request_of_manager, django_assert_num_queries):
    for days in range(10):
        MessageFactory(failed_at=AT - timedelta(days=days), subject=f"Objet {days}", to_email="inconnu@example.org")
    MessageFactory(failed_at=AT, seen_at=AT)
    MessageFactory(sent_at=AT)
    MessageFactory(failed_at=AT, kind="account_login_code")
    panel = refused_messages(request_of_manager, None)
    assert [message.subject for message in panel.context["rows"]] == [f"Objet {days}" for days in range(8)]
    assert (panel.context["total"], panel.context["more"]) == (10, 2)
    page = render_to_string(panel.template, panel.context)
    assert "¿" not in page
    assert "inconnu@example.org" in page
    assert "?etat=a-voir" in page


def test_nothing_refused_is_no_panel(request_of_manager):
    MessageFactory(sent_at=AT)
    assert refused_messages(request_of_manager, None) is None
