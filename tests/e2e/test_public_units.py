"""The public list of units and its map: by keyboard, without JavaScript, without tiles, without any third party."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from coopconnexion.territories.models import CommuneOutline
from premises.enums import Availability
from premises.models import Unit, UnitInterest
from tests.e2e.test_accessibility import problems
from tests.e2e.test_booking_flow import press_until, visitor  # noqa: F401  # a phone, with and without JavaScript
from tests.factories import CommuneFactory, TerritoryFactory, UnitFactory

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

SHAPE = {
    "type": "Polygon",
    "coordinates": [[[2.60, 50.50], [2.68, 50.50], [2.68, 50.56], [2.60, 50.56], [2.60, 50.50]]],
}


@pytest.fixture
def units():
    """Three units on the map, two of them in one building, and one without position."""
    commune = CommuneFactory()
    CommuneOutline.objects.create(commune=commune, geometry=SHAPE, source="OSM")
    shared = {"territory": TerritoryFactory(), "commune": commune, "availability": Availability.YES}
    at = timezone.now()
    places = [(50.53, 2.64), (50.531, 2.645), (50.531, 2.645), (None, None)]
    return [
        UnitFactory(
            **shared,
            number=number,
            street="rue d’Arras",
            published_at=at - timezone.timedelta(days=number),
            latitude=latitude,
            longitude=longitude,
            floor_area_m2=40 + number,
        )
        for number, (latitude, longitude) in enumerate(places, 1)
    ]


def noted(page, live_server) -> dict[str, list[str]]:
    """Note what the console says and what is asked of anybody else."""
    heard = {"errors": [], "elsewhere": []}
    page.on("console", lambda message: message.type == "error" and heard["errors"].append(message.text))
    page.on("pageerror", lambda error: heard["errors"].append(str(error)))

    def note(request):
        if not request.url.startswith((live_server.url, "data:")):
            heard["elsewhere"].append(request.url)

    page.on("request", note)
    return heard


def open_list(page, live_server, query: str = ""):
    page.goto(live_server.url + reverse("premises:offer_list") + query)


def test_the_map_is_the_list_and_is_walked_by_keyboard(live_server, page, units):
    heard = noted(page, live_server)
    open_list(page, live_server)
    expect(page.locator(".map__place")).to_have_count(3)
    names = [each.get_attribute("aria-label") for each in page.locator(".map__place").all()]
    assert names == [f"{n}, {n} rue d’Arras, {40 + n}\u00a0m²" for n in (1, 2, 3)]
    press_until(page, lambda focus: focus["text"] == "2")
    page.keyboard.press("Enter")
    popup = page.get_by_role("dialog", name="Local choisi")
    expect(popup).to_be_focused()
    expect(popup.get_by_role("link", name="2 rue d’Arras", exact=True)).to_be_visible()
    expect(page.locator(f"#local-{units[1].pk}")).to_have_class(re.compile("offer--shown"))
    assert (
        popup.get_by_text("42\u00a0m²").count()
        == page.locator(f"#local-{units[1].pk}").get_by_text("42\u00a0m²").count()
    )
    page.keyboard.press("Escape")
    expect(popup).to_have_count(0)
    expect(page.get_by_role("button", name="2, 2 rue d’Arras")).to_be_focused()
    assert heard == {"errors": [], "elsewhere": []}


def test_two_units_of_one_building_stand_side_by_side(live_server, page, units):
    open_list(page, live_server)
    boxes = [page.locator(".map__place").nth(n).bounding_box() for n in (1, 2)]
    assert abs(boxes[0]["x"] - boxes[1]["x"]) >= 20


def test_the_list_shows_a_unit_on_the_map(live_server, page, units):
    open_list(page, live_server)
    page.get_by_role("button", name="Voir sur la carte : 3 rue d’Arras").click()
    popup = page.get_by_role("dialog", name="Local choisi")
    expect(popup.get_by_role("link", name="3 rue d’Arras", exact=True)).to_be_visible()
    unplaced = page.locator(f"#local-{units[3].pk}")
    expect(unplaced.get_by_text("non placé sur la carte")).to_be_visible()
    assert unplaced.get_by_role("button").count() == 0


def test_what_is_not_on_the_page_is_on_the_map_with_the_same_card(live_server, page, units):
    Unit.objects.bulk_create(
        UnitFactory.build_batch(
            30,
            territory=units[0].territory,
            commune=units[0].commune,
            published_at=timezone.now(),
            availability=Availability.YES,
            latitude=50.52,
            longitude=2.63,
        )
    )
    open_list(page, live_server)
    expect(page.locator(".map__place")).to_have_count(33)
    page.get_by_role("button", name=re.compile("^3 rue d’Arras")).press("Enter")
    popup = page.get_by_role("dialog", name="Local choisi")
    expect(popup.get_by_role("link", name="Ça m’intéresse")).to_have_attribute(
        "href", reverse("premises:interest", args=[units[2].pk])
    )


def test_with_or_without_javascript_a_visitor_finds_a_unit_and_says_so(live_server, visitor, units):  # noqa: F811
    visitor.goto(live_server.url)
    visitor.get_by_role("navigation", name="Principale").get_by_role("link", name="Locaux").click()
    visitor.get_by_label(re.compile("^Surface minimale")).fill("44 m²")
    visitor.get_by_role("button", name="Chercher").click()
    expect(visitor.get_by_text("1\u00a0local pour votre recherche")).to_be_visible()
    visitor.locator("[data-offers]").get_by_role("link", name="4 rue d’Arras", exact=True).click()
    visitor.get_by_role("link", name="Ça m’intéresse").first.click()
    visitor.get_by_role("button", name="Envoyer").click()
    expect(visitor.get_by_role("alert")).to_be_visible()
    visitor.get_by_label("Prénom").fill("Élodie")
    visitor.get_by_label("Nom", exact=True).fill("Lefèbvre")
    visitor.get_by_label(re.compile("^Courriel")).fill("elodie@example.org")
    visitor.get_by_label("Votre projet en quelques mots").fill("Épicerie en vrac")
    visitor.get_by_role("button", name="Envoyer").click()
    expect(visitor.get_by_role("heading", level=1)).to_contain_text("C’est noté")
    assert UnitInterest.objects.get().unit == units[3]
    unexpected = [each for each in visitor.errors if "422" not in each]  # the answer to an empty form
    assert unexpected == []


def test_without_javascript_the_list_is_whole_and_no_map_is_promised(live_server, browser, units):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    open_list(page, live_server)
    expect(page.locator("[data-offer]")).to_have_count(4)
    expect(page.locator("[data-map]")).to_be_hidden()
    assert page.get_by_role("button", name=re.compile("Voir sur la carte")).count() == 0
    context.close()


def test_a_map_that_cannot_be_loaded_leaves_the_list(live_server, page, units):
    page.route(re.compile(r"carte\.json"), lambda route: route.abort())
    open_list(page, live_server)
    expect(page.locator("[data-offer]")).to_have_count(4)
    expect(page.locator("[data-map]")).to_be_hidden()


def test_only_a_tile_server_that_is_named_is_asked(live_server, page, units, settings):
    host = "https://tuiles.example.org"
    settings.MAP_TILE_URL = host + "/{z}/{x}/{y}.png"
    settings.MAP_TILE_ATTRIBUTION = "Les cartographes"
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives | {"img-src": [*directives["img-src"], host]}}
    page.route(f"{host}/**", lambda route: route.fulfill(status=404))
    heard = noted(page, live_server)
    with page.expect_request(re.compile(re.escape(host))):
        open_list(page, live_server)
    expect(page.get_by_text("Les cartographes")).to_be_visible()
    expect(page.locator(".map__place")).to_have_count(3)
    assert {each.split("/")[2] for each in heard["elsewhere"]} == {"tuiles.example.org"}
    assert [each for each in heard["errors"] if "404" not in each] == []


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_public_pages(live_server, browser, units, width, scheme):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    one = [units[0].pk]
    for url in (
        reverse("premises:offer_list"),
        reverse("premises:offer_list") + "?surface_min=abc",
        reverse("premises:offer", args=one),
        reverse("premises:interest", args=one),
        reverse("premises:interest_done"),
        reverse("premises:open_data"),
    ):
        page.goto(live_server.url + url)
        page.wait_for_load_state("networkidle")
        assert (url, problems(page)) == (url, [])
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    open_list(page, live_server)
    page.locator(".map__place").first.press("Enter")
    assert problems(page) == []
    context.close()
