import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.models import Person
from coopconnexion.notices.models import Message
from permanences.models import Booking, MissedRequest, Permanence
from projects.models import Project
from tests.factories import (
    BookingFactory,
    PermanenceFactory,
    PersonFactory,
    ScheduleFactory,
    SlotFactory,
    TerritoryFactory,
    ThemeFactory,
)

pytestmark = pytest.mark.django_db


def typed(slot, /, **changes):
    return {
        "slot": slot.pk,
        "form_token": uuid4(),
        "first_name": "Élodie",
        "last_name": "Lefèbvre",
        "email": "elodie@example.org",
        "phone": "06 12 34 56 78",
        "title": "Épicerie en vrac",
        "pitch": "Un local en centre-ville.",
        "intended_activity": "épicerie",
    } | changes


def post(client, slot, /, **changes):
    return client.post(reverse("permanences:slot_book", args=[slot.permanence_id]), typed(slot, **changes))


def page(response) -> str:
    """The template of the page that answered, e-mails aside."""
    return next(each.name for each in response.templates if each.name.startswith("permanences/booking_"))


def kinds():
    return list(Message.objects.order_by("pk").values_list("kind", flat=True))


def test_the_list_shows_the_coming_permanences_with_their_free_slots(client):
    permanence = SlotFactory().permanence
    full = BookingFactory(slot=SlotFactory(permanence=PermanenceFactory())).permanence
    PermanenceFactory(past=True)
    response = client.get(reverse("permanences:permanence_list"))
    shown = {each.pk: each.free_count for each in response.context["permanences"]}
    assert shown == {permanence.pk: 1, full.pk: 0}
    assert "¿" not in response.text


def test_dates_whose_booking_is_not_open_yet_are_listed_apart(client):
    soon, later = PermanenceFactory(), PermanenceFactory(held_on=timezone.localdate() + timedelta(days=200))
    context = client.get(reverse("permanences:permanence_list")).context
    assert (context["permanences"], context["later"]) == ([soon], [later])


def test_the_list_is_narrowed_to_a_territory(client):
    schedule = ScheduleFactory()
    mine = PermanenceFactory(territory=schedule.territory)
    PermanenceFactory()
    response = client.get(reverse("permanences:permanence_list"), {"territoire": schedule.territory.slug})
    assert list(response.context["permanences"]) == [mine]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(client, rows, django_assert_num_queries):
    for _ in range(rows):
        BookingFactory()
        SlotFactory(permanence=Permanence.objects.last())
    with django_assert_num_queries(2):
        client.get(reverse("permanences:permanence_list"))


@pytest.mark.parametrize("booked", [1, 16])
def test_a_fully_booked_day_costs_two_queries(client, booked, django_assert_num_queries):
    permanence = PermanenceFactory()
    for _ in range(booked):
        BookingFactory(slot=SlotFactory(permanence=permanence))
    with django_assert_num_queries(2):
        response = client.get(reverse("permanences:permanence", args=[permanence.pk]))
    assert response.context["times"] == []
    assert reverse("permanences:waiting_join", args=[permanence.pk]) in response.text


def test_a_day_shows_each_free_time_once(client):
    slot = SlotFactory()
    SlotFactory(permanence=slot.permanence, desk=2, starts_at=slot.starts_at)
    response = client.get(reverse("permanences:permanence", args=[slot.permanence_id]))
    assert [(each.pk, each.free_count) for each in response.context["times"]] == [(slot.pk, 2)]
    assert "¿" not in response.text


def test_an_unchanged_day_answers_304(client):
    url = reverse("permanences:permanence", args=[SlotFactory().permanence_id])
    etag = client.get(url)["ETag"]
    assert client.get(url, headers={"if-none-match": etag}).status_code == 304


