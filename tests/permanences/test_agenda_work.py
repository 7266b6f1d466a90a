"""What is done from the agenda: presence, notes, cancelling, releasing, moving, booking for somebody."""

from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from coopconnexion.accounts.models import Person
from coopconnexion.notices.models import Message
from permanences.enums import CancelledBy, Channel
from permanences.models import Booking
from projects.models import Project
from tests.factories import (
    BookingFactory,
    PermanenceFactory,
    PersonFactory,
    SlotFactory,
    TerritoryFactory,
    UserFactory,
    WaitingListEntryFactory,
)

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def permanence():
    return PermanenceFactory()


@pytest.fixture
def advisor(client, permanence):
    user = UserFactory(advisor=True, territory=permanence.territory)
    client.force_login(user)
    return user


@pytest.fixture
def past(permanence):
    return PermanenceFactory(past=True, territory=permanence.territory, venue=permanence.venue)


def work(name, row):
    return reverse(f"permanences_staff:{name}", args=[row.pk])


def caller(slot, **changes):
    return {
        "slot": slot.pk,
        "form_token": uuid4(),
        "first_name": "Zoé",
        "last_name": "Lefèvre",
        "phone": "06 12 34 56 78",
        "title": "Réparation de vélos",
        **changes,
    }


# --- one click -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["attended", "no_show", "excused"])
def test_one_click_notes_the_presence(outcome, client, advisor, past):
    booking = BookingFactory(slot=SlotFactory(permanence=past))
    response = client.post(work("booking_outcome", booking), {"outcome": outcome})
    booking.refresh_from_db()
    assert booking.outcome == outcome
    assert response["Location"] == f"{work('permanence', past)}#rdv-{booking.pk}"


def test_htmx_gets_the_row_alone_with_the_way_back(client, advisor, past):
    booking = BookingFactory(slot=SlotFactory(permanence=past))
    content = client.post(work("booking_outcome", booking), {"outcome": "attended"}, headers=HTMX).content.decode()
    assert content.lstrip().startswith("<li")
    assert ("<html" in content, "Effacer" in content, "¿" in content) == (False, True, False)


def test_a_presence_noted_too_early_is_explained(client, advisor, permanence):
    booking = BookingFactory(slot=SlotFactory(permanence=permanence))
    response = client.post(work("booking_outcome", booking), {"outcome": "attended"}, follow=True)
    assert "Une arrivée se note dès la demi-heure qui précède" in response.content.decode()
    row = client.post(work("booking_outcome", booking), {"outcome": "attended"}, headers=HTMX)
    assert "Une arrivée se note dès la demi-heure qui précède" in row.content.decode()


def test_a_note_is_saved_from_the_agenda(client, advisor, permanence):
    booking = BookingFactory(slot=SlotFactory(permanence=permanence))
    client.post(work("booking_note", booking), {"staff_note": "Vient à vélo"})
    booking.refresh_from_db()
    assert booking.staff_note == "Vient à vélo"


@pytest.mark.parametrize("by", CancelledBy.values)
def test_cancelling_frees_the_slot_and_tells_the_person(by, client, advisor, permanence):
    booking = BookingFactory(slot=SlotFactory(permanence=permanence))
    client.post(work("booking_cancel", booking), {"by": by, "reason": "Neige"})
    booking.refresh_from_db()
    assert (booking.cancelled_by, booking.cancel_reason) == (by, "Neige")
    assert Message.objects.filter(person=booking.person, kind="booking-cancellation").count() == 1


def test_a_cancellation_by_nobody_is_refused(client, advisor, permanence):
    booking = BookingFactory(slot=SlotFactory(permanence=permanence))
    response = client.post(work("booking_cancel", booking), {"by": "le voisin"}, follow=True)
    booking.refresh_from_db()
    assert (booking.is_standing, "Dites qui annule" in response.content.decode()) == (True, True)


def test_htmx_reloads_the_page_when_a_slot_is_freed(client, advisor, permanence):
    booking = BookingFactory(slot=SlotFactory(permanence=permanence))
    response = client.post(work("booking_cancel", booking), {"by": "candidate"}, headers=HTMX)
    assert response["HX-Refresh"] == "true"


def test_one_unconfirmed_booking_is_released(client, advisor, permanence):
    booking = BookingFactory(slot=SlotFactory(permanence=permanence))
    client.post(work("booking_release", booking))
    booking.refresh_from_db()
    assert booking.released_at


def test_all_unconfirmed_bookings_of_the_own_territories_are_released(client, advisor, permanence):
    unconfirmed = BookingFactory(slot=SlotFactory(permanence=permanence))
    kept = [BookingFactory(slot=SlotFactory(permanence=permanence), confirmed=True), BookingFactory()]
    client.post(reverse("permanences_staff:release_unconfirmed"))
    released = Booking.objects.filter(released_at__isnull=False)
    assert (list(released), [each.pk in released for each in kept]) == ([unconfirmed], [False, False])


