"""Lists of the back office: who reads how to reach people, what is taken out, what stays quick."""

import csv
import re
from io import BytesIO, StringIO

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from coopconnexion.accounts.models import Organisation, Person, User
from coopconnexion.backoffice import lists
from coopconnexion.territories.models import Territory
from members.models import Contract, Member
from premises.models import Venue
from projects.models import Project
from tests.conftest import admin_url, count_queries, page, sign_in
from tests.factories import (
    ContractFactory,
    MemberFactory,
    OrganisationFactory,
    PersonFactory,
    ProjectFactory,
    TerritoryFactory,
    UserFactory,
    VenueFactory,
)

pytestmark = pytest.mark.django_db
PHONE = "06\u00a012\u00a034\u00a056\u00a078"


# --- queries ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make", [PersonFactory, ProjectFactory, MemberFactory, ContractFactory, OrganisationFactory, VenueFactory]
)
@pytest.mark.parametrize("query", ["", "?q=a"])
def test_a_list_takes_few_queries_and_counts_once(query, make, client, manager):
    counts = []
    for rows in (1, 3):
        created = [make() for _ in range(rows)].pop()
        url = admin_url("changelist", type(created)) + query
        counts.append(count_queries(client, url))
    with CaptureQueriesContext(connection) as queries:
        page(client, url)
    statements = [each["sql"].upper() for each in queries]
    counted = [sql for sql in statements if "COUNT(" in sql and "GROUP BY" not in sql]  # a chart groups
    assert (counts[0] == counts[1], counts[0] < 10, len(counted)) == (True, True, 1)


def test_no_form_and_no_filter_lays_a_long_table_out(client, manager):
    """One option per row of a table that grows would make every page as long as the table."""
    Territory.objects.bulk_create(Territory(name=f"Territoire {n:03}", slug=f"t-{n}") for n in range(60))
    Organisation.objects.bulk_create(Organisation(name=f"Organisation {n:03}", kind="other") for n in range(60))
    User.objects.bulk_create(User(email=f"u{n}@example.org", name=f"Compte {n:03}") for n in range(60))
    Person.objects.bulk_create(Person(first_name="Ada", last_name=f"Personne {n:03}") for n in range(60))
    long = []
    for model in admin.site._registry:
        for action in ("changelist", "add"):
            response = client.get(admin_url(action, model))
            content = response.content.decode() if response.status_code == 200 else ""
            for select in re.findall(r"<select.*?</select>|<details data-filter-title.*?</details>", content, re.S):
                if len(re.findall(r"<option|<li", select)) > 50:
                    long.append((model._meta.label, action, re.search(r'(name|title)="([^"]*)"', select)[2]))
    assert long == []


# --- filters ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def short_lists(monkeypatch):
    monkeypatch.setattr(lists, "SHORT_LIST", 2)


def test_a_filter_over_a_short_table_is_a_list_of_links(client, manager):
    venue = VenueFactory()
    VenueFactory()
    content = page(client, admin_url("changelist", Venue))
    assert f"?territory__id__exact={venue.territory_id}" in content


def test_a_filter_over_a_long_table_is_a_box_that_searches_names(client, manager, short_lists):
    for name in ("Béthune", "Lens", "Arras"):
        VenueFactory(name=f"Lieu de {name}", territory__name=name)
    content = page(client, admin_url("changelist", Venue))
    assert ('name="territory__cherche"' in content, "territory__id__exact" in content) == (True, False)
    filtered = page(client, admin_url("changelist", Venue) + "?territory__cherche=bethune&q=lieu")
    assert ("Lieu de Béthune" in filtered, "Lieu de Lens" in filtered) == (True, False)
    assert '<input type="hidden" name="q" value="lieu">' in filtered


def test_a_filter_names_only_the_rows_one_may_see(client):
    own = TerritoryFactory()
    mine, other = (ProjectFactory(territory=each, title=each.name) for each in (own, TerritoryFactory()))
    sign_in(client, advisor=True, territory=own)
    content = page(client, admin_url("changelist", Project))
    assert (mine.title in content, other.title in re.sub(r"<details.*?</details>", "", content, flags=re.S)) == (
        True,
        False,
    )


def test_a_form_offers_a_short_table_whole_without_javascript(client, manager):
    territory = TerritoryFactory(name="Béthune")
    assert f'<option value="{territory.pk}">Béthune</option>' in page(client, admin_url("add", Venue))


# --- contacts --------------------------------------------------------------------------------------------------------


@pytest.fixture
def project():
    project = ProjectFactory(holder__first_name="Zoé", holder__last_name="Lefèvre")
    Person.objects.update(email="zoe@example.net", phone="+33612345678")
    project.holder.refresh_from_db()
    return project


def pages_about(person):
    return [admin_url(action, person) for action in ("change", "history")] + [admin_url("changelist", Person)]


def test_a_reader_reads_neither_address_nor_phone(client, project):
    sign_in(client, reader=True, territory=project.territory)
    for url in pages_about(project.holder):
        content = page(client, url)
        found = ["zoe@example.net" in content, PHONE in content, "612345678" in content]
        assert ("Lefèvre" in content, found) == (True, [False] * 3)


def test_an_advisor_reads_them(client, project):
    sign_in(client, advisor=True, territory=project.territory)
    for url in pages_about(project.holder):
        assert "zoe@example.net" in page(client, url)


@pytest.mark.parametrize("query", ["email__startswith=zoe", "phone__contains=612", "email=zoe@example.net"])
def test_a_reader_guesses_no_address_through_the_filters_of_the_url(client, project, query):
    sign_in(client, reader=True, territory=project.territory)
    assert client.get(f"{admin_url('changelist', Person)}?{query}").status_code in (302, 400)


