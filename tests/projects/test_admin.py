"""The raw table of projects, and the reasons why they end."""

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.enums import ReasonKind, Stage
from projects.models import ClosingReason, Project
from tests.conftest import admin_url, page
from tests.factories import ProjectFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def reason():
    return ClosingReason.objects.create(kind=ReasonKind.REFUSED, label="Trop loin d’ici")


def refused(reason):
    return ProjectFactory(stage=Stage.REFUSED, closing_reason=reason, next_step="", next_step_on=None)


def test_the_table_leads_to_the_page_where_a_project_is_worked_on(client, manager):
    project = ProjectFactory()
    for address in (admin_url("changelist", Project), admin_url("change", project)):
        assert reverse("projects_staff:project", args=[project.pk]) in page(client, address)


@pytest.mark.parametrize("name", ["stage", "advisor", "next_step", "closing_reason", "archived_at", "member"])
def test_what_services_own_is_not_typed_in_the_table(name, client, manager):
    content = page(client, admin_url("change", ProjectFactory()))
    assert f'name="{name}"' not in content


def test_projects_are_neither_opened_nor_deleted_in_the_table(client, manager):
    addresses = (admin_url("add", Project), admin_url("delete", ProjectFactory()))
    assert [client.get(address).status_code for address in addresses] == [403, 403]


def test_a_reason_that_a_project_bears_is_retired_not_deleted(client, manager, reason):
    project = refused(reason)
    assert client.post(admin_url("delete", reason), {"post": "yes"}).status_code == 403
    now = timezone.localtime()
    told = {"kind": "refused", "label": reason.label, "position": "0"}
    moment = {"retired_at_0": f"{now:%d/%m/%Y}", "retired_at_1": f"{now:%H:%M:%S}"}
    assert client.post(admin_url("change", reason), told | moment).status_code == 302
    assert (ClosingReason.objects.active().filter(pk=reason.pk).exists(), str(project.closing_reason)) == (
        False,
        "Trop loin d’ici",
    )


def test_an_unused_reason_may_be_deleted(client, manager, reason):
    client.post(admin_url("delete", reason), {"post": "yes"})
    assert not ClosingReason.objects.filter(pk=reason.pk).exists()


def test_a_reason_is_written_once(client, manager, reason):
    told = {"kind": "refused", "label": reason.label, "position": "0"}
    response = client.post(admin_url("add", ClosingReason), told)
    assert ("existe déjà" in response.content.decode(), ClosingReason.objects.filter(label=reason.label).count()) == (
        True,
        1,
    )