def test_the_unconfirmed_of_one_permanence_are_released(client, advisor, permanence):
    elsewhere = BookingFactory(slot__permanence__territory=permanence.territory)
    here = BookingFactory(slot=SlotFactory(permanence=permanence))
    client.post(reverse("permanences_staff:release_unconfirmed"), {"permanence": permanence.pk})
    released = Booking.objects.filter(released_at__isnull=False)
    assert (list(released), elsewhere in released) == ([here], False)


@pytest.mark.parametrize("wanted", ["toutes", "99999999"])
def test_the_unconfirmed_of_a_permanence_that_is_not_there_are_not_released(wanted, client, advisor):
    url = reverse("permanences_staff:release_unconfirmed")
    assert client.post(url, {"permanence": wanted}).status_code == 404


WORKS = ["booking_outcome", "booking_note", "booking_cancel", "booking_release"]


@pytest.mark.parametrize("name", [*WORKS, "booking_move"])
def test_a_reader_changes_nothing(name, client, past):
    client.force_login(UserFactory(reader=True, territory=past.territory))
    booking = BookingFactory(slot=SlotFactory(permanence=past))
    before = Booking.objects.values().get()
    response = client.post(work(name, booking), {"outcome": "attended", "staff_note": "x", "by": "coop"})
    assert (response.status_code, Booking.objects.values().get()) == (403, before)


def test_a_reader_releases_and_books_nothing(client, permanence):
    client.force_login(UserFactory(reader=True, territory=permanence.territory))
    BookingFactory(slot=SlotFactory(permanence=permanence))
    assert client.post(reverse("permanences_staff:release_unconfirmed")).status_code == 403
    assert client.get(work("slot_book", permanence)).status_code == 403
    assert client.post(work("slot_book", permanence), caller(SlotFactory(permanence=permanence))).status_code == 403
    assert Booking.objects.standing().count() == 1


@pytest.mark.parametrize("name", [*WORKS, "booking_move"])
def test_the_booking_of_another_territory_is_not_there(name, client):
    booking = BookingFactory()
    client.force_login(UserFactory(advisor=True, territory=TerritoryFactory()))
    assert client.post(work(name, booking), {"outcome": "attended"}).status_code == 404


@pytest.mark.parametrize("name", WORKS)
def test_nothing_happens_on_get(name, client, advisor, permanence):
    booking = BookingFactory(slot=SlotFactory(permanence=permanence))
    assert client.get(work(name, booking)).status_code == 405


# --- moving one ------------------------------------------------------------------------------------------------------


def test_an_appointment_is_moved_to_another_day(client, advisor, permanence):
    booking = BookingFactory(slot=SlotFactory(permanence=permanence))
    free = SlotFactory(permanence__territory=permanence.territory)
    content = client.get(work("booking_move", booking)).content.decode()
    assert (f'value="{free.pk}"' in content, "¿" in content) == (True, False)
    response = client.post(work("booking_move", booking), {"slot": free.pk})
    booking.refresh_from_db()
    assert booking.slot == free
    assert response["Location"].startswith(work("permanence", free.permanence))


def test_a_move_to_a_slot_just_taken_keeps_the_appointment(client, advisor, permanence):
    booking = BookingFactory(slot=SlotFactory(permanence=permanence))
    taken = BookingFactory(slot=SlotFactory(permanence=permanence)).slot
    response = client.post(work("booking_move", booking), {"slot": taken.pk})
    old = booking.slot_id
    booking.refresh_from_db()
    assert (response.status_code, booking.slot_id) == (409, old)
    assert "vient d’être réservé" in response.content.decode()


# --- booking for somebody --------------------------------------------------------------------------------------------


def test_staff_book_for_somebody_new_without_an_email(client, advisor, permanence):
    slot = SlotFactory(permanence=permanence)
    response = client.post(work("slot_book", permanence), caller(slot), follow=True)
    booking = Booking.objects.get()
    assert (booking.slot, booking.channel, booking.booked_by) == (slot, Channel.STAFF, advisor)
    assert (str(booking.person), str(booking.person.phone.as_e164)) == ("Zoé Lefèvre", "+33612345678")
    assert (Message.objects.count(), "de vive voix" in response.content.decode()) == (0, True)


def test_staff_book_for_somebody_known_about_a_known_project(client, advisor, permanence):
    known = BookingFactory(slot__permanence__territory=permanence.territory)
    slot = SlotFactory(permanence=permanence)
    form = {"slot": slot.pk, "form_token": uuid4(), "person": known.person_id, "project": known.project_id}
    assert client.post(work("slot_book", permanence), form).status_code == 302
    booking = Booking.objects.get(slot=slot)
    assert (booking.person, booking.project) == (known.person, known.project)
    assert Message.objects.filter(person=known.person, kind="booking-confirmation").count() == 1


