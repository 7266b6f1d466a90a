"""Monthly statements: typed, and brought in files that are right, wrong, brought twice, or at the same time."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from coopconnexion.accounts.enums import Role
from coopconnexion.uploads import private_storage
from members.models import Statement, StatementImport
from members.services import (
    apply_statements,
    check_statements,
    discard_stale_imports,
    discard_statements,
    enter_statement,
)
from tests.factories import MemberFactory, PersonFactory, TerritoryFactory, UserFactory
from tests.sheet_files import Formula, csv_file, ods_file, xls_file, xlsx_file, zip_bytes

pytestmark = pytest.mark.django_db

AT = datetime(2026, 12, 20, 9, tzinfo=UTC)
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
HEADER = ["Référence", "Mois", "Chiffre d’affaires", "Achats"]


@pytest.fixture
def member():
    person = PersonFactory(first_name="Zoé", last_name="Martin", email="Zoe@example.org")
    return MemberFactory(person=person)


@pytest.fixture
def advisor(member):
    return UserFactory(advisor=True, territory=member.territory)


def check(file, by, at=AT) -> StatementImport:
    return check_statements(file=file, filename=file.name, by=by, at=at)


def text(*rows, header="Référence;Mois;CA;Achats") -> SimpleUploadedFile:
    return csv_file("\n".join([header, *(";".join(map(str, row)) for row in rows)]))


def counts(kept) -> dict:
    return {name: kept.counts[name] for name in ("new", "changed", "unchanged", "wrong")}


def errors(kept) -> list[tuple]:
    return [(each["row"], each["column"], each["message"]) for each in kept.errors]


def figures(member) -> list[tuple]:
    return list(member.statements.order_by("month").values_list("month", "turnover", "purchases"))


def code_of(callable_, **kwargs) -> str:
    with pytest.raises(ValidationError) as refusal:
        callable_(**kwargs)
    error = refusal.value
    return next(iter(error.error_dict.values()))[0].code if hasattr(error, "error_dict") else error.code


# --- typed -----------------------------------------------------------------------------------------------------------


def test_a_statement_is_typed_then_corrected(member, advisor):
    first = enter_statement(member=member, month=date(2026, 11, 30), turnover=Decimal(100), by=advisor, at=AT)
    figures = {"turnover": Decimal(120), "purchases": Decimal(5)}
    enter_statement(member=member, month=NOVEMBER, corrects=first, by=advisor, at=AT, **figures)
    statement = member.statements.get()
    assert (statement.month, statement.turnover, statement.purchases) == (NOVEMBER, 120, 5)
    assert [each.turnover for each in statement.history.order_by("pgh_id")] == [100, 120]


def test_a_month_known_already_is_not_overwritten_unseen(member, advisor):
    known = {"member": member, "month": NOVEMBER, "by": advisor, "at": AT}
    enter_statement(turnover=Decimal(100), **known)
    assert code_of(enter_statement, turnover=Decimal(5), **known) == "statement_exists"
    assert figures(member) == [(NOVEMBER, 100, None)]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"month": date(2027, 1, 1)}, "month_to_come"),
        ({"month": date(1900, 1, 1)}, "month_invalid"),
        ({"month": NOVEMBER, "gross_pay": Decimal(-1)}, "gross_pay_negative"),
    ],
)
def test_a_statement_that_cannot_be_is_refused(member, advisor, values, code):
    assert (
        code_of(enter_statement, **{"member": member, "turnover": Decimal(1), "by": advisor, "at": AT} | values) == code
    )
    assert not member.statements.exists()


# --- a file that is right --------------------------------------------------------------------------------------------


def test_checking_a_file_writes_no_statement(member, advisor):
    kept = check(text([member.reference, "12/2026", "1 234,56", ""]), advisor)
    assert counts(kept) == {"new": 1, "changed": 0, "unchanged": 0, "wrong": 0}
    assert (kept.uploaded_by, kept.applied_at, figures(member)) == (advisor, None, [])


@pytest.mark.parametrize("make", [xlsx_file, ods_file, xls_file])
def test_a_workbook_is_imported_as_a_csv_file_is(make, member, advisor):
    kept = check(make([["Relevés"], HEADER, [member.reference, 46357, 1234.56, None]]), advisor)
    apply_statements(statement_import=kept, by=advisor, at=AT)
    assert figures(member) == [(DECEMBER, Decimal("1234.56"), None)]


def test_an_import_writes_every_row_and_who_brought_it(member, advisor, django_capture_on_commit_callbacks):
    kept = check(text([member.reference, "12/2026", "100", "10"], [member.pk, "2026-11", "90,5", "-3"]), advisor)
    name = kept.file.name
    with django_capture_on_commit_callbacks(execute=True):
        done = apply_statements(statement_import=kept, by=advisor, at=AT)
    assert figures(member) == [(NOVEMBER, Decimal("90.50"), -3), (DECEMBER, 100, 10)]
    assert counts(done) == {"new": 2, "changed": 0, "unchanged": 0, "wrong": 0}
    assert (done.applied_at, not private_storage().exists(name)) == (AT, True)
    statement = member.statements.first()
    assert (statement.imported_by, statement.entered_by, statement.entered_at) == (kept, advisor, AT)
    assert statement.history.count() == 1


def test_bringing_a_file_again_updates_what_changed_only(member, advisor):
    first = check(text([member.reference, "12/2026", "100", "10"], [member.reference, "11/2026", "90", "9"]), advisor)
    apply_statements(statement_import=first, by=advisor, at=AT)
    again = check(text([member.reference, "12/2026", "150", ""], [member.reference, "11/2026", "90", "9"]), advisor)
    assert counts(again) == {"new": 0, "changed": 1, "unchanged": 1, "wrong": 0}
    assert again.counts["changes"] == [
        {"row": 2, "member": member.pk, "month": "2026-12-01", "figures": {"turnover": ["100.00", "150.00"]}}
    ]
    later = AT + timedelta(days=1)
    done = apply_statements(statement_import=again, by=advisor, at=later)
    assert counts(done) == {"new": 0, "changed": 1, "unchanged": 1, "wrong": 0}
    assert figures(member) == [(NOVEMBER, 90, 9), (DECEMBER, 150, 10)]  # an empty cell says nothing
    assert list(member.statements.order_by("month").values_list("imported_by", "entered_at")) == [
        (first.pk, AT),
        (again.pk, later),
    ]


def test_a_second_confirmation_finds_it_done(member, advisor):
    kept = check(text([member.reference, "12/2026", "100", ""]), advisor)
    apply_statements(statement_import=kept, by=advisor, at=AT)
    member.statements.update(turnover=5)
    assert apply_statements(statement_import=kept, by=advisor, at=AT + timedelta(days=1)).applied_at == AT
    assert figures(member) == [(DECEMBER, 5, None)]


def test_a_member_is_recognised_by_address_and_name(member, advisor):
    couple = MemberFactory(
        territory=member.territory, person=PersonFactory(first_name="Léo", last_name="Martin", email="zoe@example.org")
    )
    file = text(
        ["ZOE@example.org", "martin", "zoe", "12/2026", 1],
        ["zoe@example.org", "MARTIN", "Léo", "12/2026", 2],
        header="Courriel;Nom;Prénom;Mois;CA",
    )
    apply_statements(statement_import=check(file, advisor), by=advisor, at=AT)
    assert (figures(member)[0][1], figures(couple)[0][1]) == (1, 2)


# --- a file that is wrong --------------------------------------------------------------------------------------------


def test_each_wrong_row_is_named_and_the_file_writes_nothing(member, advisor):
    elsewhere = MemberFactory(territory=TerritoryFactory())
    file = text(
        [member.reference, "12/2026", "100", ""],
        ["M999999", "12/2026", "1", ""],
        [elsewhere.reference, "12/2026", "1", ""],
        ["Zoé", "12/2026", "1", ""],
        [member.reference, "31/01/1900", "1", ""],
        [member.reference, "01/2027", "1", ""],
        [member.reference, "10/2026", "beaucoup", ""],
        [member.reference, "11/2026", "=A1", ""],
        [member.reference, "31/12/2026", "200", ""],
        ["", "12/2026", "1", ""],
    )
    kept = check(file, advisor)
    assert counts(kept) == {"new": 1, "changed": 0, "unchanged": 0, "wrong": 9}
    found = [(row, column) for row, column, _ in errors(kept)]
    turnover, month = "colonne C (Chiffre d’affaires)", "colonne B (Mois)"
    assert found == [
        *((row, "colonne A (Référence)") for row in (3, 4, 5)),
        *((6, month), (7, month), (8, turnover), (9, turnover), (10, ""), (11, "")),
    ]
    assert errors(kept)[7][2].startswith("même membre et même mois que la ligne 2")
    assert not kept.file
    assert code_of(apply_statements, statement_import=kept, by=advisor, at=AT) == "import_has_errors"
    assert not Statement.objects.exists()


def test_nothing_tells_a_member_of_elsewhere_from_nobody(member, advisor):
    elsewhere = MemberFactory(territory=TerritoryFactory())
    kept = check(text([elsewhere.reference, "12/2026", 1, ""], ["M999999", "12/2026", 1, ""]), advisor)
    messages = {
        message.replace(reference, "M")
        for (_, _, message), reference in zip(errors(kept), (elsewhere.reference, "M999999"), strict=True)
    }
    assert len(messages) == 1


def test_a_reference_that_belongs_to_another_name_is_refused(member, advisor):
    kept = check(text([member.reference, "Durand", "12/2026", 1], header="Réf;Nom;Mois;CA"), advisor)
    assert errors(kept)[0][:2] == (2, "colonne B (Nom)")


def test_an_address_shared_by_namesakes_asks_for_the_reference(member, advisor):
    twin = MemberFactory(
        territory=member.territory, person=PersonFactory(first_name="Zoé", last_name="Martin", email="zoe@example.org")
    )
    file = text(["zoe@example.org", "Martin", "Zoé", "12/2026", 1], header="E-mail;Nom;Prénom;Mois;CA")
    message = errors(check(file, advisor))[0][2]
    assert member.reference in message
    assert twin.reference in message


def test_an_address_without_a_name_or_unknown_is_refused(member, advisor):
    rows = [["zoe@example.org", "", "", "12/2026", 1], ["x@example.org", "Martin", "Zoé", "12/2026", 1]]
    kept = check(text(*rows, header="E-mail;Nom;Prénom;Mois;CA"), advisor)
    assert [(row, column) for row, column, _ in errors(kept)] == [(2, ""), (3, "colonne A (E-mail)")]


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (SimpleUploadedFile("a.pdf", b"%PDF-1.7"), "file_kind"),
        (SimpleUploadedFile("a.xlsx", b"R;M\n1;2"), "file_content"),
        (SimpleUploadedFile("a.csv", b"x" * 10_000_001), "file_too_large"),
        (SimpleUploadedFile("a.xlsx", zip_bytes({"xl/workbook.xml": b" " * 90_000_000})), "archive_too_large"),
        (SimpleUploadedFile("a.xlsx", b"PK\x03\x04" + b"x" * 99), "archive_damaged"),
        (csv_file("Bonjour\n"), "header_missing"),
        (csv_file("Référence;CA\nM1;5"), "column_missing"),
        (csv_file("Mois;CA\n12/2026;5"), "member_column_missing"),
        (csv_file("Référence;Mois;CA;C.A.\nM1;12/2026;5;6"), "column_twice"),
        (csv_file("Référence;Mois;CA\n;;\n"), "no_rows"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_nothing(file, code, advisor):
    assert code_of(check, file=file, by=advisor) == code
    assert not StatementImport.objects.exists()


def test_a_formula_of_a_workbook_names_its_cell(member, advisor):
    kept = check(xlsx_file([HEADER, [member.reference, DECEMBER, Formula("=1+1"), None]]), advisor)
    assert errors(kept)[0][:2] == (2, "colonne C (Chiffre d’affaires)")


def test_a_windows_file_with_semicolons_and_accents_is_read(member, advisor):
    row = f"M{member.pk};déc. 2026;1 234,56 €"
    file = csv_file(f"Réf.;Mois;Chiffre d'affaires\n{row}", encoding="cp1252")
    assert counts(check(file, advisor))["new"] == 1


def test_only_so_many_errors_are_kept_but_all_are_counted(advisor):
    kept = check(text(*(["M999999", "12/2026", 1, ""] for _ in range(700))), advisor)
    assert (len(kept.errors), kept.counts["wrong"]) == (200, 700)


# --- between the check and the import --------------------------------------------------------------------------------


def test_an_import_given_up_is_never_applied(member, advisor):
    kept = check(text([member.reference, "12/2026", 1, ""]), advisor)
    discard_statements(statement_import=kept, at=AT)
    discard_statements(statement_import=kept, at=AT)
    assert code_of(apply_statements, statement_import=kept, by=advisor, at=AT) == "import_discarded"
    assert figures(member) == []


def test_an_import_that_is_done_is_not_given_up(member, advisor):
    kept = check(text([member.reference, "12/2026", 1, ""]), advisor)
    apply_statements(statement_import=kept, by=advisor, at=AT)
    assert code_of(discard_statements, statement_import=kept, at=AT) == "import_applied"


def test_what_waits_too_long_is_given_up_and_names_nobody(member, advisor):
    old = check(text([member.reference, "12/2026", 1, ""], ["Zoé", "12/2026", 1, ""]), advisor)
    done = check(text([member.reference, "12/2026", 1, ""]), advisor)
    apply_statements(statement_import=done, by=advisor, at=AT)
    recent = check(text([member.reference, "12/2026", 1, ""]), advisor, at=AT + timedelta(days=10))
    later = AT + timedelta(days=15)
    discard_stale_imports(at=later)
    discard_stale_imports(at=later + timedelta(hours=1))
    for each in (old, done, recent):
        each.refresh_from_db()
    assert [each.discarded_at for each in (old, done, recent)] == [later, None, None]
    assert old.errors == []


def test_what_changed_since_the_check_stops_the_whole_import(member, advisor):
    other = MemberFactory(territory=member.territory)
    kept = check(text([member.reference, "12/2026", 1, ""], [other.reference, "12/2026", 1, ""]), advisor)
    other.territory = TerritoryFactory()
    other.save()
    assert code_of(apply_statements, statement_import=kept, by=advisor, at=AT) == "import_stale"
    assert not Statement.objects.exists()


def test_a_file_that_the_storage_lost_or_changed_is_refused(member, advisor):
    kept = check(text([member.reference, "12/2026", 1, ""]), advisor)
    with kept.file.open("ab") as file:
        file.write(b"\nM1;12/2026;5")
    assert code_of(apply_statements, statement_import=kept, by=advisor, at=AT) == "import_file_lost"
    private_storage().delete(kept.file.name)
    assert code_of(apply_statements, statement_import=kept, by=advisor, at=AT) == "import_file_lost"


def test_a_reader_or_an_ended_mandate_imports_for_nobody(member):
    reader = UserFactory(role=Role.READER, territory=member.territory)
    assert counts(check(text([member.reference, "12/2026", 1, ""]), reader))["wrong"] == 1


# --- many rows, many people ------------------------------------------------------------------------------------------


def test_the_queries_do_not_follow_the_rows_one_by_one(member, advisor, django_assert_max_num_queries):
    months = [date(2000 + each // 12, each % 12 + 1, 1) for each in range(300)]
    kept = check(text(*([member.reference, f"{month:%m/%Y}", 1, 2] for month in months)), advisor)
    with django_assert_max_num_queries(16):
        apply_statements(statement_import=kept, by=advisor, at=AT)
    assert member.statements.count() == 300


def run_at_once(*actions) -> list:
    barrier, results = Barrier(len(actions)), [None] * len(actions)

    def run(rank, action):
        barrier.wait()
        try:
            results[rank] = action()
        except ValidationError as refusal:
            results[rank] = refusal.code
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(actions)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_a_double_click_imports_once(member, advisor):
    kept = check(text(*([member.reference, f"{each}/2026", each, ""] for each in range(1, 13))), advisor)
    done = run_at_once(*[lambda: apply_statements(statement_import=kept, by=advisor, at=AT).applied_at] * 4)
    assert done == [AT] * 4
    assert member.statements.count() == 12
    assert Statement.history.rel.related_model.objects.count() == 12


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_wait_for_each_other(member, advisor):
    months = range(1, 13)
    first = check(text(*([member.reference, f"{each}/2026", 100, 1] for each in months)), advisor)
    second = check(text(*([member.reference, f"{each}/2026", 200, 2] for each in reversed(months))), advisor)
    done = run_at_once(
        lambda: apply_statements(statement_import=first, by=advisor, at=AT).counts,
        lambda: apply_statements(statement_import=second, by=advisor, at=AT).counts,
    )
    assert sorted((each["new"], each["changed"]) for each in done) == [(0, 12), (12, 0)]
    assert len(set(member.statements.values_list("turnover", "purchases"))) == 1
