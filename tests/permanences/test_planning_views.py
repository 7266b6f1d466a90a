from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.urls import reverse
from django.utils.formats import date_format

from coopconnexion.notices.models import Message
from coopconnexion.recurrence import Nth
from permanences.models import Booking, Closure, Permanence, Schedule
from permanences.services import generate_permanences
from tests.factories import (
    BookingFactory,
    PermanenceFactory,
    PersonFactory,
    ScheduleFactory,
    SlotFactory,
    UserFactory,
    VenueFactory,
)

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
DECEMBER = date(2026, 12, 3)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def permanence():
    permanence = PermanenceFactory(held_on=DECEMBER)
    SlotFactory.create_batch(4, permanence=permanence)
    return permanence


@pytest.fixture
def booking(permanence):
    return BookingFactory(slot=permanence.slots.in_order()[0])


@pytest.fixture
def schedule():
    schedule = ScheduleFactory(months_ahead=3)
    generate_permanences(schedule=schedule, at=AT)
    return schedule


@pytest.fixture
def sign_in(client):
    def sign_in(**kwargs):
        user = UserFactory(**kwargs)
        client.force_login(user)
        return user

    return sign_in


def url(name, *args):
    return reverse(f"permanences_staff:{name}", args=args)


def typed(form) -> dict:
    """What a browser would post of a form as it is shown."""
    values = {bound.html_name: bound.value() for bound in form}
    shown = dict(zip(values, form, strict=True))
    return {
        name: date_format(value, "Y-m-d")
        if isinstance(value, date)
        else value.strftime("%H:%M")
        if isinstance(value, time)
        else value.pk
        if hasattr(value, "pk")
        else value
        for name, value in values.items()
        if value is not None and shown[name]
    }


def text(response) -> str:
    return response.content.decode()


DAY_PAGES = ["permanence_move", "permanence_cancel", "slots_close", "booking_pause", "permanence_answers"]


@pytest.mark.parametrize("page", DAY_PAGES)
@pytest.mark.parametrize(
    ("who", "status"), [("manager", 200), ("advisor", 200), ("reader", 403), ("official", 404), ("stranger", 404)]
)
def test_who_may_change_a_day(client, sign_in, booking, page, who, status):
    territory = booking.permanence.territory
    everyone = {
        "manager": {"manager": True},
        "advisor": {"advisor": True, "territory": territory},
        "reader": {"reader": True, "territory": territory},
        "official": {"official": True, "territory": territory},
        "stranger": {"advisor": True, "territory": VenueFactory().territory},
    }
    sign_in(**everyone[who])
    assert client.get(url(page, booking.permanence_id)).status_code == status


@pytest.mark.parametrize("page", ["schedule_dates", "schedule_change", "closure_add"])
@pytest.mark.parametrize(("who", "may"), [("manager", "change"), ("advisor", "see"), ("stranger", "")])
def test_the_direction_alone_changes_the_rules(client, sign_in, schedule, page, who, may):
    if who == "manager":
        sign_in(manager=True)
    else:
        sign_in(advisor=True, territory=schedule.territory if who == "advisor" else VenueFactory().territory)
    status = {"change": 200, "see": 200 if page == "schedule_dates" else 403, "": 404}[may]
    if who == "stranger" and page != "schedule_dates":
        status = 403
    assert client.get(url(page, schedule.pk)).status_code == status


@pytest.mark.parametrize("page", ["schedule_list", "schedule_add", "permanence_add"])
def test_a_candidate_finds_none_of_these_pages(client, sign_in, page):
    sign_in()
    assert client.get(url(page)).status_code == 404


def move_data(permanence, **changes):
    data = {"held_on": "2026-12-10", "opens_at": "14:00", "venue": permanence.venue_id, "reason": "travaux"}
    return data | {"sequence": permanence.sequence} | changes


