from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from members import services
from members.checklist import checklist_of, something_to_chase, to_chase
from members.enums import DocumentState
from members.models import Departure, DocumentKind, Member, ReceivedDocument
from tests.conftest import count_queries, page
from tests.factories import (
    ContractFactory,
    ContractKindFactory,
    DocumentKindFactory,
    MemberFactory,
    PersonFactory,
    PersonLinkFactory,
    ReceivedDocumentFactory,
    TerritoryFactory,
    UserFactory,
)
from tests.members.reference import exit_reason

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 15)
AT = datetime(2026, 6, 15, 9, tzinfo=UTC)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def _one_kind_at_a_time():
    DocumentKind.objects.all().delete()


@pytest.fixture
def territory():
    return TerritoryFactory()


@pytest.fixture
def advisor(login_as, territory):
    return login_as(Role.ADVISOR, territory)


@pytest.fixture
def member(territory):
    return MemberFactory(territory=territory, person=PersonFactory(first_name="Aïcha", last_name="Benali"))


@pytest.fixture
def identity():
    return DocumentKindFactory(label="Pièce d’identité")


def address(name, row) -> str:
    return reverse(f"members_staff:{name}", args=[row.pk])


def pdf(name="carte.pdf", content=PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def receive(member, kind, **values) -> ReceivedDocument:
    told = {"received_on": TODAY, "by": None, "at": AT} | values
    return services.receive_document(member=member, kind=kind, **told)


def errors(response) -> dict[str, list[str]]:
    return {name: [error.code for error in found] for name, found in response.context["form"].errors.as_data().items()}


# --- what is asked, and where it stands -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("valid_until", "state"),
    [
        pytest.param(None, DocumentState.RECEIVED, id="without end"),
        pytest.param(TODAY - timedelta(days=1), DocumentState.EXPIRED, id="until yesterday"),
        pytest.param(TODAY, DocumentState.EXPIRING, id="its last day still counts"),
        pytest.param(TODAY + timedelta(days=60), DocumentState.EXPIRING, id="within sixty days"),
        pytest.param(TODAY + timedelta(days=61), DocumentState.RECEIVED, id="in more than sixty days"),
    ],
)
def test_a_document_stands_by_its_last_day(member, identity, valid_until, state):
    ReceivedDocumentFactory(member=member, kind=identity, valid_until=valid_until)
    assert [each.state for each in checklist_of(member, TODAY).asked] == [state]


def test_the_document_received_last_counts(member, identity):
    old = ReceivedDocumentFactory(member=member, kind=identity, received_on=date(2024, 1, 1), valid_until=TODAY)
    new = ReceivedDocumentFactory(member=member, kind=identity, received_on=date(2026, 1, 1), valid_until=None)
    checklist = checklist_of(member, TODAY)
    assert ([each.document for each in checklist.asked], checklist.others) == ([new], [old])
    assert to_chase(Member.objects.all(), TODAY) == []


def test_a_document_of_a_kind_of_contract_is_asked_of_who_has_one_in_force(member):
    cape = ContractKindFactory()
    DocumentKindFactory(label="Attestation d’assurance", contract_kind=cape)
    others = {
        "none": MemberFactory(),
        "ended": ContractFactory(kind=cape, starts_on=date(2025, 1, 1), ends_on=TODAY).member,
        "another": ContractFactory(starts_on=date(2026, 1, 1), ends_on=None).member,
    }
    ContractFactory(member=member, kind=cape, starts_on=date(2026, 1, 1), ends_on=TODAY + timedelta(days=1))
    assert [len(checklist_of(each, TODAY).asked) for each in (member, *others.values())] == [1, 0, 0, 0]
    assert [each.member_id for each in to_chase(Member.objects.all(), TODAY)] == [member.pk]


def test_a_retired_kind_is_asked_no_more_and_stays_on_what_came(member, identity):
    document = ReceivedDocumentFactory(member=member, kind=identity)
    DocumentKind.objects.update(retired_at=timezone.now())
    checklist = checklist_of(member, TODAY)
    assert (checklist.asked, checklist.others, to_chase(Member.objects.all(), TODAY)) == ([], [document], [])


def test_nothing_is_asked_of_who_has_left(member, identity):
    services.record_departure(member=member, left_on=date(2026, 1, 1), reason=exit_reason(), note="", by=None, at=AT)
    assert (to_chase(Member.objects.all(), TODAY), checklist_of(member, TODAY).asked) == ([], [])


