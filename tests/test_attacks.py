"""What strangers and curious colleagues try: each test is an attack that must come to nothing."""

import logging
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.models import Person
from coopconnexion.accounts.services import erase_person
from coopconnexion.logs import TokenFilter
from coopconnexion.notices.models import Message
from coopconnexion.notices.services import new_link
from permanences.models import Booking, BookingLink
from tests.factories import (
    BookingFactory,
    PermanenceFactory,
    PersonFactory,
    SlotFactory,
)

pytestmark = pytest.mark.django_db

LONG_NUMBER = "9" * 5000


@pytest.fixture
def permanence():
    permanence = PermanenceFactory()
    SlotFactory.create_batch(4, permanence=permanence)
    return permanence


def typed(slot=None, **values) -> dict:
    """What a visitor sends; ``slot`` for a booking, none for a waiting list."""
    contact = {"first_name": "Camille", "last_name": "Dupont", "email": "camille@example.org", "title": "Épicerie"}
    return contact | ({"slot": slot.pk} if slot else {}) | {"form_token": uuid4()} | values


def book(client, slot, **values):
    return client.post(reverse("permanences:slot_book", args=[slot.permanence_id]), typed(slot, **values))


def token_of(booking) -> str:
    at = timezone.now()
    return new_link(BookingLink, at=at, expires_at=at + timedelta(days=9), booking=booking)


def test_a_form_sent_again_for_somebody_else_books_for_them(client, permanence):
    first, second, *_ = permanence.slots.in_order()
    token = uuid4()
    book(client, first, form_token=token)
    response = book(client, second, form_token=token, first_name="Dominique", email="dominique@example.org")
    assert response.status_code == 200
    assert Booking.objects.standing().count() == 2


@pytest.mark.parametrize(
    "address", ["camille@example.org\uff0cb\uff20victim.org", '"a,b@victim.org"@example.org', '"a b"@x.org']
)
def test_an_address_that_hides_another_is_refused(address, client, permanence):
    assert book(client, permanence.slots.first(), email=address).status_code == 422
    assert not Person.objects.exists()


def test_an_address_in_another_alphabet_gets_its_mail(client, permanence):
    book(client, permanence.slots.first(), email="camille@bücher.example")
    assert Message.objects.get().to_email == "camille@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "name", ["Voir http://gagne.example", "www.gagne.example", "Gagne.com", "a@b.fr", "<b>Camille"]
)
@pytest.mark.parametrize("field", ["first_name", "last_name"])
def test_a_name_carries_no_address_of_a_site(field, name, client, permanence):
    assert book(client, permanence.slots.first(), **{field: name}).status_code == 422


def test_names_of_people_pass(client, permanence):
    response = book(client, permanence.slots.first(), first_name="J.-P.", last_name="d’Œuf St. Jean (fils)")
    assert response.status_code == 200


@pytest.mark.parametrize("path", ["confirmer/", "deplacer/", "annuler/"])
def test_the_log_holds_no_token(path, client, caplog, permanence):
    first, second, *_ = permanence.slots.in_order()
    token = token_of(BookingFactory(slot=first))
    BookingFactory(slot=second)
    with caplog.at_level(logging.INFO):
        client.get(f"/permanences/rdv/{token}/{path}")
        client.post(f"/permanences/rdv/{token}/{path}", {"slot": second.pk, "reason": "x" * 400})
        refused = Client(enforce_csrf_checks=True).post(f"/permanences/rdv/{token}/{path}")
    assert refused.status_code == 403
    assert caplog.records
    for record in caplog.records:
        assert settings.LOGGING["handlers"]["console"]["filters"] == ["tokens"]
        assert TokenFilter().filter(record)
        assert token not in record.getMessage()


@pytest.mark.parametrize("name", ["permanence_list", "permanence", "slot_book", "sheet"])
def test_pages_of_staff_are_kept_by_no_browser(name, client, login_as, permanence):
    login_as("manager")
    args = [] if name == "permanence_list" else [permanence.pk]
    response = client.get(reverse(f"permanences_staff:{name}", args=args))
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    "url",
    [
        "/permanences/agenda.ics?territoire=%00",
        "/permanences/?territoire=%00",
        "/permanences/1/reserver/?creneau=%00",
        "/permanences/rdv/%00/",
        "/compte/login/?next=%00",
        "/mon-espace/?%00=x",
    ],
)
def test_a_zero_byte_breaks_nothing(url, client):
    assert client.get(url).status_code < 500


def test_a_broken_session_cookie_is_no_session(client):
    client.cookies["sessionid"] = "a" * 9 + "\0"
    assert client.get(reverse("site:my_space")).status_code == 400


STAFF_GETS = [
    "/gestion/recherche/?q=%00",
    "/gestion/accounts/person/?q=%00",
    "/gestion/accounts/person/%00/change/",
    "/gestion/territories/commune/%00/change/",
    "/gestion/notices/message/?nature=%00",
    "/gestion/notices/message/?created_at__year=0",
    "/gestion/notices/message/?created_at__year=99999999999",
    "/gestion/notices/message/?person__id__exact=%00",
    "/gestion/accounts/organisation/?kind__exact=%00",
    "/gestion/accounts/organisation/?name=%00",
    "/gestion/permanences/?page=9999999999999999999999",
    "/gestion/permanences/?territoire=99999999999999999999999",
    "/gestion/permanences/?territoire=%00&periode=%00",
    "/gestion/permanences/?page=" + LONG_NUMBER,
    "/gestion/permanences/?territoire=" + LONG_NUMBER,
    "/gestion/permanences/{pk}/reserver/?personne=" + LONG_NUMBER,
    "/gestion/permanences/{pk}/reserver/?personne=99999999999999999999",
    "/gestion/permanences/{pk}/reserver/?personne=%D9%A3",
    "/gestion/permanences/{pk}/reserver/?projet=%00&creneau=%00&q=%00",
    "/gestion/autocomplete/?app_label=members&model_name=member&field_name=person&term=%00",
    "/gestion/autocomplete/?app_label=members&model_name=member&field_name=person&term=x&page=" + LONG_NUMBER,
    "/gestion/accounts/person/" + LONG_NUMBER + "/change/",
    "/gestion/accounts/person/99999999999999999999999/history/?page=x",
    "/gestion/permanences/99999999999999999999999/",
    "/gestion/permanences/" + LONG_NUMBER + "/",
]


