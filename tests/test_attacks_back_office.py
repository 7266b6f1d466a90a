"""What curious colleagues, holders, members and strangers try around projects, members and people: all in vain."""

import re
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Person, PersonMerge, SavedFilter
from coopconnexion.accounts.services import export_person
from coopconnexion.notices.models import Message
from coopconnexion.notices.services import new_link
from members.models import Departure, IssuedDocument, OutcomeInquiry, OutcomeLink, PublicCard
from members.services import answer_outcome
from projects import services
from projects.enums import Stage
from projects.models import Handover, Interview, Note, Project, ProjectDocument
from tests import factories
from tests.factories import (
    BusinessFactory,
    ContractFactory,
    MemberFactory,
    PersonFactory,
    ProjectFactory,
    TerritoryFactory,
    UserFactory,
)
from tests.members.reference import exit_reason

pytestmark = pytest.mark.django_db

RUN = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("http://mal.example";"clic")'
NOW = datetime(2027, 5, 6, 9, tzinfo=UTC)


@pytest.fixture
def here():
    return TerritoryFactory(name="Ici")


@pytest.fixture
def advisor(client, here):
    user = UserFactory(advisor=True, territory=here, name="Alix")
    client.force_login(user)
    return user


@pytest.fixture
def project(advisor, here):
    return ProjectFactory(territory=here, advisor=advisor, stage=Stage.SUPPORT, title="Le Fournil")


def browser(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(name, *args) -> str:
    return reverse(name, args=args)


# --- who may not -----------------------------------------------------------------------------------------------------


def test_a_verified_address_alone_opens_nothing_of_a_member(client):
    member = MemberFactory(person__email="zoe@example.org")
    ContractFactory(member=member)
    business = BusinessFactory(opened_on=date(2025, 1, 1))
    business.members.add(member)
    received = factories.ReceivedDocumentFactory(member=member, with_file=True)
    issued = factories.IssuedDocumentFactory(member=member)
    user = UserFactory(email="zoe@example.org")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client.force_login(user)
    card = url("members:card_edit", business.pk)
    pages = [card, url("members:document_file", received.pk), url("members:issued_document", issued.pk)]
    assert [client.get(page).status_code for page in pages] == [404, 404, 404]
    assert client.post(card, {"description": "Volé", "publish": "1"}).status_code == 404
    assert client.post(url("members:own_document_issue", member.pk), {"kind": "membership"}).status_code == 404
    assert business.name not in client.get(url("site:my_space")).content.decode()
    assert (PublicCard.objects.count(), IssuedDocument.objects.count()) == (0, 1)


def test_a_member_reaches_no_card_and_no_paper_of_another(client):
    link = factories.PersonLinkFactory(person=MemberFactory().person)
    other = MemberFactory()
    business = BusinessFactory()
    business.members.add(other)
    issued = factories.IssuedDocumentFactory(member=other)
    client.force_login(link.user)
    pages = [url("members:card_edit", business.pk), url("members:issued_document", issued.pk)]
    assert [client.get(page).status_code for page in pages] == [404, 404]
    assert client.post(url("members:card_edit", business.pk), {"withdraw": "1"}).status_code == 404


def test_a_reader_finds_nobody_by_phone_or_address(client, here):
    project = ProjectFactory(territory=here, holder__email="zoe@example.org", holder__phone="+33612345678")
    client.force_login(UserFactory(reader=True, territory=here))
    for typed in ("zoe@example.org", "0612345678", "06 12 34 56 78"):
        for page in (url("projects_staff:project_list"), url("admin:search"), url("projects_staff:projects_csv")):
            response = client.get(page, {"q": typed})
            text = b"".join(response.streaming_content) if response.streaming else response.content
            assert project.title not in text.decode()
    for filtered in ("holder__email__startswith=z", "holder__phone__contains=612", "o=holder__email"):
        response = client.get(f"{url('admin:projects_project_changelist')}?{filtered}")
        assert response.status_code == 400 or "zoe@example.org" not in response.content.decode()


# --- what was typed runs nowhere -------------------------------------------------------------------------------------


@pytest.fixture
def typed_everywhere(project, advisor, here):
    """Rows of every kind whose every free text is an attack."""
    Person.objects.filter(pk=project.holder_id).update(first_name=RUN[:99], last_name=RUN[:99], email="zoe@example.org")
    said = {"title": RUN, "pitch": RUN, "intended_activity": RUN, "next_step": RUN, "source_detail": RUN}
    Project.objects.filter(pk=project.pk).update(**said)
    Interview.objects.create(project=project, held_at=NOW, summary=RUN, is_shared=True, recorded_by=advisor)
    Note.objects.create(project=project, text=RUN, is_shared=True, written_by=advisor)
    Handover.objects.create(project=project, to_advisor=advisor, note=RUN)
    told = {"title": RUN, "filename": RUN, "content_type": "text/html", "size": 3, "is_shared": True, "file": "x"}
    ProjectDocument.objects.create(project=project, **told)
    SavedFilter.objects.create(
        user=advisor, page="projects_staff:project_list", name=RUN[:60], query="q=%22%3E%3Cscript%3E"
    )
    member = MemberFactory(person=project.holder, territory=here, advisor=advisor)
    contract = ContractFactory(member=member, programme=RUN, ended_early_because=RUN)
    business = BusinessFactory(name=RUN, activity=RUN, opened_on=date(2025, 1, 1))
    business.members.add(member)
    PublicCard.objects.create(
        business=business,
        description=RUN,
        picture="cards/x.webp",
        picture_description=RUN,
        website='https://x.example/"onclick=alert(1)',
        agreed_at=NOW,
        agreed_by=advisor,
    )
    member.statements.create(month=timezone.localdate().replace(day=1), turnover=10)
    member.territory.name = RUN
    member.territory.save()
    told = {"left_on": date(2025, 1, 1), "reason": exit_reason(RUN[:99]), "note": RUN}
    Departure.objects.create(member=member, returned_on=date(2025, 2, 1), **told)
    left = Departure.objects.create(member=MemberFactory(person__last_name=RUN[:99], territory=here), **told)
    OutcomeInquiry.objects.create(departure=left, months=6, due_on=date(2025, 7, 1), note=RUN)
    return project, member, contract, business


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "ftp://x.example", "//x.example\\@y"])
def test_a_card_leads_to_sites_alone(address, client, advisor, here):
    business = BusinessFactory(opened_on=date(2025, 1, 1))
    business.members.add(MemberFactory(territory=here))
    response = client.post(url("members_staff:card_edit", business.pk), {"website": address, "publish": "1"})
    assert (response.status_code, PublicCard.objects.exists()) == (422, False)