def test_moving_shows_who_is_concerned_before_anything_happens(client, sign_in, booking):
    sign_in(manager=True)
    response = client.post(url("permanence_move", booking.permanence_id), move_data(booking.permanence))
    assert response.status_code == 200
    assert str(booking.person) in text(response)
    assert 'name="reason" value="travaux"' in text(response)
    booking.permanence.refresh_from_db()
    assert (booking.permanence.held_on, Message.objects.count()) == (DECEMBER, 0)


def test_moving_once_confirmed_tells_and_shows_who_to_phone(client, sign_in, booking, permanence):
    phoned = BookingFactory(
        slot=permanence.slots.in_order()[1], person=PersonFactory(email="", phone="+33321000001", last_name="Sansmail")
    )
    sign_in(advisor=True, territory=permanence.territory)
    data = move_data(permanence, confirmed="1")
    response = client.post(url("permanence_move", permanence.pk), data, follow=True)
    assert response.redirect_chain == [(url("permanence_answers", permanence.pk), 302)]
    assert str(phoned.person) in text(response)
    assert "à appeler" in text(response)
    assert [message.to_email for message in Message.objects.all()] == [booking.person.email]
    client.post(url("move_answer", phoned.pk))
    phoned.refresh_from_db()
    assert phoned.move_answered_at == AT


def test_going_back_keeps_what_was_typed(client, sign_in, permanence):
    sign_in(manager=True)
    response = client.post(url("permanence_move", permanence.pk), move_data(permanence, edit="1"))
    assert 'value="travaux"' in text(response)
    assert 'value="2026-12-10"' in text(response)
    assert "Voir qui est concerné" in text(response)


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"held_on": "2026-11-01"}, 409, "à venir"),
        ({"held_on": "n’importe quoi"}, 422, "date valide"),
        ({"held_on": "2026-12-03", "opens_at": "09:00"}, 409, "déjà lieu à ce moment"),
        ({"sequence": 4, "confirmed": "1"}, 409, "a changé entre-temps"),
    ],
)
def test_a_refused_move_says_why_and_keeps_what_was_typed(client, sign_in, permanence, changes, status, words):
    sign_in(manager=True)
    response = client.post(url("permanence_move", permanence.pk), move_data(permanence, **changes))
    assert response.status_code == status
    assert words in text(response)
    assert 'value="travaux"' in text(response)


def test_cancelling_asks_then_tells(client, sign_in, booking):
    sign_in(manager=True)
    address = url("permanence_cancel", booking.permanence_id)
    data = {"reason": "neige", "sequence": 0}
    assert str(booking.person) in text(client.post(address, data))
    assert Booking.objects.standing().count() == 1
    response = client.post(address, data | {"confirmed": "1"}, follow=True)
    assert response.status_code == 200
    assert (Booking.objects.standing().count(), Message.objects.count()) == (0, 1)


def test_closing_and_opening_slots(client, sign_in, booking):
    sign_in(manager=True)
    permanence = booking.permanence
    slots = [slot.pk for slot in permanence.slots.in_order()[:2]]
    address = url("slots_close", permanence.pk)
    assert client.post(address, {"reason": ""}).status_code == 422
    assert str(booking.person) in text(client.post(address, {"slots": slots, "reason": "réunion"}))
    client.post(address, {"slots": slots, "reason": "réunion", "confirmed": "1"})
    assert (permanence.slots.open().count(), Booking.objects.standing().count()) == (2, 0)
    assert client.get(address).status_code == 200
    client.post(url("slots_reopen", permanence.pk), {"slots": slots})
    assert permanence.slots.open().count() == 4


def test_pausing_and_resuming(client, sign_in, permanence):
    sign_in(manager=True)
    address = url("booking_pause", permanence.pk)
    assert client.post(address, {"message": ""}).status_code == 422
    client.post(address, {"message": "Appelez-nous."})
    assert Permanence.objects.get().booking_paused_message == "Appelez-nous."
    client.post(address, {"resume": "1"})
    assert Permanence.objects.get().booking_paused_message == ""


