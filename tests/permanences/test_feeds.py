from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from coopconnexion.accounts.models import Mandate
from permanences.models import AgendaFeed
from permanences.services import create_feed, revoke_feed
from tests.factories import BookingFactory, PermanenceFactory, SlotFactory, TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db
PUBLIC = reverse("permanences:public_feed")


def events(response):
    assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return Calendar.from_ical(response.content).walk("VEVENT")


def private_url(user):
    return reverse("permanences:private_feed", args=[create_feed(user=user, at=timezone.now())])


def test_anybody_may_subscribe_to_the_permanences(client):
    permanence = PermanenceFactory()
    BookingFactory(slot=SlotFactory(permanence=permanence))
    (event,) = events(client.get(PUBLIC))
    start = timezone.localtime(event["dtstart"].dt)
    assert (start.date(), start.time(), event["status"]) == (permanence.held_on, permanence.opens_at, "CONFIRMED")
    assert event["location"] == "La Fabrique, 6 rue Sadi-Carnot, 62400 Béthune"


def test_the_public_calendar_names_nobody(client):
    booking = BookingFactory(person__last_name="Secret", project__title="Confidentiel")
    content = client.get(PUBLIC).content.decode()
    assert [each for each in ("Secret", "Confidentiel", booking.person.email) if each in content] == []


def test_the_public_calendar_keeps_to_a_territory(client):
    permanence = PermanenceFactory()
    PermanenceFactory()
    (event,) = events(client.get(PUBLIC, {"territoire": permanence.territory.slug}))
    assert event["uid"].startswith(f"permanence-{permanence.pk}@")
    assert client.get(PUBLIC, {"territoire": "nulle-part"}).status_code == 404


def test_a_cancelled_permanence_stays_as_cancelled(client):
    PermanenceFactory(cancelled_at=timezone.now(), cancel_reason="Neige")
    (event,) = events(client.get(PUBLIC))
    assert event["status"] == "CANCELLED"


def test_calendars_go_back_one_month(client):
    today = timezone.localdate()
    PermanenceFactory(held_on=today - timedelta(days=60))
    recent = PermanenceFactory(held_on=today - timedelta(days=20))
    assert [each["dtstart"].dt.date() for each in events(client.get(PUBLIC))] == [recent.held_on]


def test_a_calendar_that_did_not_change_is_not_sent_again(client):
    permanence = PermanenceFactory()
    first = client.get(PUBLIC)
    again = client.get(PUBLIC, headers={"If-None-Match": first["ETag"]})
    permanence.shift_reason = "Ascension"
    permanence.save()
    changed = client.get(PUBLIC, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code in (200, 304)


@pytest.mark.parametrize("count", [1, 3, 12])
def test_a_calendar_takes_few_queries(count, client):
    territory = TerritoryFactory()
    for _ in range(count):
        BookingFactory(slot__permanence__territory=territory)
    url = private_url(UserFactory(advisor=True, territory=territory))
    with CaptureQueriesContext(connection) as public:
        client.get(PUBLIC, {"territoire": territory.slug})
    with CaptureQueriesContext(connection) as private:
        client.get(url)
    assert (len(public), len(private)) == (2, 3)


def test_an_advisor_subscribes_to_the_appointments_of_their_territory(client):
    booking = BookingFactory(
        person__first_name="Zoé",
        person__last_name="Lefèvre",
        person__phone="+33612345678",
        project__title="Vélos ; pièces, etc.",
        staff_note="Divorce",
    )
    BookingFactory(project__title="Ailleurs")
    response = client.get(private_url(UserFactory(advisor=True, territory=booking.permanence.territory)))
    (event,) = events(response)
    assert (event["summary"], event["dtstart"].dt) == ("Zoé L. – Vélos ; pièces, etc.", booking.slot.starts_at)
    content = response.content.decode()
    leaks = ("Lefèvre", booking.person.email, "612345678", "Divorce", "Ailleurs")
    assert [each for each in leaks if each in content] == []


@pytest.mark.parametrize("trait", ["cancelled", "released"])
def test_an_appointment_that_ended_stays_as_cancelled(trait, client):
    booking = BookingFactory(**{trait: True})
    (event,) = events(client.get(private_url(UserFactory(advisor=True, territory=booking.permanence.territory))))
    assert event["status"] == "CANCELLED"


def test_the_stamp_rises_when_the_appointment_changes(client):
    booking = BookingFactory()
    url = private_url(UserFactory(manager=True))
    first = client.get(url)
    assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304
    booking.cancelled_at, booking.cancelled_by = timezone.now(), "coop"
    booking.save()
    assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_a_revoked_address_answers_no_more(client):
    user = UserFactory(manager=True)
    url = private_url(user)
    revoke_feed(feed=AgendaFeed.objects.get(), at=timezone.now())
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("leave", ["mandate", "account"])
def test_who_has_left_reads_no_more(leave, client):
    user = UserFactory(advisor=True, territory=TerritoryFactory())
    url = private_url(user)
    if leave == "mandate":
        Mandate.objects.update(ends_on=timezone.localdate())
    else:
        user.is_active = False
        user.save()
    assert client.get(url).status_code == 404


def test_an_address_made_up_opens_nothing(client):
    UserFactory(manager=True)
    assert client.get(reverse("permanences:private_feed", args=["x" * 26])).status_code == 404


# --- « Mon agenda » --------------------------------------------------------------------------------------------------


def test_the_address_is_shown_once(client):
    user = UserFactory(advisor=True, territory=TerritoryFactory())
    client.force_login(user)
    url = reverse("permanences_staff:feed_list")
    shown = client.post(url).content.decode()
    again = client.get(url).content.decode()
    assert ("/permanences/agenda/" in shown, "/permanences/agenda/" in again, "¿" in shown + again) == (
        True,
        False,
        False,
    )
    assert user.agenda_feeds.count() == 1


def test_an_address_is_revoked_by_its_owner_alone(client):
    owner, other = UserFactory(manager=True), UserFactory(manager=True)
    create_feed(user=owner, at=timezone.now())
    url = reverse("permanences_staff:feed_revoke", args=[owner.agenda_feeds.get().pk])
    client.force_login(other)
    assert client.post(url).status_code == 404
    client.force_login(owner)
    assert client.post(url).status_code == 302
    assert owner.agenda_feeds.get().revoked_at
