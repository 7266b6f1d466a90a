"""The pages of statements: who enters, what they show, what a file goes through, what leaves."""

import re
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from python_calamine import load_workbook

from coopconnexion.accounts.enums import Role
from members.figures import by_territory, by_theme, charts_of, month_words, months_until
from members.models import Member, Statement, StatementImport
from tests.factories import BusinessFactory, MemberFactory, TerritoryFactory, ThemeFactory, UserFactory
from tests.sheet_files import csv_file

pytestmark = pytest.mark.django_db

LIST = "members_staff:statement_list"
THIS_MONTH = timezone.localdate().replace(day=1)


@pytest.fixture
def member():
    return MemberFactory()


def statement(member: Member, turnover=100, month=THIS_MONTH, **figures) -> Statement:
    return Statement.objects.create(member=member, month=month, turnover=turnover, **figures)


def page(response) -> str:
    return response.content.decode()


def file_of(*rows) -> object:
    return csv_file("\n".join(["Référence;Mois;CA", *(";".join(map(str, row)) for row in rows)]))


def bring(client, *rows):
    return client.post(reverse("members_staff:statement_import"), {"file": file_of(*rows)})


# --- typed -----------------------------------------------------------------------------------------------------------


def test_an_advisor_types_a_month_as_people_write_it(client, login_as, member):
    user = login_as(Role.ADVISOR, member.territory)
    url = reverse("members_staff:statement_enter", args=[member.pk])
    response = client.post(url, {"month": "11/2026", "turnover": "1 234,56 €", "purchases": "(12)"}, follow=True)
    found = member.statements.get()
    assert (found.month, found.turnover, found.purchases, found.gross_pay, found.entered_by) == (
        date(2026, 11, 1),
        Decimal("1234.56"),
        -12,
        None,
        user,
    )
    assert "Le relevé est enregistré." in page(response)


def test_a_known_month_opens_with_its_figures(client, login_as, member):
    login_as(Role.ADVISOR, member.territory)
    statement(member, Decimal("12.50"), date(2026, 10, 1))
    shown = page(client.get(reverse("members_staff:statement_enter", args=[member.pk]), {"mois": "2026-10"}))
    assert 'value="12,50"' in shown
    assert 'value="2026-10"' in shown


@pytest.mark.parametrize(
    "typed", [{"month": "13/2026"}, {"turnover": "beaucoup"}, {"month": "12/2099"}, {"gross_pay": "-5"}]
)
def test_what_cannot_be_is_shown_at_its_field(client, login_as, member, typed):
    login_as(Role.ADVISOR, member.territory)
    url = reverse("members_staff:statement_enter", args=[member.pk])
    response = client.post(url, {"month": "11/2026", "turnover": "1"} | typed)
    assert response.status_code == 422
    assert "form-errors" in page(response)
    assert not member.statements.exists()


def test_the_second_to_correct_a_month_reads_what_the_first_saved(client, login_as, member):
    login_as(Role.ADVISOR, member.territory)
    known = statement(member, 100, date(2026, 10, 1))
    url = reverse("members_staff:statement_enter", args=[member.pk]) + "?mois=2026-10"
    version = re.search(r'name="version" value="([^"]+)"', page(client.get(url)))[1]
    known.turnover = 300
    known.save()
    typed = {"month": "2026-10", "turnover": "200", "version": version}
    shown = client.post(url, typed)
    assert shown.status_code == 422
    assert "300" in page(shown)
    known.refresh_from_db()
    assert known.turnover == 300


def test_a_month_is_corrected_from_the_list(client, login_as, member):
    login_as(Role.ADVISOR, member.territory)
    statement(member, 100, date(2026, 10, 1))
    url = reverse("members_staff:statement_enter", args=[member.pk])
    assert client.post(url, {"month": "2026-10", "turnover": "200"}).status_code == 422
    assert client.post(url + "?mois=2026-10", {"month": "2026-10", "turnover": "200"}).status_code == 302
    assert [each.turnover for each in member.statements.all()] == [200]


