"""Somebody on the phone: who sent them, the waiting list, and the answer they give to a slot kept for them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import OrganisationKind
from coopconnexion.accounts.models import Organisation
from coopconnexion.notices.models import Message
from permanences.emails import booking as emails
from permanences.models import Booking, BookingReminder, WaitingListEntry
from projects.enums import Source
from projects.models import Project
from tests.factories import (
    BookingFactory,
    PermanenceFactory,
    SlotFactory,
    SlotOfferFactory,
    TerritoryFactory,
    UserFactory,
    WaitingListEntryFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def permanence():
    return PermanenceFactory()


@pytest.fixture
def advisor(client, permanence):
    user = UserFactory(advisor=True, territory=permanence.territory)
    client.force_login(user)
    return user


@pytest.fixture
def referrer():
    return Organisation.objects.create(
        name="Mission locale", kind=OrganisationKind.REFERRER, email="accueil@mission.example"
    )


@pytest.fixture
def offer(permanence):
    entry = WaitingListEntryFactory(permanence=permanence, person__email="", person__phone="+33612345678")
    return SlotOfferFactory(entry=entry)


def work(name, row):
    return reverse(f"permanences_staff:{name}", args=[row.pk])


def caller(**changes):
    return {
        "form_token": uuid4(),
        "first_name": "Zoé",
        "last_name": "Lefèvre",
        "phone": "06 12 34 56 78",
        "title": "Réparation de vélos",
        **changes,
    }


# --- who sent them ---------------------------------------------------------------------------------------------------


def test_a_referrer_is_noted_and_told_when_the_appointment_is(client, advisor, permanence, referrer):
    slot = SlotFactory(permanence=permanence)
    client.post(work("slot_book", permanence), caller(slot=slot.pk, referrer=referrer.pk))
    booking = Booking.objects.get()
    assert (booking.project.referrer, booking.project.source) == (referrer, Source.REFERRER)
    message = Message.objects.get(kind="booking-referred")
    assert (message.to_email, message.person, "Zoé Lefèvre" in message.text) == (referrer.email, booking.person, True)
    assert "/rdv/" not in message.text + message.html
    assert "¿" not in message.subject + message.text + message.html


def test_who_first_sent_somebody_is_kept(client, advisor, permanence, referrer):
    first = Organisation.objects.create(name="France Travail", kind=OrganisationKind.REFERRER)
    known = BookingFactory(slot__permanence__territory=permanence.territory, project__referrer=first)
    slot = SlotFactory(permanence=permanence)
    data = {"form_token": uuid4(), "slot": slot.pk, "person": known.person_id, "project": known.project_id}
    client.post(work("slot_book", permanence), {**data, "referrer": referrer.pk})
    assert Booking.objects.get(slot=slot).project.referrer == first


def test_a_company_is_no_referrer(client, advisor, permanence):
    company = Organisation.objects.create(name="Garage", kind=OrganisationKind.COMPANY)
    slot = SlotFactory(permanence=permanence)
    response = client.post(work("slot_book", permanence), caller(slot=slot.pk, referrer=company.pk))
    assert (response.status_code, Booking.objects.count()) == (422, 0)


# --- the waiting list ------------------------------------------------------------------------------------------------


def test_a_caller_is_put_on_the_waiting_list_of_a_full_day(client, advisor, permanence):
    BookingFactory(slot=SlotFactory(permanence=permanence))
    page = client.get(work("waiting_add", permanence)).content.decode()
    response = client.post(work("waiting_add", permanence), data := caller())
    entry = WaitingListEntry.objects.get()
    assert (str(entry.person), entry.person.email, entry.project.source) == ("Zoé Lefèvre", "", Source.PHONE)
    assert response["Location"] == f"{work('permanence', permanence)}#attente-{entry.pk}"
    assert client.post(work("waiting_add", permanence), data).status_code == 302
    assert ("¿" in page, WaitingListEntry.objects.count(), Project.objects.count()) == (False, 1, 2)


def test_the_agenda_of_a_full_day_leads_to_the_list_and_of_a_free_one_does_not(client, advisor, permanence):
    slot = SlotFactory(permanence=permanence)
    link = work("waiting_add", permanence)
    free = client.get(work("permanence", permanence)).content.decode()
    BookingFactory(slot=slot)
    full = client.get(work("permanence", permanence)).content.decode()
    assert (link in free, link in full, "¿" in full) == (False, True, False)


def test_nobody_waits_while_a_slot_is_free(client, advisor, permanence):
    slot = SlotFactory(permanence=permanence)
    response = client.post(work("waiting_add", permanence), caller())
    content = response.content.decode()
    assert (response.status_code, WaitingListEntry.objects.count()) == (409, 0)
    assert ("réservez-le" in content, "Zoé" in content, work("slot_book", permanence) in content) == (True, True, True)
    assert slot.bookings.count() == 0


def test_who_already_has_an_appointment_does_not_wait(client, advisor, permanence):
    booking = BookingFactory(slot=SlotFactory(permanence=permanence))
    data = {"form_token": uuid4(), "person": booking.person_id, "project": booking.project_id}
    response = client.post(work("waiting_add", permanence), data)
    assert (response.status_code, WaitingListEntry.objects.count()) == (409, 0)


def test_who_gives_up_is_taken_off_the_list(client, advisor, offer):
    client.post(work("waiting_remove", offer.entry))
    offer.refresh_from_db()
    assert (offer.entry.is_waiting, offer.is_open) == (False, False)


# --- the answer by phone ---------------------------------------------------------------------------------------------


def test_the_home_names_those_to_phone(client, advisor, offer):
    reachable = SlotOfferFactory(entry__permanence=offer.entry.permanence)
    elsewhere = SlotOfferFactory(entry__person__email="", entry__permanence__territory=TerritoryFactory())
    content = client.get(reverse("admin:index")).content.decode()
    accept = [work("offer_accept", each) in content for each in (offer, reachable, elsewhere)]
    assert (accept, "À appeler" in content, "¿" in content) == ([True, False, False], True, False)


def test_the_agenda_takes_the_answer_too(client, advisor, offer):
    content = client.get(work("permanence", offer.entry.permanence)).content.decode()
    assert (work("offer_accept", offer) in content, work("offer_decline", offer) in content) == (True, True)


def test_a_slot_accepted_by_phone_is_booked_by_staff_without_confirming_an_address(client, advisor, offer):
    client.post(work("offer_accept", offer))
    booking = Booking.objects.get()
    assert (booking.slot, booking.booked_by, booking.confirmed_at) == (offer.slot, advisor, None)


def test_a_slot_declined_by_phone_goes_to_the_next_without_confirming_an_address(client, advisor, offer):
    client.post(work("offer_decline", offer))
    offer.refresh_from_db()
    entry = WaitingListEntry.objects.get()
    assert (offer.is_open, entry.is_waiting, entry.confirmed_at) == (False, True, None)


def test_an_answer_that_comes_too_late_is_explained(client, advisor, offer):
    offer.expires_at = timezone.now()
    offer.save()
    response = client.post(work("offer_accept", offer), follow=True)
    assert (Booking.objects.count(), "le délai est passé" in response.content.decode()) == (0, True)


@pytest.mark.parametrize("name", ["offer_accept", "offer_decline", "waiting_remove"])
def test_a_reader_answers_for_nobody(name, client, offer):
    client.force_login(UserFactory(reader=True, territory=offer.entry.permanence.territory))
    row = offer.entry if name == "waiting_remove" else offer
    assert client.post(work(name, row)).status_code == 403
    offer.refresh_from_db()
    assert (offer.is_open, offer.entry.is_waiting) == (True, True)


@pytest.mark.parametrize("name", ["offer_accept", "offer_decline", "waiting_remove"])
def test_answers_are_not_given_on_get(name, client, advisor, offer):
    row = offer.entry if name == "waiting_remove" else offer
    assert client.get(work(name, row)).status_code == 405


# --- what the home tells of those who gave up ------------------------------------------------------------------------


def test_the_home_tells_who_cancelled_this_week_and_why(client, advisor, permanence):
    cancelled = BookingFactory(slot=SlotFactory(permanence=permanence), cancelled=True, cancel_reason="Je déménage")
    old = BookingFactory(slot=SlotFactory(permanence=permanence), cancelled=True, cancel_reason="Trop loin")
    Booking.objects.filter(pk=old.pk).update(cancelled_at=timezone.now() - timedelta(days=8))
    BookingFactory(cancelled=True, cancel_reason="Autre territoire")
    content = client.get(reverse("admin:index")).content.decode()
    shown = [words in content for words in (f"#rdv-{cancelled.pk}", "Je déménage", "Trop loin", "Autre territoire")]
    assert shown == [True, True, False, False]


MESSAGES = {
    "confirmation": lambda booking, at: emails.write_confirmation(booking, at=at),
    "link": lambda booking, at: emails.write_link(booking, at=at),
    "existing": lambda booking, at: emails.write_existing(booking, at=at),
    "moved": lambda booking, at: emails.write_move(booking, previous_start=at, at=at),
    "reminder": lambda booking, at: emails.write_reminder(BookingReminder(booking=booking, minutes_before=120), at=at),
}


@pytest.mark.parametrize("kind", MESSAGES)
def test_every_message_with_the_link_says_until_when_it_serves(kind):
    message = MESSAGES[kind](BookingFactory(), timezone.now())
    rule = "usqu’au début du rendez-vous"
    assert (rule in message.text, rule in message.html) == (True, True)