def test_a_caller_is_found_by_name_without_accents_or_by_phone(client, advisor, permanence):
    SlotFactory(permanence=permanence)
    found = BookingFactory(
        slot__permanence__territory=permanence.territory,
        person__first_name="Zoé",
        person__last_name="Lefèvre",
        person__phone="+33612345678",
    ).person
    hidden = BookingFactory(person__last_name="Lefèvre").person
    for query in ("lefevre", "zoe lefevre", "06 12 34 56 78", found.email):
        content = client.get(work("slot_book", permanence), {"q": query}).content.decode()
        assert (f"personne={found.pk}" in content, f"personne={hidden.pk}" in content) == (True, False), query


def test_a_caller_nobody_knows_is_typed(client, advisor, permanence):
    SlotFactory(permanence=permanence)
    content = client.get(work("slot_book", permanence), {"q": "Inconnu"}).content.decode()
    assert ("Personne ne correspond" in content, "¿" in content) == (True, False)


def test_staff_book_after_the_notice_but_not_after_the_start(client, advisor, permanence, past):
    slot = SlotFactory(permanence=past)
    response = client.post(work("slot_book", past), caller(slot))
    assert (response.status_code, "Ce créneau est passé" in response.content.decode()) == (409, True)


def test_a_slot_taken_meanwhile_keeps_what_was_typed(client, advisor, permanence):
    taken = BookingFactory(slot=SlotFactory(permanence=permanence)).slot
    free = SlotFactory(permanence=permanence)
    people, projects = Person.objects.count(), Project.objects.count()
    response = client.post(work("slot_book", permanence), caller(taken))
    content = response.content.decode()
    assert (response.status_code, "vient d’être réservé" in content) == (409, True)
    assert ("Lefèvre" in content, f'value="{free.pk}"' in content, "¿" in content) == (True, True, False)
    assert (Person.objects.count(), Project.objects.count()) == (people, projects)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"phone": ""}, "Indiquez un téléphone ou un courriel"),
        ({"title": ""}, "Donnez au projet quelques mots"),
        ({"slot": ""}, "Choisissez un créneau"),
        ({"last_name": ""}, "obligatoire"),
    ],
)
def test_what_is_missing_is_asked_for(changes, message, client, advisor, permanence):
    slot = SlotFactory(permanence=permanence)
    response = client.post(work("slot_book", permanence), caller(slot) | changes)
    assert (response.status_code, message in response.content.decode()) == (422, True)
    assert Booking.objects.count() == 0


def test_a_double_click_books_once(client, advisor, permanence):
    form = caller(SlotFactory(permanence=permanence))
    SlotFactory(permanence=permanence)
    for _ in range(2):
        client.post(work("slot_book", permanence), form)
    assert (Booking.objects.count(), Person.objects.count()) == (1, 1)


def test_the_waiting_person_is_served(client, advisor, permanence):
    entry = WaitingListEntryFactory(permanence=permanence)
    slot = SlotFactory(permanence=permanence)
    url = f"{work('slot_book', permanence)}?personne={entry.person_id}&projet={entry.project_id}"
    content = client.get(url).content.decode()
    assert (str(entry.person) in content, "¿" in content) == (True, False)
    form = {"slot": slot.pk, "form_token": uuid4(), "person": entry.person_id, "project": entry.project_id}
    client.post(work("slot_book", permanence), form)
    entry.refresh_from_db()
    assert entry.booking == Booking.objects.get()


def test_a_person_of_another_territory_is_not_booked_for(client, advisor, permanence):
    stranger = PersonFactory()
    form = caller(SlotFactory(permanence=permanence), person=stranger.pk)
    assert client.post(work("slot_book", permanence), form).status_code == 404


def test_a_full_day_offers_no_form(client, advisor, permanence):
    BookingFactory(slot=SlotFactory(permanence=permanence))
    assert "Plus de créneau libre" in client.get(work("slot_book", permanence)).content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_two_advisors_on_the_phone_one_gets_the_slot():
    permanence = PermanenceFactory()
    slot = SlotFactory(permanence=permanence)
    statuses, start = [], Barrier(2)
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(UserFactory(advisor=True, territory=permanence.territory))

    def book(client, name):
        start.wait()
        statuses.append(client.post(work("slot_book", permanence), caller(slot, last_name=name)).status_code)
        connection.close()

    threads = [Thread(target=book, args=pair) for pair in zip(clients, ("Un", "Deux"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(statuses), Booking.objects.count(), Person.objects.count()) == ([302, 409], 1, 1)
