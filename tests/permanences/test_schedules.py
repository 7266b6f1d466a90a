from datetime import UTC, date, datetime, time

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from coopconnexion.notices.models import Message
from coopconnexion.recurrence import Nth
from permanences.enums import Decision, HolidayRule
from permanences.models import Booking, Closure, Permanence, Schedule
from permanences.services import (
    add_closure,
    change_schedule,
    close_slots,
    create_schedule,
    generate_permanences,
    move_permanence,
    plan_schedule_change,
    remove_closure,
    schedule_reminders,
)
from tests.factories import BookingFactory, ScheduleFactory, SlotFactory, VenueFactory, WaitingListEntryFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
DECEMBER, JANUARY, FEBRUARY = date(2026, 12, 3), date(2027, 1, 7), date(2027, 2, 4)


@pytest.fixture
def schedule():
    """Three first Thursdays, 9 h to 12 h, four slots each."""
    schedule = ScheduleFactory(months_ahead=3)
    generate_permanences(schedule=schedule, at=AT)
    return schedule


def permanence_of(schedule, planned_on=DECEMBER):
    return schedule.permanences.get(planned_on=planned_on)


def book(schedule, index=0, planned_on=DECEMBER, **kwargs):
    slot = permanence_of(schedule, planned_on).slots.in_order()[index]
    booking = BookingFactory(slot=slot, **kwargs)
    schedule_reminders(booking=booking, at=AT)
    return booking


def plan(schedule, **changes):
    return plan_schedule_change(schedule=schedule, changes=changes, at=AT)


def change(schedule, decisions=None, reason="", **changes):
    return change_schedule(schedule=schedule, changes=changes, decisions=decisions or {}, reason=reason, at=AT)


def effects(plan):
    return [(each.permanence.held_on, each.effect.value, each.is_conflict) for each in plan.changes]


def days(schedule):
    return list(schedule.permanences.held().order_by("held_on").values_list("held_on", flat=True))


def hours(permanence):
    slots = permanence.slots.open().in_order()
    return [f"{timezone.localtime(slot.starts_at):%H:%M}" for slot in slots]


def test_a_plan_writes_nothing(schedule, django_assert_max_num_queries):
    book(schedule)
    with django_assert_max_num_queries(8):
        planned = plan(schedule, opens_at=time(14), closes_at=time(17))
    assert effects(planned) == [(DECEMBER, "moved", True), (JANUARY, "moved", False), (FEBRUARY, "moved", False)]
    assert [each.bookings for each in planned.conflicts] == [list(Booking.objects.all())]
    assert days(schedule) == [DECEMBER, JANUARY, FEBRUARY]
    assert Schedule.objects.get(pk=schedule.pk).opens_at == time(9)


def test_saving_without_a_change_does_nothing(schedule):
    before = list(Permanence.objects.order_by("pk").values())
    assert {effect for _, effect, _ in effects(change(schedule, name="Autre nom"))} == {"same"}
    assert list(Permanence.objects.order_by("pk").values()) == before


def test_permanences_without_appointment_follow_silently(schedule):
    change(schedule, opens_at=time(14), closes_at=time(17), slot_minutes=60)
    assert [hours(each) for each in schedule.permanences.all()] == [["14:00", "15:00", "16:00"]] * 3
    assert Message.objects.count() == 0


def test_an_appointment_is_kept_as_it_is_by_default(schedule):
    booking = book(schedule)
    change(schedule, opens_at=time(14), closes_at=time(17), notice_minutes=600)
    permanence = permanence_of(schedule)
    assert (hours(permanence)[0], permanence.opens_at, permanence.notice_minutes) == ("09:00", time(9), 120)
    assert hours(permanence_of(schedule, JANUARY))[0] == "14:00"
    booking.refresh_from_db()
    assert (booking.is_standing, booking.sequence, Message.objects.count()) == (True, 0, 0)


def test_free_slots_are_cut_anew_around_the_booked_one(schedule):
    booking = book(schedule, index=1)  # 9 h 45 to 10 h 30
    permanence = permanence_of(schedule)
    assert plan(schedule, slot_minutes=30).conflicts[0].decisions == [Decision.KEEP, Decision.ADAPT]
    change(schedule, {permanence.pk: Decision.ADAPT}, slot_minutes=30)
    assert hours(permanence) == ["09:00", "09:45", "10:30", "11:00", "11:30"]
    booking.refresh_from_db()
    assert (booking.is_standing, booking.sequence, Message.objects.count()) == (True, 0, 0)


