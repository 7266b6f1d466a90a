"""The file that supports a missing activity: who brings it, who reads it, what is refused."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from coopconnexion.accounts.enums import Role
from premises.enums import GapSource
from premises.models import MissingActivity
from tests.conftest import page
from tests.factories import CommuneFactory, MandateFactory, TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n"


@pytest.fixture
def territory():
    return TerritoryFactory(name="Béthune")


@pytest.fixture
def gap(territory):
    return MissingActivity.objects.create(
        territory=territory,
        commune=CommuneFactory(),
        label="Épicerie",
        source=GapSource.STUDY,
        observed_on=date(2026, 6, 1),
        review_on=date(2099, 6, 1),
    )


def sign_in(client, role, territory):
    user = UserFactory()
    MandateFactory(user=user, role=role, territory=territory)
    client.force_login(user)


def address(name, gap):
    return reverse(f"gaps_staff:gap_{name}", args=[gap.pk])


def bring(client, gap, name="etude.pdf", content=PDF):
    return client.post(address("evidence_attach", gap), {"upload": SimpleUploadedFile(name, content)})


def test_a_study_is_attached_read_replaced_and_taken_away(client, gap, territory, django_capture_on_commit_callbacks):
    sign_in(client, Role.ADVISOR, territory)
    assert bring(client, gap).status_code == 302
    gap.refresh_from_db()
    storage, first = gap.evidence_file.storage, gap.evidence_file.name
    assert "etude.pdf" in page(client, reverse("gaps_staff:gap", args=[gap.pk]))
    response = client.get(address("evidence", gap))
    assert (response.getvalue(), response["Content-Type"]) == (PDF, "application/pdf")
    assert "attachment" in response["Content-Disposition"]
    with django_capture_on_commit_callbacks(execute=True):
        bring(client, gap, name="etude-2.pdf")
    assert not storage.exists(first)
    gap.refresh_from_db()
    second = gap.evidence_file.name
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            assert client.post(address("evidence_remove", gap)).status_code == 302
    assert not storage.exists(second)
    assert client.get(address("evidence", gap)).status_code == 404
    told = gap.history.order_by("pgh_id").values_list("evidence_filename", flat=True)
    assert list(told) == ["", "etude.pdf", "etude-2.pdf", ""]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("etude.exe", b"MZ", "n’est pas accepté"),
        ("etude.pdf", b"<html>", "PDF"),
        ("etude.pdf", b"", "vide"),
        ("etude.svg", b"<svg/>", "n’est pas accepté"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(client, gap, territory, name, content, words):
    sign_in(client, Role.ADVISOR, territory)
    response = bring(client, gap, name=name, content=content)
    assert response.status_code == 422
    assert words in response.content.decode()
    gap.refresh_from_db()
    assert not gap.evidence_file


def test_nothing_brought_is_said(client, gap, territory):
    sign_in(client, Role.ADVISOR, territory)
    assert client.post(address("evidence_attach", gap), {}).status_code == 422


def test_a_reader_reads_it_and_brings_none(client, gap, territory):
    sign_in(client, Role.ADVISOR, territory)
    bring(client, gap)
    sign_in(client, Role.READER, territory)
    assert client.get(address("evidence", gap)).status_code == 200
    assert bring(client, gap).status_code == 403
    assert client.post(address("evidence_remove", gap)).status_code == 403


@pytest.mark.parametrize("role", [Role.ADVISOR, Role.OFFICIAL])
def test_elsewhere_and_at_the_city_it_does_not_exist(client, gap, territory, role):
    sign_in(client, Role.ADVISOR, territory)
    bring(client, gap)
    own = territory if role == Role.OFFICIAL else TerritoryFactory()
    user = UserFactory(official=True, territory=own) if role == Role.OFFICIAL else None
    client.force_login(user) if user else sign_in(client, role, own)
    for name in ("evidence", "evidence_attach"):
        assert client.get(address(name, gap)).status_code == 404
