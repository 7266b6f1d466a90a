import hashlib
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from threading import Thread

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from coopconnexion import pdf
from coopconnexion.accounts.enums import Role
from members import documents, services
from members.enums import IssuedKind
from members.models import IssuedDocument, Statement
from tests.conftest import count_queries, page
from tests.factories import (
    BusinessFactory,
    ContractFactory,
    IssuedDocumentFactory,
    MemberFactory,
    PersonFactory,
    PersonLinkFactory,
    TerritoryFactory,
    UserFactory,
)
from tests.members.reference import exit_reason, kind

pytestmark = pytest.mark.django_db
needs_pango = pytest.mark.skipif(not pdf.is_available(), reason="Pango is not installed")

TODAY = date(2026, 6, 15)
AT = datetime(2026, 6, 15, 9, tzinfo=UTC)
MEMBERSHIP, ASSOCIATION, YEAR = IssuedKind.MEMBERSHIP, IssuedKind.ASSOCIATION, IssuedKind.YEAR


@pytest.fixture
def territory():
    return TerritoryFactory(name="Béthune")


@pytest.fixture
def advisor(login_as, territory):
    return login_as(Role.ADVISOR, territory)


@pytest.fixture
def member(territory):
    """Somebody of whom every document can be given."""
    found = MemberFactory(
        territory=territory,
        person=PersonFactory(first_name="Aïcha", last_name="Benali"),
        associated_on=date(2026, 2, 1),
        share_count=10,
        share_amount=Decimal("150.00"),
    )
    ContractFactory(member=found, kind=kind("cape"), starts_on=date(2024, 3, 1), ends_on=date(2025, 3, 1))
    ContractFactory(member=found, kind=kind("cesa"), starts_on=date(2025, 3, 1), ends_on=None)
    BusinessFactory(name="Les Fils d’Aïcha", activity="Couture", opened_on=date(2024, 3, 1)).members.add(found)
    for month, turnover in ((1, "1200.50"), (2, "800"), (12, "2000")):
        Statement.objects.create(member=found, month=date(2025, month, 1), turnover=turnover, contribution="100")
    return found


def issue(member, kind, year=None, **values) -> IssuedDocument:
    return services.issue_document(member=member, kind=kind, year=year, **({"by": None, "at": AT} | values))


def text_of(document: IssuedDocument) -> str:
    """What is printed, without the kind of its spaces."""
    html = documents.html_of(document.data)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


# --- what each says --------------------------------------------------------------------------------------------------


@needs_pango
@pytest.mark.parametrize(
    ("kind", "year", "title", "words"),
    [
        (
            MEMBERSHIP,
            None,
            "Attestation d’appartenance, Aïcha Benali",
            ["Aïcha Benali", "CESA", "depuis le samedi 1er mars 2025", "Les Fils d’Aïcha", "lundi 15 juin 2026"],
        ),
        (
            ASSOCIATION,
            None,
            "Attestation d’association, Aïcha Benali",
            ["Aïcha Benali", "dimanche 1er février 2026", "10, pour un montant de 150 €"],
        ),
        (
            YEAR,
            2025,
            "Relevé de l’année 2025, Aïcha Benali",
            ["Janvier 2025", "Décembre 2025", "1 200,50 €", "4 000,50 €", "300 €", "3 mois enregistrés sur douze"],
        ),
    ],
)
def test_each_document_is_french_titled_and_says_what_is_known(member, kind, year, title, words):
    document = issue(member, kind, year)
    assert [each for each in words if each not in text_of(document)] == []
    with pikepdf.open(BytesIO(bytes(document.content))) as opened, opened.open_metadata() as metadata:
        assert (str(opened.Root.Lang), metadata.get("dc:title"), len(opened.pages)) == ("fr", title, 1)


@needs_pango
def test_the_printed_pages_hold_the_words(member):
    """Through the fonts embedded in the file: each glyph is told back as its letter."""
    document = issue(member, YEAR, 2025)
    printed = printed_text(bytes(document.content))
    assert [each for each in ("AïchaBenali", "4000,50", "Total") if each not in printed] == []


