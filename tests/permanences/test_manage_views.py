from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone

from coopconnexion.notices.models import Message
from coopconnexion.notices.services import new_link
from permanences.models import Booking, BookingLink
from tests.factories import BookingFactory, PermanenceFactory, SlotFactory, UserFactory

pytestmark = pytest.mark.django_db

PAGES = ("", "_confirm", "_cancel", "_move")


def open_link(booking, **changes):
    at = timezone.now()
    return new_link(BookingLink, at=at, expires_at=changes.get("expires_at", at + timedelta(days=30)), booking=booking)


def link(token, action=""):
    return reverse(f"permanences:booking{action}", kwargs={"token": token})


def snapshot():
    return list(Booking.objects.order_by("pk").values())


def test_no_page_of_a_link_acts_on_get(client):
    token = open_link(BookingFactory())
    before = snapshot()
    statuses = [client.get(link(token, action)).status_code for action in PAGES]
    assert (statuses, snapshot()) == ([200, 405, 200, 200], before)


def test_every_page_of_a_link_renders_whole(client):
    booking = BookingFactory()
    SlotFactory(permanence=booking.permanence)
    token = open_link(booking)
    for action in ("", "_cancel", "_move"):
        response = client.get(link(token, action))
        assert "¿" not in response.text
        assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("action", PAGES)
def test_an_unknown_expired_or_revoked_link_opens_nothing(client, action):
    booking = BookingFactory()
    expired = open_link(booking, expires_at=timezone.now())
    revoked = open_link(booking)
    BookingLink.objects.filter(expires_at__gt=timezone.now()).update(revoked_at=timezone.now())
    for token in ("x" * 43, expired, revoked):
        response = client.post(link(token, action))
        assert response.status_code == 404
        assert reverse("permanences:link_request") in response.text
    assert booking in Booking.objects.standing()


def test_the_button_confirms(client):
    booking = BookingFactory()
    client.post(link(open_link(booking), "_confirm"))
    booking.refresh_from_db()
    assert booking.confirmed_at is not None


def test_the_button_cancels_once(client):
    booking = BookingFactory()
    token = open_link(booking)
    for _ in range(2):
        client.post(link(token, "_cancel"), {"reason": "Malade"})
    booking.refresh_from_db()
    assert (booking.cancelled_by, booking.cancel_reason) == ("candidate", "Malade")
    assert Message.objects.filter(kind="booking-cancellation").count() == 1


def test_the_form_moves(client):
    booking = BookingFactory()
    free = SlotFactory(permanence=booking.permanence)
    response = client.post(link(open_link(booking), "_move"), {"slot": free.pk}, follow=True)
    booking.refresh_from_db()
    assert booking.slot == free
    assert "Votre rendez-vous est déplacé" in response.text


def test_a_slot_taken_while_choosing_answers_409_with_those_still_free(client):
    booking, other = BookingFactory(), BookingFactory()
    taken = BookingFactory(slot=SlotFactory(permanence=booking.permanence)).slot
    free = SlotFactory(permanence=booking.permanence)
    response = client.post(link(open_link(booking), "_move"), {"slot": taken.pk})
    booking.refresh_from_db()
    assert (response.status_code, booking.slot != taken) == (409, True)
    assert [slot.pk for _, times in response.context["days"] for slot in times] == [free.pk]
    assert other in Booking.objects.standing()


def test_a_slot_of_another_territory_cannot_be_taken_by_a_move(client):
    booking, elsewhere = BookingFactory(), SlotFactory()
    response = client.post(link(open_link(booking), "_move"), {"slot": elsewhere.pk})
    assert response.status_code == 422


def test_the_move_page_costs_the_same_whatever_the_number_of_days(client, django_assert_num_queries):
    booking = BookingFactory()
    token = open_link(booking)
    for days in (1, 20, 30):
        permanence = PermanenceFactory(
            territory=booking.permanence.territory, held_on=timezone.localdate() + timedelta(days=days)
        )
        SlotFactory(permanence=permanence)
        with django_assert_num_queries(3):
            client.get(link(token, "_move"))


def test_past_its_start_an_appointment_is_shown_and_no_longer_changed(client):
    booking = BookingFactory()
    token = open_link(booking)
    with time_machine.travel(booking.slot.starts_at + timedelta(minutes=1), tick=False):
        page = client.get(link(token))
        client.post(link(token, "_cancel"), {"reason": ""})
    assert "est passé" in page.text
    assert booking in Booking.objects.standing()


@pytest.mark.parametrize("action", ["", "_cancel", "_move"])
def test_my_space_opens_the_bookings_of_a_verified_address_only(client, action):
    booking, user = BookingFactory(), UserFactory()
    url = reverse(f"permanences:my_booking{action}", kwargs={"pk": booking.pk})
    assert client.get(url).status_code == 302
    client.force_login(user)
    assert client.get(url).status_code == 404
    address = EmailAddress.objects.create(user=user, email=booking.person.email, verified=False)
    assert client.get(url).status_code == 404
    EmailAddress.objects.filter(pk=address.pk).update(verified=True)
    assert client.get(url).status_code == 200


def test_who_signed_in_cancels_from_my_space(client):
    booking, user = BookingFactory(), UserFactory()
    EmailAddress.objects.create(user=user, email=booking.person.email, verified=True)
    client.force_login(user)
    client.post(reverse("permanences:my_booking_cancel", kwargs={"pk": booking.pk}), {"reason": ""})
    booking.refresh_from_db()
    assert booking.cancelled_by == "candidate"
