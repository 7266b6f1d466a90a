"""A member whose integration was undone meanwhile is refused clearly, whatever one was writing about them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from coopconnexion.accounts.enums import Role
from members import services
from members.models import AdviceMeeting, Member, Statement, StatementImport
from projects.enums import Stage
from projects.services import undo_integration
from tests.factories import BusinessFactory, DocumentKindFactory, MemberFactory, ProjectFactory, UserFactory
from tests.members.reference import kind
from tests.projects.test_work_races import at_once, integrating, refusals

AT = datetime(2026, 3, 12, 9, tzinfo=UTC)
DAY = AT.date()


@pytest.fixture
def gone():
    member = MemberFactory()
    Member.objects.filter(pk=member.pk).delete()
    return member


def meeting_of(*members):
    return services.record_meeting(members=members, advisors=[UserFactory()], held_at=AT, by=None, at=AT)


def writings(gone) -> dict:
    about = {"received_on": DAY, "by": None, "at": AT}
    return {
        "meeting": lambda: meeting_of(MemberFactory(), gone),
        "document": lambda: services.receive_document(member=gone, kind=DocumentKindFactory(), **about),
        "business": lambda: services.join_business(business=BusinessFactory(), members=[gone]),
        "figures": lambda: services.enter_statement(
            member=gone, month=date(2026, 2, 1), turnover=100, by=UserFactory(), at=AT
        ),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["meeting", "document", "business", "figures"])
def test_nothing_is_written_about_a_member_who_is_no_longer_there(gone, what):
    with pytest.raises(ValidationError) as refusal:
        writings(gone)[what]()
    assert (refusal.value.code, AdviceMeeting.objects.count(), Statement.objects.count()) == ("member_gone", 0, 0)


@pytest.mark.django_db
def test_the_page_says_so_and_keeps_what_was_typed(client, login_as, monkeypatch):
    member = MemberFactory()
    user = login_as(Role.ADVISOR, member.territory)

    def undone(**told):
        raise services.locks.member_gone()

    typed = {"held_at": "2026-03-01T10:00", "attendance": "present", "mode": "on_site"}
    typed |= {"advisors": [user.pk], "topics": "Le prévisionnel"}
    monkeypatch.setattr(services, "record_meeting", undone)
    answer = client.post(reverse("members_staff:meeting_add", args=[member.pk]), typed)
    shown = answer.content.decode()
    assert (answer.status_code, "Ce membre n’est plus là" in shown, "Le prévisionnel" in shown) == (422, True, True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(4))
def test_an_integration_is_undone_or_somebody_writes_about_the_member(round_):
    advisor, other = UserFactory(manager=True), MemberFactory()
    kind("cape")
    integration = integrating(ProjectFactory(stage=Stage.SUPPORT, advisor=advisor), advisor)
    answers = at_once(
        lambda: undo_integration(integration=integration, by=advisor, at=AT + timedelta(minutes=1)),
        lambda: meeting_of(other, integration.member),
    )
    assert len(refusals(answers)) == 1
    assert Member.objects.filter(pk=integration.member_id).exists() == AdviceMeeting.objects.exists()


@pytest.mark.django_db
def test_an_import_stops_when_a_member_of_it_is_no_longer_there(monkeypatch):
    member, by = MemberFactory(), UserFactory(manager=True)
    file = SimpleUploadedFile("r.csv", f"Référence;Mois;CA;Achats\n{member.reference};02/2026;100;0".encode())
    kept = services.check_statements(file=file, filename=file.name, by=by, at=AT)
    write = services.statements._hold_members

    def undone_meanwhile(cursor):
        Member.objects.filter(pk=member.pk).delete()
        write(cursor)

    monkeypatch.setattr(services.statements, "_hold_members", undone_meanwhile)
    with pytest.raises(ValidationError) as refusal:
        services.apply_statements(statement_import=kept, by=by, at=AT)
    assert (refusal.value.code, Statement.objects.count()) == ("import_stale", 0)
    assert StatementImport.objects.get().applied_at is None