def test_a_month_typed_by_mistake_is_removed(client, login_as, member):
    login_as(Role.ADVISOR, member.territory)
    statement(member, 100, date(2026, 10, 1))
    kept = statement(member, 100, date(2026, 9, 1))
    url = reverse("members_staff:statement_enter", args=[member.pk]) + "?mois=2026-10"
    shown = page(client.get(url))
    version = re.search(r'name="version" value="([^"]+)"', shown)[1]
    assert "Supprimer ce relevé" in shown
    typed = {"month": "2026-10", "turnover": "100", "version": version, "remove": "1"}
    for _ in range(2):
        assert client.post(url, typed).status_code == 302
        assert list(member.statements.all()) == [kept]


# --- brought ---------------------------------------------------------------------------------------------------------


def test_a_file_is_checked_shown_then_confirmed(client, login_as, member):
    login_as(Role.ADVISOR, member.territory)
    statement(member, 50, date(2026, 10, 1))
    response = bring(client, [member.reference, "10/2026", 80], [member.reference, "11/2026", 90])
    shown = page(client.get(response.url))
    assert "1\u00a0relevé nouveau" in shown
    assert "50\u00a0€ → 80\u00a0€" in shown
    assert "Rien n’est encore écrit" in shown
    assert member.statements.count() == 1
    assert "Les relevés sont importés." in page(client.post(response.url, follow=True))
    client.post(response.url)
    assert [each.turnover for each in member.statements.order_by("month")] == [80, 90]


def test_wrong_rows_are_listed_and_cannot_be_confirmed(client, login_as, member):
    login_as(Role.ADVISOR, member.territory)
    response = bring(client, [member.reference, "10/2026", "=A1"], ["<b>", "10/2026", 1])
    shown = page(client.get(response.url))
    assert "Colonne C (Chiffre d’affaires)" in shown
    assert "&lt;b&gt;" in shown
    assert "Importer ces relevés" not in shown
    client.post(response.url)
    assert not member.statements.exists()


def test_a_file_that_is_refused_whole_says_why_at_its_field(client, login_as, member):
    login_as(Role.ADVISOR, member.territory)
    response = client.post(reverse("members_staff:statement_import"), {"file": csv_file("x", name="a.pdf")})
    assert response.status_code == 422
    assert "Ce type de fichier n’est pas accepté" in page(response)
    assert not StatementImport.objects.exists()


def test_a_file_of_fifty_megabytes_is_refused_in_words(client, login_as, member):
    login_as(Role.ADVISOR, member.territory)
    file = SimpleUploadedFile("releves.csv", b"M1;12/2026;5\n" * 3_900_000)
    response = client.post(reverse("members_staff:statement_import"), {"file": file})
    assert response.status_code == 422
    assert "Ce fichier dépasse 10\u00a0Mo" in page(response)


def test_an_import_is_given_up(client, login_as, member):
    login_as(Role.ADVISOR, member.territory)
    checked = bring(client, [member.reference, "10/2026", 1]).url
    client.post(checked + "abandonner/")
    assert "Import abandonné" in page(client.get(checked))
    assert client.post(checked).status_code == 302
    assert not member.statements.exists()


def test_the_same_file_brought_again_is_told(client, login_as, member):
    login_as(Role.ADVISOR, member.territory)
    client.post(bring(client, [member.reference, "10/2026", 1]).url)
    again = bring(client, [member.reference, "10/2026", 1]).url
    assert "déjà été importé" in page(client.get(again))


def test_an_import_is_seen_by_who_brought_it_and_the_direction(client, login_as, member):
    login_as(Role.ADVISOR, member.territory)
    url = bring(client, [member.reference, "10/2026", 1]).url
    login_as(Role.ADVISOR, member.territory)
    assert client.get(url).status_code == client.post(url).status_code == 404
    login_as(Role.MANAGER)
    assert client.get(url).status_code == 200


def test_a_reader_sees_the_figures_and_brings_nothing(client, login_as, member):
    login_as(Role.READER, member.territory)
    statement(member)
    shown = page(client.get(reverse(LIST)))
    assert member.territory.name in shown
    assert "Apporter un fichier" not in shown
    assert bring(client, [member.reference, "10/2026", 1]).status_code == 403


def test_the_file_to_fill_in_is_read_back_as_it_is(client, login_as, member):
    login_as(Role.ADVISOR, member.territory)
    MemberFactory()  # of elsewhere
    response = client.get(reverse("members_staff:statement_example"))
    rows = load_workbook(BytesIO(response.getvalue())).get_sheet_by_index(0).to_python()
    assert rows[0][:6] == ["Référence", "E-mail", "Nom", "Prénom", "Mois", "Chiffre d’affaires"]
    assert [row[0] for row in rows[1:]] == [member.reference]


