"""Addresses as files write them."""

import pytest

from premises.rules.addresses import Address, joined_street, repetition_words, split_address, street_words


@pytest.mark.parametrize(
    ("typed", "number", "repetition", "street"),
    [
        ("12bis, av. du 8-Mai 1945", 12, "bis", "avenue du 8-Mai 1945"),
        ("1 BIS CITE VOLTAIRE", 1, "bis", "cité Voltaire"),
        ("0146 BD POINCARE", 146, "", "boulevard Poincare"),
        ("12 B rue d'Arras", 12, "bis", "rue d'Arras"),
        ("12T RUE D ARRAS", 12, "ter", "rue d’Arras"),
        ("12 quater place Clemenceau", 12, "quater", "place Clemenceau"),
        ("12 D rue de Lille", 12, "D", "rue de Lille"),
        ("12-14 rue de Lille", 12, "à 14", "rue de Lille"),
        ("12/14, rue de Lille", 12, "à 14", "rue de Lille"),
        ("12 et 14 rue de Lille", 12, "et 14", "rue de Lille"),
        ("12 r de Lille", 12, "", "rue de Lille"),
        ("12 R rue de Lille", 12, "R", "rue de Lille"),
        ("n° 5 place du 4-Septembre", 5, "", "place du 4-Septembre"),
        ("place du 4-Septembre", None, "", "place du 4-Septembre"),
        ("8 Rue du 8 Mai 1945", 8, "", "rue du 8 Mai 1945"),
        ("Rue de Lille, 12 bis", 12, "bis", "rue de Lille"),
        ("0000 GRAND PLACE", None, "", "Grand Place"),
        ("GRAND PLACE", None, "", "Grand Place"),
        ("COURS DE VINCENNES", None, "", "cours de Vincennes"),
        ("20, rue d'ALIGRE", 20, "", "rue d'ALIGRE"),
        ("120 avenue Duluth E", 120, "", "avenue Duluth E"),
        ("4050 rue De Bullion", 4050, "", "rue De Bullion"),
        ("RUE DU POT D ETAIN", None, "", "rue du Pot d’Etain"),
        ("3 RUE PIE XII", 3, "", "rue Pie XII"),
        ("78 rue du rendez-vous, RDC", 78, "", "rue du rendez-vous, RDC"),
        ("8 impasse des 3 soeurs", 8, "", "impasse des 3 soeurs"),
        ("  5 \u00a0 rue  de\u202fPrague ", 5, "", "rue de Prague"),
        ("3e avenue", None, "", "3e avenue"),
        ("2 Place d'Aligre", 2, "", "place d'Aligre"),
        ("624001 rue de Lille", None, "", "624001 rue de Lille"),
        ("12", 12, "", ""),
        ("", None, "", ""),
    ],
)
def test_an_address_is_taken_apart(typed, number, repetition, street):
    assert split_address(typed) == Address(number, repetition, street)


def test_the_town_at_the_end_of_an_address_is_set_apart():
    assert split_address("12 Rue de Lille 62 400 Béthune") == Address(12, "", "rue de Lille", "62400", "Béthune")


@pytest.mark.parametrize(
    ("typed", "words"),
    [("B", "bis"), ("b", "bis"), ("BIS", "bis"), ("T", "ter"), ("Q", "quater"), ("A", "A"), ("", ""), (" . ", "")],
)
def test_a_repetition_is_said_in_one_way(typed, words):
    assert repetition_words(typed) == words


def test_a_street_in_two_columns_is_joined():
    assert joined_street("CRS", "DE VINCENNES") == "cours de Vincennes"
    assert joined_street("avenue", "", "Duluth", "E") == "avenue Duluth E"
    assert joined_street("", "Bd Saint-Martin") == "boulevard Saint-Martin"


def test_words_that_only_look_like_a_type_stay():
    assert street_words("Rivoli") == "Rivoli"
    assert street_words("PL") == "Pl"
