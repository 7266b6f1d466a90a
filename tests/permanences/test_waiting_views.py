from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from coopconnexion.notices.models import Message
from coopconnexion.notices.services import new_link
from permanences.models import Booking, SlotOffer, WaitingLink, WaitingListEntry
from permanences.views.waiting import WaitingJoinView
from tests.factories import (
    BookingFactory,
    PermanenceFactory,
    SlotFactory,
    SlotOfferFactory,
    WaitingListEntryFactory,
)

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def full_permanence(**changes):
    return BookingFactory(slot=SlotFactory(permanence=PermanenceFactory(**changes)), confirmed=True).permanence


def typed(**changes):
    return {
        "form_token": uuid4(),
        "first_name": "Élodie",
        "last_name": "Lefèbvre",
        "email": "elodie@example.org",
        "phone": "06 12 34 56 78",
        "title": "Épicerie en vrac",
        "pitch": "Un local en centre-ville.",
    } | changes


def join_url(permanence):
    return reverse("permanences:waiting_join", args=[permanence.pk])


def join(client, permanence, **changes):
    return client.post(join_url(permanence), typed(**changes))


def open_link(entry, **changes):
    at = timezone.now()
    return new_link(WaitingLink, at=at, expires_at=changes.get("expires_at", at + timedelta(days=30)), entry=entry)


def page(token):
    return reverse("permanences:waiting_manage", args=[token])


def action(name, token, offer=None):
    return reverse(f"permanences:{name}", args=[token, offer.pk] if offer else [token])


def snapshot():
    return [list(model.objects.order_by("pk").values()) for model in (WaitingListEntry, SlotOffer, Booking)]


# --- joining ----------------------------------------------------------------------------------------------------------


def test_a_visitor_joins_the_list_of_a_full_permanence_and_learns_their_rank(client):
    permanence = full_permanence()
    WaitingListEntryFactory(permanence=permanence)
    assert "¿" not in client.get(join_url(permanence)).text
    response = join(client, permanence)
    entry = WaitingListEntry.objects.get(person__email="elodie@example.org")
    assert (response.status_code, entry.message) == (200, "Un local en centre-ville.")
    assert "en 2e position" in response.text
    assert "elodie@example.org" in response.text
    assert "¿" not in response.text


def test_the_join_page_costs_four_queries_at_most(client, django_assert_max_num_queries):
    permanence = full_permanence()
    with django_assert_max_num_queries(4):
        client.get(join_url(permanence))


def test_the_page_never_hands_out_the_link(client):
    response = join(client, full_permanence())
    token = Message.objects.get().secrets[0]
    assert token not in response.text


def test_a_double_click_joins_once_with_the_same_answer(client):
    permanence, form = full_permanence(), typed()
    answers = [client.post(join_url(permanence), form) for _ in range(2)]
    assert WaitingListEntry.objects.count() == 1
    assert answers[0].text == answers[1].text


def test_when_a_slot_is_free_the_page_says_so_and_links_to_it(client):
    permanence = SlotFactory().permanence
    response = client.get(join_url(permanence))
    assert "Pas besoin d’attendre" in response.text
    assert reverse("permanences:permanence", args=[permanence.pk]) in response.text


def test_a_slot_freed_while_typing_is_offered_with_what_was_typed(client):
    slot = SlotFactory()
    form = typed()
    response = client.post(join_url(slot.permanence), form)
    assert (response.status_code, WaitingListEntry.objects.count()) == (409, 0)
    assert "Épicerie en vrac" in response.text
    assert f'action="{reverse("permanences:slot_book", args=[slot.permanence_id])}"' in response.text
    client.post(reverse("permanences:slot_book", args=[slot.permanence_id]), form | {"slot": slot.pk})
    assert Booking.objects.get().slot == slot


def test_what_was_typed_for_a_slot_now_gone_joins_the_list(client):
    slot = SlotFactory()
    form = typed(slot=slot.pk)
    BookingFactory(slot=slot)
    response = client.post(reverse("permanences:slot_book", args=[slot.permanence_id]), form)
    assert f'action="{join_url(slot.permanence)}"' in response.text
    client.post(join_url(slot.permanence), form)
    assert str(WaitingListEntry.objects.get().form_token) == str(form["form_token"])


def test_an_incomplete_form_is_shown_again_with_what_was_typed(client):
    response = join(client, full_permanence(), email="")
    assert (response.status_code, WaitingListEntry.objects.count()) == (422, 0)
    assert "Épicerie en vrac" in response.text


def test_a_robot_gets_the_neutral_page_and_no_place(client):
    response = join(client, full_permanence(), site_web="https://spam.example")
    assert "Regardez votre messagerie" in response.text
    assert (WaitingListEntry.objects.count(), Message.objects.count()) == (0, 0)


def test_who_waits_already_sees_a_page_that_reveals_nothing(client):
    permanence = full_permanence()
    join(client, permanence)
    response = join(client, permanence)
    assert "Regardez votre messagerie" in response.text
    assert "position" not in response.text


@pytest.mark.parametrize(
    "changes",
    [
        {"cancelled_at": timezone.now()},
        {"past": True},
        {"booking_paused_message": "Grève."},
        {"booking_opens_days": 2},
    ],
)
def test_a_permanence_that_is_not_open_takes_nobody(client, changes):
    permanence = full_permanence(**changes)
    page = client.get(join_url(permanence))
    assert page.status_code == 200
    assert "¿" not in page.text
    assert "<form" not in page.text.partition("<h1")[2]
    assert join(client, permanence).status_code == 422
    assert WaitingListEntry.objects.count() == 0