# --- added up --------------------------------------------------------------------------------------------------------


def test_sums_keep_territories_apart_and_count_a_theme_once():
    first, second = MemberFactory(), MemberFactory()
    food, craft = ThemeFactory(label="Alimentation"), ThemeFactory(label="Artisanat")
    for themes in ([food], [food, craft]):  # two businesses of one member share a theme
        business = BusinessFactory()
        business.members.add(first)
        business.themes.add(*themes)
    statement(first, 100, purchases=10)
    statement(second, 40)
    months = months_until(THIS_MONTH, 12)
    everything = Statement.objects.all()
    assert {(each.label, each.members, each.figures[0]) for each in by_territory(everything, months)} == {
        (first.territory.name, 1, 100),
        (second.territory.name, 1, 40),
    }
    assert [(each.label, each.members, each.figures[:2]) for each in by_theme(everything, months)] == [
        ("Alimentation", 1, [100, 10]),
        ("Artisanat", 1, [100, 10]),
        ("Sans thème", 1, [40, None]),
    ]


def test_figures_of_elsewhere_are_not_shown(client, login_as, member):
    login_as(Role.ADVISOR, member.territory)
    statement(member, 100)
    other = statement(MemberFactory(), 7777).member
    shown = page(client.get(reverse(LIST)))
    assert "100\u00a0€" in shown
    assert "7\u202f777" not in shown
    assert other.territory.name not in shown


def test_the_list_may_be_of_one_territory_and_two_years(client, login_as):
    login_as(Role.MANAGER)
    first, second = MemberFactory(), MemberFactory()
    old = months_until(THIS_MONTH, 24)[0]
    statement(first, 111, old)
    statement(second, 222)
    url = reverse(LIST)
    assert "111\u00a0€" not in page(client.get(url))
    shown = page(client.get(url, {"territoire": first.territory.slug, "mois": "24"}))
    assert "111\u00a0€" in shown
    assert "222\u00a0€" not in shown


def test_the_export_holds_what_is_shown(client, login_as, member):
    login_as(Role.ADVISOR, member.territory)
    statement(member, Decimal("12.50"))
    statement(MemberFactory(), 7777)
    text = client.get(reverse(LIST), {"format": "csv"}).getvalue().decode()
    lines = text.split("\r\n")
    assert lines[1] == f"{member.reference};{member};{member.territory};{THIS_MONTH:%d/%m/%Y};12,50;;;"
    assert lines[2:] == [""]
    assert client.get(reverse(LIST), {"format": "xlsx"}).getvalue().startswith(b"PK")


@pytest.mark.parametrize("kind", ["list", "enter"])
def test_pages_take_as_many_queries_for_three_statements_as_for_one(
    client, login_as, member, kind, django_assert_max_num_queries
):
    user = login_as(Role.ADVISOR, member.territory)
    url = reverse(LIST) if kind == "list" else reverse("members_staff:statement_enter", args=[member.pk])
    months = months_until(THIS_MONTH, 3)
    statement(member, month=months[0], entered_by=user)
    client.get(url)
    with django_assert_max_num_queries(30) as first:
        client.get(url)
    for month in months[1:]:
        statement(member, month=month, entered_by=UserFactory())
    statement(MemberFactory(territory=member.territory))
    for _ in range(2):
        StatementImport.objects.create(filename="a.csv", sha256="0", uploaded_by=user)
    with django_assert_max_num_queries(len(first) + (kind == "list")):
        client.get(url)


def test_the_charts_of_a_member_take_one_query(member, django_assert_num_queries):
    statement(member, 100, gross_pay=50)
    months = months_until(THIS_MONTH, 12)
    with django_assert_num_queries(1):
        sold, paid = charts_of(member, months)
    assert sold.rows[-1] == [month_words(THIS_MONTH), "100", "–"]
    assert paid.rows[-1][1:] == ["–", "50"]


def test_a_territory_without_statements_says_so(client, login_as):
    login_as(Role.ADVISOR, TerritoryFactory())
    assert "Aucun relevé pour cette période" in page(client.get(reverse(LIST)))