def printed_text(content: bytes) -> str:
    """Return the letters of a PDF, spaces aside, by the maps of its fonts."""
    letters = []
    with pikepdf.open(BytesIO(content)) as opened:
        for each in opened.pages:
            maps = {name: letters_of(font) for name, font in each.Resources.Font.items()}
            current = {}
            for operands, operator in pikepdf.parse_content_stream(each):
                if str(operator) == "Tf":
                    current = maps[str(operands[0])]
                elif str(operator) in ("Tj", "TJ"):
                    pieces = operands[0] if str(operator) == "TJ" else [operands[0]]
                    for piece in pieces:
                        if isinstance(piece, pikepdf.String):
                            code = bytes(piece)
                            letters += [current.get(code[i : i + 2].hex(), "") for i in range(0, len(code), 2)]
    return re.sub(r"\s", "", "".join(letters))


def letters_of(font) -> dict[str, str]:
    lines = re.findall(r"<([0-9a-fA-F]{4})> <([0-9a-fA-F]+)>", font.ToUnicode.read_bytes().decode())
    return {code.lower(): bytes.fromhex(letter).decode("utf-16-be") for code, letter in lines}


def test_a_year_has_twelve_lines_and_unknown_months_count_for_nothing(member):
    data = documents.facts(member, YEAR, 2025, AT)
    assert [month for month, _ in data["lines"]] == [f"2025-{month:02}-01" for month in range(1, 13)]
    assert data["lines"][2][1] == [None, None, None, None]
    assert data["totals"] == ["4000.50", None, "300.00", None]


def test_a_contract_that_has_ended_is_not_attested(member):
    data = documents.facts(member, MEMBERSHIP, None, AT)
    assert [each["label"] for each in data["contracts"]] == [kind("cesa").label]


# --- what cannot be given --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "year", "code"),
    [
        pytest.param(MEMBERSHIP, None, "no_contract", id="no contract in force"),
        pytest.param(ASSOCIATION, None, "not_associated", id="not an associate"),
        pytest.param(YEAR, None, "year_missing", id="no year"),
        pytest.param(YEAR, 2025, "no_statement", id="no statement that year"),
        pytest.param(YEAR, 2027, "year_to_come", id="a year to come"),
    ],
)
def test_a_document_that_the_facts_do_not_allow_is_refused(kind, year, code):
    member = MemberFactory(associated_on=date(2026, 6, 16))
    ContractFactory(member=member, starts_on=date(2024, 3, 1), ends_on=TODAY)
    with pytest.raises(ValidationError) as refusal:
        issue(member, kind, year)
    assert (refusal.value.code, IssuedDocument.objects.count()) == (code, 0)


def test_the_association_of_who_has_left_is_not_attested(member):
    services.record_departure(member=member, left_on=date(2026, 5, 1), reason=exit_reason(), note="", by=None, at=AT)
    with pytest.raises(ValidationError) as refusal:
        issue(member, ASSOCIATION)
    assert refusal.value.code == "member_left"


def test_the_page_of_the_member_says_why_and_the_click_too(client, advisor, territory):
    member = MemberFactory(territory=territory)
    url = reverse("members_staff:member", args=[member.pk])
    assert "Aucun contrat n’est en cours" in page(client, url)
    response = client.post(reverse("members_staff:document_issue", args=[member.pk]), {"kind": MEMBERSHIP}, follow=True)
    assert str(next(iter(response.context["messages"]))).startswith("Aucun contrat n’est en cours")
    unknown = client.post(reverse("members_staff:document_issue", args=[member.pk]), {"kind": "diploma"}, follow=True)
    assert [str(each) for each in unknown.context["messages"]] == ["Choisissez un document et une année."]


def test_without_pango_the_page_says_what_to_install(client, advisor, member, monkeypatch):
    monkeypatch.setattr(pdf, "is_available", lambda: False)
    shown = page(client, reverse("members_staff:member", args=[member.pk]))
    action = reverse("members_staff:document_issue", args=[member.pk])
    assert ("apt install libpango-1.0-0" in shown, action in shown) == (True, False)
    response = client.post(action, {"kind": MEMBERSHIP}, follow=True)
    assert "apt install libpango-1.0-0" in str(next(iter(response.context["messages"])))
    assert IssuedDocument.objects.count() == 0


# --- kept as given ---------------------------------------------------------------------------------------------------


