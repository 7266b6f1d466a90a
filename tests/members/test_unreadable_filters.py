"""A filter that cannot be read finds nothing and says why; an export of it holds no row."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from members.models import AdviceMeeting, MeetingParticipant, Statement
from tests.factories import ContractFactory, MemberFactory, TerritoryFactory, UserFactory
from tests.members.reference import kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(client):
    territory = TerritoryFactory()
    member = MemberFactory(territory=territory, person__last_name="Visible")
    ContractFactory(
        member=member, kind=kind("cape"), starts_on=date(2026, 1, 1), ends_on=timezone.localdate().replace(day=28)
    )
    Statement.objects.create(member=member, month=timezone.localdate().replace(day=1), turnover=4321)
    meeting = AdviceMeeting.objects.create(held_at=timezone.now())
    MeetingParticipant.objects.create(meeting=meeting, member=member)
    client.force_login(UserFactory(advisor=True, territory=territory))
    return member


@pytest.mark.parametrize(
    ("page", "wrong"),
    [
        ("deadline_list", "territory=999999999"),
        ("document_missing", "territory=999999999"),
        ("meeting_list", "since=hier"),
        ("statement_list", "territoire=999999999"),
    ],
)
def test_it_finds_nothing_even_in_an_export(page, wrong, client, member):
    url = reverse(f"members_staff:{page}")
    export = b"".join(client.get(f"{url}?{wrong}&format=csv").streaming_content).decode()
    assert len(export.strip().splitlines()) <= 1
    assert "Visible" not in export
    assert client.get(f"{url}?{wrong}").status_code == 200