def test_no_page_runs_what_was_typed(typed_everywhere, client):
    project, member, contract, business = typed_everywhere
    holder = UserFactory(email="zoe@example.org")
    EmailAddress.objects.create(user=holder, email=holder.email, verified=True, primary=True)
    factories.PersonLinkFactory(person=member.person, user=holder)
    staff = [
        *(f"{url('projects_staff:project_list')}?q=a", url("projects_staff:board")),
        *(url(f"projects_staff:{name}", project.pk) for name in ("project", "project_change", "integrate")),
        *(url(f"members_staff:{name}", member.pk) for name in ("member", "statement_enter", "contract_sign")),
        *(url(f"members_staff:{name}") for name in ("statement_list", "deadline_list", "inquiry_list", "member_list")),
        *(url("members_staff:contract_correct", contract.pk), url("accounts_staff:person", member.person_id)),
        *(url("admin:members_business_change", business.pk), url("admin:members_business_history", business.pk)),
        *(url("admin:projects_project_history", project.pk), url("admin:index"), f"{url('admin:search')}?q=script"),
    ]
    own = [url("projects:my_project", project.pk), url("site:my_space"), url("members:card_edit", business.pk)]
    public = [url("members:directory"), url("members:card", business.public_card.pk)]
    pages = [(client, page) for page in staff] + [(browser(holder), page) for page in own]
    for visitor, page in [*pages, *((Client(), page) for page in public)]:
        response = visitor.get(page)
        content = response.content.decode()
        assert (response.status_code, page) == (200, page)
        assert not re.search(r"<script>alert|<img src=x", content), page
        assert not re.search(r"href=.?javascript:", content, re.I), page


def test_no_file_that_leaves_holds_a_formula(client, login_as, here):
    login_as(Role.MANAGER)
    holder = PersonFactory(first_name=FORMULA[:99], last_name="+1+1")
    ProjectFactory(territory=here, holder=holder, title=FORMULA, source_detail="@SUM(1)", next_step="-2+3")
    member = MemberFactory(person=holder, territory=here)
    ContractFactory(member=member, ends_on=timezone.localdate() + timedelta(days=20))
    member.statements.create(month=timezone.localdate().replace(day=1), turnover=10)
    tables = [f"{url(f'admin:{name}_changelist')}?_export=csv" for name in ("accounts_person", "members_member")]
    lists = [f"{url(f'members_staff:{name}')}?format=csv" for name in ("deadline_list", "statement_list")]
    for page in [*tables, *lists, url("projects_staff:projects_csv")]:
        text = b"".join(client.get(page).streaming_content).decode("utf-8-sig")
        cells = [cell.strip('"') for line in text.splitlines()[1:] for cell in re.split(r";(?=[^ ])", line)]
        assert len(cells) > 1, page
        assert [cell for cell in cells if cell[:1] in "=+@" and cell] == [], page
        assert "'" + FORMULA[:5] in text.replace('""', '"'), page