@needs_pango
def test_what_was_given_is_served_byte_for_byte_whatever_changes_since(client, advisor, member):
    client.post(reverse("members_staff:document_issue", args=[member.pk]), {"kind": "year", "year": "2025"})
    document = member.issued_documents.get()
    digest = hashlib.sha256(document.content).hexdigest()
    Statement.objects.all().delete()
    response = client.get(reverse("members:issued_document", args=[document.pk]))
    assert hashlib.sha256(b"".join(response.streaming_content)).hexdigest() == digest
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert (document.issued_by, document.year, document.data["totals"][0]) == (advisor, 2025, "4000.50")
    name = f"releve-de-l-annee-2025-{member.reference}"
    assert (name in response["Content-Disposition"], "Benali" in response["Content-Disposition"]) == (True, False)


def test_the_member_gets_their_document_again_and_nobody_else_does(client, member):
    url = reverse("members:issued_document", args=[IssuedDocumentFactory(member=member).pk])
    people = [
        PersonLinkFactory(person=member.person).user,
        PersonLinkFactory(person=MemberFactory().person).user,
        UserFactory(email=member.person.email),  # whom nobody confirmed
        UserFactory(official=True, territory=member.territory),
        UserFactory(advisor=True, territory=TerritoryFactory()),
    ]
    found = []
    for user in people:
        client.force_login(user)
        response = client.get(url)
        found.append(response.status_code)
        list(getattr(response, "streaming_content", []))
    assert found == [200, 404, 404, 404, 404]


# --- asked by the member ---------------------------------------------------------------------------------------------


@needs_pango
def test_a_member_asks_for_their_year_and_gets_the_same_again_that_day(client, member):
    client.force_login(PersonLinkFactory(person=member.person).user)
    shown = page(client, reverse("site:my_space"))
    action = reverse("members:own_document_issue", args=[member.pk])
    assert (action in shown, "2025" in shown) == (True, True)
    answers = [client.post(action, {"kind": "year", "year": "2025"}).url for _ in range(2)]
    document = member.issued_documents.get()
    assert answers == [reverse("members:issued_document", args=[document.pk])] * 2


@needs_pango
def test_what_changed_meanwhile_makes_another_document(member):
    user = PersonLinkFactory(person=member.person).user
    first = services.issue_own_document(member=member, kind=YEAR, year=2025, by=user, at=AT)
    Statement.objects.filter(month=date(2025, 2, 1)).update(turnover=900)
    second = services.issue_own_document(member=member, kind=YEAR, year=2025, by=user, at=AT)
    assert (first.pk != second.pk, second.data["totals"][0]) == (True, "4100.50")


def test_a_member_asks_for_nobody_else(client, member):
    client.force_login(PersonLinkFactory(person=MemberFactory().person).user)
    action = reverse("members:own_document_issue", args=[member.pk])
    assert client.post(action, {"kind": "membership"}).status_code == 404


def test_a_refusal_is_told_in_the_space_of_the_member(client):
    member = MemberFactory()
    client.force_login(PersonLinkFactory(person=member.person).user)
    action = reverse("members:own_document_issue", args=[member.pk])
    response = client.post(action, {"kind": "year", "year": timezone.localdate().year + 1}, follow=True)
    assert "n’a pas commencé" in str(next(iter(response.context["messages"])))


@needs_pango
@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_document(member):
    user = PersonLinkFactory(person=member.person).user

    def ask():
        try:
            services.issue_own_document(member=member, kind=MEMBERSHIP, by=user, at=AT)
        finally:
            connection.close()

    threads = [Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert member.issued_documents.count() == 1


# --- lists -----------------------------------------------------------------------------------------------------------


def test_the_page_takes_the_same_queries_for_one_document_given_and_for_three(client, advisor, member):
    url = reverse("members_staff:member", args=[member.pk])
    IssuedDocumentFactory(member=member, issued_by=advisor)
    one = count_queries(client, url)
    IssuedDocumentFactory.create_batch(2, member=member, issued_by=advisor)
    assert count_queries(client, url) == one


def test_every_document_given_can_be_found_again(client, advisor, member):
    given = IssuedDocumentFactory.create_batch(7, member=member)
    content = page(client, reverse("members_staff:member", args=[member.pk]))
    assert [each.pk for each in given if reverse("members:issued_document", args=[each.pk]) not in content] == []
