from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from icalendar import Calendar

from coopconnexion.notices.models import Message
from permanences.enums import CancelledBy
from permanences.models import Booking, Permanence
from permanences.services import (
    Target,
    cancel_permanence,
    close_slots,
    generate_permanences,
    move_permanence,
    move_warnings,
    pause_booking,
    record_move_answer,
    reopen_slots,
    resume_booking,
    schedule_reminders,
)
from tests.factories import (
    BookingFactory,
    PermanenceFactory,
    PersonFactory,
    ScheduleFactory,
    SlotFactory,
    SlotOfferFactory,
    VenueFactory,
    WaitingListEntryFactory,
)

pytestmark = pytest.mark.django_db

AT = datetime(2027, 3, 1, 8, tzinfo=UTC)
BEFORE_SUMMER_TIME, AFTER_SUMMER_TIME = date(2027, 3, 25), date(2027, 4, 1)


@pytest.fixture
def permanence():
    """The last Thursday before summer time, 9 h to 12 h with a break, four slots."""
    permanence = PermanenceFactory(
        held_on=BEFORE_SUMMER_TIME, break_starts_at=time(10, 30), break_ends_at=time(10, 30, 1)
    )
    SlotFactory.create_batch(4, permanence=permanence)
    return permanence


def slots_of(permanence):
    return list(permanence.slots.in_order())


def book(slot, **kwargs):
    booking = BookingFactory(slot=slot, **kwargs)
    schedule_reminders(booking=booking, at=AT)
    return booking


def move(permanence, held_on=AFTER_SUMMER_TIME, opens_at=time(14), venue=None, reason="travaux", at=AT, **kwargs):
    return move_permanence(
        permanence=permanence,
        held_on=held_on,
        opens_at=opens_at,
        venue=venue or permanence.venue,
        reason=reason,
        at=at,
        **kwargs,
    )


def local(moment):
    return f"{timezone.localtime(moment):%d/%m %H:%M}"


def events_of(message):
    (attachment,) = message.attachments.all()
    calendar = Calendar.from_ical(bytes(attachment.content))
    (event,) = calendar.walk("VEVENT")
    return calendar["METHOD"], str(event["UID"]), event["SEQUENCE"], event["DTSTART"].dt


def test_a_moved_permanence_takes_its_slots_along_by_the_clock_on_the_wall(permanence):
    move(permanence)
    permanence.refresh_from_db()
    assert [local(slot.starts_at) for slot in slots_of(permanence)] == [
        "01/04 14:00",
        "01/04 14:45",
        "01/04 15:30",
        "01/04 16:15",
    ]
    assert {slot.ends_at - slot.starts_at for slot in slots_of(permanence)} == {timedelta(minutes=45)}
    assert (permanence.opens_at, permanence.closes_at, permanence.break_starts_at) == (time(14), time(17), time(15, 30))
    assert (permanence.shift_reason, permanence.moved_at, permanence.sequence) == ("travaux", AT, 1)


def test_slots_moved_over_one_another_do_not_clash(permanence):
    move(permanence, held_on=permanence.held_on, opens_at=time(9, 45))
    assert [local(slot.starts_at)[6:] for slot in slots_of(permanence)] == ["09:45", "10:30", "11:15", "12:00"]


def test_everybody_with_an_appointment_gets_one_message_with_the_updated_invitation(permanence):
    first, second = (book(slot, sequence=2, confirmed_at=AT) for slot in slots_of(permanence)[:2])
    moved = move(permanence, venue=VenueFactory(name="Maison des associations"))
    assert moved == [first, second]
    assert list(Message.objects.order_by("pk").values_list("to_email", "kind")) == [
        (each.person.email, "booking-permanence_moved") for each in (first, second)
    ]
    message = Message.objects.get(person=second.person)
    assert "Avant\u202f: jeudi 25\xa0mars 2027 à\xa09\xa0h\xa045, La Fabrique" in message.text
    assert "Maintenant\u202f: jeudi 1er\xa0avril 2027 à\xa014\xa0h\xa045, Maison des associations" in message.text
    assert "Motif\u202f: travaux." in message.text
    second.refresh_from_db()
    assert events_of(message) == (
        "REQUEST",
        f"{second.uid}@{message.message_id.rstrip('>').partition('@')[2]}",
        3,
        second.slot.starts_at,
    )
    assert (second.moved_at, second.move_answered_at, second.confirmed_at) == (AT, None, AT)


def test_moving_twice_tells_twice_with_a_rising_sequence(permanence):
    booking = book(slots_of(permanence)[0])
    for day in (AFTER_SUMMER_TIME, date(2027, 4, 8)):
        move(permanence, held_on=day)
    assert [events_of(message)[2] for message in Message.objects.order_by("pk")] == [1, 2]
    assert len({events_of(message)[1] for message in Message.objects.all()}) == 1
    booking.refresh_from_db()
    assert local(booking.slot.starts_at) == "08/04 14:00"