def test_a_reader_finds_nobody_by_address_in_a_list(client, project):
    sign_in(client, reader=True, territory=project.territory)
    rows = {
        query: "Lefèvre</a>" in page(client, f"{admin_url('changelist', Person)}?q={query}")
        for query in ("example.net", "lefe")
    }
    assert rows == {"example.net": False, "lefe": True}


def test_a_list_draws_the_rows_that_are_filtered(client, manager):
    OrganisationFactory(name="Ville de Lens", kind="city")
    OrganisationFactory(name="Ville de Béthune", kind="city")
    OrganisationFactory(name="Mission locale", kind="referrer")
    content = page(client, admin_url("changelist", Organisation) + "?q=ville")
    table = re.search(r"<table.*?</table>", content[content.index("Organisations par nature") :], re.S)[0]
    assert re.findall(r"<td[^>]*>(.*?)</td>", table)[1:] == ["2", "0", "0", "0", "0", "0"]


# --- exports ---------------------------------------------------------------------------------------------------------


def rows_of(response):
    text = b"".join(response.streaming_content) if response.streaming else response.content
    return list(csv.reader(StringIO(text.decode("utf-8-sig")), delimiter=";"))


def test_a_list_is_taken_out_as_it_is_filtered(client, manager):
    territory = TerritoryFactory(name="Béthune")
    for name in ("Halle haute", "Halle basse", "Autre"):
        VenueFactory(name=name, territory=territory)
    url = admin_url("changelist", Venue)
    assert "?q=halle&amp;_export=csv" in page(client, f"{url}?q=halle&p=1")
    header, *rows = rows_of(client.get(f"{url}?q=halle&_export=csv"))
    assert header[:2] == ["Nom", "Territoire"]
    assert [row[:2] for row in rows] == [["Halle basse", "Béthune"], ["Halle haute", "Béthune"]]


def test_a_workbook_holds_the_same_rows(client, manager):
    VenueFactory(name="Halle haute")
    response = client.get(admin_url("changelist", Venue) + "?_export=xlsx")
    content = b"".join(response.streaming_content) if response.streaming else response.content
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows] == ["Nom", "Halle haute"]


def test_an_export_has_the_own_rows_and_no_contacts_for_a_reader(client, project):
    ProjectFactory(holder__last_name="Ailleurs")
    sign_in(client, reader=True, territory=project.territory)
    header, *rows = rows_of(client.get(admin_url("changelist", Person) + "?_export=csv"))
    assert ("Courriel" in header, "Téléphone" in header, [row[0] for row in rows]) == (False, False, ["Lefèvre"])


def test_an_export_defuses_formulas(client, manager):
    VenueFactory(name="=2+5")
    assert rows_of(client.get(admin_url("changelist", Venue) + "?_export=csv"))[1][0] != "=2+5"


@pytest.mark.parametrize("query", ["_export=pdf", "_export=", "_export=csv&created_at__x=1", "_export=csv&pk=abc"])
def test_an_export_that_makes_no_sense_is_missing(client, manager, query):
    assert client.get(f"{admin_url('changelist', Venue)}?{query}").status_code == 404


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model._meta.label)
def test_every_table_can_be_taken_out(model, client, manager):
    PersonFactory(), ContractFactory(), VenueFactory()
    assert rows_of(client.get(admin_url("changelist", model) + "?_export=csv"))[0] != []


def test_an_export_takes_as_many_queries_with_one_row_as_with_many(client, manager):
    counts = []
    for rows in (1, 3):
        for _ in range(rows):
            ContractFactory()
        with CaptureQueriesContext(connection) as queries:
            rows_of(client.get(admin_url("changelist", Contract) + "?_export=csv"))
        counts.append(len(queries))
    assert counts[1] <= counts[0]


# --- the page of results ---------------------------------------------------------------------------------------------

SEARCH = reverse("admin:search")


def test_a_query_too_short_is_explained(client, manager):
    assert "est trop court" in page(client, f"{SEARCH}?q=z")


def test_a_kind_with_many_rows_is_seen_page_by_page(client, manager):
    for number in range(60):
        ProjectFactory(title=f"Épicerie {number:02}")
    content = page(client, f"{SEARCH}?q=epicerie")
    assert (content.count("badge--neutral"), "?q=epicerie&amp;nature=projet" in content) == (10, True)
    first = page(client, f"{SEARCH}?q=epicerie&nature=projet")
    assert (first.count("badge--neutral"), "page=2" in first) == (50, True)
    second = page(client, f"{SEARCH}?q=epicerie&nature=projet&page=2")
    assert (second.count("badge--neutral"), "Page suivante" in second, "Page précédente" in second) == (10, False, True)


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 30, "٣"])
def test_a_made_up_page_of_results_breaks_nothing(number, client, manager):
    page(client, f"{SEARCH}?q=epicerie&nature=projet&page={number}")
    page(client, f"{SEARCH}?q=epicerie&nature=inconnue&page={number}")


def test_the_page_of_results_takes_as_many_queries_with_one_row_as_with_many(client):
    territory = TerritoryFactory()
    sign_in(client, advisor=True, territory=territory)
    counts = []
    for rows in (1, 3):
        for _ in range(rows):
            ProjectFactory(title="Épicerie", territory=territory, holder__last_name="Lefèvre")
            Member.objects.create(person=PersonFactory(last_name="Lefèvre"), territory=territory)
        counts.append(count_queries(client, f"{SEARCH}?q=lefevre"))
    assert counts[0] == counts[1]


def test_the_rows_of_the_direction_are_found_by_the_direction(client, manager):
    account = UserFactory(name="Alix Conseil")
    assert admin_url("change", account) in page(client, f"{SEARCH}?q=alix")
