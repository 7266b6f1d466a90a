"""The page of a person for staff: who it is, what is held, what may be done, and by whom."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Person
from coopconnexion.accounts.services import erase_person, merge_people
from permanences.services.reminders import send_reminder
from tests.conftest import count_queries
from tests.factories import (
    BookingFactory,
    ContractFactory,
    MemberFactory,
    PersonFactory,
    PersonLinkFactory,
    ProjectFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

AT = datetime(2027, 6, 1, 8, tzinfo=UTC)


@pytest.fixture
def territory():
    return TerritoryFactory()


@pytest.fixture
def person(territory):
    person = PersonFactory(first_name="Zoé", last_name="Lefèvre", email="zoe@example.org", phone="+33612345678")
    ProjectFactory(holder=person, territory=territory)
    return person


def url(name, *numbers) -> str:
    return reverse(f"accounts_staff:{name}", args=numbers)


def page(response) -> str:
    return response.content.decode()


def test_the_page_shows_how_to_reach_the_person_and_what_may_be_done(client, login_as, person, territory):
    login_as(Role.ADVISOR, territory)
    shown = page(client.get(url("person", person.pk)))
    expected = (
        'href="tel:+33612345678"',
        'href="mailto:zoe@example.org"',
        url("person_export", person.pk),
        url("person_erase", person.pk),
        url("person_merge_choice", person.pk),
        reverse("admin:accounts_person_change", args=[person.pk]),
    )
    assert [words for words in expected if words not in shown] == []


def test_a_reader_sees_neither_addresses_nor_buttons(client, login_as, person, territory):
    EmailAddress.objects.create(user=UserFactory(email=person.email), email=person.email, verified=True)
    login_as(Role.READER, territory)
    shown = page(client.get(url("person", person.pk)))
    hidden = ("612345678", "zoe@example.org", "effacer", "reunir", "donnees.json", "/change/")
    assert ("Lefèvre" in shown, [words for words in hidden if words in shown]) == (True, [])


def test_the_accounts_of_the_person_say_what_they_open(client, login_as, person, territory):
    PersonLinkFactory(person=person, user=UserFactory(email="pro@example.org"))
    EmailAddress.objects.create(user=UserFactory(email=person.email), email=person.email, verified=True)
    login_as(Role.ADVISOR, territory)
    shown = page(client.get(url("person", person.pk)))
    assert ("pro@example.org" in shown, "ouvre ses contrats" in shown, "ouvre ses rendez-vous" in shown) == (True,) * 3


def test_doubles_and_people_who_share_an_address_are_told_apart_on_the_page(client, login_as, person, territory):
    double = PersonFactory(first_name="Zoe", last_name="Lefevre", email=person.email)
    couple = PersonFactory(first_name="Paul", last_name="Martin", email=person.email)
    for other in (double, couple):
        ProjectFactory(holder=other, territory=territory)
    login_as(Role.ADVISOR, territory)
    shown = page(client.get(url("person", person.pk)))
    assert (
        url("person_merge", person.pk, double.pk) in shown,
        url("person_merge", person.pk, couple.pk) in shown,
        url("person", couple.pk) in shown,
    ) == (True, False, True)


def test_the_page_asks_as_many_queries_with_more_rows(client, login_as, person, territory):
    login_as(Role.ADVISOR, territory)
    PersonLinkFactory(person=person)
    client.get(url("person", person.pk))
    with CaptureQueriesContext(connection) as few:
        client.get(url("person", person.pk))
    for _ in range(3):
        PersonLinkFactory(person=person)
    with CaptureQueriesContext(connection) as many:
        client.get(url("person", person.pk))
    assert len(many) == len(few)


# --- export and erasure ----------------------------------------------------------------------------------------------


def test_the_data_of_a_person_are_a_file(client, login_as, person, territory):
    login_as(Role.ADVISOR, territory)
    response = client.get(url("person_export", person.pk))
    assert response["Content-Disposition"] == 'attachment; filename="donnees-zoe-lefevre.json"'
    assert "no-store" in response["Cache-Control"]
    assert json.loads(response.content)["personnes"][0]["courriel"] == "zoe@example.org"


@pytest.mark.parametrize("name", ["person_export", "person_erase"])
def test_what_other_territories_know_is_the_direction_s_to_hand_over(name, client, login_as, person, territory):
    MemberFactory(person=person, territory=TerritoryFactory())
    login_as(Role.ADVISOR, territory)
    assert client.get(url(name, person.pk)).status_code == 403
    assert url(name, person.pk) not in page(client.get(url("person", person.pk)))
    assert client.post(url("person_erase", person.pk)).status_code == 403
    login_as(Role.MANAGER)
    assert client.get(url(name, person.pk)).status_code == 200


def test_erasing_says_first_what_is_held(client, login_as, person, territory):
    login_as(Role.ADVISOR, territory)
    shown = page(client.get(url("person_erase", person.pk)))
    assert ("Projets" in shown, "Effacer Zoé Lefèvre" in shown) == (True, True)
    assert Person.objects.get(pk=person.pk).last_name == "Lefèvre"


def test_a_person_is_erased_by_one_button(client, login_as, person, territory):
    login_as(Role.ADVISOR, territory)
    response = client.post(url("person_erase", person.pk), follow=True)
    assert ("C’est effacé" in page(response), str(Person.objects.get(pk=person.pk))) == (True, "Personne effacée")


def test_what_forbids_erasing_is_said_and_nothing_goes(client, login_as, person, territory):
    BookingFactory(person=person, slot__permanence__territory=territory)
    login_as(Role.ADVISOR, territory)
    shown = page(client.get(url("person_erase", person.pk)))
    assert ("Un rendez-vous est à venir." in shown, "button--danger" in shown) == (True, False)
    response = client.post(url("person_erase", person.pk), follow=True)
    assert ("ne peut pas encore être effacée" in page(response), str(Person.objects.get(pk=person.pk))) == (
        True,
        "Zoé Lefèvre",
    )


# --- merged and erased people break nothing --------------------------------------------------------------------------


def test_the_history_of_a_merged_row_is_read_from_the_page(client, login_as, person, territory):
    other = PersonFactory(first_name="Zoe", last_name="Ancienne", phone="+33711111111")
    merge_people(kept=person, gone=other, chosen={}, by=UserFactory(manager=True), at=AT)
    login_as(Role.ADVISOR, territory)
    merge = person.merges.get()
    assert url("person_former", person.pk, merge.pk) in page(client.get(url("person", person.pk)))
    shown = page(client.get(url("person_former", person.pk, merge.pk)))
    assert ("Ancienne" in shown, "Suppression" in shown, "¿" in shown) == (True, True, False)
    login_as(Role.READER, territory)
    assert client.get(url("person_former", person.pk, merge.pk)).status_code == 403


def old_pages(person, booking) -> list[str]:
    return [
        url("person", person.pk),
        url("double_list"),
        reverse("admin:accounts_person_changelist"),
        reverse("admin:accounts_person_change", args=[person.pk]),
        reverse("admin:accounts_person_history", args=[person.pk]),
        reverse("admin:permanences_booking_history", args=[booking.pk]),
        reverse("permanences_staff:permanence", args=[booking.permanence_id]),
        reverse("permanences_staff:sheet", args=[booking.permanence_id]),
        reverse("admin:index"),
        reverse("admin:search") + "?q=lefevre",
    ]


def test_the_pages_about_a_merged_person_still_open(client, login_as, person, territory):
    gone = PersonFactory(first_name="Zoe", last_name="Lefevre", email=person.email)
    booking = BookingFactory(person=gone, slot__permanence__territory=territory)
    merge_people(kept=person, gone=gone, chosen={}, by=UserFactory(manager=True), at=AT)
    login_as(Role.MANAGER)
    assert [client.get(path).status_code for path in old_pages(person, booking)] == [200] * 10


def test_the_pages_about_an_erased_person_still_open(client, login_as, person, territory):
    booking = BookingFactory(
        person=person, slot__permanence__territory=territory, slot__permanence__held_on=date(2027, 5, 6)
    )
    erase_person(person=person, at=AT)
    login_as(Role.MANAGER)
    assert [client.get(path).status_code for path in old_pages(person, booking)] == [200] * 10


def test_the_reminder_of_a_merged_person_goes_to_the_address_that_was_kept(person, territory):
    gone = PersonFactory(first_name="Zoe", last_name="Lefevre", email="ancienne@example.org")
    booking = BookingFactory(person=gone, slot__permanence__territory=territory, confirmed=True)
    at = booking.slot.starts_at - timedelta(days=1)
    reminder = booking.reminders.create(minutes_before=1440, due_at=at)
    merge_people(kept=person, gone=gone, chosen={}, by=UserFactory(manager=True), at=AT)
    assert send_reminder(reminder_id=reminder.pk, at=at).to_email == "zoe@example.org"


# --- what every app knows --------------------------------------------------------------------------------------------


def test_the_page_shows_the_projects_the_membership_and_the_appointments(client, login_as, person, territory):
    login_as(Role.ADVISOR, territory)
    project = ProjectFactory(holder=person, territory=territory, title="Fermes à vélo")
    booking = BookingFactory(person=person, project=project, slot__permanence__territory=territory)
    member = MemberFactory(person=person, territory=territory)
    ContractFactory(member=member)
    shown = page(client.get(url("person", person.pk)))
    pages = [
        reverse("projects_staff:project", args=[project.pk]),
        reverse("permanences_staff:permanence", args=[booking.permanence_id]),
        reverse("members_staff:member", args=[member.pk]),
        f"{reverse('projects_staff:project_add')}?personne={person.pk}",
    ]
    assert [f'href="{each}' in shown for each in pages] == [True] * 4
    assert f"#rdv-{booking.pk}" in page(client.get(pages[0]))


def test_what_another_territory_knows_is_not_shown(client, login_as, person, territory):
    login_as(Role.READER, territory)
    foreign = ProjectFactory(holder=person, title="Ailleurs")
    BookingFactory(person=person, project=foreign)
    MemberFactory(person=person, territory=foreign.territory)
    shown = page(client.get(url("person", person.pk)))
    assert [words in shown for words in ("Ailleurs", "Rendez-vous de permanence", "Fiche de membre")] == [False] * 3
    assert "Ouvrir un projet" not in shown


def test_the_page_asks_as_many_queries_for_many_projects_as_for_one(client, login_as, person, territory):
    login_as(Role.ADVISOR, territory)
    counts = []
    for number in (1, 2):
        for _ in range(number):
            project = ProjectFactory(holder=person, territory=territory, advisor=UserFactory())
            BookingFactory(person=person, project=project, slot__permanence__territory=territory)
        counts.append(count_queries(client, url("person", person.pk)))
    assert counts[0] == counts[1]