def test_who_had_cancelled_or_was_released_hears_nothing(permanence):
    one, two, three, _ = slots_of(permanence)
    gone = [book(one, cancelled=True), book(two, released=True)]
    standing = book(three)
    assert move(permanence) == [standing]
    assert cancel_permanence(permanence=permanence, reason="", at=AT) == [standing]
    assert not Message.objects.filter(person__in=[booking.person for booking in gone]).exists()


def test_reminders_follow_the_move(permanence):
    booking = book(slots_of(permanence)[0])
    move(permanence)
    assert [local(reminder.due_at) for reminder in booking.reminders.order_by("due_at")] == [
        "25/03 14:00",
        "31/03 14:00",
        "01/04 12:00",
    ]


def test_a_reminder_that_waited_to_leave_does_not_leave_with_the_old_date(permanence):
    booking = book(slots_of(permanence)[0])
    reminder = booking.reminders.first()
    message = Message.objects.create(key="r", kind="booking-reminder", to_email="a@example.org", message_id="<r@x>")
    reminder.message = message
    reminder.save()
    move(permanence)
    message.refresh_from_db()
    assert message.expired_at == AT


def test_people_without_an_address_move_too_and_get_no_message(permanence):
    booking = book(slots_of(permanence)[0], person=PersonFactory(email="", phone="+33612345678"))
    assert move(permanence) == [booking]
    assert Message.objects.count() == 0


