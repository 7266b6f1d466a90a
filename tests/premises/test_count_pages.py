"""The pages of statistics: a file brought, counted by a worker or refused with the reason; sets offered or not."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from coopconnexion.territories.services import load_reference_data
from premises.models import CountImport, CountSet
from premises.services import count_imports
from tests.conftest import count_queries, page
from tests.factories import UserFactory

FILES = Path(__file__).parent / "files"
LIST, ADD = reverse("gaps_staff:count_list"), reverse("gaps_staff:count_add")
TOLD = {"kind": "bpe", "vintage": "2020", "label": "Douze villes"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    user = UserFactory(manager=True)
    client.force_login(user)
    return user


def upload(name="bpe2020_12_villes.csv", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, (FILES / "bpe2020_12_villes.csv").read_bytes() if content is None else content)


def brought(client, **told) -> CountImport:
    response = client.post(ADD, TOLD | {"file": upload()} | told)
    assert response.status_code == 302, response.context["form"].errors
    return CountImport.objects.latest("pk")


def worked(kept: CountImport) -> CountImport:
    count_imports.count_file(count_import_id=kept.pk, at=timezone.now())
    kept.refresh_from_db()
    return kept


def test_a_file_is_brought_then_counted_by_a_worker(client, manager):
    load_reference_data()
    kept = brought(client)
    url = reverse("gaps_staff:count_import", args=[kept.pk])
    waiting = page(client, url)
    assert "En attente de lecture" in waiting
    assert "every 2s" in waiting

    worked(kept)

    counted = page(client, url)
    assert "Fichier compté" in counted
    assert "every 2s" not in counted
    shown = page(client, reverse("gaps_staff:count_set", args=[kept.count_set_id]))
    assert [
        words for words in ("B203", "Boulangerie", "Licence Ouverte", "Ne plus proposer") if words not in shown
    ] == []
    assert "Douze villes, 2020" in page(client, LIST)
    assert not kept.file


def test_the_progress_alone_is_asked_again(client, manager):
    kept = brought(client)
    part = client.get(reverse("gaps_staff:count_import", args=[kept.pk]), headers={"HX-Request": "true"})
    assert part.content.decode().lstrip().startswith('<div id="progress"')


def test_a_file_that_cannot_be_counted_says_why(client, manager):
    load_reference_data()
    kept = worked(brought(client, vintage="2019"))
    assert kept.count_set is None
    shown = page(client, reverse("gaps_staff:count_import", args=[kept.pk]))
    assert "rien n’est compté" in shown
    assert kept.refusal in shown.replace("&#x27;", "'")
    assert "refusé" in page(client, LIST)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"file": ""}, "obligatoire"),
        ({"file": upload(content=b"")}, "vide"),
        ({"file": upload("bpe.exe")}, "Types acceptés"),
        ({"vintage": "douze"}, "entier"),
        ({"vintage": "1899"}, "1990"),
        ({"kind": "autre"}, "choix"),
    ],
)
def test_what_is_not_a_file_of_counts_is_refused_and_what_was_typed_kept(client, manager, told, words):
    response = client.post(ADD, TOLD | {"file": upload()} | told)
    content = response.content.decode()
    assert (response.status_code, words in content, "Douze villes" in content) == (422, True, True)
    assert not CountImport.objects.exists()


def test_a_set_is_offered_no_more_then_again(client, manager):
    found = CountSet.objects.create(kind="bpe", vintage=2020, label="BPE", filename="b.csv", sha256="0" * 64)
    url = reverse("gaps_staff:count_set", args=[found.pk])
    assert client.post(reverse("gaps_staff:count_retire", args=[found.pk])).url == url
    assert "n’est plus proposé" in page(client, url)
    assert "retiré" in page(client, LIST)
    assert client.post(reverse("gaps_staff:count_restore", args=[found.pk])).url == url
    found.refresh_from_db()
    assert found.retired_at is None


def test_an_advisor_reads_and_brings_nothing(client):
    client.force_login(UserFactory(advisor=True))
    found = CountSet.objects.create(kind="bpe", vintage=2020, label="BPE", filename="b.csv", sha256="0" * 64)
    assert "Apporter des statistiques" not in page(client, LIST)
    assert "Ne plus proposer" not in page(client, reverse("gaps_staff:count_set", args=[found.pk]))
    assert client.post(ADD, TOLD | {"file": upload()}).status_code == 403
    assert client.post(reverse("gaps_staff:count_retire", args=[found.pk])).status_code == 403


def test_an_empty_list_says_what_to_do(client, manager):
    assert "import_counts" in page(client, LIST)


def test_the_list_takes_the_same_queries_however_many(client, manager):
    def fill(number):
        CountSet.objects.create(
            kind="bpe", vintage=2020, label=f"BPE {number}", filename="b.csv", sha256="0" * 64, imported_by=manager
        )
        CountImport.objects.create(
            kind="bpe", vintage=2020, filename=f"{number}.csv", sha256="0" * 64, uploaded_by=manager
        )

    fill(0)
    few = count_queries(client, LIST)
    fill(1)
    fill(2)
    assert count_queries(client, LIST) == few


def test_a_file_that_stops_two_workers_is_refused(client, manager):
    kept, now = brought(client), timezone.now()
    for _ in range(count_imports.ATTEMPTS):
        assert count_imports.claim(kept.pk, now)
        count_imports.resume_counts(at=now + timedelta(minutes=11))
    kept.refresh_from_db()
    assert "arrêté deux fois" in kept.refusal
    assert "arrêté deux fois" in page(client, reverse("gaps_staff:count_import", args=[kept.pk]))
