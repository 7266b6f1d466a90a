"""Places, the waiting list, confirming and withdrawing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from icalendar import Calendar

from coopconnexion.notices.models import Message
from events import services
from events.enums import Channel, Outcome, WithdrawnBy
from events.models import Attendance, Event, EventSession, Registration, RegistrationReminder
from tests.factories import EventFactory, PersonFactory, RegistrationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return timezone.now().replace(microsecond=0)


def register(event, *, at, person=None, channel=Channel.WEB, **kwargs):
    kwargs.setdefault("form_token", uuid4())
    return services.register_person(event=event, person=person or PersonFactory(), channel=channel, at=at, **kwargs)


def kinds():
    return list(Message.objects.order_by("pk").values_list("kind", flat=True))


def test_a_place_stands_at_once_with_its_reminders_and_one_message(at):
    event = EventFactory(capacity=3)
    registration = register(event, at=at)
    assert (registration.is_seated, registration.joined_at, registration.served_at) == (True, at, at)
    assert sorted(registration.reminders.values_list("minutes_before", flat=True)) == [180, 2880]
    message = Message.objects.get()
    assert (message.kind, message.to_email) == ("registration-confirmation", registration.person.email)
    invitation = Calendar.from_ical(bytes(message.attachments.get().content)).walk("VEVENT")[0]
    assert invitation.decoded("dtstart") == event.starts_at.replace(microsecond=0)
    assert str(invitation["summary"]) == event.title
    assert message.secrets[0] in message.text
    assert message.secrets[0] not in bytes(message.attachments.get().content).decode()


def test_several_sessions_come_as_one_calendar_and_one_reminder_a_day(at):
    event = EventFactory()
    for days, hours in ((0, 4), (1, 0)):
        start = event.starts_at.replace(hour=8) + timedelta(days=days, hours=hours)
        EventSession.objects.create(event=event, starts_at=start, ends_at=start + timedelta(minutes=30))
    EventSession.objects.filter(event=event).order_by("pk")[0].delete()
    registration = register(event, at=at)
    assert RegistrationReminder.objects.filter(registration=registration).count() == 4
    attachment = Message.objects.get().attachments.get()
    assert (attachment.filename, len(Calendar.from_ical(bytes(attachment.content)).walk("VEVENT"))) == (
        "seances.ics",
        2,
    )


def test_two_sessions_of_a_day_are_recalled_once(at):
    event = EventFactory(starts_at=at.replace(hour=7, minute=0) + timedelta(days=9))
    later = event.ends_at + timedelta(hours=1)
    EventSession.objects.create(event=event, starts_at=later, ends_at=later + timedelta(hours=1))
    registration = register(event, at=at)
    assert [reminder.session.starts_at for reminder in registration.reminders.all()] == [event.starts_at] * 2


def test_who_comes_when_all_is_full_waits_and_knows_their_position(at):
    event = EventFactory(capacity=1)
    register(event, at=at)
    first, second = (register(event, at=at + timedelta(minutes=minute)) for minute in (1, 2))
    assert [each.is_waiting for each in (first, second)] == [True, True]
    assert [services.waiting_position(each) for each in (first, second)] == [1, 2]
    assert kinds() == ["registration-confirmation", "registration-waiting", "registration-waiting"]
    texts = list(Message.objects.order_by("pk").values_list("text", flat=True))
    assert "en tête de la liste" in texts[1]
    assert "2e position" in texts[2]
    assert not first.reminders.exists()


def test_a_free_place_that_somebody_waits_for_is_not_for_a_newcomer(at):
    event = EventFactory(capacity=1)
    place = register(event, at=at)
    waiting = register(event, at=at)
    Registration.objects.filter(pk=place.pk).update(left_at=at, withdrawn_by=WithdrawnBy.PARTICIPANT)
    assert register(event, at=at).is_waiting
    assert [each.pk for each in services.promote_waiting(event=event, at=at)] == [waiting.pk]


def test_who_comes_by_on_the_day_takes_none_of_the_places(at):
    event = EventFactory(capacity=1)
    register(event, at=at)
    on_site = register(event, at=event.starts_at, channel=Channel.ON_SITE)
    assert on_site.is_seated
    assert kinds() == ["registration-confirmation"]
    assert services.free_places(event) == 0


REFUSALS = [
    ({"cancelled_at": timezone.now()}, 0, "event_cancelled"),
    ({"published_at": None}, 0, "event_not_published"),
    ({}, 12, "event_past"),
    ({}, 10.01, "registration_closed"),
    ({"registration_closes_at": timezone.now() + timedelta(days=2)}, 3, "registration_closed"),
    ({"registration_opens_at": timezone.now() + timedelta(days=2)}, 0, "registration_not_open"),
]


@pytest.mark.parametrize(
    ("fields", "days", "code"), REFUSALS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_an_event_that_takes_nobody_refuses_and_writes_nothing(fields, days, code, at):
    event = EventFactory(**fields)
    with pytest.raises(ValidationError) as refusal:
        register(event, at=at + timedelta(days=days))
    assert (refusal.value.code, Registration.objects.count(), kinds()) == (code, 0, [])


@pytest.mark.parametrize("channel", [Channel.STAFF, Channel.INVITATION])
def test_staff_and_guests_register_after_the_closing_and_until_the_end(channel, at):
    event = EventFactory(registration_closes_at=at + timedelta(days=1))
    assert register(event, at=event.starts_at, channel=channel).is_seated
    with pytest.raises(ValidationError, match="passé"):
        register(event, at=event.ends_at, channel=channel)


def test_the_same_form_twice_registers_once(at):
    event, token, person = EventFactory(), uuid4(), PersonFactory()
    first, second = (register(event, at=at, person=person, form_token=token) for _ in range(2))
    assert (first, len(kinds())) == (second, 1)


def test_one_person_has_one_place(at):
    registration = RegistrationFactory()
    with pytest.raises(ValidationError) as refusal:
        register(registration.event, at=at, person=registration.person)
    assert refusal.value.code == "already_registered"


def test_who_withdrew_may_come_back(at):
    event, person = EventFactory(), PersonFactory()
    services.withdraw_registration(
        registration=register(event, at=at, person=person), by=WithdrawnBy.PARTICIPANT, at=at
    )
    assert register(event, at=at, person=person).is_seated


def test_the_database_gives_no_place_beyond_the_last(at):
    event = EventFactory(capacity=1)
    RegistrationFactory(event=event)
    waiting = RegistrationFactory(event=event, waiting=True)
    with pytest.raises(IntegrityError, match="full"), transaction.atomic():
        RegistrationFactory(event=event)
    with pytest.raises(IntegrityError, match="full"), transaction.atomic():
        Registration.objects.filter(pk=waiting.pk).update(served_at=at)


def test_a_held_registration_takes_no_place_and_gets_one_when_confirmed(at):
    event = EventFactory(capacity=1)
    held = register(event, at=at, held=True)
    assert (held.is_held, services.waiting_position(held), services.free_places(event)) == (True, 0, 1)
    confirmed = services.confirm_registration(registration=held, at=at + timedelta(hours=1))
    assert (confirmed.is_seated, confirmed.reminders.count()) == (True, 2)
    assert kinds() == ["registration-hold", "registration-confirmation"]


def test_a_held_registration_confirmed_late_waits_behind_those_who_came_meanwhile(at):
    event = EventFactory(capacity=1)
    held = register(event, at=at, held=True)
    register(event, at=at)
    waiting = register(event, at=at + timedelta(minutes=1))
    held = services.confirm_registration(registration=held, at=at + timedelta(hours=1))
    assert [services.waiting_position(each) for each in (waiting, held)] == [1, 2]
    assert kinds()[-1] == "registration-waiting"


def test_confirming_twice_changes_nothing_more(at):
    registration = register(EventFactory(), at=at)
    services.confirm_registration(registration=registration, at=at)
    again = services.confirm_registration(registration=registration, at=at + timedelta(days=1))
    assert (again.confirmed_at, len(kinds())) == (at, 1)


def test_withdrawing_frees_the_place_and_gives_it_to_the_first_who_waits(at, django_capture_on_commit_callbacks):
    event = EventFactory(capacity=1)
    place = register(event, at=at)
    first, second = register(event, at=at), register(event, at=at)
    gone = services.withdraw_registration(registration=place, by=WithdrawnBy.PARTICIPANT, at=at, reason="Grippe")
    assert (gone.is_standing, gone.withdraw_reason, gone.reminders.count()) == (False, "Grippe", 0)
    cancel = Calendar.from_ical(bytes(Message.objects.get(kind="registration-withdrawal").attachments.get().content))
    assert (cancel["method"], cancel.walk("VEVENT")[0]["status"]) == ("CANCEL", "CANCELLED")
    assert services.promote_waiting(event=event, at=at) == [first]
    assert services.promote_waiting(event=event, at=at) == []
    first, second = (Registration.objects.get(pk=each.pk) for each in (first, second))
    assert [first.is_seated, second.is_waiting, services.waiting_position(second)] == [True, True, 1]
    assert kinds()[-1] == "registration-promotion"
    assert first.reminders.count() == 2


def test_withdrawing_twice_tells_once(at):
    registration = register(EventFactory(), at=at)
    for _ in range(2):
        services.withdraw_registration(registration=registration, by=WithdrawnBy.PARTICIPANT, at=at)
    assert kinds() == ["registration-confirmation", "registration-withdrawal"]


def test_staff_may_withdraw_somebody_without_telling(at):
    registration = register(EventFactory(), at=at)
    services.withdraw_registration(registration=registration, by=WithdrawnBy.COOP, at=at, notify=False)
    assert kinds() == ["registration-confirmation"]


def test_what_is_over_or_noted_is_not_withdrawn(at):
    registration = RegistrationFactory()
    event = registration.event
    with pytest.raises(ValidationError, match="passé"):
        services.withdraw_registration(registration=registration, by=WithdrawnBy.PARTICIPANT, at=event.ends_at)
    Attendance.objects.create(
        event=event,
        registration=registration,
        session=event.sessions.get(),
        outcome=Outcome.ATTENDED,
        noted_at=at,
    )
    with pytest.raises(ValidationError, match="présence"):
        services.withdraw_registration(registration=registration, by=WithdrawnBy.PARTICIPANT, at=at)


def test_promotion_stops_two_hours_before_the_start_and_at_the_closing(at):
    event = EventFactory(capacity=5)
    waiting = RegistrationFactory(event=event, waiting=True)
    late = event.starts_at - timedelta(hours=2)
    assert services.promote_waiting(event=event, at=late) == []
    Event.objects.filter(pk=event.pk).update(registration_closes_at=at + timedelta(days=1))
    assert services.promote_waiting(event=event, at=at + timedelta(days=1)) == []
    Event.objects.filter(pk=event.pk).update(registration_closes_at=None, cancelled_at=at)
    assert services.promote_waiting(event=event, at=at) == []
    Event.objects.filter(pk=event.pk).update(cancelled_at=None)
    assert services.promote_waiting(event=event, at=late - timedelta(seconds=1)) == [waiting]


def test_who_is_held_is_not_promoted(at):
    event = EventFactory(capacity=5)
    RegistrationFactory(event=event, waiting=True, held_at=at)
    assert services.promote_waiting(event=event, at=at) == []


def test_who_has_no_address_is_registered_and_nothing_is_written(at):
    registration = register(EventFactory(), at=at, person=PersonFactory(email=""))
    assert (registration.is_seated, kinds()) == (True, [])


def test_a_reminder_leaves_once_and_says_when(at):
    registration = register(EventFactory(title="Fixer ses prix"), at=at)
    reminder = registration.reminders.get(minutes_before=2880)
    message = services.send_reminder(reminder_id=reminder.pk, at=reminder.due_at)
    assert message.subject.startswith("Rappel\u202f: Fixer ses prix")
    assert services.send_reminder(reminder_id=reminder.pk, at=reminder.due_at) is None


def test_who_registers_after_the_time_of_a_reminder_does_not_get_it_at_once():
    event = EventFactory()
    late = event.starts_at - timedelta(hours=20)
    registration = register(event, at=late)
    assert list(registration.reminders.values_list("minutes_before", flat=True)) == [180]


@pytest.mark.parametrize("column", ["cancelled_at", "session"])
def test_a_reminder_of_what_is_cancelled_is_skipped(column, at):
    registration = register(EventFactory(), at=at)
    reminder = registration.reminders.get(minutes_before=180)
    if column == "session":
        EventSession.objects.filter(pk=reminder.session_id).update(cancelled_at=at)
    else:
        Event.objects.filter(pk=registration.event_id).update(cancelled_at=at)
    assert services.send_reminder(reminder_id=reminder.pk, at=reminder.due_at) is None
    reminder.refresh_from_db()
    assert reminder.skip_reason == "not_standing"


def test_the_span_of_an_event_is_that_of_its_held_sessions(at):
    event = EventFactory()
    start = event.ends_at + timedelta(days=7)
    later = EventSession.objects.create(event=event, starts_at=start, ends_at=start + timedelta(hours=3))
    event.refresh_from_db()
    assert event.ends_at == later.ends_at
    EventSession.objects.filter(pk=later.pk).update(cancelled_at=at)
    event.refresh_from_db()
    assert event.ends_at == event.starts_at + timedelta(hours=2)


def test_a_presence_is_of_one_event_on_both_sides(at):
    registration, other = RegistrationFactory(), EventFactory()
    with pytest.raises(IntegrityError, match="of_event"), transaction.atomic():
        Attendance.objects.create(
            event=registration.event,
            registration=registration,
            session=other.sessions.get(),
            outcome=Outcome.ATTENDED,
            noted_at=at,
        )