@pytest.mark.parametrize("url", STAFF_GETS, ids=lambda url: url[:60])
def test_no_address_breaks_the_back_office(url, client, login_as, permanence):
    login_as("manager")
    assert client.get(url.format(pk=permanence.pk)).status_code < 500


@pytest.mark.parametrize("number", [LONG_NUMBER, "99999999999999999999999", "٣", "\0", "-1", "1e9"])
def test_no_number_breaks_a_release(number, client, login_as, permanence):
    login_as("manager")
    response = client.post(reverse("permanences_staff:release_unconfirmed"), {"permanence": number})
    assert response.status_code == 404
    sent = dict.fromkeys(["person", "slot", "project"], number)
    response = client.post(reverse("permanences_staff:slot_book", args=[permanence.pk]), sent)
    assert response.status_code in (404, 422)


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-02-30", "\0"])
@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "on"}])
@pytest.mark.parametrize("name", ["permanence_move", "permanence_cancel", "permanence_add", "schedule_add"])
def test_no_date_breaks_the_planning(name, confirmed, day, client, login_as, permanence):
    login_as("manager")
    hours = {"opens_at": "09:00", "closes_at": "12:00", "slot_minutes": 45, "desks": 1, "notice_minutes": "60 j"}
    days = {"held_on": day, "starts_on": day, "ends_on": "9999-12-31", "booking_opens_days": 90, "sequence": 0}
    rule = {"name": "x", "nth": 1, "weekday": 3, "months_ahead": 36, "holiday_rule": "skip", "reason": "x"}
    places = {"venue": permanence.venue_id, "territory": permanence.territory_id}
    extremes = {"opens_at": "23:59", "closes_at": "23:59:59", "slot_minutes": 99999, "desks": 99999, "sequence": 10**20}
    args = [permanence.pk] if name.startswith("permanence_") and name != "permanence_add" else []
    for values in (extremes, {}):
        sent = hours | days | rule | places | values | confirmed
        assert client.post(reverse(f"permanences_staff:{name}", args=args), sent).status_code < 500


SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_no_page_or_message_runs_what_was_typed(client, login_as, permanence):
    login_as("manager")
    booking = BookingFactory(
        slot=permanence.slots.first(),
        person=PersonFactory(first_name=SCRIPT, last_name=SCRIPT),
        project__title=SCRIPT,
        message=SCRIPT,
        staff_note=SCRIPT,
    )
    token = token_of(booking)
    client.post(f"/permanences/rdv/{token}/annuler/", {"reason": SCRIPT})
    day, row = f"/gestion/permanences/{permanence.pk}/", f"/gestion/permanences/booking/{booking.pk}/"
    person = f"/gestion/accounts/person/{booking.person_id}/"
    public = [f"/permanences/?territoire={SCRIPT}", f"/permanences/rdv/{token}/", f"/permanences/{permanence.pk}/"]
    staff = ["/gestion/", day, f"{day}feuille/", f"{day}reserver/?q=script", "/gestion/recherche/?q=script"]
    for url in (*public, *staff, f"{row}change/", f"{row}history/", f"{person}change/", f"{person}history/"):
        response = client.get(url)
        assert response.status_code == 200, url
        assert "<img src=x" not in response.content.decode(), url
        assert "unsafe" not in response["Content-Security-Policy"], url
        assert response["X-Frame-Options"] == "DENY", url
    message = Message.objects.get(kind="booking-cancellation")
    assert "<img src=x" not in message.html


def test_a_link_opens_its_own_row_and_nothing_after_erasure(client):
    booking = BookingFactory(slot__permanence=PermanenceFactory(past=True))
    token = token_of(booking)
    assert client.get(f"/permanences/rdv/{token}/").status_code == 200
    assert client.get(f"/permanences/attente/{token}/").status_code == 404
    erase_person(person=booking.person, at=timezone.now())
    assert client.get(f"/permanences/rdv/{token}/").status_code == 404


def test_a_link_moves_to_no_slot_of_another_territory(client):
    token = token_of(BookingFactory())
    assert client.post(f"/permanences/rdv/{token}/deplacer/", {"slot": SlotFactory().pk}).status_code == 422


def test_the_host_of_a_request_is_in_no_message(client, permanence):
    url = reverse("permanences:slot_book", args=[permanence.pk])
    client.post(url, typed(permanence.slots.first()), headers={"x-forwarded-host": "evil.example"})
    message = Message.objects.get()
    assert "evil.example" not in message.text + message.html
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("form", ["zoe+{}@example.org", "z.o.e+{}@gmail.com", "zoe@example.org"])
def test_bookings_and_lost_links_flood_no_mailbox(form, client, permanence):
    for number in range(12):
        day = SlotFactory()
        book(client, day, email=form.format(number), last_name=f"Dupont{'abcdefghijkl'[number]}")
        client.post(reverse("permanences:link_request"), {"email": form.format(number)})
    assert Message.objects.count() <= 8
