"""The filters of the list: each alone, then what cannot be read; exports of exactly what they let through."""

import csv
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from python_calamine import load_workbook

from coopconnexion.accounts.enums import Role
from projects.enums import ReasonKind, Source, Stage
from projects.filters import ProjectFilter
from projects.models import ClosingReason
from tests.conftest import page
from tests.factories import ProjectFactory, TerritoryFactory, ThemeFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST = reverse("projects_staff:project_list")
CSV, XLSX = reverse("projects_staff:projects_csv"), reverse("projects_staff:projects_xlsx")


@pytest.fixture
def territory():
    return TerritoryFactory(name="Béthune")


@pytest.fixture
def advisor(territory):
    return UserFactory(advisor=True, territory=territory, name="Camille Conseil")


@pytest.fixture
def found(advisor):
    """Return the titles that a query string lets through, sorted unless it says how."""

    def titles(query: str, user=advisor) -> list[str]:
        rows = [project.title for project in ProjectFilter(QueryDict(query), user=user).rows]
        return rows if "tri=" in query else sorted(rows)

    return titles


def refused(**fields):
    reason, _ = ClosingReason.objects.get_or_create(kind=ReasonKind.REFUSED, label="Hors champ d’essai")
    return ProjectFactory(stage=Stage.REFUSED, closing_reason=reason, next_step="", next_step_on=None, **fields)


# --- searching -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["epicerie", "ÉPICERIE du", "zoe", "Leveque zoé", "06 12 34 56 78", "+33612345678", "zoe@exemple.org", "P{pk}"],
)
def test_a_project_is_found_by_title_name_phone_address_and_reference(query, found, territory):
    project = ProjectFactory(
        territory=territory,
        title="Épicerie du port",
        holder__first_name="Zoé",
        holder__last_name="Lévêque",
        holder__phone="+33612345678",
        holder__email="zoe@exemple.org",
    )
    ProjectFactory(territory=territory, title="Autre")
    asked = QueryDict(mutable=True)
    asked["q"] = query.format(pk=project.pk)
    assert found(asked.urlencode()) == ["Épicerie du port"]


def test_a_reader_does_not_search_by_contacts(found, territory):
    ProjectFactory(territory=territory, title="Vu", holder__email="zoe@exemple.org", holder__phone="+33612345678")
    reader = UserFactory(reader=True, territory=territory)
    assert [found(f"q={query}", reader) for query in ("zoe@exemple.org", "0612345678", "vu")] == [[], [], ["Vu"]]


def test_a_search_of_nothing_but_signs_finds_nothing(found, territory):
    ProjectFactory(territory=territory)
    assert [found(f"q={query}") for query in ("%25", "...", "%27%3B--")] == [[], [], []]


# --- narrowing -------------------------------------------------------------------------------------------------------


def test_projects_are_filtered_by_stage(found, territory):
    ProjectFactory(territory=territory, title="A", stage=Stage.SUPPORT)
    ProjectFactory(territory=territory, title="B")
    refused(territory=territory, title="C")
    queries = ("etape=support", "etape=ouverts", "etape=termines", "")
    assert [found(query) for query in queries] == [["A"], ["A", "B"], ["C"], ["A", "B", "C"]]


def test_projects_are_filtered_by_advisor(found, territory, advisor):
    colleague = UserFactory(advisor=True, territory=territory)
    for title, user in (("A", advisor), ("B", colleague), ("C", None)):
        ProjectFactory(territory=territory, title=title, advisor=user)
    queries = ("referent=moi", f"referent={colleague.pk}", "referent=personne")
    assert [found(query) for query in queries] == [["A"], ["B"], ["C"]]


def test_an_observer_finds_the_projects_they_watch(found, territory, advisor):
    ProjectFactory(territory=territory, title="A").observers.add(advisor, UserFactory())
    ProjectFactory(territory=territory, title="B", advisor=advisor)
    ProjectFactory(title="C").observers.add(advisor)
    assert found("referent=observe") == ["A"]


def test_projects_are_filtered_by_theme_source_and_territory(found, territory, advisor):
    theme, elsewhere = ThemeFactory(), TerritoryFactory()
    manager = UserFactory(manager=True)
    project = ProjectFactory(territory=territory, title="A", source=Source.CITY)
    project.themes.add(theme, ThemeFactory())
    ProjectFactory(territory=elsewhere, title="B")
    queries = (f"theme={theme.pk}", "provenance=city", f"territoire={territory.pk}", f"territoire={elsewhere.pk}")
    assert [found(query, manager) for query in queries] == [["A"], ["A"], ["A"], ["B"]]


def test_projects_are_filtered_by_silence_and_lateness(found, territory):
    now, today = timezone.now(), timezone.localdate()
    ProjectFactory(territory=territory, title="A", touched_at=now - timedelta(days=30), next_step_on=today)
    ProjectFactory(territory=territory, title="B", touched_at=now, next_step_on=today - timedelta(days=1))
    assert [found(query) for query in ("sans_suivi=21", "retard=on")] == [["A"], ["B"]]