def test_adding_a_day(client, sign_in):
    venue = VenueFactory()
    sign_in(advisor=True, territory=venue.territory)
    address = url("permanence_add")
    data = typed(client.get(address).context["form"]) | {
        "venue": venue.pk,
        "held_on": "2026-12-09",
        "opens_at": "14:00",
        "closes_at": "16:00",
        "slot_minutes": "30",
        "notice_minutes": "1 h 30",
        "reminder_minutes": "1 j, 2 h",
    }
    response = client.post(address, data)
    assert "4\xa0créneaux" in text(response)
    assert Permanence.objects.count() == 0
    client.post(address, data | {"confirmed": "1"})
    permanence = Permanence.objects.get()
    assert (permanence.slots.count(), permanence.notice_minutes, permanence.reminder_minutes) == (4, 90, [1440, 120])


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"notice_minutes": "bientôt"}, 422, "Écrivez un délai"),
        ({"reminder_minutes": "7 j, quand on veut"}, 422, "Écrivez un délai"),
        ({"closes_at": "13:00"}, 422, "La fermeture doit venir après"),
        ({"break_starts_at": "15:00"}, 422, "La pause doit tenir"),
        ({"closes_at": "14:10"}, 409, "Aucun créneau ne tient"),
        ({"held_on": "2020-01-01"}, 409, "à venir"),
    ],
)
def test_a_day_that_makes_no_sense_is_refused(client, sign_in, changes, status, words):
    venue = VenueFactory()
    sign_in(manager=True)
    address = url("permanence_add")
    data = typed(client.get(address).context["form"]) | {"venue": venue.pk, "held_on": "2026-12-09"}
    response = client.post(address, data | {"opens_at": "14:00", "closes_at": "16:00"} | changes)
    assert (response.status_code, words in text(response)) == (status, True)
    assert 'value="14:00"' in text(response)


def test_the_dates_of_the_coming_years_show_the_holidays(client, sign_in, schedule, django_assert_max_num_queries):
    sign_in(advisor=True, territory=schedule.territory)
    with django_assert_max_num_queries(12):
        response = client.get(url("schedule_dates", schedule.pk))
    assert "Ascension" in text(response)
    assert "jeudi 13\xa0mai 2027" in text(response)
    assert text(response).count("pas encore créée") == 33
    assert client.get(url("schedule_list")).status_code == 200


def schedule_data(client, schedule, **changes):
    return typed(client.get(url("schedule_change", schedule.pk)).context["form"]) | changes


def test_changing_a_schedule_shows_the_plan_and_asks_where_people_have_booked(client, sign_in, schedule):
    booking = BookingFactory(slot=schedule.permanences.order_by("held_on")[0].slots.in_order()[0])
    sign_in(manager=True)
    address = url("schedule_change", schedule.pk)
    data = schedule_data(client, schedule, nth=Nth.SECOND)
    response = client.post(address, data)
    assert response.status_code == 200
    assert str(booking.person) in text(response)
    assert "jeudi 10\xa0décembre 2026" in text(response)
    assert [choice.value for choice in response.context["preview"]["questions"][0][0].decisions] == ["keep", "move"]
    assert Schedule.objects.get().nth == Nth.FIRST
    decisions = {f"decision-{booking.permanence_id}": "move", "reason": "salle prise", "confirmed": "1"}
    assert client.post(address, data | decisions).status_code == 302
    booking.permanence.refresh_from_db()
    assert (booking.permanence.held_on, Message.objects.count()) == (date(2026, 12, 10), 1)
    assert Schedule.objects.get().nth == Nth.SECOND


def test_a_schedule_changed_by_somebody_else_meanwhile_is_not_overwritten(client, sign_in, schedule):
    sign_in(manager=True)
    data = schedule_data(client, schedule, name="Mon nom", confirmed="1")
    Schedule.objects.update(name="Son nom")
    response = client.post(url("schedule_change", schedule.pk), data)
    assert (response.status_code, Schedule.objects.get().name) == (409, "Son nom")
    assert "entre-temps" in text(response)
    assert 'value="Mon nom"' in text(response)


