"""Charts: where bars stand, what is said of them, and that a PDF draws them too."""

import re
from decimal import Decimal
from xml.etree import ElementTree

import pikepdf
import pytest
from django.template.loader import render_to_string

from coopconnexion.charts import COLOURS, Series, across, bars, lines, progress, spoken, stacked
from coopconnexion.pdf import render_pdf
from tests.test_pdf import needs_pango

SVG = "{http://www.w3.org/2000/svg}"
MONTHS = ["janv.", "févr.", "mars"]


def drawn(chart) -> ElementTree.Element:
    return ElementTree.fromstring(render_to_string("components/chart_svg.html", {"chart": chart}))  # noqa: S314


def rectangles(chart) -> list[tuple[float, float]]:
    """Top and height of each bar."""
    return [(float(each.get("y")), float(each.get("height"))) for each in drawn(chart).iter(f"{SVG}rect")]


def test_a_bar_is_as_high_as_its_value():
    (_, first), (_, second) = rectangles(bars("Ventes", ["a", "b"], [Series("CA", [100, 50])]))
    assert first == pytest.approx(2 * second, abs=0.2)


def test_a_negative_bar_hangs_below_zero():
    chart = bars("Résultat", ["a", "b"], [Series("Résultat", [100, -50])], "€")
    (_, up), (below, down) = rectangles(chart)
    assert below == pytest.approx(float(chart.zero), abs=0.1)
    assert up == pytest.approx(2 * down, abs=0.2)


def test_an_unknown_value_has_no_bar_and_a_dash_in_the_table():
    chart = bars("Ventes", MONTHS, [Series("CA", [1, None, 3])], "€")
    assert len(chart.shapes) == 2
    assert chart.rows == [["janv.", "1"], ["févr.", "–"], ["mars", "3"]]


def test_stacked_bars_stand_on_each_other():
    (top, height), (above, other) = rectangles(stacked("Ventes", ["a"], [Series("Thé", [30]), Series("Café", [10])]))
    assert above + other == pytest.approx(top, abs=0.2)
    assert height == pytest.approx(3 * other, abs=0.3)


def test_stacked_values_of_two_signs_part_at_zero():
    chart = stacked("Mouvements", ["a"], [Series("Entrées", [30]), Series("Sorties", [-10])])
    (top, height), (below, _) = rectangles(chart)
    assert top + height == pytest.approx(below, abs=0.2) == pytest.approx(float(chart.zero), abs=0.2)


def test_a_line_is_broken_where_a_value_is_unknown():
    chart = lines("Ventes", ["a", "b", "c", "d", "e"], [Series("CA", [1, 2, None, 3, 4])])
    assert [each.kind for each in chart.shapes].count("line") == 2
    assert [each.kind for each in chart.shapes].count("dot") == 4


@pytest.mark.parametrize("values", [[], [None, None], [0, 0], [5], [-3, -1], [10**9, 1], [0.001, 0.002]])
@pytest.mark.parametrize("kind", [bars, stacked, lines])
def test_any_values_stay_inside_the_drawing(kind, values):
    chart = kind("Titre", [str(each) for each in range(len(values))], [Series("a", values)] if values else [])
    for each in chart.shapes:
        assert 0 <= float(each.y or 0) <= chart.height


def test_a_chart_without_values_says_so():
    page = render_to_string("components/chart.html", {"chart": bars("Ventes", [], [])})
    assert "Rien à montrer" in page
    assert "<svg" not in page


def test_a_series_shorter_than_the_labels_is_a_mistake():
    with pytest.raises(ValueError, match="one value per label"):
        bars("Ventes", MONTHS, [Series("CA", [1])])


def test_the_drawing_is_an_image_with_a_name_a_description_and_no_style():
    chart = bars("Ventes", MONTHS, [Series("CA", [1200, 950, 2100])], "€")
    svg = drawn(chart)
    assert (svg.get("role"), svg.find(f"{SVG}title").text) == ("img", "Ventes")
    assert svg.find(f"{SVG}desc").text == "De janv. à mars. CA, de 950\u00a0€ à 2\u202f100\u00a0€."
    assert not any(each in ElementTree.tostring(svg, "unicode") for each in ("style=", 'class="bar', "<style"))


def test_numbers_are_written_as_french_people_do():
    assert [spoken(each, "€") for each in (1234.5, Decimal("-12"), None, 0)] == [
        "1 234,50 €",
        "−12 €",
        "–",
        "0 €",
    ]


def test_many_labels_are_thinned_and_long_ones_cut():
    many = bars("Ventes", [f"mois {each}" for each in range(48)], [Series("CA", [1] * 48)])
    texts = [each.text for each in many.labels if each.text.startswith("mois")]
    assert 2 < len(texts) < 20
    long = bars("Thèmes", ["Un thème au nom vraiment très long", "b"], [Series("CA", [1, 2])])
    assert max(len(each.text) for each in long.labels) < 60


