"""What goes wrong with real files of counts: vintages, nomenclatures, encodings, lines cut, words of INSEE."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from coopconnexion.territories.models import Activity, Commune, FacilityType
from premises import services
from premises.enums import CountKind
from premises.models import CountSet
from tests.factories import UserFactory

FILES = Path(__file__).parent / "files"
WIDE, LONG, TOURISM = (FILES / f"bpe2020_{name}.csv" for name in ("12_villes", "long_DERIVE", "tourisme_12_villes"))
STOCK, PORTAL = FILES / "StockEtablissement_extrait_2024.csv", FILES / "sirene_portail_13_extrait.csv"
PASSAGE = FILES / "bpe_passage_2020_2024_PROPOSITION.csv"
AT = datetime(2026, 6, 15, 9, tzinfo=UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def bring(content: bytes | str, *, kind=CountKind.BPE, vintage=2020, **given) -> CountSet:
    content = content.encode() if isinstance(content, str) else content
    return services.import_counts(
        file=io.BytesIO(content), filename="f.csv", kind=kind, vintage=vintage, by=None, at=AT, **given
    )


def refused(*args, **given) -> ValidationError:
    with pytest.raises(ValidationError) as refusal:
        bring(*args, **given)
    assert CountSet.objects.count() == 0
    return refusal.value


def total(count_set: CountSet, code: str) -> int:
    return sum(count_set.counts.filter(code=code).values_list("number", flat=True))


# --- vintages of the BPE ---------------------------------------------------------------------------------------------


def renamed() -> dict[int, list[str]]:
    """The codes that only 2020 has, and those that only 2024 has, among shops and services."""
    with PASSAGE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter=";") if "avant 2020" not in row["nature"]]
    found = {
        year: {code for row in rows for code in row[f"TYPEQU_{year}"].split("+") if code[:1] == "B"}
        for year in (2020, 2024)
    }
    return {year: sorted(codes - found[2020 + 2024 - year]) for year, codes in found.items()}


@pytest.mark.parametrize("year", [2020, 2024])
def test_every_code_that_changed_is_of_one_vintage_and_refused_in_the_other(year):
    other = 2020 + 2024 - year
    codes = renamed()[year]
    assert len(codes) >= 5
    for code in codes:
        assert set(FacilityType.objects.filter(code=code).values_list("vintage", flat=True)) == {year}
        refusal = refused(f"CODGEO;NB_{code}\n62119;3\n", vintage=other)
        assert (refusal.code, str(year) in refusal.messages[0]) == ("type_of_other_vintage", True)


@pytest.mark.parametrize(("path", "code"), [(WIDE, "type_of_other_vintage"), (LONG, "vintage_mixed")])
def test_a_real_file_of_2020_is_not_one_of_2024(path, code):
    refusal = refused(path.read_bytes(), vintage=2024)
    assert (refusal.code, "2020, pas 2024" in refusal.messages[0]) == (code, True)


def test_a_file_that_holds_two_years_is_refused_in_a_sentence():
    refusal = refused("DEPCOM;AN;TYPEQU;NB_EQUIP\n62119;2020;B202;5\n62119;2021;B202;6\n")
    assert (refusal.code, "2021, pas 2020" in refusal.messages[0]) == ("vintage_mixed", True)


def test_a_code_of_each_vintage_counts_the_same_trade_under_its_own_label():
    bakery = Activity.objects.get(key="boulangerie")
    types = dict(bakery.facility_types.values_list("vintage", "code"))
    assert types == {2020: "B203", 2024: "B207"}


def test_two_sources_or_two_vintages_are_refused_with_the_reason(client):
    client.force_login(UserFactory(manager=True))
    sets = [bring("CODGEO;NB_B203\n62119;1\n"), bring("CODGEO;NB_B207\n62119;1\n", vintage=2024)]
    sets.append(CountSet.objects.create(kind="sirene", vintage=2020, label="SIRENE", filename="s", sha256="0" * 64))
    for mixed in (sets[:2], sets[::2]):
        with pytest.raises(ValidationError, match="ne se comparent pas"):
            services.refuse_mixed(mixed)
        asked = {"commune": "Béthune", "jeu": [each.pk for each in mixed]}
        content = client.get(reverse("gaps_staff:comparison"), asked).content.decode()
        assert "Des sources ou des millésimes différents ne se comparent pas" in content


# --- shapes of the BPE -----------------------------------------------------------------------------------------------


def test_the_file_of_tourism_is_of_other_domains_but_for_what_we_know():
    found = bring(TOURISM.read_bytes())
    assert found.codes == ["E101", "G101", "G102", "G103", "G104"]
    assert (total(found, "E101") > 0, list(found.set_aside)) == (
        True,
        ["type d’équipement hors commerces et services"],
    )


def test_a_type_without_column_is_unknown_in_a_wide_file_and_zero_in_a_long_one():
    wide, long = bring(WIDE.read_bytes(), label="large"), bring(LONG.read_bytes(), label="longue")
    assert "B314" not in wide.codes
    zeros = {code for code in long.codes if not long.counts.filter(commune="62119", code=code).exists()}
    assert "B308" in zeros & set(wide.codes)  # Béthune has none: not there in one file, zero in the other
    assert not wide.counts.filter(commune="62119", code="B308").exists()


# --- encodings -------------------------------------------------------------------------------------------------------

ACCENTED = "CODGEO;LIBGEO;NB_B203\n62119;Béthune;18\n62498;Lens\u00a0;20\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_file_is_read_in_the_letters_it_was_written_in(encoding, newline):
    assert total(bring(ACCENTED.replace("\n", newline).encode(encoding)), "B203") == 38


def test_a_file_of_utf_16_is_refused_in_a_sentence():
    refusal = refused(ACCENTED.encode("utf-16"))
    assert (refusal.code, "UTF-16" in refusal.messages[0]) == ("file_text", True)


def test_a_file_that_is_no_text_is_refused_in_a_sentence():
    refusal = refused(b"\x9d\x81\xff" * 100)
    assert (refusal.code, "pas du texte" in refusal.messages[0]) == ("file_text", True)


def test_a_file_whose_letters_change_on_the_way_names_the_line():
    rows = "".join(f"{number:05};Ville;1\n" for number in range(10_000, 20_000))
    refusal = refused(f"CODGEO;LIBGEO;NB_B203\n{rows}".encode() + "62119;Béthune;18\n".encode("cp1252"))
    line = int("".join(filter(str.isdigit, refusal.messages[0].split("\u202f:")[0])))
    assert (refusal.code, 9000 < line <= 10_001) == ("file_text", True)


# --- broken lines ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind", "line"),
    [
        ("CODGEO;NB_B101\n62119;1\n62498;1;2\n", CountKind.BPE, 3),
        ("CODGEO;NB_B101\n62119;1\n62498;1,5\n", CountKind.BPE, 3),
        ("CODGEO;NB_B101\n62119;1\n\n62119;1\n", CountKind.BPE, 4),
        ("DEPCOM;TYPEQU;NB_EQUIP\n62119;B203;1\n62119;B203\n", CountKind.BPE, 3),
    ],
)
def test_a_broken_line_is_named(content, kind, line):
    assert f"Ligne {line}\u202f:" in refused(content, kind=kind).messages[0]


@pytest.mark.parametrize(("path", "kind"), [(STOCK, CountKind.SIRENE), (PORTAL, CountKind.PORTAL)])
def test_a_real_file_cut_by_a_download_names_its_last_line(path, kind):
    content = path.read_bytes().rstrip()
    refusal = refused(content[: content.rindex(b"\n") + 60], kind=kind, vintage=2024)
    last = len(content.splitlines())
    assert (refusal.code, f"Ligne {last}\u202f:" in refusal.messages[0]) == ("line_broken", True)


def test_a_file_of_another_source_is_refused_with_the_columns_it_lacks():
    for path, kind in ((STOCK, CountKind.BPE), (WIDE, CountKind.SIRENE), (STOCK, CountKind.PORTAL)):
        refusal = refused(path.read_bytes(), kind=kind)
        assert (refusal.code, "Colonnes absentes" in refusal.messages[0]) == ("columns_missing", True)


# --- SIRENE ----------------------------------------------------------------------------------------------------------


def stock(change) -> str:
    """The real extract, each establishment as ``change`` makes it."""
    with STOCK.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = [row | change(row) for row in reader]
    out = io.StringIO()
    writer = csv.DictWriter(out, reader.fieldnames)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@pytest.fixture
def paper(db) -> Activity:
    made = Activity.objects.create(key="essai", label="Essai")
    made.naf_codes.set(["10.81Z", "17.21A", "52.10B"])
    return made


def in_sirene(content: str) -> CountSet:
    return bring(content, kind=CountKind.SIRENE, vintage=2026)


def test_a_stock_of_closed_establishments_counts_the_few_that_are_open(paper):
    found = in_sirene(stock(lambda row: {}))
    assert (found.rows_read, found.rows_counted, found.set_aside["fermés"]) == (146, 4, 138)


def test_were_they_all_open_four_nomenclatures_would_still_be_set_aside(paper):
    found = in_sirene(stock(lambda row: {"etatAdministratifEtablissement": "A"}))
    assert found.set_aside["autre nomenclature"] == 70 + 23 + 23 + 7  # NAP, none, NAF1993, NAFRev1
    assert "fermés" not in found.set_aside


@pytest.mark.parametrize("status", ["N", "P"])
def test_establishments_that_do_not_let_themselves_be_named_are_counted(paper, status):
    hidden = dict.fromkeys(
        ("enseigne1Etablissement", "libelleVoieEtablissement", "numeroVoieEtablissement", "codePostalEtablissement"),
        "[ND]",
    )
    found = in_sirene(stock(lambda row: hidden | {"statutDiffusionEtablissement": status}))
    assert found.rows_counted == 4


def test_an_establishment_abroad_or_without_town_is_set_aside(paper):
    found = in_sirene(
        stock(
            lambda row: {} if row["activitePrincipaleEtablissement"] == "52.10B" else {"codeCommuneEtablissement": ""}
        )
    )
    assert (found.rows_counted, found.set_aside["sans commune"]) == (1, 3)


def test_what_naf_2025_says_beside_is_not_counted(paper):
    content = stock(lambda row: {}).splitlines()
    wider = [f"{content[0]},activitePrincipaleNAF25Etablissement", *(f"{line},52.10H" for line in content[1:])]
    assert in_sirene("\n".join(wider)).counts.filter(code="52.10H").count() == 0


def test_columns_in_another_order_are_found_by_name(paper):
    with STOCK.open(encoding="utf-8", newline="") as file:
        turned = [list(reversed(row)) for row in csv.reader(file)]
    out = io.StringIO()
    csv.writer(out).writerows(turned)
    assert in_sirene(out.getvalue()).rows_counted == 4


def test_the_former_portal_codes_the_towns_of_the_aisne_and_overseas():
    header = (
        "Département de localisation de l'établissement;Commune de localisation de l'établissement;"
        "Activité principale de l'établissement\n"
    )
    Commune.objects.create(insee_code="97105", name="Basse-Terre")
    found = bring(
        f"{header}02;001;1071C\n2;1;1071C\n97;105;1071C\n971;05;1071C\n;;1071C\n02;001;10.71C\n",
        kind=CountKind.PORTAL,
        vintage=2017,
    )
    counted = dict(found.counts.values_list("commune", "number"))
    assert (counted, found.set_aside) == ({"02001": 3, "97105": 2}, {"sans commune": 1})
