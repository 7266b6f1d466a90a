from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from coopconnexion.notices.models import Message
from coopconnexion.recurrence import at_wall_time
from permanences import services
from permanences.enums import CancelledBy, Channel
from permanences.models import Booking, SlotOffer, WaitingLink, WaitingListEntry
from permanences.services import Contact
from tests.factories import (
    BookingFactory,
    PermanenceFactory,
    PersonFactory,
    ProjectFactory,
    SlotFactory,
    SlotOfferFactory,
    WaitingListEntryFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return timezone.now()


def full_permanence(**changes):
    return BookingFactory(slot=SlotFactory(permanence=PermanenceFactory(**changes)), confirmed=True).permanence


def join(permanence, *, at, person=None, **kwargs):
    person = person or PersonFactory()
    project = ProjectFactory(holder=person, territory=permanence.territory)
    kwargs.setdefault("form_token", uuid4())
    return services.join_waiting_list(permanence=permanence, person=person, project=project, at=at, **kwargs)


def ask(permanence, *, at, n=1, token=None, **kwargs):
    contact = Contact(f"Camille{n}", "Dupont", f"camille{n}@example.org", "", "Épicerie")
    return services.request_waiting(
        permanence=permanence, contact=contact, form_token=token or uuid4(), at=at, **kwargs
    )


def kinds():
    return list(Message.objects.order_by("pk").values_list("kind", flat=True))


def test_who_joins_is_last_on_the_list_and_receives_the_link_of_their_place(at):
    permanence = full_permanence()
    first, second = join(permanence, at=at), join(permanence, at=at)
    assert [services.waiting_position(entry) for entry in (first, second)] == [1, 2]
    message = Message.objects.get(person=second.person)
    assert (message.kind, message.to_email) == ("waiting-joined", second.person.email)
    assert "en 2e position" in message.text
    assert WaitingLink.objects.filter(entry=second).count() == 1


def test_the_list_of_a_cancelled_permanence_is_closed(at):
    permanence = full_permanence(cancelled_at=at)
    with pytest.raises(ValidationError) as refusal:
        join(permanence, at=at)
    assert (refusal.value.code, WaitingListEntry.objects.count(), kinds()) == ("permanence_cancelled", 0, [])


def test_the_list_closes_with_the_notice_of_the_last_slot(at):
    permanence = full_permanence()
    last = permanence.slots.get().starts_at
    with pytest.raises(ValidationError) as refusal:
        join(permanence, at=last - permanence.notice)
    assert refusal.value.code == "permanence_past"
    assert join(permanence, at=last - permanence.notice - timedelta(minutes=1)).is_waiting


def test_who_has_an_appointment_there_does_not_wait_for_another(at):
    booking = BookingFactory()
    with pytest.raises(ValidationError) as refusal:
        join(booking.permanence, at=at, person=booking.person)
    assert refusal.value.code == "already_booked"


def test_nobody_is_twice_on_a_list(at):
    entry = join(full_permanence(), at=at)
    with pytest.raises(ValidationError) as refusal:
        join(entry.permanence, at=at, person=entry.person)
    assert (refusal.value.code, WaitingListEntry.objects.count()) == ("already_waiting", 1)


def test_who_left_may_join_again_at_the_end(at):
    permanence = full_permanence()
    first, second = join(permanence, at=at), join(permanence, at=at)
    services.leave_waiting_list(entry=first, at=at)
    again = join(permanence, at=at, person=first.person)
    assert [services.waiting_position(entry) for entry in (second, again)] == [1, 2]


def test_a_double_submit_joins_once(at):
    permanence, person, token = full_permanence(), PersonFactory(), uuid4()
    first = join(permanence, at=at, person=person, form_token=token)
    assert join(permanence, at=at, person=person, form_token=token) == first
    assert kinds() == ["waiting-joined"]


def test_a_person_without_email_waits_and_is_not_written_to(at):
    entry = join(full_permanence(), at=at, person=PersonFactory(email="", phone="+33612345678"))
    assert (entry.is_waiting, kinds()) == (True, [])


def test_leaving_gives_the_kept_slot_up_and_is_done_once(at):
    offer = SlotOfferFactory()
    for _ in range(2):
        entry = services.leave_waiting_list(entry=offer.entry, at=at)
    offer.refresh_from_db()
    assert (entry.left_at, offer.declined_at) == (at, at)


def test_who_was_served_does_not_leave(at):
    offer = SlotOfferFactory()
    services.accept_offer(offer=offer, at=at)
    with pytest.raises(ValidationError) as refusal:
        services.leave_waiting_list(entry=offer.entry, at=at)
    assert refusal.value.code == "already_served"


# --- a booking serves the one who waits -------------------------------------------------------------------------------


def book(slot, person, *, at, **kwargs):
    project = ProjectFactory(holder=person, territory=slot.permanence.territory)
    kwargs.setdefault("channel", Channel.WEB)
    return services.book_slot(slot=slot, person=person, project=project, form_token=uuid4(), at=at, **kwargs)


def test_who_books_a_slot_directly_waits_no_more_and_the_slot_kept_for_them_is_given_up(at):
    offer = SlotOfferFactory()
    other = SlotFactory(permanence=offer.entry.permanence)
    booking = book(other, offer.entry.person, at=at)
    offer.refresh_from_db()
    offer.entry.refresh_from_db()
    assert (offer.entry.served_at, offer.entry.booking, offer.declined_at) == (at, booking, at)


def test_who_books_directly_the_slot_kept_for_them_has_accepted_it(at):
    offer = SlotOfferFactory()
    book(offer.slot, offer.entry.person, at=at)
    offer.refresh_from_db()
    assert offer.accepted_at == at


def test_a_booking_of_somebody_else_serves_nobody(at):
    entry = WaitingListEntryFactory()
    book(SlotFactory(permanence=entry.permanence), PersonFactory(), at=at)
    entry.refresh_from_db()
    assert entry.is_waiting


def test_a_booking_held_until_confirmed_serves_only_once_confirmed(at):
    entry = WaitingListEntryFactory()
    slot = SlotFactory(permanence=entry.permanence)
    booking = book(slot, entry.person, at=at, held_until=at + timedelta(minutes=30))
    entry.refresh_from_db()
    assert entry.is_waiting
    services.confirm_booking(booking=booking, at=at)
    entry.refresh_from_db()
    assert entry.booking == booking


def test_a_booking_moved_to_the_permanence_waited_for_ends_the_wait(at):
    first = SlotOfferFactory()
    booking = services.accept_offer(offer=first, at=at)
    later = PermanenceFactory(territory=booking.permanence.territory, held_on=timezone.localdate() + timedelta(days=20))
    entry = WaitingListEntryFactory(permanence=later, person=booking.person)
    services.move_booking(booking=booking, slot=SlotFactory(permanence=later), by=CancelledBy.CANDIDATE, at=at)
    entry.refresh_from_db()
    assert entry.left_at == at


# --- what visitors ask for --------------------------------------------------------------------------------------------


def test_a_visitor_joins_with_a_person_and_a_project_made_on_the_way(at):
    answer = ask(full_permanence(), at=at)
    assert (str(answer.entry.person), answer.entry.project.title, answer.position) == ("Camille1 Dupont", "Épicerie", 1)


def test_a_visitor_who_waits_already_gets_the_link_by_mail_once_an_hour(at):
    at = at.replace(minute=0)
    permanence = full_permanence()
    ask(permanence, at=at)
    answers = [ask(permanence, at=at + timedelta(minutes=n)).entry for n in (1, 2)]
    assert (answers, kinds()) == ([None, None], ["waiting-joined", "waiting-link"])


def test_a_visitor_who_has_an_appointment_gets_its_link_by_mail(at):
    person = PersonFactory(first_name="Camille1", last_name="Dupont", email="camille1@example.org")
    booking = BookingFactory(person=person)
    assert ask(booking.permanence, at=at).entry is None
    assert (kinds(), WaitingListEntry.objects.count()) == (["booking-existing"], 0)


def test_a_visitor_is_refused_while_booking_is_suspended_or_not_open_yet(at):
    for permanence in (full_permanence(booking_paused_message="Grève."), full_permanence(booking_opens_days=2)):
        with pytest.raises(ValidationError) as refusal:
            ask(permanence, at=at)
        assert refusal.value.code == "booking_paused"
    assert WaitingListEntry.objects.count() == 0


def test_a_form_sent_again_for_somebody_else_is_another_request(at):
    permanence, token = full_permanence(), uuid4()
    first, second = ask(permanence, at=at, token=token), ask(permanence, at=at, n=2, token=token)
    assert first.entry.person != second.entry.person
    assert ask(permanence, at=at, n=2, token=token).entry == second.entry


def test_who_joins_many_lists_in_a_day_must_confirm_before_any_offer(at):
    for day in range(11, 14):
        ask(full_permanence(held_on=timezone.localdate() + timedelta(days=day)), at=at)
    permanence = full_permanence()
    assert ask(permanence, at=at).entry is None
    held = WaitingListEntry.objects.get(permanence=permanence)
    free = SlotFactory(permanence=permanence)
    assert services.offer_free_slots(permanence=permanence, at=at) == []
    services.confirm_waiting(entry=held, at=at)
    assert [offer.slot for offer in services.offer_free_slots(permanence=permanence, at=at)] == [free]


def test_a_suspicious_visit_is_held(at):
    ask(full_permanence(), at=at, suspicious=True)
    assert (WaitingListEntry.objects.get().is_held, kinds()) == (True, ["waiting-held"])


def test_the_lost_link_of_a_place_comes_by_mail(at):
    entry = WaitingListEntryFactory()
    services.send_links(email=entry.person.email.upper(), at=at)
    services.send_links(email="inconnu@example.org", at=at)
    assert (kinds(), WaitingLink.objects.get().entry) == (["waiting-link"], entry)


# --- the permanence changes -------------------------------------------------------------------------------------------


def test_a_cancelled_permanence_closes_its_list_and_tells_each_once(at):
    offer = SlotOfferFactory()
    permanence = offer.entry.permanence
    permanence.cancelled_at = at
    permanence.save()
    for _ in range(2):
        services.tend_waiting_list(permanence=permanence, at=at)
    offer.refresh_from_db()
    offer.entry.refresh_from_db()
    assert (offer.lapsed_at, offer.entry.left_at, kinds()) == (at, at, ["waiting-cancelled"])


def test_who_waits_is_told_that_the_permanence_moves_and_old_offers_end(at):
    offer = SlotOfferFactory()
    services.tell_waiting_of_move(permanence=offer.entry.permanence, previous_start=offer.slot.starts_at, at=at)
    offer.refresh_from_db()
    offer.entry.refresh_from_db()
    assert (offer.lapsed_at, offer.entry.is_waiting, kinds()) == (at, True, ["waiting-moved"])


def test_every_message_reads_whole(at):
    permanence = full_permanence(shift_reason="Ascension", cancel_reason="Travaux")
    entry = join(permanence, at=at)
    join(permanence, at=at, held=True)
    services.send_links(email=entry.person.email, at=at)
    SlotFactory(permanence=permanence)
    services.offer_free_slots(permanence=permanence, at=at)
    services.tell_waiting_of_move(permanence=permanence, previous_start=at, at=at)
    services.close_waiting_list(permanence=permanence, at=at)
    messages = {message.kind: message for message in Message.objects.all()}
    assert sorted(messages) == [f"waiting-{kind}" for kind in ("cancelled", "held", "joined", "link", "moved", "offer")]
    for message in messages.values():
        assert "¿" not in message.subject + message.text + message.html
        assert "Bonjour Camille" in message.text
        assert "http" in message.text


def test_the_link_of_a_place_is_blanked_in_what_staff_read(at):
    join(full_permanence(), at=at)
    message = Message.objects.get()
    assert message.secrets[0] in message.text
    assert message.secrets[0] not in message.shown_text


def test_the_offer_names_the_slot_and_the_deadline(at):
    permanence = full_permanence(held_on=date(2027, 1, 7))
    at = at_wall_time(date(2027, 1, 4), time(10))
    entry = join(permanence, at=at)
    SlotFactory(permanence=permanence, starts_at=at_wall_time(permanence.held_on, time(9, 45)))
    services.offer_free_slots(permanence=permanence, at=at)
    message = Message.objects.get(kind="waiting-offer", person=entry.person)
    assert message.subject == "Un créneau s’est libéré\u202f: jeudi 7\xa0janvier 2027 à\xa09\xa0h\xa045"
    assert "jusqu’au lundi 4\xa0janvier 2027 à\xa022\xa0h" in message.text
    assert message.expires_at == SlotOffer.objects.get().expires_at


def test_standing_bookings_of_the_list_are_confirmed_ones(at):
    booking = services.accept_offer(offer=SlotOfferFactory(), at=at)
    assert (booking.channel, booking.confirmed_at) == (Channel.WAITING_LIST, at)
    assert booking not in Booking.objects.unconfirmed()