NAMES = [
    "Commerce de détail de fruits et légumes, en magasin spécialisé",
    "Boulangerie",
    *(f"Réparation de biens personnels et domestiques, autre que les précédentes ({each})" for each in range(10)),
]


def test_bars_that_lie_tell_every_name_whole_inside_the_drawing():
    chart = across("Écarts", NAMES, [Series("comptés", [1] * 12), Series("attendus", [12345.5] * 12)])
    texts = " ".join(each.text for each in chart.labels if each.x == "0")
    assert [name for name in NAMES if name not in texts] == []
    assert len(chart.shapes) == 24
    lows = [float(each.y) + float(each.height) for each in chart.shapes]
    assert max(lows) <= chart.height
    ends = [float(each.x) + 7.2 * len(each.text) for each in chart.labels]
    assert max(ends) <= chart.width


def test_bars_that_lie_are_as_long_as_their_values_and_never_on_a_name():
    chart = across("Écarts", ["a", "b"], [Series("comptés", [10, 0]), Series("attendus", [5, None])])
    first, second, nothing = drawn(chart).findall(f"{SVG}rect")
    assert float(first.get("width")) == pytest.approx(2 * float(second.get("width")), abs=0.2)
    assert float(nothing.get("width")) < 1
    assert [each.text for each in chart.labels] == ["a", "10", "5", "b", "0", "–"]
    name = next(each for each in chart.labels if each.text == "b")
    assert float(second.get("y")) + float(second.get("height")) < float(name.y) - 10 < float(nothing.get("y"))


def test_a_word_without_end_is_broken_and_what_is_far_too_long_is_cut():
    chart = across("Écarts", ["x" * 4000], [Series("comptés", [1])])
    assert len([each for each in chart.labels if each.x == "0"]) == 3


def test_bars_that_lie_of_nothing_say_so():
    assert across("Écarts", [], []).is_empty
    assert across("Écarts", ["a"], [Series("comptés", [None])]).is_empty


def test_a_time_bar_shows_its_parts_and_today():
    chart = progress("Délai", [("Avant", 12), ("Depuis", 6)], total=36, unit="mois", mark=("aujourd’hui", 18))
    track, before, since = drawn(chart).findall(f"{SVG}rect")
    assert float(before.get("width")) == pytest.approx(float(track.get("width")) / 3, abs=1)
    assert float(since.get("width")) == pytest.approx(float(track.get("width")) / 6, abs=1)
    assert chart.rows[-2:] == [["aujourd’hui", "18"], ["En tout", "36"]]
    assert [each.kind for each in chart.shapes].count("mark") == 1


def test_a_time_bar_past_its_end_shows_where_the_end_was():
    chart = progress("Délai", [("Depuis", 40)], total=36)
    assert [each.kind for each in chart.shapes] == ["track", "bar", "mark"]


def test_names_cannot_break_out_of_the_drawing():
    chart = bars("<b>&", ['"><script>', "b"], [Series("<i>", [1, 2])])
    assert drawn(chart).find(f"{SVG}title").text == "<b>&"
    assert "<script" not in render_to_string("components/chart.html", {"chart": chart})


def luminance(colour: str) -> float:
    parts = [int(colour[each : each + 2], 16) / 255 for each in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("paper", ["#ffffff", "#fbf7f0", "#f2ebdf", "#161b19", "#1f2623", "#111513"])
@pytest.mark.parametrize("colour", COLOURS)
def test_every_colour_is_seen_on_the_paper_of_both_themes(colour, paper):
    dark, light = sorted((luminance(colour), luminance(paper)))
    assert (light + 0.05) / (dark + 0.05) >= 3


@needs_pango
def test_a_pdf_draws_the_chart_and_says_its_name(tmp_path):
    chart = bars("Ventes de l’année", MONTHS, [Series("CA", [1200, -950, 2100])], "€")
    svg = render_to_string("components/chart_svg.html", {"chart": chart})
    html = f'<html lang="fr"><head><title>Essai</title></head><body>{svg}</body></html>'
    path = tmp_path / "essai.pdf"
    path.write_bytes(render_pdf(html))
    with pikepdf.open(path) as pdf:
        content = pdf.pages[0].Contents.read_bytes()
        alternates = [str(each.Alt) for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and "/Alt" in each]
    assert "Ventes de l’année" in alternates
    for colour in re.findall("..", COLOURS[0][1:]):
        assert f"{int(colour, 16) / 255:.3f}"[:4].encode() in content