def test_htmx_gets_the_slots_alone(client):
    url = reverse("permanences:permanence", args=[SlotFactory().permanence_id])
    response = client.get(url, headers={"hx-request": "true"})
    assert "<html" not in response.text
    assert "?creneau=" in response.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cancelled_at": timezone.now(), "cancel_reason": "Travaux"}, "annulée"),
        ({"booking_paused_message": "La Fabrique est fermée."}, "La Fabrique est fermée."),
        ({"booking_opens_days": 1}, "pas encore ouverte"),
        ({"past": True}, "passée"),
    ],
)
def test_a_day_that_cannot_be_booked_says_why(client, changes, words):
    slot = SlotFactory(permanence=PermanenceFactory(**changes))
    response = client.get(reverse("permanences:permanence", args=[slot.permanence_id]))
    assert words in response.text
    assert "?creneau=" not in response.text


def test_a_visitor_books_in_four_requests(client):
    slot, theme = SlotFactory(), ThemeFactory()
    day = reverse("permanences:permanence", args=[slot.permanence_id])
    form = f"{reverse('permanences:slot_book', args=[slot.permanence_id])}?creneau={slot.pk}"
    assert day in client.get(reverse("permanences:permanence_list")).text
    assert form in client.get(day).text
    token = client.get(form).context["form"]["form_token"].value()
    response = post(client, slot, themes=[theme.pk], form_token=token)
    assert (response.status_code, page(response)) == (200, "permanences/booking_done.html")
    booking = Booking.objects.get()
    assert (booking.slot, booking.person.email, str(booking.person.phone)) == (
        slot,
        "elodie@example.org",
        "06 12 34 56 78",
    )
    assert list(booking.project.themes.all()) == [theme]
    assert (booking.project.stage, booking.project.source) == ("first_contact", "permanence")
    assert "¿" not in response.text


def test_the_confirmation_page_hands_out_no_link(client):
    response = post(client, SlotFactory())
    assert "/rdv/" not in response.text


def test_a_whole_booking_costs_few_queries(client):
    slot = SlotFactory()
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("permanences:permanence_list"))
        client.get(reverse("permanences:permanence", args=[slot.permanence_id]))
        client.get(reverse("permanences:slot_book", args=[slot.permanence_id]), {"creneau": slot.pk})
        post(client, slot)
    statements = [query["sql"] for query in captured if not re.search("SAVEPOINT", query["sql"])]
    assert len(statements) <= 25


def test_a_slot_taken_meanwhile_keeps_what_was_typed_and_offers_the_others(client):
    taken = BookingFactory().slot
    free = SlotFactory(permanence=taken.permanence)
    response = post(client, taken)
    assert response.status_code == 409
    assert [slot.pk for slot in response.context["times"]] == [free.pk]
    for kept in ("Lefèbvre", "Un local en centre-ville.", "vient d’être réservé"):
        assert kept in response.text
    assert (Person.objects.filter(last_name="Lefèbvre").count(), MissedRequest.objects.count()) == (0, 1)


def test_the_next_choice_of_who_lost_a_slot_is_counted_as_served(client):
    taken, token = BookingFactory().slot, uuid4()
    free = SlotFactory(permanence=taken.permanence)
    post(client, taken, form_token=token)
    assert post(client, free, form_token=token, missed="on").status_code == 200
    assert MissedRequest.objects.get().served_at is not None


def test_when_the_whole_day_is_gone_the_waiting_list_gets_what_was_typed(client):
    response = post(client, BookingFactory().slot)
    assert response.status_code == 409
    assert reverse("permanences:waiting_join", args=[Permanence.objects.get().pk]) in response.text
    assert "Un local en centre-ville." in response.text


def test_a_double_submit_gets_the_same_confirmation(client):
    slot, token = SlotFactory(), uuid4()
    first, second = post(client, slot, form_token=token), post(client, slot, form_token=token)
    assert (first.status_code, second.status_code) == (200, 200)
    assert page(first) == page(second) == "permanences/booking_done.html"
    assert (Booking.objects.count(), kinds()) == (1, ["booking-confirmation"])


def test_a_known_person_is_recognised_and_the_page_does_not_say_so(client):
    known = PersonFactory(first_name="ELODIE", last_name="Lefebvre", email="elodie@example.org")
    stranger = post(client, SlotFactory(), email="other@example.org")
    response = post(client, SlotFactory())
    assert Booking.objects.last().person == known
    assert page(response) == page(stranger)