def test_who_waits_is_told_and_offers_for_the_old_hours_end(permanence):
    entry = WaitingListEntryFactory(permanence=permanence)
    offer = SlotOfferFactory(entry=entry, slot=slots_of(permanence)[0], expires_at=AT + timedelta(hours=4))
    move(permanence)
    offer.refresh_from_db()
    assert offer.lapsed_at == AT
    assert [message.to_email for message in Message.objects.all()] == [entry.person.email]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"held_on": date(2027, 3, 1), "opens_at": time(8)}, "day_past"),
        ({"held_on": BEFORE_SUMMER_TIME, "opens_at": time(9)}, "nothing_changes"),
        ({"opens_at": time(22)}, "past_midnight"),
        ({"at": datetime(2027, 3, 25, 8, tzinfo=UTC)}, "permanence_past"),
        ({"sequence": 7}, "stale"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused_and_nobody_told(permanence, changes, code):
    book(slots_of(permanence)[0])
    with pytest.raises(ValidationError) as refusal:
        move(permanence, **changes)
    permanence.refresh_from_db()
    assert (refusal.value.code, permanence.held_on, Message.objects.count()) == (code, BEFORE_SUMMER_TIME, 0)


def test_a_cancelled_permanence_does_not_move(permanence):
    cancel_permanence(permanence=permanence, reason="", at=AT)
    with pytest.raises(ValidationError) as refusal:
        move(permanence)
    assert refusal.value.code == "permanence_cancelled"


def test_another_permanence_at_the_place_and_a_holiday_are_warnings_only(permanence):
    other = PermanenceFactory(venue=permanence.venue, held_on=date(2027, 5, 6), opens_at=time(11), closes_at=time(13))
    PermanenceFactory(venue=permanence.venue, held_on=date(2027, 5, 6), opens_at=time(14), closes_at=time(15))
    target = Target(other.held_on, time(9), permanence.venue)
    assert move_warnings(permanence=permanence, target=target) == [
        "Jeudi 6\xa0mai 2027 est un jour férié (Ascension).",
        "Une autre permanence a déjà lieu au même endroit ce jour-là, de 11\xa0h à 13\xa0h.",
    ]
    move(permanence, held_on=other.held_on, opens_at=time(9))
    permanence.refresh_from_db()
    assert permanence.held_on == other.held_on


def test_a_moved_permanence_is_not_generated_again():
    schedule = ScheduleFactory(months_ahead=1)
    (permanence,) = generate_permanences(schedule=schedule, at=AT)[:1]
    move(permanence)
    assert generate_permanences(schedule=schedule, at=AT) == []


def test_who_was_told_by_phone_has_answered(permanence):
    booking = book(slots_of(permanence)[0])
    move(permanence)
    assert record_move_answer(booking=booking, at=AT).move_answered_at == AT
    booking.refresh_from_db()
    assert booking.confirmed_at is None


def test_cancelling_tells_each_once_and_names_where_there_is_room(permanence):
    booking, other = (book(slot) for slot in slots_of(permanence)[:2])
    room = PermanenceFactory(territory=permanence.territory, held_on=date(2027, 4, 1))
    SlotFactory(permanence=room)
    full = PermanenceFactory(territory=permanence.territory, held_on=date(2027, 4, 8))
    BookingFactory(slot=SlotFactory(permanence=full))
    entry = WaitingListEntryFactory(permanence=permanence)
    assert cancel_permanence(permanence=permanence, reason="La Fabrique est fermée", at=AT) == [booking, other]
    message = Message.objects.get(person=booking.person)
    assert "jeudi 1er\xa0avril 2027" in message.text
    assert "8\xa0avril" not in message.text
    assert "La Fabrique est fermée" in message.text
    assert events_of(message)[::2] == ("CANCEL", 1)
    booking.refresh_from_db()
    assert (booking.cancelled_at, booking.cancelled_by) == (AT, CancelledBy.COOP)
    assert booking.reminders.count() == 0
    entry.refresh_from_db()
    assert entry.left_at == AT
    assert Message.objects.filter(person=entry.person).count() == 1


def test_cancelling_twice_is_refused(permanence):
    booking = book(slots_of(permanence)[0])
    cancel_permanence(permanence=permanence, reason="", at=AT)
    with pytest.raises(ValidationError) as refusal:
        cancel_permanence(permanence=permanence, reason="", at=AT)
    assert (refusal.value.code, booking.person.messages.count()) == ("permanence_cancelled", 1)


def test_an_appointment_that_has_begun_is_left_to_be_noted(permanence):
    begun, coming = (book(slot) for slot in slots_of(permanence)[:2])
    cancelled = cancel_permanence(permanence=permanence, reason="", at=begun.slot.starts_at + timedelta(minutes=5))
    assert cancelled == [coming]


def test_closing_part_of_a_day_tells_those_concerned_and_keeps_the_others(permanence):
    one, two, three, _ = slots_of(permanence)
    hit, kept = book(two), book(three)
    offer = SlotOfferFactory(entry__permanence=permanence, slot=one, expires_at=AT + timedelta(hours=4))
    assert close_slots(permanence=permanence, slots=[one, two], reason="réunion", at=AT) == [hit]
    assert [slot.closed_at for slot in slots_of(permanence)] == [AT, AT, None, None]
    assert Booking.objects.standing().get() == kept
    offer.refresh_from_db()
    assert offer.lapsed_at == AT
    message = Message.objects.get(person=hit.person)
    assert "jeudi 25\xa0mars 2027, La Fabrique" in message.text  # the last slot of the day is free


def test_a_slot_of_another_permanence_is_not_closed(permanence):
    other = SlotFactory(permanence__held_on=BEFORE_SUMMER_TIME)
    with pytest.raises(ValidationError) as refusal:
        close_slots(permanence=permanence, slots=[other], reason="", at=AT)
    assert refusal.value.code == "no_slot"


def test_a_slot_that_has_begun_is_not_closed(permanence):
    slot = slots_of(permanence)[0]
    with pytest.raises(ValidationError) as refusal:
        close_slots(permanence=permanence, slots=[slot], reason="", at=slot.starts_at)
    assert refusal.value.code == "slot_past"


def test_closed_slots_open_again(permanence):
    slots = slots_of(permanence)[:2]
    close_slots(permanence=permanence, slots=slots, reason="", at=AT)
    reopen_slots(permanence=permanence, slots=slots, at=AT)
    assert [slot.closed_at for slot in slots_of(permanence)] == [None] * 4
    with pytest.raises(ValidationError) as refusal:
        reopen_slots(permanence=permanence, slots=slots, at=AT)
    assert refusal.value.code == "no_slot"


def test_a_closed_slot_does_not_open_over_another(permanence):
    slot = slots_of(permanence)[0]
    close_slots(permanence=permanence, slots=[slot], reason="", at=AT)
    SlotFactory(permanence=permanence, starts_at=slot.starts_at, ends_at=slot.ends_at)
    with pytest.raises(ValidationError) as refusal:
        reopen_slots(permanence=permanence, slots=[slot], at=AT)
    assert refusal.value.code == "slot_overlap"


def test_booking_is_paused_with_a_message_and_resumed(permanence):
    with pytest.raises(ValidationError) as refusal:
        pause_booking(permanence=permanence, message=" ")
    assert refusal.value.code == "message_missing"
    pause_booking(permanence=permanence, message="Appelez-nous.")
    assert Permanence.objects.get(pk=permanence.pk).booking_paused_message == "Appelez-nous."
    resume_booking(permanence=permanence)
    assert Permanence.objects.get(pk=permanence.pk).booking_paused_message == ""


def test_moving_a_full_day_costs_few_queries(permanence, django_assert_max_num_queries):
    for slot in slots_of(permanence):
        book(slot, person=PersonFactory(email=""))
    with django_assert_max_num_queries(60):
        move(permanence)
