"""The list of members: what it shows, what its filters find, what it exports."""

import csv
from datetime import date, timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from coopconnexion.periods import months_later
from members.enums import ContractNature, Situation
from members.filters import SORTS
from members.models import Departure, ExitReason
from members.services import associate_member, sign_contract
from tests.conftest import count_queries, page
from tests.factories import (
    BusinessFactory,
    ContractFactory,
    MemberFactory,
    TerritoryFactory,
    ThemeFactory,
    UserFactory,
)
from tests.members.reference import kind

pytestmark = pytest.mark.django_db

LIST, CSV, XLSX = (reverse(f"members_staff:{name}") for name in ("member_list", "members_csv", "members_xlsx"))


@pytest.fixture
def territory():
    return TerritoryFactory(name="Béthune")


@pytest.fixture
def advisor(login_as, territory):
    return login_as(Role.ADVISOR, territory)


def somebody(territory, name, **fields):
    return MemberFactory(territory=territory, person__first_name="Zoé", person__last_name=name, **fields)


def under_contract(member, nature=ContractNature.EMPLOYMENT, **fields):
    today = timezone.localdate()
    period = {"starts_on": today - timedelta(days=100), "ends_on": today + timedelta(days=100)}
    return ContractFactory(member=member, kind__nature=nature, **(period | fields))


def carried_by(member, *themes, **fields):
    business = BusinessFactory(**{"opened_on": date(2025, 1, 1)} | fields)
    business.members.add(member)
    business.themes.add(*themes)
    return business


def leaves(member, left_on=None):
    reason, _ = ExitReason.objects.get_or_create(label="Emploi", kind="job")
    return Departure.objects.create(member=member, left_on=left_on or timezone.localdate(), reason=reason)


def found(client, **filters):
    content = page(client, f"{LIST}?{'&'.join(f'{name}={value}' for name, value in filters.items())}")
    body = content[content.index("<tbody>") : content.index("</tbody>")] if "<tbody>" in content else ""
    return [name for name in ("Albert", "Bernard", "Claes", "Dubois") if f"Zoé {name}</a>" in body]


# --- what it shows ---------------------------------------------------------------------------------------------------


def test_a_row_says_where_somebody_stands(client, advisor, territory):
    member = somebody(territory, "Albert", advisor=UserFactory(name="Camille Roy"), associated_on=date(2025, 3, 4))
    under_contract(member, kind__label="CESA")
    carried_by(member, name="Le Fournil")
    carried_by(member, name="L’Ancienne", closed_on=date(2025, 6, 1))
    content = page(client, LIST)
    for words in ("Zoé Albert", member.reference, "Béthune", "Camille Roy", "CESA", "Le Fournil", "4\u00a0mars 2025"):
        assert words in content
    assert (Situation.ASSOCIATE.label in content, "L’Ancienne" in content) == (True, False)


def test_an_empty_list_says_so(client, advisor):
    assert "Aucun membre" in page(client, LIST)


def test_members_of_another_territory_are_not_there(client, advisor):
    somebody(TerritoryFactory(), "Albert")
    assert found(client) == []


@pytest.mark.parametrize("query", ["", "?q=zo&situation=employed&tri=situation"])
def test_the_list_takes_few_queries_however_long(query, client, advisor, territory):
    counts = []
    for rows in (1, 3):
        for n in range(rows):
            member = somebody(territory, f"N{n}", advisor=UserFactory())
            under_contract(member)
            carried_by(member, ThemeFactory())
        counts.append(count_queries(client, LIST + query))
    assert (counts[0] == counts[1], counts[0] < 10) == (True, True), counts


def test_who_is_past_the_delay_to_become_an_associate_is_shown_in_red(client, advisor, territory):
    late, associate, in_time = (somebody(territory, name) for name in ("Retard", "Associée", "Temps"))
    for member, months in ((late, 40), (associate, 40), (in_time, 30)):
        sign_contract(member=member, kind=kind("cesa"), starts_on=months_later(timezone.localdate(), -months))
    associate_member(member=associate, associated_on=timezone.localdate())
    rows = {row.pk: row.is_overdue for row in client.get(LIST).context["members"]}
    assert rows == {late.pk: True, associate.pk: False, in_time.pk: False}
    assert client.get(LIST).content.decode().count("délai dépassé") == 1


def test_counting_computes_no_situation(client, advisor, territory):
    somebody(territory, "Albert")
    with CaptureQueriesContext(connection) as queries:
        page(client, LIST)
    counts = [each["sql"] for each in queries if "COUNT(*)" in each["sql"]]
    assert [("members_contract" in sql, "members_departure" in sql) for sql in counts] == [(False, False)]


@pytest.mark.parametrize("role", [Role.READER, Role.ADVISOR])
def test_only_who_works_is_offered_what_writes(role, client, login_as, territory):
    login_as(role, territory)
    content = page(client, LIST)
    shown = [reverse(f"members_staff:{name}") in content for name in ("member_add", "member_hand_over")]
    assert shown == [role == Role.ADVISOR] * 2


# --- filters ---------------------------------------------------------------------------------------------------------


def test_it_is_searched_without_accents_by_phone_by_address_by_reference(client, advisor, territory):
    member = somebody(territory, "Albert", person__email="zoe@exemple.org", person__phone="+33612345678")
    somebody(territory, "Bernard")
    asked = ("ZOE albert", "06 12 34 56 78", "zoe@exemple", member.reference, f"m {member.pk}", "inconnue")
    answers = [found(client, q=query.replace(" ", "+")) for query in asked]
    assert answers == [["Albert"]] * 5 + [[]]


def test_a_reader_finds_nobody_by_address(client, login_as, territory):
    login_as(Role.READER, territory)
    somebody(territory, "Albert", person__email="nom@exemple.org")
    assert (found(client, q="exemple.org"), found(client, q="albert")) == ([], ["Albert"])