# --- receiving, correcting, removing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("months", "typed", "until"),
    [
        pytest.param(None, None, None, id="no validity, no end"),
        pytest.param(12, None, date(2027, 6, 14), id="from the kind"),
        pytest.param(12, date(2026, 12, 31), date(2026, 12, 31), id="what is typed wins"),
    ],
)
def test_the_validity_comes_from_the_kind_unless_it_is_typed(member, months, typed, until):
    kind = DocumentKindFactory(validity_months=months)
    assert receive(member, kind, valid_until=typed).valid_until == until


def test_a_document_is_noted_without_a_file(client, advisor, member, identity):
    client.post(address("document_receive", member), {"kind": identity.pk, "received_on": "2026-01-15"})
    document = member.received_documents.get()
    assert (document.file.name, document.recorded_by, document.received_on) == ("", advisor, date(2026, 1, 15))
    shown = page(client, address("member", member))
    assert ("Tout est reçu et valable." in shown, "sans copie" in shown) == (True, True)


def test_a_document_is_kept_with_its_file_and_given_back_as_a_download(client, advisor, member, identity):
    typed = {"kind": identity.pk, "received_on": "2026-01-15", "upload": pdf("../carte d’Aïcha.pdf")}
    assert client.post(address("document_receive", member), typed).status_code == 302
    document = member.received_documents.get()
    response = client.get(reverse("members:document_file", args=[document.pk]))
    assert b"".join(response.streaming_content) == PDF
    assert (response["X-Content-Type-Options"], "attachment" in response["Content-Disposition"]) == ("nosniff", True)
    assert "Aïcha" not in document.file.name


def test_the_member_gets_their_own_file_and_nobody_else_does(client, member, identity):
    document = ReceivedDocumentFactory(member=member, kind=identity, with_file=True)
    url = reverse("members:document_file", args=[document.pk])
    known = PersonLinkFactory(person=member.person).user
    another = PersonLinkFactory(person=MemberFactory().person).user
    same_address = UserFactory(email=member.person.email)  # whom nobody confirmed
    found = {}
    for user in (known, another, same_address, UserFactory(advisor=True, territory=TerritoryFactory())):
        client.force_login(user)
        response = client.get(url)
        found[user] = response.status_code
        list(getattr(response, "streaming_content", []))
    assert list(found.values()) == [200, 404, 404, 404]


def test_a_document_without_a_file_has_none_to_give(client, advisor, member, identity):
    document = ReceivedDocumentFactory(member=member, kind=identity)
    assert client.get(reverse("members:document_file", args=[document.pk])).status_code == 404


TOO_LARGE = b"%PDF-1.7\n" + bytes(50_000_000)


