"""Every town of a set at once: as each would be alone, in a file, a summary or an export."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from coopconnexion.accounts.models import PreparedExport
from coopconnexion.territories.models import Commune
from premises import services
from premises.documents.comparison import compare, proposed_group
from premises.documents.everywhere import HEADER, everywhere
from premises.enums import CountKind
from premises.models import CountSet
from tests.factories import UserFactory

FILES = Path(__file__).parent / "files"
AT = datetime(2026, 6, 15, 9, tzinfo=UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def bpe() -> CountSet:
    with (FILES / "bpe2020_12_villes.csv").open("rb") as file:
        return services.import_counts(file=file, filename="bpe.csv", kind=CountKind.BPE, vintage=2020, by=None, at=AT)


def spread(populations: list[int]) -> CountSet:
    """Return a set of towns of these sizes, the first with three establishments, the second with two, and so on."""
    made = CountSet.objects.create(
        kind="bpe", vintage=2020, label="Essai", filename="e", sha256="0" * 64, codes=["B101", "B203"]
    )
    for rank, population in enumerate(populations):
        code = f"{76_000 + (rank * 7) % 97}"  # the order of sizes is not that of codes
        size = {"population": population, "population_year": 2023}
        commune = Commune.objects.create(insee_code=code, name=f"Ville {code}", **size)
        made.communes.create(commune=commune)
        made.counts.create(commune=commune, code="B203", number=3 - rank % 3)
    return made


def alone(commune: Commune, count_set: CountSet) -> tuple:
    found = compare(commune=commune, group=proposed_group(commune, count_set), count_set=count_set)
    return commune, found.group, [line.gap for line in found.lines]


def test_towns_are_compared_together_as_each_alone_in_three_queries(bpe):
    with CaptureQueriesContext(connection) as captured:
        together = list(everywhere(bpe))
    assert len(captured) <= 3
    assert len(together) > 3
    assert together == [alone(commune, bpe) for commune, _, _ in together]


@pytest.mark.parametrize(
    "populations",
    [
        [1000] * 40,  # more towns of one size than a group holds
        [1000] * 15 + [999] * 15 + [1001] * 15,
        [*range(900, 990), 1000],
    ],
)
def test_among_towns_as_near_the_same_are_chosen_as_for_one_alone(populations):
    made = spread(populations)
    together = list(everywhere(made))
    assert len(together) == len(populations)
    assert together == [alone(commune, made) for commune, _, _ in together]


def test_towns_too_few_of_their_size_or_without_population_are_left_out():
    made = spread([1000, 1000, 1000, 1100, 90_000])
    made.communes.create(commune=Commune.objects.create(insee_code="76900", name="Sans habitants", population=0))
    assert sorted(commune.population for commune, _, _ in everywhere(made)) == [1000, 1000, 1000, 1100]


def test_populations_of_two_years_are_not_compared():
    made = spread([1000] * 4)
    other = Commune.objects.create(insee_code="76900", name="Autre", population=1000, population_year=2017)
    made.communes.create(commune=other)
    assert all(other not in (commune, *group) for commune, group, _ in everywhere(made))


# --- command ---------------------------------------------------------------------------------------------------------


def test_the_command_writes_every_line_with_its_group_and_its_source(bpe, tmp_path, capsys):
    path = tmp_path / "ecarts.csv"
    call_command("compute_gaps", "--set", str(bpe.pk), "--output", str(path))
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    towns = {row["Code INSEE"] for row in rows}
    bethune = next(row for row in rows if row["Code INSEE"] == "62119")
    assert (list(bethune), len(rows)) == (HEADER, 24 * len(towns))
    assert (bethune["Rang"], bethune["Statistiques"]) == ("1", "BPE, 2020, Licence Ouverte 2.0")
    assert ("Béthune" in bethune["Groupe"], bethune["Population de"]) == (False, "2023")
    assert str(path) in capsys.readouterr().out


def test_the_command_sums_the_latest_set_up(bpe, capsys):
    call_command("compute_gaps")
    told = capsys.readouterr().out
    assert ("BPE, 2020" in told, "communes comparées" in told, "équilibre" in told) == (True, True, True)


@pytest.mark.parametrize("asked", [[], ["--set", "999999"]])
def test_without_a_set_the_command_says_what_to_do(asked):
    with pytest.raises(CommandError, match="import_counts"):
        call_command("compute_gaps", *asked)


def test_the_command_says_where_it_cannot_write(bpe, tmp_path):
    with pytest.raises(CommandError, match="absent"):
        call_command("compute_gaps", "--output", str(tmp_path / "absent" / "ecarts.csv"))


# --- export ----------------------------------------------------------------------------------------------------------


def test_a_short_export_leaves_at_once_and_a_long_one_is_prepared(client, bpe, monkeypatch):
    client.force_login(UserFactory(reader=True))
    url = reverse("gaps_staff:everywhere_csv", args=[bpe.pk])
    content = b"".join(client.get(url).streaming_content).decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(content), delimiter=";")) == HEADER
    monkeypatch.setattr("coopconnexion.backoffice.exports.AT_ONCE", 100)
    assert client.get(url).url == reverse("site:export_list")
    assert (PreparedExport.objects.get().path, PreparedExport.objects.get().rows) == (url, 288)
