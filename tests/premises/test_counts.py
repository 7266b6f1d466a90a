"""Files of establishment counts: each real format, and each of its traps."""

import gzip
import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from coopconnexion.territories.models import Activity, Commune, FacilityType, NafCode
from coopconnexion.territories.services import load_reference_data
from premises import services
from premises.enums import CountKind
from premises.models import CountSet, EstablishmentCount

FILES = Path(__file__).parent / "files"
WIDE, LONG = FILES / "bpe2020_12_villes.csv", FILES / "bpe2020_long_DERIVE.csv"
STOCK, PORTAL = FILES / "StockEtablissement_extrait_2024.csv", FILES / "sirene_portail_13_extrait.csv"
AT = datetime(2026, 6, 15, 9, tzinfo=UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def bring(content: bytes | Path, *, name="bpe.csv", kind=CountKind.BPE, vintage=2020, **given) -> CountSet:
    if isinstance(content, Path):
        name, content = content.name, content.read_bytes()
    return services.import_counts(
        file=io.BytesIO(content), filename=name, kind=kind, vintage=vintage, by=None, at=AT, **given
    )


def refused(*args, **given) -> str:
    with pytest.raises(ValidationError) as refusal:
        bring(*args, **given)
    assert (CountSet.objects.count(), EstablishmentCount.objects.count()) == (0, 0)
    return refusal.value.code


def numbers(count_set: CountSet, commune: str) -> dict[str, int | None]:
    return dict(count_set.counts.filter(commune=commune).values_list("code", "number"))


# --- Base permanente des équipements ---------------------------------------------------------------------------------


def test_the_wide_file_and_the_long_file_say_the_same():
    wide, long = bring(WIDE, label="large"), bring(LONG, label="longue")
    for code in ("62119", "62498"):
        theirs = {name: number for name, number in numbers(long, code).items() if name in wide.codes}
        assert numbers(wide, code) == theirs
    assert numbers(wide, "62119")["B302"] == 90


def test_in_a_wide_file_an_empty_cell_is_unknown_and_a_zero_is_not_written():
    found = bring(b"CODGEO;NB_B101;NB_B102;NB_B203\n62119;;0;18\n")
    assert (numbers(found, "62119"), found.codes) == ({"B101": None, "B203": 18}, ["B101", "B102", "B203"])


def test_in_a_long_file_what_is_not_there_is_zero():
    found = bring(b"DEPCOM;AN;TYPEQU;NB_EQUIP\n62119;2020;B203;18\n62498;2020;B101;1\n")
    assert (numbers(found, "62119"), found.codes) == ({"B203": 18}, ["B101", "B203"])


@pytest.mark.parametrize(
    ("content", "vintage", "code"),
    [
        (b"CODGEO;NB_B104\n62119;1\n", 2020, "type_of_other_vintage"),  # 2024 calls so what 2020 called B101
        (b"CODGEO;NB_B101\n62119;1\n", 2024, "type_of_other_vintage"),
        (b"CODGEO;NB_Z999\n62119;1\n", 2020, "type_unknown"),
        (b"DEPCOM;AN;TYPEQU;NB_EQUIP\n62119;2020;B203;18\n", 2024, "vintage_mixed"),
        (b"CODGEO;NB_B101\n75056;1\n", 2020, "no_known_commune"),
        (b"CODGEO;NB_B101\n62119;0\n", 2020, "nothing_counted"),
        (b"", 2020, "file_empty"),
        (b"Ville;Nombre\nLens;1\n", 2020, "columns_missing"),
        (b"CODGEO;Boulangeries\n62119;1\n", 2020, "columns_missing"),
        (b"CODGEO;NB_B101\n62119;un\n", 2020, "number_invalid"),
        (b"CODGEO;NB_B101\n62119;-1\n", 2020, "number_invalid"),
        (b"CODGEO;NB_B101;NB_B102\n62119;1\n", 2020, "line_broken"),
        (b"CODGEO;NB_B101\n62119;1\n62119;2\n", 2020, "commune_twice"),
        (b"CODGEO;NB_B101\n62119;1\n", 2022, "vintage_unknown"),
        (b"CODGEO;NB_B999\n62119;1\n", 2020, "type_unknown"),
        (b"CODGEO;NB_B101\n62119;1\n" + b'"' + b"x" * 140_000, 2020, "line_broken"),
    ],
)
def test_a_file_that_would_be_counted_wrong_is_refused(content, vintage, code):
    assert refused(content, vintage=vintage) == code


def test_a_refusal_names_the_line():
    with pytest.raises(ValidationError, match="Ligne 3"):
        bring(b"CODGEO;NB_B101\n62119;1\n62498;beaucoup\n")


def test_a_zero_of_a_long_file_is_a_zero_and_split_lines_are_added_up():
    found = bring(b"DEPCOM;TYPEQU;NB_EQUIP\n62119;B203;18\n62119;B203;2\n62119;B101;0\n62119;B102;\n62119;B102;3\n")
    assert (numbers(found, "62119"), found.codes) == ({"B203": 20, "B102": None}, ["B101", "B102", "B203"])


def test_types_of_other_domains_are_set_aside():
    found = bring(b"CODGEO;NB_E101;NB_E107;NB_B203\n62119;1;4;18\n")
    assert (found.codes, numbers(found, "62119"), found.set_aside) == (
        ["B203", "E101"],
        {"E101": 1, "B203": 18},
        {"type d’équipement hors commerces et services": 4},
    )


def test_communes_that_we_do_not_know_are_set_aside():
    found = bring(b"CODGEO;NB_B203\n75056;900\n62119;18\n")
    assert (found.rows_read, found.rows_counted, found.set_aside) == (2, 18, {"commune inconnue du logiciel": 1})


def test_the_zero_that_a_spreadsheet_ate_is_given_back():
    assert numbers(bring(b"CODGEO;NB_B101\n2001;2\n"), "02001") == {"B101": 2}


def test_codes_of_the_aisne_keep_their_zero():
    assert numbers(bring(b"CODGEO;NB_B101\n02001;2\n"), "02001") == {"B101": 2}


def test_the_same_set_brought_again_replaces_the_former():
    former = bring(b"CODGEO;NB_B203\n62119;17\n")
    services.retire_counts(count_set=CountSet.objects.get(), at=AT)
    again = bring(b"CODGEO;NB_B203\n62119;18\n62498;3\n")
    assert [(each.pk, each.retired_at) for each in CountSet.objects.all()] == [(former.pk, None)]
    assert (numbers(again, "62119"), EstablishmentCount.objects.count()) == ({"B203": 18}, 2)


def test_two_vintages_stand_side_by_side_and_are_never_compared():
    sets = [bring(b"CODGEO;NB_B101\n62119;1\n"), bring(b"CODGEO;NB_B104\n62119;1\n", vintage=2024)]
    with pytest.raises(ValidationError) as refusal:
        services.refuse_mixed(sets)
    assert refusal.value.code == "sources_mixed"
    services.refuse_mixed(sets[:1])


# --- SIRENE ----------------------------------------------------------------------------------------------------------


def activity(*codes: str) -> None:
    made = Activity.objects.create(key="essai", label="Essai")
    made.naf_codes.set(codes)


def test_of_the_stock_only_what_is_active_in_the_right_nomenclature_is_counted():
    activity("10.81Z", "17.21A")
    found = bring(STOCK, kind=CountKind.SIRENE, vintage=2024)
    counted = set(found.counts.values_list("commune", "code", "number"))
    assert counted == {("80688", "10.81Z", 1), ("80308", "17.21A", 1), ("80190", "17.21A", 1)}
    assert (found.rows_read, found.rows_counted, found.set_aside) == (
        146,
        3,
        {"fermés": 138, "activité hors liste": 5},
    )


def test_a_stock_of_54_columns_is_read_as_one_of_53():
    activity("10.81Z", "17.21A")
    lines = STOCK.read_text(encoding="utf-8").splitlines()
    wider = [f"{lines[0]},activitePrincipaleNAF25Etablissement", *(f"{line},10.81H" for line in lines[1:])]
    found = bring("\n".join(wider).encode(), name="stock.csv", kind=CountKind.SIRENE, vintage=2026)
    assert found.rows_counted == 3


@pytest.mark.parametrize("packed", ["gz", "zip"])
def test_a_stock_is_read_as_insee_delivers_it(packed):
    activity("10.81Z")
    content = STOCK.read_bytes()
    if packed == "gz":
        content = gzip.compress(content)
    else:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as made:
            made.writestr("StockEtablissement_utf8.csv", content)
        content = archive.getvalue()
    assert bring(content, name=f"stock.csv.{packed}", kind=CountKind.SIRENE, vintage=2024).rows_counted == 1


def test_the_code_of_another_nomenclature_is_not_taken_for_ours():
    """« 52.10B » is storage in NAF rév. 2, and was a shop of frozen food in NAF rév. 1."""
    activity("52.10B")
    row = ",".join(["codeCommuneEtablissement,etatAdministratifEtablissement"])
    header = f"{row},nomenclatureActivitePrincipaleEtablissement,activitePrincipaleEtablissement\n"
    found = bring(
        (header + "62119,A,NAFRev1,52.10B\n62119,A,NAFRev2,52.10B\n62119,F,NAFRev2,52.10B\n").encode(),
        kind=CountKind.SIRENE,
        vintage=2024,
    )
    assert (numbers(found, "62119"), found.set_aside) == ({"52.10B": 1}, {"autre nomenclature": 1, "fermés": 1})


def test_the_former_portal_writes_naf_without_dot_and_communes_in_two_pieces():
    for code in ("13050", "13022"):
        Commune.objects.create(insee_code=code, name=f"Commune {code}")
    found = bring(PORTAL, kind=CountKind.PORTAL, vintage=2017)
    assert numbers(found, "13050") == {"56.30Z": 1}
    assert found.set_aside["activité hors liste"] == 5
    assert (found.rows_read, sum(found.set_aside.values()) + found.rows_counted) == (60, 60)
    assert found.rows_counted + found.set_aside["commune inconnue du logiciel"] == 55


def test_the_portal_is_read_in_windows_letters_too():
    Commune.objects.create(insee_code="13050", name="Lambesc")
    content = PORTAL.read_text(encoding="utf-8").encode("cp1252", errors="replace")
    assert bring(content, name="portail.csv", kind=CountKind.PORTAL, vintage=2017).rows_counted == 1


@pytest.mark.parametrize(
    ("path", "kind", "vintage"), [(STOCK, CountKind.SIRENE, 2020), (PORTAL, CountKind.PORTAL, 1990)]
)
def test_a_stock_later_than_its_vintage_is_refused(path, kind, vintage):
    activity("10.81Z", "17.21A")
    Commune.objects.create(insee_code="13050", name="Lambesc")
    assert refused(path, kind=kind, vintage=vintage) == "vintage_mixed"


def test_a_file_too_long_for_a_page_is_refused():
    activity("10.81Z")
    assert refused(STOCK, kind=CountKind.SIRENE, vintage=2024, most_rows=100) == "too_many_rows"


def test_a_stock_cut_in_the_middle_of_a_line_is_refused():
    content = STOCK.read_bytes().rstrip()[:-40]
    assert refused(content, name="stock.csv", kind=CountKind.SIRENE, vintage=2024) == "line_broken"


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"not gzip", "stock.csv.gz", "file_damaged"),
        (b"PK not zip", "stock.zip", "file_damaged"),
        (gzip.compress(b"x" * 100_000)[:-20], "stock.csv.gz", "file_damaged"),
        (b"siren,nic\n1,2\n", "stock.csv", "columns_missing"),
    ],
)
def test_a_damaged_stock_is_refused(content, name, code):
    assert refused(content, name=name, kind=CountKind.SIRENE, vintage=2024) == code


