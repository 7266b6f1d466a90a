"""A town against towns like it, from the counts of the database."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coopconnexion.territories.models import Activity, Commune
from premises import services
from premises.documents.comparison import compare, proposed_group
from premises.enums import CountKind
from premises.models import CountSet, EstablishmentCount

FILES = Path(__file__).parent / "files"
EXAMPLE = json.loads((FILES / "exemple_carence_bethune.json").read_text())
AT = datetime(2026, 6, 15, 9, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def bpe(reference, db) -> CountSet:
    with (FILES / "bpe2020_12_villes.csv").open("rb") as file:
        return services.import_counts(file=file, filename="bpe.csv", kind=CountKind.BPE, vintage=2020, by=None, at=AT)


@pytest.fixture
def bethune(bpe):
    return Commune.objects.get(pk="62119")


@pytest.fixture
def group(bpe):
    return list(Commune.objects.filter(pk__in=EXAMPLE["groupe"]))


def test_bethune_has_less_of_three_trades_than_the_eleven_towns(bpe, bethune, group):
    found = compare(commune=bethune, group=group, count_set=bpe)
    assert [(line.gap.code, line.label, [str(each) for each in line.activities]) for line in found.gaps] == [
        ("B308", "Magasin de revêtements murs et sols", ["Revêtements murs et sols"]),
        ("B202", "Épicerie", ["Épicerie"]),
        ("B307", "Magasin d'art. de sports et de loisirs", ["Articles de sport"]),
    ]
    assert (found.population, found.population_year, len(found.lines), found.count_set) == (316413, 2023, 24, bpe)


def test_a_comparison_takes_the_same_queries_whatever_the_group(bpe, bethune, group):
    counts = []
    for some in (group[:3], group):
        with CaptureQueriesContext(connection) as captured:
            compare(commune=bethune, group=some, count_set=bpe)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 4


def test_the_proposed_group_is_of_its_size_and_from_the_set(bpe, bethune):
    found = proposed_group(bethune, bpe)
    assert bethune not in found
    assert all(12612 <= each.population <= 50448 for each in found)
    assert [abs(each.population - 25224) for each in found] == sorted(abs(each.population - 25224) for each in found)


def test_neighbours_of_the_same_intercommunality_are_named(bpe, bethune, group):
    found = compare(commune=bethune, group=group, count_set=bpe)
    assert "62178" in [each.pk for each in found.neighbours]  # Bruay-la-Buissière


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda group: group[:2], "group_too_small"),
        (lambda group: [*group, Commune.objects.get(pk="02001")], "commune_not_counted"),
        (lambda group: unpopulated(group), "population_unknown"),
        (lambda group: older(group), "population_years_mixed"),
    ],
)
def test_what_cannot_be_compared_is_refused(bpe, bethune, group, change, code):
    with pytest.raises(ValidationError) as refusal:
        compare(commune=bethune, group=change(group), count_set=bpe)
    assert refusal.value.code == code


def unpopulated(group):
    group[0].population = None
    return group


def older(group):
    group[0].population_year = 2017
    return group


def test_an_unknown_number_is_shown_as_unknown(bpe, bethune, group):
    EstablishmentCount.objects.filter(count_set=bpe, commune=bethune, code="B203").update(number=None)
    found = {line.gap.code: line.gap for line in compare(commune=bethune, group=group, count_set=bpe).lines}
    assert (found["B203"].level, found["B203"].missing) == ("unknown", None)


BAKERS = ["10.71C", "10.71B", "10.71D", "47.24Z"]


def of_sirene(communes, codes) -> CountSet:
    """Five establishments of each code in each commune but the first, which has none."""
    found = CountSet.objects.create(
        kind=CountKind.SIRENE, vintage=2024, label="SIRENE", filename="s", sha256="0" * 64, codes=codes
    )
    for rank, commune in enumerate(communes):
        found.communes.create(commune=commune)
        for code in codes if rank else ():
            found.counts.create(commune=commune, code=code, number=5)
    return found


def test_sirene_is_compared_by_activity_of_our_list(bethune, group):
    found = compare(commune=bethune, group=group, count_set=of_sirene([bethune, *group], BAKERS))
    assert [(line.gap.code, line.label, line.gap.level, line.gap.pooled.number) for line in found.lines] == [
        ("boulangerie", "Boulangerie-pâtisserie", "absent", 220)
    ]
    assert list(found.lines[0].activities) == [Activity.objects.get(key="boulangerie")]


def test_an_activity_with_a_code_that_the_file_was_not_read_for_is_unknown(bethune, group):
    found = compare(commune=bethune, group=group, count_set=of_sirene([bethune, *group], BAKERS[:3]))
    assert [(line.gap.code, line.gap.level) for line in found.lines] == [("boulangerie", "unknown")]
