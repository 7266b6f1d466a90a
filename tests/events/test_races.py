"""Several people at once, on real connections."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from coopconnexion.notices.models import Message
from events import services
from events.enums import Channel, WithdrawnBy
from events.models import Event, Registration, RegistrationReminder
from events.services import Attendee
from tests.factories import EventFactory, PersonFactory, RegistrationFactory

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 20


def at_once(calls):
    """Run the calls on ``THREADS`` threads, the first of them started together; a refusal is its code."""
    barrier = Barrier(min(THREADS, len(calls)))

    def run(numbered):
        number, call = numbered
        try:
            if number < barrier.parties:
                barrier.wait()
            return call()
        except ValidationError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(barrier.parties) as pool:
        return list(pool.map(run, enumerate(calls)))


def request(event, n, *, token=None):
    attendee = Attendee(f"Camille{n}", "Dupont", f"camille{n}@example.org")
    event = Event.objects.get(pk=event.pk)
    return services.request_registration(event=event, attendee=attendee, form_token=token or uuid4(), at=timezone.now())


def states():
    rows = Registration.objects.standing()
    return rows.filter(served_at__isnull=False).count(), rows.waiting().count()


def test_two_hundred_people_on_the_last_place_one_has_it_and_the_others_wait_in_order():
    event = EventFactory(capacity=1)
    answers = at_once([lambda n=n: request(event, n) for n in range(200)])
    assert states() == (1, 199)
    waiting = [answer.registration for answer in answers if answer.registration.is_waiting]
    assert sorted(services.waiting_position(each) for each in waiting) == list(range(1, 200))
    assert Message.objects.filter(kind="registration-confirmation").count() == 1


def test_twenty_visitors_on_the_last_place_are_all_answered():
    event = EventFactory(capacity=1)

    def visit(n):
        typed = {"first_name": "Camille", "last_name": f"Dupont {n}", "email": f"camille{n}@example.org"}
        form = {**typed, "form_token": uuid4()}
        return Client(REMOTE_ADDR=f"10.0.0.{n + 1}").post(f"/agenda/{event.pk}/inscription/", form)

    answers = at_once([lambda n=n: visit(n) for n in range(THREADS)])
    assert {answer.status_code for answer in answers} == {200}
    assert states() == (1, THREADS - 1)


def test_one_person_who_clicks_twenty_times_has_one_place():
    event, token = EventFactory(capacity=5), uuid4()
    at_once([lambda: request(event, 0, token=token) for _ in range(THREADS)])
    assert states() == (1, 0)
    assert Message.objects.count() == 1


def test_one_person_with_twenty_forms_has_one_place():
    event = EventFactory(capacity=5)
    at_once([lambda: request(event, 0) for _ in range(THREADS)])
    assert states() == (1, 0)


def test_places_given_back_at_once_go_to_as_many_who_wait():
    event = EventFactory(capacity=8)
    seated = [RegistrationFactory(event=event) for _ in range(8)]
    waiting = [RegistrationFactory(event=event, waiting=True, person=PersonFactory()) for _ in range(10)]
    at = timezone.now()

    def leave(registration):
        services.withdraw_registration(registration=registration, by=WithdrawnBy.PARTICIPANT, at=at)
        return services.promote_waiting(event=event, at=at)

    at_once([lambda each=each: leave(each) for each in seated])
    assert states() == (8, 2)
    promoted = Registration.objects.seated().values_list("pk", flat=True)
    assert sorted(promoted) == [each.pk for each in waiting[:8]]
    assert Message.objects.filter(kind="registration-promotion").count() == 8


def test_who_withdraws_and_is_promoted_at_the_same_time_ends_in_one_state():
    event = EventFactory(capacity=1)
    waiting = RegistrationFactory(event=event, waiting=True)
    at = timezone.now()
    at_once(
        [
            lambda: services.promote_waiting(event=event, at=at),
            lambda: services.withdraw_registration(registration=waiting, by=WithdrawnBy.PARTICIPANT, at=at),
        ]
    )
    waiting.refresh_from_db()
    assert waiting.left_at is not None
    assert not Registration.objects.seated().exists()


def test_capacity_lowered_while_people_register_leaves_nobody_beyond_it():
    event = EventFactory(capacity=30)

    def lower():
        return Event.objects.filter(pk=event.pk).update(capacity=3)

    def register():
        services.register_person(
            event=event, person=PersonFactory(), form_token=uuid4(), channel=Channel.WEB, at=timezone.now()
        )

    at_once([lower, *[register for _ in range(19)]])
    seated_first = states()[0]
    at_once([register for _ in range(5)])
    assert states()[0] == max(3, seated_first)


def register(event):
    services.register_person(
        event=event, person=PersonFactory(), form_token=uuid4(), channel=Channel.WEB, at=timezone.now()
    )


def test_fewer_places_than_are_taken_meanwhile_are_refused():
    event = EventFactory(capacity=30)

    def lower():
        services.edit_event(event=event, capacity=10, by=None, at=timezone.now())
        return "lowered"

    answers = at_once([*[lambda: register(event) for _ in range(10)], lower, *[lambda: register(event)] * 9])
    event.refresh_from_db()
    if "lowered" in answers:
        assert (event.capacity, states()) == (10, (10, 9))
    else:
        assert (event.capacity, states()) == (30, (19, 0))


def test_who_registers_while_the_event_is_cancelled_is_told_or_refused():
    event = EventFactory(capacity=5)
    cancel = partial(services.cancel_event, event=event, reason="Verglas", by=None, at=timezone.now())
    answers = at_once(
        [*[lambda: register(event) for _ in range(9)], cancel, *[lambda: register(event) for _ in range(9)], cancel]
    )
    registered = answers.count(None)
    assert answers.count("event_cancelled") == 20 - registered - 1
    assert sum(states()) == registered
    told = Message.objects.filter(kind="registration-event-cancelled")
    assert told.count() == registered
    assert not RegistrationReminder.objects.exists()


def test_the_same_series_asked_for_twenty_times_is_laid_once():
    event = EventFactory()
    day = timezone.localdate(event.starts_at)
    rule = {"frequency": "weekly", "starts_on": day, "ends_on": day + timedelta(days=15), "keeps_holidays": True}
    at_once([lambda: len(services.plan_series(event=event, by=None, at=timezone.now(), **rule))] * THREADS)
    assert Event.objects.count() == 3


def test_the_same_move_asked_for_twenty_times_is_told_once():
    event = EventFactory()
    RegistrationFactory(event=event)
    to = event.starts_at + timedelta(days=7)
    move = partial(services.move_event, event=event, starts_at=to, venue=event.venue, by=None, at=timezone.now())
    assert at_once([move] * THREADS).count("nothing_changes") == THREADS - 1
    assert Message.objects.filter(kind="registration-moved").count() == 1
