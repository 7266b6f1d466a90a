"""Long exports: written by a worker as who asked may see it, kept for two days, given to nobody else."""

from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts import services
from coopconnexion.accounts.models import Mandate, PreparedExport
from coopconnexion.accounts.services import exports as service
from coopconnexion.backoffice import exports
from coopconnexion.uploads import private_storage
from tests.factories import ContractFactory, ProjectFactory, TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = reverse("site:export_list")


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Two rows leave at once; a third makes an export long."""
    monkeypatch.setattr(exports, "AT_ONCE", 2)


@pytest.fixture
def territory():
    return TerritoryFactory()


@pytest.fixture
def advisor(territory):
    return UserFactory(advisor=True, territory=territory)


@pytest.fixture
def client(advisor):
    client = Client()
    client.force_login(advisor)
    return client


@pytest.fixture
def projects(territory):
    return [ProjectFactory(territory=territory, title=f"Projet {letter}") for letter in "ABC"]


def asked(client, url: str) -> PreparedExport:
    response = client.get(url)
    assert (response.status_code, response.url) == (302, LIST)
    return PreparedExport.objects.latest("pk")


def written(export: PreparedExport) -> PreparedExport:
    services.write_export(export_id=export.pk, at=timezone.now())
    export.refresh_from_db()
    return export


def text(response) -> str:
    return b"".join(response.streaming_content).decode("utf-8-sig")


@pytest.mark.parametrize("name", ["projects_csv", "projects_xlsx"])
def test_a_short_export_leaves_at_once(client, projects, name):
    projects[0].delete()
    response = client.get(reverse(f"projects_staff:{name}"))
    assert (response.status_code, PreparedExport.objects.count()) == (200, 0)
    list(response.streaming_content)


def test_a_long_export_is_written_then_given(client, projects, advisor, django_capture_on_commit_callbacks):
    export = asked(client, reverse("projects_staff:projects_csv"))
    assert (export.requested_by, export.title, export.rows) == (advisor, "Projets", 3)
    waiting = client.get(LIST).content.decode()
    assert "En préparation" in waiting
    assert "data-hx-trigger" in waiting
    assert client.get(reverse("site:export_file", args=[export.pk])).status_code == 404

    written(export)

    shown = client.get(LIST).content.decode()
    assert "Télécharger" in shown
    assert "data-hx-trigger" not in shown
    response = client.get(reverse("site:export_file", args=[export.pk]))
    assert export.filename in response["Content-Disposition"]
    assert response["Content-Type"] == "text/csv"
    lines = text(response).splitlines()
    assert len(lines) == 4
    assert {title in "".join(lines) for title in ("Projet A", "Projet B", "Projet C")} == {True}


def test_the_worker_writes_exactly_what_is_filtered(client, projects):
    ProjectFactory(territory=projects[0].territory, title="Autre chose")
    export = written(asked(client, reverse("projects_staff:projects_csv") + "?q=projet+%C3%A9"))
    assert export.refusal == ""
    export = written(asked(client, reverse("projects_staff:projects_csv") + "?q=projet"))
    response = client.get(reverse("site:export_file", args=[export.pk]))
    assert "Autre chose" not in text(response)


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("members_staff:members_xlsx", {}),
        ("admin:projects_project_changelist", {"_export": "xlsx"}),
        ("members_staff:statement_list", {"format": "xlsx"}),
    ],
)
def test_other_lists_are_written_by_a_worker_too(territory, name, query):
    for _ in range(3):
        contract = ContractFactory(member__territory=territory)
        ProjectFactory(territory=territory)
        contract.member.statements.create(month=timezone.localdate().replace(day=1), turnover=10)
    client = Client()
    client.force_login(UserFactory(manager=True))
    export = written(asked(client, f"{reverse(name)}?{urlencode(query)}"))
    assert (export.refusal, export.rows) == ("", 3)
    response = client.get(reverse("site:export_file", args=[export.pk]))
    assert b"".join(response.streaming_content).startswith(b"PK")
    assert "spreadsheetml" in response["Content-Type"]


def test_an_address_too_long_to_keep_is_refused_in_words(client, projects):
    response = client.get(reverse("projects_staff:projects_csv"), {"inconnu": "x" * 3500}, follow=True)
    assert "filtres de cet export sont trop longs" in response.content.decode()
    assert not PreparedExport.objects.exists()


def test_a_double_click_asks_once_and_too_many_are_refused(client, projects, advisor):
    url = reverse("projects_staff:projects_csv")
    assert asked(client, url) == asked(client, url)
    for number in range(service.MOST_WAITING):
        client.get(f"{url}?tri=titre&page={number}")
    assert PreparedExport.objects.count() == service.MOST_WAITING
    assert "attendez qu’ils soient prêts" in client.get(LIST).content.decode()
    with pytest.raises(ValidationError) as refusal:
        services.ask_export(by=advisor, path="/gestion/", title="", filename="x.csv", rows=1, at=timezone.now())
    assert refusal.value.code == "exports_waiting"


def test_nobody_else_reads_an_export(client, projects, territory):
    export = written(asked(client, reverse("projects_staff:projects_csv")))
    colleague = Client()
    colleague.force_login(UserFactory(manager=True))
    assert colleague.get(reverse("site:export_file", args=[export.pk])).status_code == 404
    assert colleague.post(reverse("site:export_delete", args=[export.pk])).status_code == 404
    assert export.filename not in colleague.get(LIST).content.decode()


def test_who_lost_a_right_is_not_given_what_it_had_opened(client, projects, advisor):
    export = written(asked(client, reverse("projects_staff:projects_csv")))
    Mandate.objects.filter(user=advisor).update(territory=TerritoryFactory())
    response = client.get(reverse("site:export_file", args=[export.pk]), follow=True)
    assert urlsplit(response.redirect_chain[0][0]).path == LIST
    assert "Vos droits ont changé" in response.content.decode()


def test_who_lost_every_right_before_it_was_written_gets_no_file(client, projects, advisor):
    export = asked(client, reverse("projects_staff:projects_csv"))
    Mandate.objects.filter(user=advisor).delete()
    export = written(export)
    assert (export.file.name, export.refusal) == ("", service.NO_MORE)


def test_a_worker_that_dies_is_replaced_once_then_it_is_said(client, projects):
    export, now = asked(client, reverse("projects_staff:projects_csv")), timezone.now()
    for attempt in (1, 2):
        assert service.claim(export.pk, now)
        assert service.claim(export.pk, now) is None  # two workers never write the same one
        services.tend_exports(at=now + timedelta(minutes=9))
        export.refresh_from_db()
        assert (export.attempts, export.started_at) == (attempt, now)
        services.tend_exports(at=now + timedelta(minutes=11))
    export.refresh_from_db()
    assert export.refusal == service.STOPPED
    assert "réduisez la liste" in client.get(LIST).content.decode()


def test_an_export_is_forgotten_after_two_days_and_its_file_with_it(
    client, projects, django_capture_on_commit_callbacks
):
    export = written(asked(client, reverse("projects_staff:projects_csv")))
    name = export.file.name
    later = export.expires_at + timedelta(seconds=1)
    assert private_storage().exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        services.tend_exports(at=export.expires_at - timedelta(seconds=1))
    assert private_storage().exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        services.tend_exports(at=later)
    assert not PreparedExport.objects.exists()
    assert not private_storage().exists(name)


def test_one_gives_up_an_export_of_ones_own(client, projects):
    export = asked(client, reverse("projects_staff:projects_csv"))
    assert client.post(reverse("site:export_delete", args=[export.pk])).url == LIST
    services.write_export(export_id=export.pk, at=timezone.now())  # the worker finds nothing to do
    assert "Aucun export" in client.get(LIST).content.decode()


def test_the_list_takes_the_same_queries_however_many(client, projects, django_assert_max_num_queries):
    for query in ("", "?tri=titre", "?tri=etape"):
        asked(client, reverse("projects_staff:projects_csv") + query)
    with django_assert_max_num_queries(6):
        client.get(LIST)