@pytest.mark.parametrize(
    "back", ["//mal.example", "https://mal.example", "/\\mal.example", "\thttps://mal.example", "javascript:alert(1)"]
)
def test_no_form_of_a_project_sends_elsewhere(back, client, project):
    typed = {"next_step": "Voir", "next_step_on": timezone.localdate() + timedelta(days=2), "retour": back}
    response = client.post(url("projects_staff:project_next_step", project.pk), typed)
    assert response.url == url("projects_staff:project", project.pk)


@pytest.mark.parametrize(
    "page", ["//mal.example", "https://mal.example", "site:home", "account_logout", "", "\0", "a" * 9999]
)
def test_a_saved_filter_leads_to_lists_alone(page, client, advisor):
    response = client.post(url("admin:filter_save"), {"page": page, "query": "q=a", "name": "Piège"})
    assert response.url.startswith("/gestion/")
    assert not SavedFilter.objects.exists()


def test_a_name_brings_no_header_into_a_download(client, login_as, here):
    login_as(Role.MANAGER)
    person = ProjectFactory(territory=here, holder__last_name='x"\r\nSet-Cookie: a=b').holder
    response = client.get(url("accounts_staff:person_export", person.pk))
    assert (response.status_code, "Set-Cookie: a" in str(response.headers)) == (200, False)


# --- twice, and too often --------------------------------------------------------------------------------------------


def test_a_note_sent_twice_is_one_and_another_typed_after_going_back_is_another(client, project):
    add, token = url("projects_staff:note_add", project.pk), uuid4().hex
    for text in ("Vu lundi", "Vu lundi", "Vu mardi"):
        assert client.post(add, {"text": text, "form_token": token}).status_code == 302
    assert sorted(project.notes.values_list("text", flat=True)) == ["Vu lundi", "Vu mardi"]


def test_a_note_that_met_an_error_may_be_sent_again(client, project, monkeypatch):
    add, sent = url("projects_staff:note_add", project.pk), {"text": "Vu lundi", "form_token": uuid4().hex}
    with monkeypatch.context() as patched:
        patched.setattr(services, "write_note", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            client.post(add, sent)
    client.post(add, sent)
    assert project.notes.count() == 1


def test_many_drafts_that_bear_one_address_relaunch_it_little():
    contact = {"first_name": "Zoé", "last_name": "Visée", "email": "zoe@example.org", "phone": ""}
    drafts = [services.start_draft(contact=contact, form_token=uuid4(), at=NOW)[0] for _ in range(30)]
    later = NOW + timedelta(days=3)
    for draft in drafts:
        services.tend_draft(draft_id=draft.pk, at=later)
        draft.refresh_from_db()
    assert Message.objects.filter(to_email="zoe@example.org", created_at__gte=later).count() <= 8
    assert all(draft.reminded_at for draft in drafts)


# --- what is read by whom --------------------------------------------------------------------------------------------


def test_what_staff_noted_of_somebody_is_not_shown_by_a_link(client, advisor):
    left = Departure.objects.create(member=MemberFactory(), left_on=date(2026, 1, 1), reason=exit_reason())
    inquiry = OutcomeInquiry.objects.create(departure=left, months=6, due_on=date(2026, 7, 1))
    at = timezone.now()
    token = new_link(OutcomeLink, at=at, expires_at=at + timedelta(days=9), inquiry=inquiry)
    answer_outcome(inquiry=inquiry, outcome="other", note="En conflit", by=advisor, at=at)
    assert "En conflit" not in Client().get(url("members:outcome", token)).content.decode()


def test_the_export_of_a_person_holds_private_notes_but_of_no_other_person(project):
    """Who asks what is held about them (RGPD, article 15) reads the team's notes too; staff hand the file over."""
    Note.objects.create(project=project, text="Prudence", is_shared=False)
    Note.objects.create(project=ProjectFactory(), text="D’un autre", is_shared=False)
    told = str(export_person(project.holder))
    assert ("Prudence" in told, "D’un autre" in told) == (True, False)


def test_the_export_of_a_person_leaves_out_what_was_said_of_others(project):
    """A meeting of several members is no one's alone, unless it was shared with them all."""
    holder = MemberFactory(person=project.holder)
    for topics, others in (("À deux", 1), ("Seule", 0)):
        meeting = factories.AdviceMeetingFactory(topics=topics)
        for member in [holder, *MemberFactory.create_batch(others)]:
            factories.MeetingParticipantFactory(meeting=meeting, member=member)
    told = str(export_person(project.holder))
    assert ("Seule" in told, "À deux" in told) == (True, False)


def test_the_number_of_a_merged_row_tells_nothing_elsewhere(client, advisor):
    PersonMerge.objects.create(kept=ProjectFactory().holder, gone_pk=777_777, merged_at=NOW)
    answers = [client.get(url("accounts_staff:person", pk)) for pk in (777_777, 777_778)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert client.get(url("accounts_staff:person_merge", 777_777, 777_778)).status_code == 404
