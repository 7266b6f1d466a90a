"""What fits, what does not, what nobody knows: in words, always in the same order."""

from datetime import date
from decimal import Decimal

import pytest

from premises.rules.matching import (
    Answer,
    Facts,
    Match,
    Need,
    Trade,
    activities_named,
    asked_by_trade,
    is_named,
    match,
    names,
    same_trade,
    surest,
)

LABELS = {
    1: "Boulangerie-pâtisserie",
    2: "Épicerie",
    3: "Fleuriste, jardinerie, animalerie",
    4: "Articles de sport",
    5: "Restaurant, restauration rapide",
    6: "Café, bar, débit de boissons",
    7: "Réparation cycles et articles personnels",
    8: "Presse-papeterie",
    9: "Pressing, laverie",
    10: "Revêtements murs et sols",
    11: "Librairie papeterie journaux (BPE ≤ 2022)",
}


@pytest.mark.parametrize(
    ("need", "facts", "answer", "words"),
    [
        (Need(40, 80), Facts(Decimal(62)), "fits", "62 m², le projet cherche 40 à 80 m²"),
        (Need(40, 80), Facts(Decimal(40)), "fits", "40 m², le projet cherche 40 à 80 m²"),
        (Need(40, 80), Facts(Decimal("80.01")), "misses", "80,01 m², le projet cherche 40 à 80 m²"),
        (Need(min_area=1200), Facts(Decimal(62)), "misses", "62 m², le projet cherche au moins 1\u202f200 m²"),
        (Need(max_area=80), Facts(Decimal(62)), "fits", "62 m², le projet cherche jusqu’à 80 m²"),
        (Need(40, 80), Facts(), "unknown", "la surface n’est pas connue"),
        (
            Need(max_rent=Decimal(700)),
            Facts(rent=Decimal("612.50")),
            "fits",
            "612,50 € par mois hors charges, pour 700 € au plus",
        ),
        (
            Need(max_rent=Decimal(700)),
            Facts(rent=Decimal(701)),
            "misses",
            "701 € par mois hors charges, pour 700 € au plus",
        ),
        (Need(max_rent=Decimal(0)), Facts(rent=Decimal(0)), "fits", "0 € par mois hors charges, pour 0 € au plus"),
        (Need(max_rent=Decimal(700)), Facts(), "unknown", "le loyer n’est pas connu"),
        (Need(water=True), Facts(water=True), "fits", "point d’eau"),
        (Need(step_free=True), Facts(step_free=False), "misses", "pas d’accès de plain-pied"),
        (Need(extraction=True), Facts(), "unknown", "extraction pour cuisiner\u202f: personne ne l’a noté"),
        (
            Need(wanted_from=date(2027, 9, 1)),
            Facts(is_empty=False, free_from=date(2027, 9, 1)),
            "fits",
            "libre le 1er septembre 2027, voulue pour le 1er septembre 2027",
        ),
        (
            Need(wanted_from=date(2027, 9, 1)),
            Facts(is_empty=False, free_from=date(2027, 9, 2)),
            "misses",
            "libre le 2 septembre 2027, voulue pour le 1er septembre 2027",
        ),
        (
            Need(wanted_from=date(2027, 9, 1)),
            Facts(is_empty=False),
            "unknown",
            "occupée, sans date de départ connue",
        ),
        (Need(), Facts(is_to_let=None), "unknown", "vide, sans qu’on sache si elle est à louer"),
    ],
)
def test_each_criterion_fits_or_not_or_is_unknown_and_says_so(need, facts, answer, words):
    (found,) = match(need, facts).criteria
    assert (found.answer, found.words.replace("\xa0", " ")) == (answer, words)


@pytest.mark.parametrize(
    "need", [Need(), Need(water=False, extraction=None), Need(wanted_from=date(2027, 1, 1))], ids=["none", "no", "free"]
)
def test_what_the_project_does_not_ask_is_not_compared(need):
    assert match(need, Facts(Decimal(1), water=False)) == Match()


def test_what_is_unknown_is_what_to_find_out():
    found = match(Need(40, 80, Decimal(700), water=True), Facts(is_to_let=None))
    assert found.missing == [
        "mesurer la surface",
        "demander le loyer",
        "vérifier le point d’eau",
        "demander si elle est à louer",
    ]
    assert (found.fits, found.misses, len(found.unknown)) == ([], [], 4)


