"""One registration, by its link or from « mon espace »."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from coopconnexion.notices.services import new_link
from events.enums import Audience
from events.models import Event, RegistrationLink
from tests.conftest import page
from tests.factories import EventFactory, RegistrationFactory, UserFactory

pytestmark = pytest.mark.django_db


def link_of(registration, *, days=40):
    at = timezone.now()
    token = new_link(RegistrationLink, at=at, expires_at=at + timedelta(days=days), registration=registration)
    return reverse("events:registration", kwargs={"token": token})


def test_the_link_says_how_things_stand(client):
    registration = RegistrationFactory()
    content = page(client, link_of(registration))
    assert registration.event.title in content
    assert "Je confirme, je viendrai" in content
    assert "Je ne viens plus" in content


def test_a_guest_reads_there_what_no_public_page_says(client):
    event = EventFactory(audience=Audience.INVITATION, description="Entre nous,\nsans façons")
    link = link_of(RegistrationFactory(event=event))
    content = page(client, link)
    assert "Entre nous" in content
    assert f"/agenda/{event.pk}/" not in content
    response = client.get(f"{link}evenement.ics")
    entry = Calendar.from_ical(response.content).walk("VEVENT")[0]
    assert str(entry["summary"]) == event.title
    assert "url" not in entry


def test_who_waits_reads_their_position(client):
    event = EventFactory(capacity=1)
    first, second = (RegistrationFactory(event=event, waiting=True) for _ in range(2))
    assert "en tête de la liste" in page(client, link_of(first))
    assert "2e position" in page(client, link_of(second))


def test_opening_the_link_changes_nothing(client):
    registration = RegistrationFactory()
    for path in ("", "retirer/"):
        page(client, link_of(registration) + path)
    assert client.get(link_of(registration) + "confirmer/").status_code == 405
    registration.refresh_from_db()
    assert (registration.confirmed_at, registration.left_at) == (None, None)


def test_confirming_twice_says_the_same(client):
    registration = RegistrationFactory()
    for _ in range(2):
        response = client.post(link_of(registration) + "confirmer/", follow=True)
        assert "nous vous attendons" in response.content.decode()
    registration.refresh_from_db()
    assert registration.confirmed_at is not None


def test_withdrawing_frees_the_place_and_says_so(client):
    registration = RegistrationFactory()
    response = client.post(link_of(registration) + "retirer/", {"reason": "Grippe"}, follow=True)
    assert "c’est noté" in response.content.decode()
    registration.refresh_from_db()
    assert (registration.is_standing, registration.withdraw_reason) == (False, "Grippe")
    assert "Grippe" in page(client, link_of(registration))


def test_a_reason_that_is_too_long_is_said_and_kept(client):
    registration = RegistrationFactory()
    response = client.post(link_of(registration) + "retirer/", {"reason": "x" * 301})
    assert response.status_code == 422
    registration.refresh_from_db()
    assert registration.is_standing


def test_a_past_event_takes_no_answer(client):
    event = EventFactory(starts_at=timezone.now() - timedelta(days=1))
    registration = RegistrationFactory(event=event)
    response = client.post(link_of(registration) + "retirer/", {"reason": ""}, follow=True)
    assert "passé" in response.content.decode()
    registration.refresh_from_db()
    assert registration.is_standing


def test_a_cancelled_event_says_why(client):
    registration = RegistrationFactory()
    Event.objects.filter(pk=registration.event_id).update(cancelled_at=timezone.now(), cancel_reason="Verglas")
    content = page(client, link_of(registration))
    assert "annulé" in content
    assert "Verglas" in content


@pytest.mark.parametrize("path", ["", "confirmer/", "retirer/"])
def test_a_link_that_is_dead_or_made_up_says_what_to_do(client, path):
    registration = RegistrationFactory()
    expired = link_of(registration, days=-1)
    revoked = link_of(registration)
    RegistrationLink.objects.order_by("-pk")[0].delete()
    for url in (expired, revoked, f"/agenda/inscription/{'A' * 26}/"):
        response = client.post(url + path) if path else client.get(url)
        assert response.status_code == 404
        assert "Recevoir un nouveau lien" in response.content.decode()


def test_an_account_sees_the_registrations_of_its_verified_address_alone(client):
    registration, other = RegistrationFactory(), RegistrationFactory()
    user = UserFactory(email=registration.person.email)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client.force_login(user)
    url = f"/agenda/mes-inscriptions/{registration.pk}/"
    assert registration.event.title in page(client, "/mon-espace/")
    assert client.get(url).status_code == 200
    assert client.get(f"/agenda/mes-inscriptions/{other.pk}/").status_code == 404
    client.post(f"{url}retirer/", {"reason": ""})
    registration.refresh_from_db()
    assert not registration.is_standing


def test_an_address_that_is_not_verified_opens_nothing(client):
    registration = RegistrationFactory()
    user = UserFactory(email=registration.person.email)
    EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)
    client.force_login(user)
    assert client.get(f"/agenda/mes-inscriptions/{registration.pk}/").status_code == 404
