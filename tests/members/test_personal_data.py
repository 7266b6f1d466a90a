"""What is held about a member, and who may read it: the person, and the staff who prepare the file."""

from datetime import date

import pytest
from django.urls import reverse

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.services import export_person
from members import personal_data
from members.forms.departures import DepartureForm
from members.models import Departure
from tests.factories import (
    AdviceMeetingFactory,
    MeetingParticipantFactory,
    MemberFactory,
    TerritoryFactory,
    UserFactory,
)
from tests.members.reference import exit_reason

pytestmark = pytest.mark.django_db

SECRET = "Difficultés de trésorerie"
LEFT_TO_AUTHORS = "Réservé à qui l’a écrit, à qui le demander\u202f: Camille Roux, Lou Petit."


@pytest.fixture
def territory():
    return TerritoryFactory()


@pytest.fixture
def member(territory):
    return MemberFactory(territory=territory)


@pytest.fixture
def author(territory):
    return UserFactory(advisor=True, territory=territory, name="Camille Roux")


@pytest.fixture
def meeting(member, author):
    meeting = AdviceMeetingFactory(
        topics=SECRET, notes=SECRET, recorded_by=UserFactory(advisor=True, territory=member.territory, name="Lou Petit")
    )
    meeting.advisors.add(author)
    MeetingParticipantFactory(meeting=meeting, member=member)
    return meeting


def told(member, reader=None) -> dict:
    (row,) = export_person(member.person, reader=reader)["rendez-vous de conseil"]
    return {name: row[name] for name in ("points abordés", "objectifs", "notes")}


@pytest.mark.parametrize("role", [Role.ADVISOR, Role.MANAGER])
def test_the_file_that_a_colleague_prepares_leaves_a_private_meeting_to_its_authors(
    client, login_as, member, meeting, role
):
    login_as(role, member.territory if role == Role.ADVISOR else None)
    answer = client.get(reverse("accounts_staff:person_export", args=[member.person_id]))
    (row,) = answer.json()["rendez-vous de conseil"]
    assert (row["points abordés"], row["objectifs"], row["notes"]) == (LEFT_TO_AUTHORS, "", LEFT_TO_AUTHORS)
    assert SECRET not in answer.content.decode()


def test_who_held_the_meeting_and_the_person_read_it_whole(member, meeting, author):
    whole = {"points abordés": SECRET, "objectifs": "", "notes": SECRET}
    assert [told(member, reader) for reader in (author, None)] == [whole, whole]


def test_a_meeting_open_to_colleagues_is_in_the_file_they_prepare(member, meeting):
    meeting.is_open_to_team = True
    meeting.save(update_fields=["is_open_to_team"])
    assert told(member, UserFactory(manager=True))["notes"] == SECRET


def test_a_meeting_whose_author_is_unknown_is_still_closed(member):
    meeting = AdviceMeetingFactory(notes=SECRET)
    MeetingParticipantFactory(meeting=meeting, member=member)
    closed = personal_data.closed_to("notes")(meeting, UserFactory(manager=True))
    assert closed == "Réservé à qui l’a écrit, à qui le demander\u202f: auteur inconnu."


def test_what_is_noted_about_a_departure_is_exported_and_the_form_says_so(member):
    Departure.objects.create(member=member, left_on=date(2024, 6, 1), reason=exit_reason(), note="Trop loin")
    (row,) = export_person(member.person)["sorties"]
    assert row["précisions"] == "Trop loin"
    assert "si elle demande ses données" in DepartureForm().fields["note"].help_text