def test_an_unknown_permanence_is_not_found(client):
    assert client.get(reverse("permanences:waiting_join", args=[404])).status_code == 404


def test_every_form_gets_its_own_token():
    assert WaitingJoinView().get_initial() != WaitingJoinView().get_initial()


# --- the page of one's place ------------------------------------------------------------------------------------------

BUTTONS = ("waiting_confirm", "waiting_leave")
ANSWERS = ("offer_accept", "offer_decline")


def test_no_page_of_a_link_acts_on_get(client):
    offer = SlotOfferFactory()
    token, before = open_link(offer.entry), snapshot()
    urls = [page(token), *(action(name, token) for name in BUTTONS), *(action(name, token, offer) for name in ANSWERS)]
    assert [client.get(url).status_code for url in urls] == [200, 405, 405, 405, 405]
    assert snapshot() == before


def test_an_unknown_expired_or_revoked_link_opens_nothing_and_says_what_to_do(client):
    offer = SlotOfferFactory()
    expired, revoked = open_link(offer.entry, expires_at=timezone.now()), open_link(offer.entry)
    WaitingLink.objects.filter(expires_at__gt=timezone.now()).update(revoked_at=timezone.now())
    before = snapshot()
    for token in ("x" * 43, expired, revoked):
        for response in (client.get(page(token)), client.post(action("offer_accept", token, offer))):
            assert response.status_code == 404
            assert reverse("permanences:link_request") in response.text
    assert snapshot() == before


def test_the_offer_of_somebody_else_is_not_opened_by_ones_own_link(client):
    offer = SlotOfferFactory()
    token = open_link(WaitingListEntryFactory(permanence=offer.entry.permanence))
    for name in ANSWERS:
        assert client.post(action(name, token, offer)).status_code == 404
    offer.refresh_from_db()
    assert offer.is_open


def test_the_page_shows_the_offer_and_is_kept_by_no_cache(client):
    offer = SlotOfferFactory()
    response = client.get(page(open_link(offer.entry)))
    assert "J’accepte ce créneau" in response.text
    assert "no-store" in response["Cache-Control"]
    assert "¿" not in response.text


def test_a_double_click_on_accept_books_once_and_says_so(client):
    offer = SlotOfferFactory()
    token = open_link(offer.entry)
    answers = [client.post(action("offer_accept", token, offer), follow=True) for _ in range(2)]
    for response in answers:
        assert "Votre rendez-vous est pris" in response.text
        assert "¿" not in response.text
    booking = Booking.objects.get()
    assert (booking.slot, booking.confirmed_at is not None) == (offer.slot, True)
    assert Message.objects.filter(kind="booking-confirmation").count() == 1


def test_an_offer_past_its_time_is_refused_with_what_to_do_next(client):
    offer = SlotOfferFactory()
    token = open_link(offer.entry)
    with time_machine.travel(offer.expires_at + HOUR, tick=False):
        shown = client.get(page(token))
        refused = client.post(action("offer_accept", token, offer), follow=True)
    assert "J’accepte" not in shown.text
    assert "Le délai pour répondre est passé" in shown.text
    assert "réservez-le sur la page de la permanence" in refused.text
    assert reverse("permanences:permanence", args=[offer.entry.permanence_id]) in refused.text
    assert Booking.objects.count() == 0


def test_no_thank_you_keeps_the_place(client):
    offer = SlotOfferFactory()
    token = open_link(offer.entry)
    response = client.post(action("offer_decline", token, offer), follow=True)
    offer.refresh_from_db()
    assert offer.declined_at is not None
    assert "en tête de la liste" in response.text


def test_leaving_takes_two_clicks_as_one(client):
    entry = WaitingListEntryFactory()
    token = open_link(entry)
    for _ in range(2):
        response = client.post(action("waiting_leave", token), follow=True)
    entry.refresh_from_db()
    assert entry.left_at is not None
    assert "Vous avez quitté cette liste" in response.text


def test_a_held_place_is_confirmed_by_its_button(client):
    entry = WaitingListEntryFactory(held_at=timezone.now())
    token = open_link(entry)
    assert "Je confirme mon inscription" in client.get(page(token)).text
    client.post(action("waiting_confirm", token))
    entry.refresh_from_db()
    assert not entry.is_held


def after_three_offers(entry):
    for days in (2, 3, 4):
        SlotOfferFactory(entry=entry, offered_at=timezone.now() - timedelta(days=days), lapsed_at=timezone.now())


def permanence_cancelled(entry):
    type(entry.permanence).objects.update(cancelled_at=timezone.now(), cancel_reason="Travaux")


def permanence_past(entry):
    type(entry.permanence).objects.update(held_on=timezone.localdate() - timedelta(days=1))


def booking_cancelled(entry):
    booking = BookingFactory(slot=SlotFactory(permanence=entry.permanence), person=entry.person, cancelled=True)
    WaitingListEntry.objects.filter(pk=entry.pk).update(served_at=timezone.now(), booking=booking)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (after_three_offers, "Nous vous avons fait trois propositions"),
        (permanence_cancelled, "Travaux"),
        (permanence_past, "Cette permanence est passée"),
        (booking_cancelled, "Ce rendez-vous ne tient plus"),
    ],
)
def test_the_page_says_how_things_stand(client, change, words):
    entry = WaitingListEntryFactory()
    change(entry)
    response = client.get(page(open_link(entry)))
    assert words in response.text
    assert "¿" not in response.text


def test_the_message_of_an_offer_opens_its_page(client):
    permanence = full_permanence()
    join(client, permanence)
    token = Message.objects.get().secrets[0]
    assert client.get(page(token)).status_code == 200