def test_an_archive_of_several_tables_is_refused():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("a.csv", "x")
        made.writestr("b.csv", "x")
    assert refused(archive.getvalue(), name="x.zip", kind=CountKind.SIRENE, vintage=2024) == "archive_content"


# --- commands and reference data -------------------------------------------------------------------------------------


def test_the_command_says_what_it_counted(capsys):
    call_command("import_counts", str(WIDE), "--kind", "bpe", "--vintage", "2020")
    assert "12 lignes lues" in capsys.readouterr().out
    assert CountSet.objects.get().communes.count() == 12


@pytest.mark.parametrize(("path", "vintage"), [("absent.csv", 2020), (str(WIDE), 2024)])
def test_the_command_refuses_in_a_sentence(path, vintage):
    with pytest.raises(CommandError):
        call_command("import_counts", path, "--kind", "bpe", "--vintage", str(vintage))


def test_reference_data_is_loaded_twice_without_harm_and_leaves_what_staff_corrected():
    bakery = Activity.objects.get(key="boulangerie")
    bakery.naf_codes.set(["47.24Z"])
    bakery.label = "Boulangerie"
    bakery.save()
    assert load_reference_data()["activités nouvelles"] == 0
    bakery.refresh_from_db()
    assert (bakery.label, list(bakery.naf_codes.values_list("pk", flat=True))) == ("Boulangerie", ["47.24Z"])
    bethune = Commune.objects.get(pk="62119")
    assert (bethune.population, bethune.population_year, bethune.department) == (25224, 2023, "62")
    assert (Commune.objects.filter(department="02").first().pk[0], NafCode.objects.count()) == ("0", 732)
    assert set(FacilityType.objects.values_list("vintage", flat=True)) == {2020, 2024}
    assert not NafCode.objects.filter(label__endswith=" ").exists()