def test_archives_and_tests_are_told_apart(found, territory):
    refused(territory=territory, title="A", archived_at=timezone.now())
    ProjectFactory(territory=territory, title="B", is_test=True)
    ProjectFactory(territory=territory, title="C")
    queries = ("", "archives=archives", "archives=tous", "essais=sans", "essais=seuls")
    assert [found(query) for query in queries] == [["B", "C"], ["A"], ["A", "B", "C"], ["C"], ["B"]]


@pytest.mark.parametrize(
    ("sort", "titles"),
    [
        ("titre", ["abri", "Bar", "Épicerie"]),
        ("-titre", ["Épicerie", "Bar", "abri"]),
        ("prochaine", ["Bar", "Épicerie", "abri"]),
        ("etape", ["Bar", "Épicerie", "abri"]),
        ("porteur", ["abri", "Épicerie", "Bar"]),
        ("-cree", ["Épicerie", "Bar", "abri"]),
    ],
)
def test_a_list_is_sorted_by_a_column(sort, titles, found, territory):
    now, today = timezone.now(), timezone.localdate()
    days = timedelta(days=1)
    refused(territory=territory, title="abri", created_at=now - 3 * days, holder__last_name="abel")
    ProjectFactory(
        territory=territory, title="Bar", next_step_on=today, created_at=now - 2 * days, holder__last_name="Zola"
    )
    ProjectFactory(
        territory=territory,
        title="Épicerie",
        stage=Stage.SUPPORT,
        next_step_on=today + days,
        created_at=now - days,
        holder__last_name="Élie",
    )
    assert found(f"tri={sort}") == titles


@pytest.mark.parametrize(
    "query",
    ["etape=rien", "theme=999999", "theme=x", "sans_suivi=-1", "sans_suivi=1e99", "referent=0", "tri=pk", "archives=1"],
)
def test_a_filter_that_cannot_be_read_finds_nothing_and_says_so(query, found, client, advisor, territory):
    ProjectFactory(territory=territory, title="Caché")
    assert found(query) == []
    client.force_login(advisor)
    content = page(client, f"{LIST}?{query}")
    assert ("Caché" in content, "Un filtre est à revoir" in content) == (False, True)
    assert client.get(f"{CSV}?{query}").url == f"{LIST}?{query}"


def test_a_foreign_territory_is_no_choice(found, territory):
    elsewhere = TerritoryFactory()
    ProjectFactory(territory=elsewhere)
    assert found(f"territoire={elsewhere.pk}") == []


# --- exports ---------------------------------------------------------------------------------------------------------


def lines(client, query=""):
    text = b"".join(client.get(f"{CSV}{query}").streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text), delimiter=";"))


def test_an_export_holds_exactly_what_is_filtered_on_all_pages(client, advisor, territory):
    client.force_login(advisor)
    for number in range(60):
        ProjectFactory(territory=territory, title=f"Bar {number:02}")
    ProjectFactory(territory=territory, title="Épicerie", is_test=True)
    ProjectFactory(title="Bar d’ailleurs")
    bars, all_lines = lines(client, "?q=bar&tri=titre"), lines(client)
    assert [line["Titre"] for line in bars] == [f"Bar {number:02}" for number in range(60)]
    assert (len(all_lines), [line["Projet d’essai"] for line in all_lines if line["Titre"] == "Épicerie"]) == (
        61,
        ["oui"],
    )


def test_no_cell_of_an_export_is_a_formula(client, advisor, territory):
    client.force_login(advisor)
    ProjectFactory(territory=territory, title="=HYPERLINK(1)", holder__first_name="+cmd", next_step="@SUM(A1)")
    line = lines(client)[0]
    cells = (line["Titre"], line["Porteur·se"], line["Prochaine étape"])
    assert [cell[0] in "=+-@" for cell in cells] == [False, False, False]


def test_an_export_tells_contacts_to_who_may_see_them(client, advisor, territory):
    ProjectFactory(territory=territory, holder__email="zoe@exemple.org", holder__phone="+33612345678")
    client.force_login(advisor)
    assert [lines(client)[0][name] for name in ("Courriel", "Téléphone")] == [
        "zoe@exemple.org",
        "06\u00a012\u00a034\u00a056\u00a078",
    ]
    client.force_login(UserFactory(reader=True, territory=territory))
    assert "Courriel" not in lines(client)[0]


def test_the_workbook_says_the_same_as_the_text(client, advisor, territory):
    client.force_login(advisor)
    ProjectFactory(territory=territory, title="Épicerie")
    content = b"".join(client.get(XLSX).streaming_content)
    header, row = load_workbook(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert (header[1], row[1]) == ("Titre", "Épicerie")


def test_an_export_takes_as_many_queries_for_many_rows_as_for_one(
    client, advisor, territory, django_assert_max_num_queries
):
    client.force_login(advisor)
    ProjectFactory(territory=territory)
    lines(client)
    with django_assert_max_num_queries(9) as few:
        lines(client)
    for _ in range(3):
        ProjectFactory(territory=territory, advisor=UserFactory()).themes.add(ThemeFactory())
    with django_assert_max_num_queries(9) as many:
        lines(client)
    assert len(few) == len(many)


def test_a_manager_filters_and_exports_every_territory(client, login_as, territory):
    login_as(Role.MANAGER)
    ProjectFactory(territory=territory)
    ProjectFactory()
    assert len(lines(client)) == 2