def test_free_slots_may_go_to_other_hours_while_the_booked_one_stays(schedule):
    booking = book(schedule)
    permanence = permanence_of(schedule)
    change(schedule, {permanence.pk: Decision.ADAPT}, opens_at=time(14), closes_at=time(16))
    assert hours(permanence) == ["09:00", "14:00", "14:45"]
    booking.refresh_from_db()
    assert f"{timezone.localtime(booking.slot.starts_at):%H:%M}" == "09:00"


def test_more_desks_add_slots_and_keep_those_there_are(schedule):
    book(schedule)
    permanence = permanence_of(schedule)
    before = set(permanence.slots.values_list("pk", flat=True))
    change(schedule, {permanence.pk: Decision.ADAPT}, desks=2)
    assert permanence.slots.count() == 8
    assert before < set(permanence.slots.values_list("pk", flat=True))


def test_moving_tells_everybody_once(schedule):
    booking = book(schedule)
    permanence = permanence_of(schedule)
    change(
        schedule,
        {permanence.pk: Decision.MOVE},
        reason="la salle est prise le matin",
        opens_at=time(14),
        closes_at=time(18),
        slot_minutes=60,
    )
    assert hours(permanence) == ["14:00", "15:00", "16:00", "17:00"]
    message = Message.objects.get()
    assert (message.to_email, "la salle est prise le matin" in message.text) == (booking.person.email, True)
    booking.refresh_from_db()
    assert (booking.sequence, booking.moved_at) == (1, AT)


def test_another_rank_moves_the_month_and_never_makes_two_of_it(schedule):
    kept = book(schedule)
    moved = book(schedule, planned_on=JANUARY)
    decisions = {permanence_of(schedule, JANUARY).pk: Decision.MOVE}
    change(schedule, decisions, nth=Nth.SECOND)
    assert days(schedule) == [DECEMBER, date(2027, 1, 14), date(2027, 2, 11)]
    assert generate_permanences(schedule=schedule, at=AT) == []
    assert Message.objects.get().to_email == moved.person.email
    kept.refresh_from_db()
    assert kept.is_standing


def test_a_kept_permanence_is_left_alone_by_the_next_change(schedule):
    book(schedule)
    change(schedule, nth=Nth.SECOND)
    assert effects(plan(schedule_now(schedule), notice_minutes=60))[0] == (DECEMBER, "apart", False)


def schedule_now(schedule):
    return Schedule.objects.get(pk=schedule.pk)


def test_another_place_is_a_move(schedule):
    book(schedule)
    permanence = permanence_of(schedule)
    venue = VenueFactory(name="Maison des associations", territory=schedule.territory)
    change(schedule, {permanence.pk: Decision.MOVE}, venue=venue)
    assert set(schedule.permanences.values_list("venue__name", flat=True)) == {"Maison des associations"}
    assert "Maison des associations" in Message.objects.get().text


def test_a_shorter_validity_drops_what_concerns_nobody_and_asks_for_the_rest(schedule):
    booking = book(schedule, planned_on=JANUARY)
    gone = book(schedule, planned_on=FEBRUARY, cancelled=True)
    planned = plan(schedule, ends_on=date(2027, 1, 1))
    assert effects(planned) == [(DECEMBER, "same", False), (JANUARY, "dropped", True), (FEBRUARY, "dropped", False)]
    assert planned.conflicts[0].decisions == [Decision.KEEP, Decision.CANCEL]
    change(schedule, ends_on=date(2027, 1, 1))
    assert days(schedule) == [DECEMBER, JANUARY]
    assert permanence_of(schedule, FEBRUARY).cancelled_at == AT  # an old appointment hangs on it
    booking.refresh_from_db()
    assert (booking.is_standing, gone.slot.permanence_id, Message.objects.count()) == (True, gone.permanence_id, 0)


def test_a_dropped_permanence_is_cancelled_when_staff_say_so(schedule):
    booking = book(schedule, planned_on=FEBRUARY)
    permanence = permanence_of(schedule, FEBRUARY)
    change(schedule, {permanence.pk: Decision.CANCEL}, reason="fin des permanences", ends_on=date(2027, 1, 1))
    assert days(schedule) == [DECEMBER]
    booking.refresh_from_db()
    assert (booking.cancelled_at, Message.objects.get().to_email) == (AT, booking.person.email)


def test_a_decision_that_is_not_offered_keeps_the_day(schedule):
    booking = book(schedule)
    change(schedule, {permanence_of(schedule).pk: Decision.CANCEL}, slot_minutes=30)
    booking.refresh_from_db()
    assert (booking.is_standing, hours(permanence_of(schedule))[1]) == (True, "09:45")