@pytest.mark.parametrize("situation", Situation.values)
def test_it_is_filtered_by_the_situation_today(situation, client, advisor, territory):
    today = timezone.localdate()
    people = {each: somebody(territory, each) for each in Situation.values}
    under_contract(people["supported"], ContractNature.SUPPORT)
    under_contract(people["employed"])
    people["associate"].associated_on = today - timedelta(days=9)
    people["associate"].save()
    under_contract(people["associate"])
    under_contract(people["between"], starts_on=date(2024, 1, 1), ends_on=date(2024, 6, 1))
    leaves(people["left"])
    content = page(client, f"{LIST}?situation={situation}")
    assert [each for each in people if f"Zoé {each}</a>" in content] == [situation]


def test_it_is_filtered_by_advisor_territory_contract_theme_and_presence(client, advisor, territory):
    other, theme = TerritoryFactory(name="Lens"), ThemeFactory()
    advisor.mandates.create(role=Role.ADVISOR, territory=other, starts_on=date(2020, 1, 1))
    mine, nobodys = somebody(territory, "Albert", advisor=advisor), somebody(other, "Bernard")
    contract = under_contract(mine)
    under_contract(nobodys, kind=contract.kind, starts_on=date(2024, 1, 1), ends_on=date(2024, 6, 1))
    carried_by(nobodys, theme)
    carried_by(mine, theme, closed_on=date(2025, 6, 1))
    leaves(mine)
    answers = {
        "referent": (found(client, referent="moi"), found(client, referent="personne")),
        "pk": (found(client, referent=advisor.pk), found(client, territoire=other.pk)),
        "contrat": (found(client, contrat=contract.kind_id), found(client, theme=theme.pk)),
        "presence": (found(client, presence="sortis"), found(client, presence="presents")),
    }
    assert answers == dict.fromkeys(answers, (["Albert"], ["Bernard"]))


@pytest.mark.parametrize("query", ["situation=rien", "referent=999999", "theme=abc", "tri=hasard", "contrat=-1"])
def test_a_filter_that_makes_no_sense_finds_nothing_and_is_told(query, client, advisor, territory):
    somebody(territory, "Albert")
    content = page(client, f"{LIST}?{query}")
    assert ("Un filtre est à revoir" in content, "Zoé Albert" in content) == (True, False)
    assert client.get(f"{CSV}?{query}").status_code == 302


@pytest.mark.parametrize("sort", [sign + key for key in SORTS for sign in ("", "-")])
def test_it_is_sorted_by_any_column(sort, client, advisor, territory):
    for name in ("Claes", "Albert", "Bernard"):
        somebody(territory, name)
    content = page(client, f"{LIST}?tri={sort}")
    assert [content.count(f"Zoé {name}</a>") for name in ("Albert", "Bernard", "Claes")] == [1, 1, 1]


def test_a_column_is_sorted_the_other_way_the_second_time(client, advisor, territory):
    for name in ("Claes", "Albert", "Bernard"):
        somebody(territory, name)
    content = page(client, f"{LIST}?tri=-nom&territoire={territory.pk}")
    places = [content.index(f"Zoé {name}</a>") for name in ("Claes", "Bernard", "Albert")]
    assert (places == sorted(places), 'aria-sort="descending"' in content) == (True, True)
    assert f"?tri=nom&amp;territoire={territory.pk}" in content


def test_pages_keep_the_filters(client, advisor, territory):
    for n in range(51):
        somebody(territory, f"Nom{n}")
    content = page(client, f"{LIST}?q=zoe")
    assert (content.count("Zoé Nom"), "?q=zoe&amp;page=2" in content) == (50, True)
    assert page(client, f"{LIST}?q=zoe&page=2").count("Zoé Nom") == 1


def test_its_filters_are_kept_under_a_name(client, advisor):
    kept = {"page": "members_staff:member_list", "query": "referent=moi", "name": "À moi"}
    assert client.post(reverse("admin:filter_save"), kept).status_code == 302
    assert f'href="{LIST}?referent=moi"' in page(client, LIST)


# --- exports ---------------------------------------------------------------------------------------------------------


def rows_of(client, url):
    text = b"".join(client.get(url).streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text), delimiter=";"))


def test_an_export_holds_exactly_what_is_filtered(client, advisor, territory):
    member = somebody(territory, "Albert", person__email="zoe@exemple.org", advisor=advisor)
    under_contract(member, kind__label="CESA")
    carried_by(member, name="Le Fournil")
    somebody(territory, "Bernard")
    row = rows_of(client, f"{CSV}?referent=moi")
    told = [(each["Référence"], each["Nom"], each["Contrat en cours"], each["Entreprises"]) for each in row]
    assert told == [(member.reference, "Albert", "CESA", "Le Fournil")]
    assert row[0]["Courriel"] == "zoe@exemple.org"
    assert b"".join(client.get(f"{XLSX}?referent=moi").streaming_content)[:2] == b"PK"


def test_a_reader_takes_no_contacts_out(client, login_as, territory):
    login_as(Role.READER, territory)
    somebody(territory, "Albert", person__email="zoe@exemple.org")
    (row,) = rows_of(client, CSV)
    assert ("Courriel" in row, "zoe@exemple.org" in row.values(), row["Nom"]) == (False, False, "Albert")


def test_an_export_takes_as_many_queries_for_many(client, advisor, territory):
    counts = []
    for rows in (1, 3):
        for n in range(rows):
            under_contract(somebody(territory, f"N{n}"))
        with CaptureQueriesContext(connection) as queries:
            rows_of(client, CSV)
        counts.append(len(queries))
    assert counts[1] <= counts[0]