def test_who_carries_the_project_reads_it_for_themselves():
    found = match(Need(40, 80, Decimal(700)), Facts(Decimal(62)), seeks="vous cherchez", hidden_rent=True)
    assert [each.words.replace("\xa0", " ") for each in found.criteria] == [
        "62 m², vous cherchez 40 à 80 m²",
        "le loyer n’est pas affiché",
    ]


def test_what_misses_nothing_comes_first_then_the_best_score_then_the_best_known():
    need = Need(40, 80, Decimal(700), water=True)
    all_known = Facts(Decimal(62), Decimal(600), water=True)
    unknown_water = Facts(Decimal(62), Decimal(600))
    unknown_rent = Facts(Decimal(62), water=True)
    dry = Facts(Decimal(62), Decimal(600), water=False)
    dear = Facts(Decimal(62), Decimal(800), water=True)
    both = Facts(Decimal(20), Decimal(800), water=True)
    ranked = sorted([both, dear, dry, unknown_rent, unknown_water, all_known], key=lambda each: match(need, each).rank)
    assert ranked == [all_known, unknown_water, unknown_rent, dry, dear, both]
    assert [match(need, each).score for each in ranked] == [100, 87, 81, 75, 62, 25]


def test_where_there_is_nothing_to_compare_the_score_is_in_the_middle():
    assert (Match().score, Match().rank) == (50, (0, -50, 0))


def test_a_need_says_what_it_does_not_say():
    assert Need(min_area=40, water=False, step_free=True).unsaid == [
        "le loyer qu’il peut payer",
        "la vitrine",
        "l’extraction",
    ]


@pytest.mark.parametrize(
    ("told", "keys"),
    [
        ("épicerie fine", [2]),
        ("EPICERIES", [2]),
        ("fleuriste", [3]),
        ("articles de sport d’occasion", [4]),
        ("restauration ambulante", [5]),
        ("café associatif", [6]),
        ("café-épicerie", [2, 6]),
        ("revêtements de sols et de murs", [10]),
        ("aide aux personnes", []),
        ("pressing", [9]),
        ("presse", [8]),
        ("papeterie", [8]),
        ("librairie, papeterie et journaux", [11, 8]),
        ("réparation", []),
        ("vente de produits", []),
        ("", []),
    ],
)
def test_words_name_activities_of_the_list_without_accents_or_plurals(told, keys):
    assert activities_named(told, LABELS) == keys


def test_a_label_lists_the_names_of_a_trade():
    assert names("Droguerie, quincaillerie, bricolage") == [{"drogue"}, {"quinca"}, {"bricol"}]
    assert names("Biens d’occasion (BPE)") == [{"bien", "occasi"}]
    assert (is_named("Épicerie", "une epicerie de quartier"), is_named("Épicerie", "quartier")) == (True, False)


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (Trade(frozenset({2})), Trade(frozenset({2, 3})), "même activité de la liste"),
        (Trade(frozenset({2}), frozenset({"47.11B"})), Trade(naf=frozenset({"47.11B"})), "même code NAF, 47.11B"),
        (Trade(types=frozenset({"B202"})), Trade(types=frozenset({"B202"})), "même type d’équipement (BPE), B202"),
        (Trade(text="une épicerie bio"), Trade(text="Épicerie"), "mêmes mots"),
        (Trade(text="Épicerie"), Trade(text="épicerie bio"), ""),
        (Trade(), Trade(), ""),
    ],
)
def test_two_trades_are_the_same_by_the_surest_evidence(one, other, reason):
    assert same_trade(one, other) == reason


def test_the_surest_evidence_comes_first():
    reasons = ["mêmes mots", "même type d’équipement (BPE), B202", "même code NAF, 1", "même activité de la liste", ""]
    assert [surest(each) for each in reasons] == [3, 2, 1, 0, 4]


@pytest.mark.parametrize(
    ("codes", "asked", "why"),
    [
        (["10.71C", "47.24Z"], {"extraction": True, "water": True}, "on y cuit"),
        (["56.10A"], {"extraction": True, "water": True}, "on y cuisine"),
        (["47.11B"], {"shop_window": True}, "on y vend au détail"),
        (["96.02A"], {"water": True}, "on y lave les cheveux ou la peau"),
        (["62.01Z"], {}, ""),
        ([], {}, ""),
    ],
)
def test_a_trade_asks_some_equipment_of_any_unit_and_says_why(codes, asked, why):
    assert asked_by_trade(codes) == (asked, why)


def test_an_answer_is_one_of_three():
    assert [str(each) for each in Answer] == ["fits", "misses", "unknown"]