@pytest.mark.parametrize(
    ("typed", "refused"),
    [
        pytest.param({"upload": ("gros.pdf", TOO_LARGE)}, {"upload": ["file_too_large"]}, id="50 MB"),
        pytest.param({"upload": ("outil.exe", b"MZ")}, {"upload": ["file_kind"]}, id="a type that is not accepted"),
        pytest.param({"upload": ("carte.pdf", b"MZ\x90\x00")}, {"upload": ["file_content"]}, id="not what it says"),
        pytest.param({"upload": ("vide.pdf", b"")}, {"upload": ["empty"]}, id="empty"),
        pytest.param({"received_on": "1900-01-15"}, {"received_on": ["date_implausible"]}, id="a date in 1900"),
        pytest.param({"received_on": "2999-01-15"}, {"received_on": ["received_to_come"]}, id="a day to come"),
        pytest.param({"received_on": "31/02/2026"}, {"received_on": ["invalid"]}, id="a day that does not exist"),
        pytest.param({"valid_until": "2026-01-14"}, {"valid_until": ["validity_over"]}, id="over when it came"),
        pytest.param({"valid_until": "9999-12-31"}, {"valid_until": ["date_implausible"]}, id="for ever and a day"),
        pytest.param({"kind": "retired"}, {"kind": ["invalid_choice"]}, id="a retired kind"),
        pytest.param({"kind": ""}, {"kind": ["required"]}, id="no kind"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_kept(client, advisor, member, identity, typed, refused):
    retired = DocumentKindFactory(retired_at=timezone.now())
    values = {"kind": identity.pk, "received_on": "2026-01-15"} | typed
    if values["kind"] == "retired":
        values["kind"] = retired.pk
    if "upload" in values:
        values["upload"] = pdf(*values["upload"])
    response = client.post(address("document_receive", member), values)
    assert (response.status_code, errors(response)) == (422, refused)
    assert ReceivedDocument.objects.count() == 0


def test_a_retired_kind_is_refused_by_the_service_too(member):
    with pytest.raises(ValidationError) as refusal:
        receive(member, DocumentKindFactory(retired_at=AT))
    assert refusal.value.error_dict["kind"][0].code == "kind_retired"


def test_a_document_is_corrected_and_its_file_replaced(
    client, advisor, member, identity, django_capture_on_commit_callbacks
):
    document = ReceivedDocumentFactory(member=member, kind=identity, with_file=True)
    storage, former = document.file.storage, document.file.name
    opened = client.get(address("document_correct", document)).context["form"]
    typed = {
        "kind": identity.pk,
        "received_on": "2026-02-01",
        "note": "Recto et verso",
        "version": opened["version"].value(),
        "upload": pdf("nouvelle.pdf"),
    }
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(address("document_correct", document), typed).status_code == 302
    document.refresh_from_db()
    assert (document.received_on, document.note, document.filename) == (
        date(2026, 2, 1),
        "Recto et verso",
        "nouvelle.pdf",
    )
    assert (storage.exists(former), storage.exists(document.file.name)) == (False, True)


def test_a_retired_kind_stays_on_the_document_that_is_corrected(member, identity):
    document = ReceivedDocumentFactory(member=member, kind=identity)
    DocumentKind.objects.update(retired_at=AT)
    identity.refresh_from_db()
    corrected = services.correct_received(document=document, kind=identity, received_on=TODAY, at=AT)
    assert corrected.received_on == TODAY
    other = DocumentKindFactory(retired_at=AT)
    with pytest.raises(ValidationError) as refusal:
        services.correct_received(document=document, kind=other, received_on=TODAY, at=AT)
    assert refusal.value.error_dict["kind"][0].code == "kind_retired"


def test_two_who_correct_one_document_do_not_overwrite_each_other(client, advisor, member, identity):
    document = ReceivedDocumentFactory(member=member, kind=identity)
    version = client.get(address("document_correct", document)).context["form"]["version"].value()
    services.correct_received(document=document, kind=identity, received_on=TODAY, at=AT, note="De Camille")
    typed = {"kind": identity.pk, "received_on": "2026-01-15", "note": "De moi", "version": version}
    response = client.post(address("document_correct", document), typed)
    document.refresh_from_db()
    assert (response.status_code, document.note, "De Camille" in response.content.decode()) == (
        422,
        "De Camille",
        True,
    )


def test_a_removed_document_takes_its_file_along(client, advisor, member, identity, django_capture_on_commit_callbacks):
    document = ReceivedDocumentFactory(member=member, kind=identity, with_file=True)
    storage, name = document.file.storage, document.file.name
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address("document_remove", document))
    assert (ReceivedDocument.objects.count(), storage.exists(name)) == (0, False)


# --- the list across members -----------------------------------------------------------------------------------------


LIST = "members_staff:document_missing"


def test_the_list_tells_who_lacks_what(client, advisor, member, identity):
    elsewhere = MemberFactory()
    complete = MemberFactory(territory=member.territory)
    ReceivedDocumentFactory(member=complete, kind=identity)
    content = page(client, reverse(LIST))
    assert "Aïcha" in content
    assert [str(each) in content for each in (complete, elsewhere)] == [False, False]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, {"missing", "expired"}),
        ({"state": "expired"}, {"expired"}),
        ({"state": "missing"}, {"missing"}),
        ({"kind": "other"}, set()),
        ({"advisor": "me"}, {"missing"}),
        ({"territory": "here"}, {"missing", "expired"}),
    ],
)
def test_the_list_and_its_exports_are_filtered_alike(client, advisor, territory, identity, filters, found):
    members = {
        name: MemberFactory(territory=territory, person=PersonFactory(first_name="X", last_name=name), advisor=followed)
        for name, followed in (("missing", advisor), ("expired", None))
    }
    ReceivedDocumentFactory(member=members["expired"], kind=identity, valid_until=date(2026, 2, 1))
    other = DocumentKindFactory()
    for each in members.values():
        ReceivedDocumentFactory(member=each, kind=other)
    values = {"other": other.pk, "me": advisor.pk, "here": territory.pk}
    query = {name: values.get(value, value) for name, value in filters.items()}
    shown = client.get(reverse(LIST), query).context["rows"]
    lines = b"".join(client.get(reverse(LIST), query | {"format": "csv"}).streaming_content).decode().splitlines()
    assert {member.person.last_name for _, member in shown} == found
    assert {name for name in members if any(name in line for line in lines[1:])} == found
    sheet = b"".join(client.get(reverse(LIST), query | {"format": "xlsx"}).streaming_content)
    assert sheet[:4] == b"PK\x03\x04"


def test_the_list_takes_the_same_queries_for_one_member_and_for_three(client, advisor, member, identity):
    DocumentKindFactory(contract_kind=ContractKindFactory())
    one = count_queries(client, reverse(LIST))
    MemberFactory.create_batch(2, territory=member.territory, advisor=advisor)
    assert count_queries(client, reverse(LIST)) == one


