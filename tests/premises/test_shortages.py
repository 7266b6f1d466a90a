"""The computation of gaps to a reference: the worked example of Béthune to the digit, and its traps."""

import csv
import json
from pathlib import Path

import pytest

from premises.enums import Level
from premises.rules.shortages import Reference, gap, level, like, median, pooled, ranked, shown

FILES = Path(__file__).parent / "files"
EXAMPLE = json.loads((FILES / "exemple_carence_bethune.json").read_text())
WORDS = {
    "absente": Level.ABSENT,
    "carence forte": Level.STRONG,
    "carence moderee": Level.MODERATE,
    "equilibre": Level.BALANCED,
    "sur-representee": Level.OVER,
}


def of_the_twelve_towns() -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """The real counts (INSEE, BPE 2020) and populations (2023) of the twelve towns."""
    with (FILES / "bpe2020_12_villes.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    counts = {name[3:]: {row["CODGEO"]: int(row[name]) for row in rows} for name in rows[0] if name.startswith("NB_")}
    return counts, {row["CODGEO"]: int(row["POP2023"]) for row in rows}


@pytest.fixture(scope="module")
def bethune():
    counts, populations = of_the_twelve_towns()
    return ranked(counts, populations, town=EXAMPLE["commune"], group=EXAMPLE["groupe"])


@pytest.mark.parametrize("rank", range(24))
def test_the_worked_example_of_bethune_is_found_to_the_digit(bethune, rank):
    expected, found = EXAMPLE["resultats"][rank], bethune[rank]
    assert (found.code, found.number, found.level) == (
        expected["typequ"],
        expected["nb"],
        WORDS[expected["niveau"]],
    )
    assert (
        round(found.density, 2),
        round(found.pooled.density, 2),
        round(found.median.density, 2),
        round(found.expected, 1),
        round(found.missing, 1),
        round(found.index),
        f"{found.pooled.present}/{found.pooled.towns}",
    ) == tuple(
        expected[name]
        for name in ("densite", "densite_ref", "mediane_ref", "attendu", "manque", "indice", "presence_ref")
    )


def test_only_three_activities_are_missing_from_bethune(bethune):
    assert [(each.code, each.is_fragile) for each in bethune if each.is_gap] == [
        ("B308", False),
        ("B202", False),
        ("B307", True),
    ]


def test_the_butchers_of_lens_are_judged_before_they_are_rounded():
    counts, populations = of_the_twelve_towns()
    lens = {each.code: each for each in ranked(counts, populations, town="62498", group=populations)}
    assert (shown(lens["B204"].index, 1), shown(lens["B204"].index, 0)) == ("74,8", "75")
    assert lens["B204"].level == Level.MODERATE
    assert lens["B101"].level == Level.ABSENT  # they stand next door: a note of the page says so


def test_the_town_itself_never_stands_in_its_group():
    counts, populations = of_the_twelve_towns()
    assert ranked(counts, populations, town="62119", group=EXAMPLE["groupe"]) == ranked(
        counts, populations, town="62119", group=[*EXAMPLE["groupe"], "62119"]
    )


@pytest.mark.parametrize(
    ("number", "population", "reference", "found"),
    [
        (0, 10_000, Reference(0, 10_000), Level.UNMEASURABLE),
        (5, 10_000, Reference(0, 10_000), Level.UNMEASURABLE),
        (0, 10_000, Reference(1, 20_000), Level.ABSENT),  # expected is exactly 0,5
        (0, 9_999, Reference(1, 20_000), Level.BALANCED),
        (1, 10_000, Reference(4, 20_000), Level.MODERATE),  # index exactly 50
        (1, 10_001, Reference(4, 20_000), Level.STRONG),
        (1, 10_000, Reference(3, 20_000), Level.BALANCED),  # half an establishment is no gap
        (3, 10_000, Reference(8, 20_000), Level.BALANCED),  # index exactly 75
        (3, 10_001, Reference(8, 20_000), Level.MODERATE),
        (5, 10_000, Reference(8, 20_000), Level.BALANCED),  # index exactly 125
        (5, 9_999, Reference(8, 20_000), Level.OVER),
        (1, 1_000, Reference(8, 20_000), Level.BALANCED),  # twice as dense, by less than one
    ],
)
def test_a_level_is_decided_on_whole_numbers(number, population, reference, found):
    assert level(number, population, reference) == found


def test_the_median_is_that_of_the_town_in_the_middle():
    towns = [(0, 1000), (1, 1000), (3, 1000), (9, 1000)]
    assert (median(towns).density, median(towns[:3]).density, pooled(towns).density) == (20.0, 10.0, 32.5)


def test_fewer_than_three_towns_measure_nothing():
    assert gap("B203", 1, 1000, [(2, 1000), (3, 1000)]).level == Level.UNMEASURABLE
    assert gap("B203", 1, 1000, [(2, 1000), (3, 1000), (None, 1000)]).level == Level.UNMEASURABLE


def test_what_the_source_leaves_empty_is_unknown_and_not_zero():
    found = gap("B203", None, 1000, [(2, 1000)] * 3)
    assert (found.level, found.missing, found.index, found.density) == (Level.UNKNOWN, None, None, None)


def test_a_gap_that_the_median_town_shares_is_fragile():
    rare = gap("B101", 0, 10_000, [(0, 10_000), (0, 10_000), (3, 10_000)])
    assert (rare.level, rare.level_by_median, rare.is_fragile) == (Level.ABSENT, Level.BALANCED, True)


def test_activities_that_lack_as_much_stand_in_the_order_of_their_codes():
    towns = {"a": 30_000, "b": 10_000, "c": 10_000, "d": 10_000}
    row = {"a": 1, "b": 4, "c": 0, "d": 3}
    assert [each.code for each in ranked({"B2": row, "B3": row, "B1": row}, towns, town="a", group="bcd")] == [
        *("B1", "B2", "B3"),
    ]


def test_towns_of_half_to_twice_the_size_are_proposed_the_nearest_first():
    others = {"a": 12_611, "b": 12_612, "c": 25_000, "d": 50_448, "e": 50_449, "f": 25_448}
    assert like(25_224, others) == ["c", "f", "b", "d"]
    assert like(25_224, others, most=1) == ["c"]


@pytest.mark.parametrize(
    ("value", "places", "words"),
    [(-0.04, 1, "0,0"), (-0.06, 1, "−0,1"), (1.25, 1, "1,2"), (None, 1, ""), (74.75, 0, "75"), (0.0, 0, "0")],
)
def test_what_is_shown_is_rounded_at_the_last_moment(value, places, words):
    assert shown(value, places) == words