def test_who_already_has_a_booking_gets_a_neutral_page_and_the_link_by_mail(client):
    slot = SlotFactory()
    post(client, slot)
    response = post(client, SlotFactory(permanence=slot.permanence))
    assert page(response) == "permanences/booking_neutral.html"
    assert (Booking.objects.count(), kinds()) == (1, ["booking-confirmation", "booking-existing"])


def test_a_person_past_the_limit_must_confirm_within_half_an_hour(client):
    for days in range(3):
        permanence = PermanenceFactory(held_on=timezone.localdate() + timedelta(days=10 + days))
        assert page(post(client, SlotFactory(permanence=permanence))) == "permanences/booking_done.html"
    response = post(client, SlotFactory())
    held = Booking.objects.last()
    assert page(response) == "permanences/booking_neutral.html"
    assert held.held_until == held.booked_at + timedelta(minutes=30)


def test_an_address_written_to_too_often_is_left_alone(client):
    for n in range(12):
        post(client, SlotFactory(), last_name=f"Nom{n}")
    response = post(client, SlotFactory(), last_name="Encore")
    assert response.status_code == 422
    assert "beaucoup écrit à cette adresse" in response.text
    assert len(kinds()) == 8


def test_a_robot_that_fills_the_trap_books_nothing(client):
    response = post(client, SlotFactory(), site_web="https://spam.example")
    assert (response.status_code, Booking.objects.count(), kinds()) == (200, 0, [])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "pas-une-adresse"),
        ("email", ""),
        ("first_name", ""),
        ("title", "x" * 201),
        ("phone", "12"),
        ("form_token", "abc"),
        ("themes", ["999999"]),
        ("slot", "999999"),
        ("slot", "' OR 1=1"),
        ("first_name", "a\x00b"),
    ],
)
def test_bad_input_is_named_and_what_was_typed_is_kept(client, field, value):
    slot = SlotFactory()
    response = post(client, slot, **{field: value})
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert "Un local en centre-ville." in response.text
    assert Booking.objects.count() == 0


def test_a_slot_of_another_permanence_is_refused(client):
    slot, other = SlotFactory(), SlotFactory()
    response = client.post(reverse("permanences:slot_book", args=[slot.permanence_id]), typed(other))
    assert (response.status_code, Booking.objects.count()) == (422, 0)


def test_a_stale_address_of_a_slot_offers_the_free_ones(client):
    slot = BookingFactory().slot
    free = SlotFactory(permanence=slot.permanence)
    url = reverse("permanences:slot_book", args=[slot.permanence_id])
    for value in (slot.pk, "abc", "9" * 30, ""):
        response = client.get(url, {"creneau": value})
        assert [each.pk for each in response.context["times"]] == [free.pk]


def test_a_new_line_in_a_name_stays_on_one_line(client):
    post(client, SlotFactory(), first_name="Élodie\r\nBcc: tous")
    assert Message.objects.get().to_name == "Élodie Bcc: tous Lefèbvre"


def test_the_lost_link_page_says_the_same_for_everybody(client):
    booking = BookingFactory()
    url = reverse("permanences:link_request")
    known = client.post(url, {"email": booking.person.email})
    unknown = client.post(url, {"email": "nobody@example.org"})
    assert known.text.replace(booking.person.email, "X") == unknown.text.replace("nobody@example.org", "X")
    assert kinds() == ["booking-link"]


def test_a_project_of_the_same_title_is_not_opened_twice_nor_rewritten(client):
    slot = SlotFactory()
    later = PermanenceFactory(territory=slot.permanence.territory, held_on=timezone.localdate() + timedelta(days=20))
    post(client, slot)
    post(client, SlotFactory(permanence=later), title="épicerie EN vrac", pitch="Autre texte")
    project = Project.objects.get()
    assert (project.pitch, Booking.objects.last().message) == ("Un local en centre-ville.", "Autre texte")


def test_another_territory_opens_another_project(client):
    post(client, SlotFactory())
    post(client, SlotFactory(permanence=PermanenceFactory(territory=TerritoryFactory())))
    assert Project.objects.count() == 2