def test_the_list_of_members_is_filtered_by_what_they_lack(client, advisor, member, identity, territory):
    complete = MemberFactory(territory=territory, person__last_name="Complète")
    ReceivedDocumentFactory(member=complete, kind=identity)
    gone = MemberFactory(territory=territory)
    Departure.objects.create(member=gone, left_on=TODAY, reason=exit_reason())
    url = reverse("members_staff:member_list")
    answers = [client.get(url, {"pieces": each}).context["members"] for each in ("a-demander", "completes")]
    assert [[each.pk for each in rows] for rows in answers] == [[member.pk], [complete.pk]]


def test_the_list_of_members_lacks_what_the_checklist_lacks(identity):
    """Both say it by other means: every state of a document, and a kind asked with a contract alone."""
    cape = ContractKindFactory()
    insurance = DocumentKindFactory(label="Assurance", contract_kind=cape)
    DocumentKindFactory(label="Retirée", retired_at=AT)
    ends = [None, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=60), TODAY + timedelta(days=61)]
    for until in ends:
        ReceivedDocumentFactory(kind=identity, valid_until=until)
        renewed = ReceivedDocumentFactory(kind=identity, received_on=date(2025, 1, 1), valid_until=TODAY).member
        ReceivedDocumentFactory(kind=identity, member=renewed, valid_until=until)
        insured = ContractFactory(kind=cape, starts_on=date(2026, 1, 1), ends_on=None).member
        ReceivedDocumentFactory(kind=identity, member=insured)
        ReceivedDocumentFactory(kind=insurance, member=insured, valid_until=until)
    MemberFactory(), ContractFactory(kind=cape, starts_on=date(2026, 1, 1), ends_on=None)
    listed = Member.objects.present().filter(something_to_chase(TODAY))
    named = {each.member_id for each in to_chase(Member.objects.all(), TODAY)}
    assert (set(listed.values_list("pk", flat=True)), len(named)) == (named, 11)


# --- panels ----------------------------------------------------------------------------------------------------------


def test_the_home_tells_the_advisor_what_expires_among_those_they_follow(client, advisor, member, identity):
    today = timezone.localdate()
    followed = MemberFactory(territory=member.territory, advisor=advisor)
    ReceivedDocumentFactory(member=followed, kind=identity, valid_until=today + timedelta(days=10))
    ReceivedDocumentFactory(member=member, kind=identity, valid_until=today - timedelta(days=10))
    content = page(client, reverse("admin:index"))
    assert ("Pièces à renouveler" in content, str(followed) in content, str(member) in content) == (True, True, False)


def test_a_member_reads_what_they_still_owe_and_nobody_elses(client, member, identity):
    today = timezone.localdate()
    lease = DocumentKindFactory(label="Bail")
    ReceivedDocumentFactory(member=member, kind=lease, valid_until=today - timedelta(days=1))
    ReceivedDocumentFactory(member=member, kind=DocumentKindFactory(label="Contrat signé"))
    user = PersonLinkFactory(person=member.person).user
    client.force_login(user)
    content = page(client, reverse("site:my_space"))
    owed = content[content.index("Encore à nous donner") : content.index("Reçus de vous")]
    assert [words in owed for words in ("Pièce d’identité", "Bail, périmée depuis le", "Contrat signé")] == [
        True,
        True,
        False,
    ]
    Departure.objects.create(member=member, left_on=today, reason=exit_reason())
    assert "Encore à nous donner" not in page(client, reverse("site:my_space"))


def test_the_page_of_a_member_takes_the_same_queries_for_one_document_and_for_three(client, advisor, member, identity):
    ReceivedDocumentFactory(member=member, kind=identity, recorded_by=advisor)
    one = count_queries(client, address("member", member))
    for kind in DocumentKindFactory.create_batch(2):
        ReceivedDocumentFactory(member=member, kind=kind, recorded_by=advisor)
    assert count_queries(client, address("member", member)) == one


# --- sent twice ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uploads", "count"),
    [
        pytest.param([None, None], 1, id="no file"),
        pytest.param([PDF, PDF], 1, id="the same file"),
        pytest.param([PDF, PDF + b"\n"], 2, id="front and back, of one name"),
    ],
)
def test_a_document_sent_twice_is_one(member, identity, uploads, count):
    for content in uploads:
        receive(member, identity, upload=content and pdf(content=content))
    assert ReceivedDocument.objects.count() == count


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_note_one_document(member):
    kind = DocumentKindFactory()

    def send():
        try:
            receive(member, kind)
        finally:
            connection.close()

    threads = [Thread(target=send) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert ReceivedDocument.objects.count() == 1