def test_who_only_waits_is_a_conflict_too(schedule):
    entry = WaitingListEntryFactory(permanence=permanence_of(schedule))
    (conflict,) = plan(schedule, nth=Nth.SECOND).conflicts
    assert (conflict.bookings, conflict.waiting) == ([], [entry])


def test_what_staff_moved_or_cancelled_stays_so(schedule):
    move_permanence(
        permanence=permanence_of(schedule),
        held_on=date(2026, 12, 9),
        opens_at=time(9),
        venue=schedule.venue,
        reason="",
        at=AT,
    )
    Permanence.objects.filter(planned_on=JANUARY).update(cancelled_at=AT)
    change(schedule, nth=Nth.SECOND)
    assert days(schedule) == [date(2026, 12, 9), date(2027, 2, 11)]


def test_slots_closed_by_staff_stay_closed(schedule):
    permanence = permanence_of(schedule)
    close_slots(permanence=permanence, slots=list(permanence.slots.in_order()[:1]), reason="", at=AT)
    change(schedule, slot_minutes=30)
    assert hours(permanence) == ["10:00", "10:30", "11:00", "11:30"]


def test_the_trace_of_an_old_appointment_survives_another_cut(schedule):
    gone = book(schedule, index=1, cancelled=True)
    change(schedule, slot_minutes=30)
    gone.refresh_from_db()
    assert (gone.slot.closed_at, len(hours(permanence_of(schedule)))) == (AT, 6)


def test_reminders_and_notice_follow_even_where_people_have_booked(schedule):
    booking = book(schedule)
    Permanence.objects.filter(planned_on=JANUARY).update(notice_minutes=5)
    assert effects(change(schedule, reminder_minutes=[60], notice_minutes=600))[0] == (DECEMBER, "follows", False)
    assert list(booking.reminders.values_list("minutes_before", flat=True)) == [60]
    assert [each.notice_minutes for each in schedule.permanences.order_by("held_on")] == [600, 5, 600]


def test_more_months_are_listed_then_created(schedule):
    planned = plan(schedule, months_ahead=6, holiday_rule=HolidayRule.SKIP)
    assert [day.held_on.month for day in planned.created] == [3, 4]
    change(schedule, months_ahead=6, holiday_rule=HolidayRule.SKIP)
    assert len(days(schedule)) == 5


def test_a_booking_made_after_the_plan_was_shown_is_kept(schedule):
    assert plan(schedule, nth=Nth.SECOND).conflicts == []
    booking = book(schedule)
    change(schedule, nth=Nth.SECOND)
    booking.refresh_from_db()
    assert (booking.is_standing, days(schedule)[0]) == (True, DECEMBER)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"closes_at": time(8)}, "hours"),
        ({"ends_on": date(2019, 1, 1)}, "period_empty"),
        ({"desks": 21}, "sizes"),
        ({"months_ahead": 37}, "rule"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused(schedule, changes, code):
    with pytest.raises(ValidationError) as refusal:
        change(schedule, **changes)
    assert (refusal.value.code, len(days(schedule))) == (code, 3)


def test_a_new_schedule_has_its_permanences_at_once():
    model = ScheduleFactory.build()
    venue = VenueFactory()
    schedule = create_schedule(
        name="Lens",
        territory=venue.territory,
        venue=venue,
        opens_at=time(9),
        closes_at=time(12),
        starts_on=model.starts_on,
        months_ahead=2,
        at=AT,
    )
    assert days(schedule) == [DECEMBER, JANUARY]


def test_a_closure_takes_what_concerns_nobody_and_names_the_rest(schedule):
    booking = book(schedule)
    stay = add_closure(
        schedule=schedule, starts_on=date(2026, 12, 1), ends_on=date(2027, 1, 8), reason="Travaux", at=AT
    )
    assert (stay, days(schedule)) == ([permanence_of(schedule)], [DECEMBER, FEBRUARY])
    booking.refresh_from_db()
    assert booking.is_standing
    back = remove_closure(closure=Closure.objects.get(), at=AT)
    assert ([each.held_on for each in back], days(schedule)) == ([JANUARY], [DECEMBER, JANUARY, FEBRUARY])


def test_two_closures_do_not_overlap(schedule):
    days = {"schedule": schedule, "starts_on": DECEMBER, "ends_on": JANUARY, "reason": "Congés", "at": AT}
    add_closure(**days)
    with pytest.raises(ValidationError) as refusal:
        add_closure(**days)
    assert refusal.value.code == "closure_overlap"


def test_rebuilding_does_not_touch_other_permanences(schedule):
    other = SlotFactory(permanence__held_on=DECEMBER)
    change(schedule, slot_minutes=30)
    other.refresh_from_db()
    assert other.closed_at is None
