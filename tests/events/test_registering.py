"""Registering on the web: one form, one answer, nothing lost."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from coopconnexion.notices.models import Message
from events.enums import Audience
from events.models import Event, Registration
from tests.conftest import page
from tests.factories import EventFactory, RegistrationFactory

pytestmark = pytest.mark.django_db


def typed(**fields):
    known = {"first_name": "Zoé", "last_name": "Lefebvre", "email": "zoe@example.org", "form_token": str(uuid4())}
    return known | fields


def post(client, event, **fields):
    return client.post(f"/agenda/{event.pk}/inscription/", typed(**fields))


def test_four_requests_from_the_agenda_to_the_place(client):
    event = EventFactory(capacity=2)
    assert f"/agenda/{event.pk}/" in page(client, "/agenda/")
    assert f"/agenda/{event.pk}/inscription/" in page(client, f"/agenda/{event.pk}/")
    assert 'name="form_token"' in page(client, f"/agenda/{event.pk}/inscription/")
    content = post(client, event).content.decode()
    assert "Votre place est réservée" in content
    assert "zoe@example.org" in content
    assert Message.objects.get().secrets[0] not in content


def test_a_full_event_says_the_position(client):
    event = EventFactory(capacity=1)
    RegistrationFactory(event=event)
    RegistrationFactory(event=event, waiting=True)
    assert "M’inscrire sur la liste d’attente" in page(client, f"/agenda/{event.pk}/inscription/")
    assert "2e position" in post(client, event).content.decode()


def test_a_double_click_gets_the_same_answer_twice(client):
    event, token = EventFactory(), str(uuid4())
    first, second = (post(client, event, form_token=token).content.decode() for _ in range(2))
    assert "Votre place est réservée" in first
    assert "Votre place est réservée" in second
    assert (Registration.objects.count(), Message.objects.count()) == (1, 1)


def test_who_is_registered_reads_nothing_that_tells_it(client):
    event = EventFactory()
    RegistrationFactory(
        event=event, person__first_name="Zoé", person__last_name="Lefebvre", person__email="zoe@example.org"
    )
    content = post(client, event).content.decode()
    assert "Regardez votre messagerie" in content
    assert Message.objects.get().kind == "registration-existing"


def test_a_robot_reads_the_same_page_and_registers_nobody(client):
    event = EventFactory()
    content = post(client, event, site_web="http://spam.example").content.decode()
    assert "Regardez votre messagerie" in content
    assert not Registration.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", ""),
        ("first_name", "http://spam.example"),
        ("last_name", "L" * 101),
        ("email", "zoe@"),
        ("email", "zoe@example.org\nBcc: a@b.fr"),
        ("phone", "12"),
        ("message", "x" * 2001),
        ("form_token", "not-a-token"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_the_rest_is_kept(client, field, value):
    event = EventFactory()
    response = post(client, event, **{"organisation_name": "Le Potager", field: value})
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert "Le Potager" in response.content.decode()
    assert not Registration.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"cancelled_at": timezone.now()}, "annulé"),
        ({"registration_closes_at": timezone.now() - timedelta(days=1)}, "closes"),
        ({"registration_opens_at": timezone.now() + timedelta(days=1)}, "pas encore ouvertes"),
    ],
)
def test_an_event_that_closed_meanwhile_says_so_and_keeps_what_was_typed(client, fields, words):
    event = EventFactory()
    Event.objects.filter(pk=event.pk).update(**fields)
    response = post(client, event, organisation_name="Le Potager")
    assert response.status_code == 409
    assert words in response.content.decode()
    assert "Le Potager" in response.content.decode()
    assert "ne peut pas s’inscrire" in page(client, f"/agenda/{event.pk}/inscription/")


def test_a_past_event_takes_nobody(client):
    event = EventFactory(starts_at=timezone.now() - timedelta(days=1))
    assert post(client, event).status_code == 409
    assert "Passé" in page(client, f"/agenda/{event.pk}/")


def test_members_and_strangers_read_the_same(client):
    event = EventFactory(audience=Audience.MEMBERS)
    assert "Regardez votre messagerie" in post(client, event).content.decode()
    assert "réservé aux membres" in page(client, f"/agenda/{event.pk}/inscription/")
    assert Message.objects.get().kind == "registration-members"


def test_a_form_without_its_token_against_forgery_is_refused_in_french():
    event = EventFactory()
    client = Client(enforce_csrf_checks=True)
    response = client.post(f"/agenda/{event.pk}/inscription/", typed())
    assert response.status_code == 403
    assert not Registration.objects.exists()


def test_the_link_is_sent_again_and_the_page_says_the_same_to_all(client):
    RegistrationFactory(person__email="zoe@example.org")
    known, unknown = (
        client.post("/agenda/mon-lien/", {"email": email}).content.decode().replace(email, "…")
        for email in ("zoe@example.org", "nobody@example.org")
    )
    assert known == unknown
    assert [message.to_email for message in Message.objects.all()] == ["zoe@example.org"]


def test_an_address_that_cannot_be_read_is_said(client):
    assert client.post("/agenda/mon-lien/", {"email": "zoe"}).status_code == 422
