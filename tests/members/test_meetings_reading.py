"""Who may read what was said at an advice meeting, on the page, in the space of the member and in the report."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pikepdf
import pytest
from django.urls import reverse

from coopconnexion import pdf
from coopconnexion.accounts.enums import Role
from members import services
from members.models import AdviceMeeting
from tests.conftest import page
from tests.factories import (
    MeetingParticipantFactory,
    MemberFactory,
    PersonFactory,
    PersonLinkFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
needs_pango = pytest.mark.skipif(not pdf.is_available(), reason="Pango is not installed")
AT = datetime(2026, 6, 15, 9, tzinfo=UTC)
HELD = AT - timedelta(days=1)
SECRET = "Difficultés de trésorerie"
LIST = "members_staff:meeting_list"


@pytest.fixture
def territory():
    return TerritoryFactory()


@pytest.fixture
def advisor(login_as, territory):
    return login_as(Role.ADVISOR, territory)


@pytest.fixture
def member(territory):
    return MemberFactory(territory=territory, person=PersonFactory(first_name="Aïcha", last_name="Benali"))


def address(name, row) -> str:
    return reverse(f"members_staff:{name}", args=[row.pk])


def record(member, advisor, **values) -> AdviceMeeting:
    told = {"members": [member], "advisors": [advisor], "held_at": HELD, "by": advisor, "at": AT, "topics": SECRET}
    return services.record_meeting(**(told | values))


# --- who may read ----------------------------------------------------------------------------------------------------


PLACES = ("meeting", "meeting_change", "meeting_pdf")


def reading(client, meeting, user) -> tuple:
    """What a member of staff gets of a meeting: the page, its words, whether they may change and download it."""
    client.force_login(user)
    member = meeting.participants.first()
    shown = client.get(address("meeting", meeting))
    panel = client.get(address("member", member))
    export = b"".join(client.get(reverse(LIST), {"format": "csv"}).streaming_content).decode()
    words = [SECRET in shown.content.decode(), SECRET in panel.content.decode(), SECRET in export]
    assert str(meeting.held_at.year) in export
    return (shown.status_code, set(words), client.get(address("meeting_change", meeting)).status_code)


def test_colleagues_and_the_direction_see_that_it_took_place_not_what_was_said(client, member):
    author, leader = (UserFactory(advisor=True, territory=member.territory) for _ in range(2))
    meeting = record(member, leader, by=author)
    closed, opened = (200, {False}, 403), (200, {True}, 200)
    colleague = UserFactory(advisor=True, territory=member.territory)
    people = {author: opened, leader: opened, colleague: closed, UserFactory(manager=True): closed}
    assert {user: reading(client, meeting, user) for user in people} == people
    client.force_login(colleague)
    assert client.get(address("meeting_pdf", meeting)).status_code == 403
    assert client.post(address("meeting_remove", meeting)).status_code == 403


def test_a_meeting_open_to_the_team_is_read_by_colleagues_and_readers(client, member):
    meeting = record(member, UserFactory(), by=None, is_open_to_team=True)
    people = {
        UserFactory(advisor=True, territory=member.territory): (200, {True}, 200),
        UserFactory(reader=True, territory=member.territory): (200, {True}, 403),
        UserFactory(manager=True): (200, {True}, 200),
    }
    assert {user: reading(client, meeting, user) for user in people} == people


@pytest.mark.parametrize("name", [*PLACES, "meeting_remove"])
def test_a_meeting_of_another_territory_does_not_exist(client, advisor, name):
    seat = MeetingParticipantFactory(meeting__is_open_to_team=True)
    seat.meeting.advisors.add(advisor)
    method = client.post if name == "meeting_remove" else client.get
    assert method(address(name, seat.meeting)).status_code == 404


@pytest.mark.parametrize(("is_shared", "is_shown"), [(True, True), (False, False)])
def test_the_member_reads_it_in_their_space_only_when_it_is_shared(client, member, is_shared, is_shown):
    record(member, UserFactory(), by=None, is_shared=is_shared, is_open_to_team=not is_shared)
    client.force_login(PersonLinkFactory(person=member.person).user)
    assert (SECRET in page(client, reverse("site:my_space"))) == is_shown
    client.force_login(PersonLinkFactory(person=MemberFactory().person).user)
    assert SECRET not in page(client, reverse("site:my_space"))


@needs_pango
def test_the_report_is_a_french_pdf(client, advisor, member):
    meeting = record(member, advisor)
    response = client.get(address("meeting_pdf", meeting))
    with pikepdf.open(BytesIO(response.content)) as document, document.open_metadata() as metadata:
        title = "Compte rendu du rendez-vous du dimanche 14\u00a0juin 2026"
        assert (str(document.Root.Lang), metadata.get("dc:title")) == ("fr", title)
    assert "attachment" in response["Content-Disposition"]


def test_without_pango_the_report_says_what_to_install(client, advisor, member, monkeypatch):
    monkeypatch.setattr(pdf, "is_available", lambda: False)
    meeting = record(member, advisor)
    shown = page(client, address("meeting", meeting))
    assert ("apt install libpango-1.0-0" in shown, address("meeting_pdf", meeting) in shown) == (True, False)
    assert client.get(address("meeting_pdf", meeting)).url == address("meeting", meeting)
