from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from coopconnexion.notices.models import Message
from permanences import services
from permanences.enums import CancelledBy, Channel
from permanences.models import Booking, BookingLink
from tests.factories import (
    BookingFactory,
    PermanenceFactory,
    PersonFactory,
    ProjectFactory,
    SlotFactory,
    SlotOfferFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return timezone.now()


def book(slot, *, at, person=None, channel=Channel.WEB, **kwargs):
    person = person or PersonFactory()
    project = ProjectFactory(holder=person, territory=slot.permanence.territory)
    kwargs.setdefault("form_token", uuid4())
    return services.book_slot(slot=slot, person=person, project=project, channel=channel, at=at, **kwargs)


def kinds():
    return list(Message.objects.order_by("pk").values_list("kind", flat=True))


def test_a_booking_stands_at_once_with_its_reminders_and_one_message(at):
    slot = SlotFactory()
    booking = book(slot, at=at)
    assert (booking.slot, booking.permanence, booking.is_standing) == (slot, slot.permanence, True)
    assert sorted(booking.reminders.values_list("minutes_before", flat=True)) == [120, 1440, 10080]
    message = Message.objects.get()
    assert (message.kind, message.to_email) == ("booking-confirmation", booking.person.email)
    assert message.attachments.count() == 1


def cancelled_slot(at):
    return SlotFactory(permanence=PermanenceFactory(cancelled_at=at))


REFUSALS = [
    (lambda at: SlotFactory(permanence=PermanenceFactory(past=True)), "slot_past"),
    (lambda at: SlotFactory(starts_at=at + timedelta(minutes=119)), "slot_too_late"),
    (lambda at: SlotFactory(closed_at=at), "slot_closed"),
    (cancelled_slot, "permanence_cancelled"),
    (lambda at: SlotFactory(permanence=PermanenceFactory(booking_paused_message="Grève.")), "booking_paused"),
    (lambda at: SlotFactory(permanence=PermanenceFactory(booking_opens_days=2)), "booking_paused"),
    (lambda at: BookingFactory().slot, "slot_taken"),
    (lambda at: SlotOfferFactory().slot, "slot_taken"),
]


@pytest.mark.parametrize(("make_slot", "code"), REFUSALS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_slot_that_cannot_be_booked_is_refused(make_slot, code, at):
    slot, before = make_slot(at), Booking.objects.count()
    with pytest.raises(ValidationError) as refusal:
        book(slot, at=at)
    assert (refusal.value.code, Booking.objects.count(), kinds()) == (code, before, [])


def test_a_slot_at_the_notice_limit_is_refused_and_a_minute_before_is_not(at):
    at = at.replace(second=0, microsecond=0)
    slot = SlotFactory(starts_at=at + timedelta(minutes=121))
    with pytest.raises(ValidationError, match="trop tard"):
        book(slot, at=at + timedelta(minutes=1))
    assert book(slot, at=at).slot == slot


def test_staff_book_up_to_the_start_whatever_the_notice(at):
    slot = SlotFactory(starts_at=at + timedelta(minutes=5))
    assert book(slot, at=at, channel=Channel.STAFF).slot == slot


def test_the_slot_of_an_offer_goes_to_the_person_it_is_kept_for(at):
    offer = SlotOfferFactory()
    booking = book(offer.slot, at=at, person=offer.entry.person, channel=Channel.WAITING_LIST)
    assert booking.slot == offer.slot


def test_an_offer_past_its_time_keeps_the_slot_no_longer(at):
    offer = SlotOfferFactory(expires_at=at - timedelta(minutes=1))
    assert book(offer.slot, at=at).slot == offer.slot


def test_the_same_time_with_another_advisor_is_given_when_the_slot_is_taken(at):
    first = BookingFactory().slot
    second = SlotFactory(permanence=first.permanence, desk=2)
    assert first.starts_at == second.starts_at
    assert book(first, at=at).slot == second


def test_a_second_booking_at_the_same_permanence_is_refused(at):
    booking = BookingFactory()
    with pytest.raises(ValidationError) as refusal:
        book(SlotFactory(permanence=booking.permanence), at=at, person=booking.person)
    assert refusal.value.code == "already_booked"


def test_a_double_submit_books_once(at):
    slot, person, token = SlotFactory(), PersonFactory(), uuid4()
    first = book(slot, at=at, person=person, form_token=token)
    assert book(slot, at=at, person=person, form_token=token) == first
    assert (Booking.objects.count(), kinds()) == (1, ["booking-confirmation"])


def test_who_books_after_the_time_of_a_reminder_does_not_get_it(at):
    slot = SlotFactory(starts_at=at + timedelta(hours=20))
    booking = book(slot, at=at)
    assert list(booking.reminders.values_list("minutes_before", flat=True)) == [120]


def test_a_person_without_address_is_booked_and_not_written_to(at):
    booking = book(SlotFactory(), at=at, person=PersonFactory(email=""), channel=Channel.STAFF)
    assert (booking.is_standing, kinds()) == (True, [])


def test_confirming_is_noted_once(at):
    booking = BookingFactory()
    services.confirm_booking(booking=booking, at=at)
    services.confirm_booking(booking=booking, at=at + timedelta(hours=1))
    booking.refresh_from_db()
    assert booking.confirmed_at == at


def test_confirming_a_held_booking_sends_its_invitation(at):
    booking = book(SlotFactory(), at=at, held_until=at + timedelta(minutes=30))
    assert kinds() == ["booking-hold"]
    booking = services.confirm_booking(booking=booking, at=at)
    assert (booking.held_until, kinds()) == (None, ["booking-hold", "booking-confirmation"])


def test_a_hold_that_nobody_confirms_is_released(at):
    booking = book(SlotFactory(), at=at, held_until=at + timedelta(minutes=30))
    services.release_expired_hold(booking=booking, at=at + timedelta(minutes=29))
    assert Booking.objects.standing().count() == 1
    services.release_expired_hold(booking=booking, at=at + timedelta(minutes=30))
    services.release_expired_hold(booking=booking, at=at + timedelta(minutes=31))
    assert (Booking.objects.standing().count(), kinds()) == (0, ["booking-hold", "booking-release"])


def test_cancelling_frees_the_slot_and_stops_what_was_to_come(at):
    booking = book(SlotFactory(), at=at)
    services.cancel_booking(booking=booking, by=CancelledBy.CANDIDATE, at=at, reason="Grippe")
    services.cancel_booking(booking=booking, by=CancelledBy.CANDIDATE, at=at, reason="Encore")
    booking.refresh_from_db()
    assert (booking.cancelled_by, booking.cancel_reason, booking.sequence) == (CancelledBy.CANDIDATE, "Grippe", 1)
    assert booking.reminders.count() == 0
    assert kinds() == ["booking-confirmation", "booking-cancellation"]
    assert book(booking.slot, at=at).slot == booking.slot


def test_a_reminder_not_yet_sent_is_held_back_when_the_booking_is_cancelled(at):
    booking = book(SlotFactory(starts_at=at + timedelta(days=8)), at=at)
    reminder = booking.reminders.get(minutes_before=10080)
    message = services.send_reminder(reminder_id=reminder.pk, at=reminder.due_at)
    services.cancel_booking(booking=booking, by=CancelledBy.COOP, at=reminder.due_at)
    message.refresh_from_db()
    assert message.expired_at == reminder.due_at


def test_a_booking_that_has_begun_can_no_longer_be_cancelled(at):
    booking = BookingFactory(slot=SlotFactory(permanence=PermanenceFactory(past=True)))
    with pytest.raises(ValidationError) as refusal:
        services.cancel_booking(booking=booking, by=CancelledBy.CANDIDATE, at=at)
    assert refusal.value.code == "booking_over"


def test_releasing_frees_the_slot_with_a_message_unless_confirmed_meanwhile(at):
    booking = services.release_booking(booking=BookingFactory(), at=at)
    assert (booking.released_at, kinds()) == (at, ["booking-release"])
    with pytest.raises(ValidationError) as refusal:
        services.release_booking(booking=BookingFactory(confirmed=True), at=at)
    assert refusal.value.code == "booking_confirmed"


def test_moving_takes_the_new_slot_and_frees_the_old_one(at):
    booking = book(SlotFactory(), at=at)
    old, new = (
        booking.slot,
        SlotFactory(permanence=PermanenceFactory(held_on=timezone.localdate() + timedelta(days=20))),
    )
    moved = services.move_booking(booking=booking, slot=new, by=CancelledBy.CANDIDATE, at=at)
    assert (moved.pk, moved.slot, moved.permanence, moved.sequence) == (booking.pk, new, new.permanence, 1)
    assert kinds() == ["booking-confirmation", "booking-moved"]
    assert BookingLink.objects.opened_by("nonsense", at).count() == 0
    assert {link.expires_at for link in moved.links.all()} == {moved.links.last().expires_at}
    assert book(old, at=at).slot == old


def test_moving_to_a_taken_slot_changes_nothing(at):
    booking, taken = BookingFactory(), BookingFactory().slot
    with pytest.raises(ValidationError) as refusal:
        services.move_booking(booking=booking, slot=taken, by=CancelledBy.CANDIDATE, at=at)
    booking.refresh_from_db()
    assert (refusal.value.code, booking.slot != taken, booking.sequence, kinds()) == ("slot_taken", True, 0, [])


def test_a_move_recomputes_the_reminders_even_those_already_sent(at):
    booking = book(SlotFactory(starts_at=at + timedelta(days=8)), at=at)
    reminder = booking.reminders.get(minutes_before=10080)
    services.send_reminder(reminder_id=reminder.pk, at=reminder.due_at)
    later = SlotFactory(starts_at=at + timedelta(days=20), permanence=PermanenceFactory())
    moved = services.move_booking(booking=booking, slot=later, by=CancelledBy.COOP, at=reminder.due_at)
    again = moved.reminders.get(minutes_before=10080)
    assert services.send_reminder(reminder_id=again.pk, at=again.due_at) is not None
    assert kinds().count("booking-reminder") == 2


def test_a_link_is_sent_again_at_most_once_an_hour_and_only_for_what_is_to_come(at):
    at = at.replace(minute=5)
    booking = BookingFactory()
    BookingFactory(person=booking.person, slot=SlotFactory(permanence=PermanenceFactory(past=True)))
    BookingFactory(person=booking.person, cancelled=True)
    for _ in range(3):
        services.send_links(email=booking.person.email.upper(), at=at)
    assert kinds() == ["booking-link"]
    services.send_links(email=booking.person.email, at=at + timedelta(hours=1))
    assert kinds() == ["booking-link", "booking-link"]


@pytest.mark.parametrize("minutes_before", [10080, 1440, 120])
def test_a_reminder_is_one_message_however_often_it_is_asked(minutes_before, at):
    booking = book(SlotFactory(starts_at=at + timedelta(days=8)), at=at)
    reminder = booking.reminders.get(minutes_before=minutes_before)
    assert services.send_reminder(reminder_id=reminder.pk, at=reminder.due_at - timedelta(seconds=1)) is None
    assert services.send_reminder(reminder_id=reminder.pk, at=reminder.due_at) is not None
    assert services.send_reminder(reminder_id=reminder.pk, at=reminder.due_at) is None
    assert kinds() == ["booking-confirmation", "booking-reminder"]


def test_a_late_worker_never_says_tomorrow_of_today(at):
    booking = book(SlotFactory(starts_at=at + timedelta(days=8)), at=at)
    reminder = booking.reminders.get(minutes_before=1440)
    midnight = timezone.localtime(booking.slot.starts_at).replace(hour=0, minute=0, second=0, microsecond=0)
    assert services.send_reminder(reminder_id=reminder.pk, at=midnight) is None
    reminder.refresh_from_db()
    assert (reminder.skip_reason, kinds()) == ("too_late", ["booking-confirmation"])


def test_a_reminder_written_in_time_dies_at_midnight_if_the_mail_is_down(at):
    booking = book(SlotFactory(starts_at=at + timedelta(days=8)), at=at)
    reminder = booking.reminders.get(minutes_before=1440)
    message = services.send_reminder(reminder_id=reminder.pk, at=reminder.due_at)
    assert "demain" in message.subject
    assert timezone.localtime(message.expires_at).date() == timezone.localdate(booking.slot.starts_at)


@pytest.mark.parametrize(("by", "moves"), [(CancelledBy.CANDIDATE, False), (CancelledBy.COOP, True)])
def test_who_has_moved_many_times_is_invited_to_call_and_staff_still_move_them(by, moves, at):
    booking, free = BookingFactory(sequence=10), SlotFactory()
    try:
        services.move_booking(booking=booking, slot=free, by=by, at=at)
        code = ""
    except ValidationError as refusal:
        code = refusal.code
    booking.refresh_from_db()
    assert (booking.slot == free, code) == (moves, "" if moves else "too_many_moves")
