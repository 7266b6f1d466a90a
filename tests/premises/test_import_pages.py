"""The pages of a list of units brought in a file: received, its columns chosen, checked, read, written or given up."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from premises.models import Unit, UnitImport, UnitSource
from premises.services.imports import apply_units, check_units
from tests.conftest import count_queries, page
from tests.factories import CommuneFactory, TerritoryFactory, UserFactory

FILES = Path(__file__).parent / "files"
LIST, ADD = reverse("premises_staff:import_list"), reverse("premises_staff:import_add")
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
LOCOMVAC = "LOCOMVAC_SYNTHETIQUE_62119.CSV"
WORKBOOK = "immatriculees_entete_fusionnee_DERIVE.xlsx"
pytestmark = pytest.mark.django_db


@pytest.fixture
def territory():
    found = TerritoryFactory(name="Béthune")
    found.communes.add(CommuneFactory(latitude=50.529039, longitude=2.642977, postal_codes=["62400"]))
    return found


@pytest.fixture
def advisor(client, territory):
    user = UserFactory(advisor=True, territory=territory)
    client.force_login(user)
    return user


def upload(name=LOCOMVAC, content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, (FILES / name).read_bytes() if content is None else content)


def address(name: str, kept: UnitImport) -> str:
    return reverse(f"premises_staff:{name}", args=[kept.pk])


def brought(client, territory, **told) -> UnitImport:
    told = {"name": "LOCOMVAC", "territory": territory.pk, "file": upload()} | told
    response = client.post(ADD, told)
    assert response.status_code == 302, response.context["form"].errors
    kept = UnitImport.objects.latest("pk")
    assert response.url == address("import_prepare", kept)
    return kept


def proposed(client, kept) -> dict:
    """Return what the form of columns would send, as it is shown."""
    form = client.get(address("import_prepare", kept)).context["form"]
    told = {each.html_name: each.value() for each in form}
    return {name: value for name, value in told.items() if value not in (None, False)}


def checked(client, kept, **told) -> UnitImport:
    response = client.post(address("import_prepare", kept), proposed(client, kept) | told)
    assert response.status_code == 302, response.context["form"].errors
    check_units(unit_import_id=kept.pk, at=AT)
    kept.refresh_from_db()
    return kept


def confirm(client, kept):
    seen = client.get(address("import", kept)).context["checked"]
    return client.post(address("import_apply", kept), {"checked": seen})


def test_a_file_goes_from_the_form_to_the_register(client, advisor, territory):
    kept = brought(client, territory)
    columns = page(client, address("import_prepare", kept))
    assert [words for words in ("INVARIANT DU LOCAL", "Garder telle quelle", "TREILLES") if words not in columns] == []
    assert "SCI FICTIVE" not in columns

    checked(client, kept)
    result = page(client, address("import", kept))
    assert [
        words for words in ("Fichier vérifié", "rue des Treilles", "Importer ces locaux") if words not in result
    ] == []
    assert not Unit.objects.exists()

    assert confirm(client, kept).url == address("import", kept)
    apply_units(unit_import_id=kept.pk, at=AT)
    report = page(client, address("import", kept))
    assert ("Locaux importés" in report, "Importer ces locaux" in report) == (True, False)
    assert Unit.objects.count() == 30
    assert "importé" in page(client, LIST)


def test_what_changes_is_shown_before_and_after(client, advisor, territory):
    head = "Réf;Adresse;Enseigne;Propriétaire;Relevé le\n"
    first = (head + "A1;3 rue d’Arras;Chez Rose;SCI Une;2026-01-02\n").encode()
    second = (head + "A1;3 rue d’Arras;Chez Lise;SCI Deux;2026-06-02\n").encode()
    town = {"commune": territory.communes.get().pk}
    kept = checked(client, brought(client, territory, file=upload("a.csv", first)), **town)
    confirm(client, kept)
    apply_units(unit_import_id=kept.pk, at=AT)
    source = UnitSource.objects.get()

    again = checked(client, brought(client, territory, file=upload("b.csv", second), source=source.pk, name=""), **town)

    shown = page(client, address("import", again))
    assert ("Chez Rose → Chez Lise" in shown, "Propriétaire" in shown, "SCI" in shown) == (True, True, False)
    assert UnitSource.objects.count() == 1


def test_errors_are_told_by_line_and_stop_the_import(client, advisor, territory):
    content = "Réf;Adresse;Surface\nA1;3 rue d’Arras;douze\n".encode()
    told = {"surveyed_on": "2026-06-02", "commune": territory.communes.get().pk}
    kept = brought(client, territory, file=upload("a.csv", content))
    position = next(name for name, value in (proposed(client, kept)).items() if value == "reference")[:-1] + "2"
    checked(client, kept, **told, **{position: "floor_area"})
    shown = page(client, address("import", kept))
    assert ("Ligne 2" in shown, "douze" in shown, "Importer ces locaux" in shown) == (True, True, False)
    shown = client.post(
        address("import_apply", kept), {"checked": client.get(address("import", kept)).context["checked"]}, follow=True
    )
    assert "Des lignes sont à corriger" in shown.content.decode()
    assert not Unit.objects.exists()


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"file": ""}, "obligatoire"),
        ({"file": upload("a.csv", b"")}, "vide"),
        ({"file": upload("a.exe", b"MZ")}, "Types acceptés"),
        ({"file": upload("a.xlsx", b"PK\x03\x04 broken")}, "form-errors"),
        ({"name": ""}, "nommez-en une"),
        ({"territory": "999999"}, "choix"),
        ({"source": "999999"}, "choix"),
    ],
)
def test_what_is_not_a_list_of_units_is_refused_and_what_was_typed_kept(client, advisor, territory, told, words):
    response = client.post(
        ADD, {"name": "Relevé", "licence": "ODbL", "territory": territory.pk, "file": upload()} | told
    )
    content = response.content.decode()
    assert (response.status_code, words in content, "ODbL" in content) == (422, True, True)
    assert not UnitImport.objects.exists()
    assert not UnitSource.objects.exists()


def test_a_source_of_elsewhere_is_not_offered(client, advisor, territory):
    other = UnitSource.objects.create(territory=TerritoryFactory(), name="D’ailleurs")
    assert "D’ailleurs" not in page(client, ADD)
    assert client.post(ADD, {"source": other.pk, "file": upload()}).status_code == 422
    assert not UnitImport.objects.exists()


def test_an_import_of_elsewhere_is_not_found(client, advisor, territory):
    kept = brought(client, territory)
    client.force_login(UserFactory(advisor=True, territory=TerritoryFactory()))
    names = ("import", "import_prepare", "import_sheet", "import_apply", "import_discard")
    assert {client.post(address(name, kept)).status_code for name in names[1:]} == {404}
    assert client.get(address("import", kept)).status_code == 404
    assert kept.filename not in page(client, LIST)


def test_a_reader_reads_and_does_nothing(client, advisor, territory):
    kept = brought(client, territory)
    client.force_login(UserFactory(reader=True, territory=territory))
    assert "Choisir les colonnes" not in page(client, address("import", kept))
    assert "Apporter un fichier" not in page(client, LIST)
    names = ("import_prepare", "import_sheet", "import_apply", "import_discard")
    assert {client.post(address(name, kept)).status_code for name in names} == {403}
    assert client.get(ADD).status_code == 403


def test_columns_are_not_read_from_a_header_that_changed_meanwhile(client, advisor, territory):
    kept = brought(client, territory, file=upload(WORKBOOK))
    stale = proposed(client, kept)
    client.post(address("import_sheet", kept), {"sheet": "Légende", "header_row": "1"})
    kept.refresh_from_db()
    assert kept.sheet == "Légende"
    response = client.post(address("import_prepare", kept), stale)
    assert (response.status_code, "entre-temps" in response.content.decode()) == (422, True)
    kept.refresh_from_db()
    assert kept.state == "received"


@pytest.mark.parametrize(
    "told", [{}, {"sheet": "Autre"}, {"sheet": "Relevé", "header_row": "999"}, {"header_row": "x"}]
)
def test_a_sheet_or_a_row_that_the_file_has_not_is_refused(client, advisor, territory, told):
    kept = brought(client, territory, file=upload(WORKBOOK))
    response = client.post(address("import_sheet", kept), told, follow=True)
    assert "Choisissez" in response.content.decode()
    before = kept.header_row
    kept.refresh_from_db()
    assert (kept.sheet, kept.header_row) == ("Relevé", before)


def test_a_second_click_finds_the_import_asked(client, advisor, territory):
    kept = checked(client, brought(client, territory))
    assert confirm(client, kept).status_code == confirm(client, kept).status_code == 302
    apply_units(unit_import_id=kept.pk, at=AT)
    assert "Locaux importés" in client.post(address("import_apply", kept), follow=True).content.decode()
    assert Unit.objects.count() == 30


def test_a_check_made_meanwhile_is_read_before_it_is_confirmed(client, advisor, territory):
    kept = checked(client, brought(client, territory))
    response = client.post(address("import_apply", kept), {"checked": "1.0"}, follow=True)
    assert "vérifié à nouveau" in response.content.decode()
    kept.refresh_from_db()
    assert kept.state == "checked"


def test_the_progress_alone_is_asked_again_with_the_rows_done(client, advisor, territory):
    kept = brought(client, territory)
    client.post(address("import_prepare", kept), proposed(client, kept))
    UnitImport.objects.update(started_at=AT, done=2000, total=3000)
    part = client.get(address("import", kept), headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="progress"')
    assert ("every 2s" in part, 'value="2000" max="3000"' in part) == (True, True)
    assert client.get(address("import_prepare", kept)).url == address("import", kept)
    busy = client.post(address("import_prepare", kept), {})
    assert busy.status_code == 422


def test_a_file_given_up_writes_nothing_and_is_told(client, advisor, territory):
    kept = checked(client, brought(client, territory))
    assert client.post(address("import_discard", kept)).url == LIST
    assert "abandonné" in page(client, LIST)
    shown = page(client, address("import", kept))
    assert ("Fichier abandonné" in shown, "Importer ces locaux" in shown) == (True, False)
    assert not Unit.objects.exists()
    refused = client.post(address("import_apply", kept), follow=True).content.decode()
    assert "a été abandonné" in refused


def test_an_import_that_is_done_is_not_given_up(client, advisor, territory):
    kept = checked(client, brought(client, territory))
    confirm(client, kept)
    apply_units(unit_import_id=kept.pk, at=AT)
    assert "ne s’abandonne plus" in client.post(address("import_discard", kept), follow=True).content.decode()


def test_an_empty_list_says_what_to_bring(client, advisor):
    assert "LOCOMVAC" in page(client, LIST)


def test_the_list_takes_the_same_queries_however_many(client, advisor, territory):
    brought(client, territory)
    few = count_queries(client, LIST)
    brought(client, territory, name="Deux")
    brought(client, territory, name="Trois")
    assert count_queries(client, LIST) == few


def test_a_file_cut_by_tabs_is_prepared_as_any_other(client, advisor, territory):
    content = "Réf\tAdresse\nA1\t3 rue d’Arras\n".encode()
    kept = brought(client, territory, file=upload("a.txt", content))
    client.post(address("import_sheet", kept), {"sheet": kept.sheet, "header_row": "1"})
    checked(client, kept, surveyed_on="2026-06-02", commune=territory.communes.get().pk)
    assert (kept.state, kept.counts["new"]) == ("checked", 1)


def a_hundred_thousand_units() -> bytes:
    """Return rows as long as those of a street survey: past what the public may send."""
    head = "Numéro;Rue;Code postal;Commune;Code INSEE;État;Surface;Enseigne;Activité;Vacant depuis;Observations"
    rest = f"62400;Béthune;62119;vacant;84,5;Aux Bonnes Choses;épicerie fine;2024-05-01;{'à revoir ' * 6}"
    rows = (f"{number % 300 + 1};rue du {number // 300 + 1}e régiment;{rest}" for number in range(100_000))
    return "\n".join([head, *rows]).encode()


def test_a_hundred_thousand_units_pass_the_browser_and_more_than_the_list_may_weigh_do_not(client, advisor, territory):
    content = a_hundred_thousand_units()
    assert len(content) > 11_000_000
    kept = brought(client, territory, file=upload("releve.csv", content))
    assert kept.file.size == len(content)
    heavy = upload("releve.csv", content + b"\n" * 50_000_000)
    response = client.post(ADD, {"name": "Autre", "territory": territory.pk, "file": heavy})
    assert response.status_code == 422
    assert "60" in response.context["form"].errors["file"][0]