def test_a_refused_schedule_keeps_what_was_typed(client, sign_in, schedule):
    sign_in(manager=True)
    data = schedule_data(client, schedule, name="Autre", closes_at="08:00")
    response = client.post(url("schedule_change", schedule.pk), data)
    assert response.status_code == 422
    assert "La fermeture doit venir après" in text(response)
    assert 'value="Autre"' in text(response)


def test_the_last_day_of_a_schedule_is_asked_and_the_day_after_stored(client, sign_in, schedule):
    sign_in(manager=True)
    data = schedule_data(client, schedule, ends_on="2026-12-31", confirmed="1")
    client.post(url("schedule_change", schedule.pk), data)
    assert Schedule.objects.get().ends_on == date(2027, 1, 1)
    assert 'value="2026-12-31"' in text(client.get(url("schedule_change", schedule.pk)))


def test_a_new_schedule_is_shown_then_created_with_its_permanences(client, sign_in):
    venue = VenueFactory()
    sign_in(manager=True)
    address = url("schedule_add")
    data = typed(client.get(address).context["form"]) | {
        "name": "Lens",
        "territory": venue.territory_id,
        "venue": venue.pk,
        "opens_at": "09:00",
        "closes_at": "12:00",
        "months_ahead": "8",
    }
    response = client.post(address, data)
    assert "8\xa0permanences créées" in text(response)
    assert "jeudi 13\xa0mai 2027" in text(response).lower()
    assert Schedule.objects.count() == 0
    client.post(address, data | {"confirmed": "1"})
    assert Schedule.objects.get().permanences.count() == 8


def test_a_closure_names_the_days_where_people_have_booked(client, sign_in, schedule):
    booking = BookingFactory(slot=schedule.permanences.order_by("held_on")[0].slots.in_order()[0])
    sign_in(manager=True)
    address = url("closure_add", schedule.pk)
    data = {"starts_on": "2026-12-01", "ends_on": "2027-01-31", "reason": "Travaux"}
    response = client.post(address, data)
    assert url("permanence_cancel", booking.permanence_id) in text(response)
    response = client.post(address, data | {"confirmed": "1"})
    assert response.url == url("permanence_cancel", booking.permanence_id)
    assert Closure.objects.get().ends_on == date(2027, 2, 1)
    assert (schedule.permanences.count(), Booking.objects.standing().count()) == (2, 1)
    client.post(url("closure_remove", Closure.objects.get().pk))
    assert schedule.permanences.count() == 3


def test_a_closure_that_ends_before_it_begins_is_refused(client, sign_in, schedule):
    sign_in(manager=True)
    data = {"starts_on": "2026-12-10", "ends_on": "2026-12-01", "reason": "Travaux"}
    response = client.post(url("closure_add", schedule.pk), data)
    assert (response.status_code, "vient avant" in text(response)) == (422, True)


@pytest.mark.parametrize(("page", "data"), [("permanence_cancel", {"sequence": 0}), ("permanence_move", {})])
def test_a_day_already_cancelled_says_so_at_the_first_step(client, sign_in, permanence, page, data):
    sign_in(manager=True)
    Permanence.objects.update(cancelled_at=AT)
    response = client.post(url(page, permanence.pk), data or move_data(permanence))
    assert (response.status_code, "déjà annulée" in text(response)) == (409, True)


def test_schedules_are_found_in_the_admin_and_changed_on_their_page(client, sign_in, schedule):
    sign_in(manager=True)
    for address in (
        reverse("admin:permanences_schedule_changelist"),
        reverse("admin:permanences_schedule_change", args=[schedule.pk]),
    ):
        assert url("schedule_dates", schedule.pk) in text(client.get(address))
    assert client.get(reverse("admin:permanences_schedule_add")).status_code == 403
    assert client.get(reverse("admin:permanences_schedule_history", args=[schedule.pk])).status_code == 200
