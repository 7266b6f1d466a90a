import pytest
from django.conf import settings as django_settings

from tests.notices.mailserver import MailServer

TEMPLATES = {
    "probe/base.txt": "{% autoescape off %}{% block content %}{% endblock %}{% endautoescape %}-- {{ coop_phone }}",
    "probe/message.txt": (
        '{% extends "probe/base.txt" %}'
        "{% block subject %}Rendez-vous de {{ name }}\n{% if soon %}très bientôt{% endif %}{% endblock %}"
        "{% block content %}Bonjour {{ name }}, voyez {{ site_url }}/r/{{ token }}\n{% endblock %}"
    ),
    "probe/message.html": "<p>Bonjour {{ name }}, <a href='{{ site_url }}/r/{{ token }}'>voyez</a></p>",
}


@pytest.fixture
def probe(settings):
    """A template of a message, whatever the layouts look like."""
    engine = django_settings.TEMPLATES[0]
    loaders = [("django.template.loaders.locmem.Loader", TEMPLATES)]
    settings.TEMPLATES = [{**engine, "APP_DIRS": False, "OPTIONS": {**engine["OPTIONS"], "loaders": loaders}}]
    return "probe/message"


@pytest.fixture
def mailserver(settings):
    """A real SMTP server; Django sends to it."""
    server = MailServer()
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
    yield server
    server.stop()
