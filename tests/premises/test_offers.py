"""The units on offer: who is in the list and on the map, by which filters, and what never leaves."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from coopconnexion.settings import tile_origins
from coopconnexion.territories.models import CommuneOutline
from premises.enums import Availability, ClosureReason, GapSource, GapStatus
from premises.models import MissingActivity, Unit, UnitPhoto
from tests.conftest import page
from tests.factories import CommuneFactory, UnitFactory

pytestmark = pytest.mark.django_db

LIST = reverse("premises:offer_list")
MAP = reverse("premises:offer_map")
AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


def offered(**fields) -> Unit:
    return UnitFactory(**{"published_at": AT, "availability": Availability.YES} | fields)


def found(client, **query) -> list[int]:
    """The ids of the list, in its order."""
    content = client.get(LIST, query).content.decode()
    return [int(pk) for pk in re.findall(r'data-offer="(\d+)"', content)]


def placed(client, **query) -> list[list]:
    return client.get(MAP, query).json()["places"]


def picture_of(unit, *, side: int = 900, **fields) -> UnitPhoto:
    content = BytesIO()
    Image.new("RGB", (side, side // 2), "teal").save(content, "WEBP")
    file = ContentFile(content.getvalue(), name="x")
    return UnitPhoto.objects.create(unit=unit, file=file, **{"description": "La vitrine", "is_public": True} | fields)


# --- the list and the map --------------------------------------------------------------------------------------------


def test_only_units_published_to_let_and_standing_are_shown(client):
    shown = offered()
    offered(published_at=None)
    offered(availability=Availability.RESERVED)
    offered(closed_on=AT.date(), closed_because=ClosureReason.SPLIT)
    assert found(client) == [shown.pk]


def test_the_newest_come_first(client):
    units = [offered(published_at=AT + timedelta(days=day)) for day in (1, 3, 2)]
    assert found(client) == [units[1].pk, units[2].pk, units[0].pk]


def test_an_empty_list_leads_to_the_project(client):
    content = page(client, LIST)
    assert "Aucun local n’est proposé en ce moment" in content
    assert reverse("projects:draft_start") in content


def test_a_search_without_answer_says_so_and_leads_back(client):
    offered(floor_area_m2=20)
    content = page(client, f"{LIST}?surface_min=500")
    assert "Aucun local ne répond" in content


def test_a_filter_that_cannot_be_read_finds_nothing_and_says_why(client):
    offered()
    content = page(client, f"{LIST}?surface_min=grand")
    assert ("Écrivez un nombre" in content, found(client, surface_min="grand")) == (True, [])
    assert placed(client, surface_min="grand") == []


@pytest.mark.parametrize("typed", ["62,5", "62.5", "62,5 m²", "\u00a062,5\u202fm2"])
def test_a_surface_is_read_as_people_type_it(client, typed):
    small, large = offered(floor_area_m2=Decimal("62.4")), offered(floor_area_m2=Decimal("62.5"))
    assert found(client, surface_min=typed) == [large.pk]
    assert found(client, surface_max="62,4") == [small.pk]


def test_what_is_not_known_is_kept_after_what_is_sure(client):
    unknown = offered(published_at=AT + timedelta(days=1), floor_area_m2=None, step_free=None)
    sure = offered(floor_area_m2=60, step_free=True)
    offered(floor_area_m2=60, step_free=False)
    offered(floor_area_m2=20, step_free=True)
    assert found(client, surface_min="50", plain_pied="on") == [sure.pk, unknown.pk]


@pytest.mark.parametrize(
    ("need", "field"),
    [("plain_pied", "step_free"), ("vitrine", "shop_window"), ("extraction", "extraction"), ("eau", "water")],
)
def test_a_need_leaves_out_only_those_that_lack_it(client, need, field):
    kept = [offered(**{field: value}).pk for value in (True, None)]
    offered(**{field: False})
    assert sorted(found(client, **{need: "on"})) == sorted(kept)


def test_no_search_guesses_a_rent_that_is_not_shown(client):
    cheap = offered(monthly_rent=400, rent_is_public=True)
    offered(monthly_rent=900, rent_is_public=True)
    hidden = offered(monthly_rent=900)
    assert [found(client, loyer_max=rent) for rent in ("399", "500")] == [[hidden.pk], [cheap.pk, hidden.pk]]
    content = page(client, f"{LIST}?loyer_max=500")
    assert "1\u00a0local n’affiche pas son loyer et vient à la fin" in content
    assert not [space for space in " \u00a0\u202f" if f"900{space}€" in content]


def test_a_street_is_found_without_accents_and_hyphens(client):
    kept = offered(street="rue Sadi-Carnot")
    offered(street="place Clemenceau")
    assert found(client, voie="SADI CARNOT") == [kept.pk]


def test_only_towns_with_an_offer_are_proposed(client):
    lens = offered(commune=CommuneFactory(insee_code="62498", name="Lens"))
    offered()
    UnitFactory(commune=CommuneFactory(insee_code="62001", name="Ablain"))
    content = page(client, LIST)
    assert ("Lens</option>" in content, "Ablain" in content) == (True, False)
    assert found(client, commune="62498") == [lens.pk]
    assert found(client, commune="62001") == []


def test_the_map_has_the_units_of_the_list_in_its_order(client):
    units = [offered(latitude=50.53 + n / 1000, longitude=2.64, floor_area_m2=40 + n) for n in range(3)]
    offered(latitude=50.53, longitude=2.64, floor_area_m2=10)
    unplaced = offered(floor_area_m2=60)
    query = {"surface_min": "40"}
    assert [row[0] for row in placed(client, **query)] == [pk for pk in found(client, **query) if pk != unplaced.pk]
    assert placed(client, surface_min="42") == [
        [units[2].pk, 5_053_200, 264_000, f"{units[2].number} rue d’Arras, 42\u00a0m²"]
    ]


def test_a_unit_without_position_is_in_the_list_and_said_so(client):
    offered()
    content = page(client, LIST)
    assert "non placé sur la carte" in content
    assert "1\u00a0n’est pas placé sur la carte" in content


def test_a_map_of_many_units_has_no_names(client):
    Unit.objects.bulk_create(
        UnitFactory.build_batch(
            201,
            territory=offered().territory,
            commune=CommuneFactory(),
            published_at=AT,
            availability=Availability.YES,
            latitude=50.5,
            longitude=2.6,
        )
    )
    rows = placed(client)
    assert (len(rows), {len(row) for row in rows}) == (201, {3})


def test_the_outlines_of_the_towns_offered_stand_behind(client):
    shape = {"type": "Polygon", "coordinates": [[[2.6, 50.5], [2.7, 50.5], [2.7, 50.6], [2.6, 50.5]]]}
    for code in ("62119", "62498"):
        CommuneOutline.objects.create(commune=CommuneFactory(insee_code=code, name=code), geometry=shape, source="OSM")
    offered(commune=CommuneFactory(), latitude=50.5, longitude=2.6)
    offered(commune=CommuneFactory(), latitude=50.5, longitude=2.6)
    assert client.get(MAP).json()["outlines"] == [shape]


def test_the_map_is_not_sent_twice_until_a_unit_changes(client):
    unit = offered(latitude=50.5, longitude=2.6)
    first = client.get(MAP)
    again = {"HTTP_IF_NONE_MATCH": first["ETag"]}
    assert (client.get(MAP, **again).status_code, "Last-Modified" in first) == (304, True)
    assert client.get(MAP, {"plain_pied": "on"}, **again).status_code == 200
    Unit.objects.filter(pk=unit.pk).update(latitude=50.6)
    assert client.get(MAP, **again).status_code == 200


@pytest.mark.parametrize("url", [LIST, MAP, reverse("premises:open_data")])
def test_a_page_takes_as_many_queries_for_one_unit_as_for_three(client, url):
    counts = []
    for more in (1, 2):
        for _ in range(more):
            picture_of(offered(latitude=50.5, longitude=2.6))
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 5


def test_the_list_is_paged_and_the_filters_stay(client):
    territory = offered(floor_area_m2=50).territory
    for _ in range(25):
        offered(territory=territory, floor_area_m2=50)
    content = page(client, f"{LIST}?surface_min=40&page=2")
    assert content.count("data-offer=") == 1
    assert "?surface_min=40&amp;page=1" in content
    assert '<span class="offer__rank" aria-hidden="true">26</span>' in content


# --- one unit --------------------------------------------------------------------------------------------------------


def test_the_page_of_a_unit_says_what_is_open(client):
    unit = offered(
        number=14,
        repetition="bis",
        street="rue Sadi-Carnot",
        postal_code="62400",
        floor_area_m2=Decimal("62.50"),
        monthly_rent=Decimal("1250.00"),
        rent_is_public=True,
        extraction=False,
        water=None,
        public_note="Une boutique d’angle.",
    )
    content = page(client, reverse("premises:offer", args=[unit.pk]))
    for words in ("14 bis rue Sadi-Carnot", "62,5\u00a0m²", "1\u202f250\u00a0€ par mois", "Une boutique d’angle."):
        assert words in content
    assert re.search(r"<dt>Extraction pour cuisiner</dt><dd>non</dd>", content)
    assert re.search(r"<dt>Point d’eau</dt><dd>à vérifier</dd>", content)
    assert 'itemtype="https://schema.org/RealEstateListing"' in content
    assert '<meta itemprop="price" content="1250.00">' in content


def test_a_rent_that_is_not_shown_is_nowhere(client):
    unit = offered(monthly_rent=777, monthly_charges=77)
    for url in (LIST, reverse("premises:offer", args=[unit.pk]), reverse("premises:offer_card", args=[unit.pk])):
        content = client.get(url).content.decode()
        assert ("777" in content, "loyer non affiché" in content) == (False, True)


@pytest.mark.parametrize("name", ["premises:offer", "premises:offer_card", "premises:interest"])
def test_a_unit_withdrawn_is_said_to_be_offered_no_more(client, name):
    unit = offered(published_at=None, street="rue Cachée")
    response = client.get(reverse(name, args=[unit.pk]))
    content = response.content.decode()
    assert (response.status_code, "n’est plus proposé" in content, "Cachée" in content) == (404, True, False)
    assert LIST in content


# --- pictures --------------------------------------------------------------------------------------------------------


def photo_url(photo, side: int = 480) -> str:
    return reverse("premises:offer_photo", args=[photo.pk, side])


def test_a_public_picture_is_served_at_the_size_of_the_page(client):
    response = client.get(photo_url(picture_of(offered())))
    image = Image.open(BytesIO(b"".join(response)))
    assert (response["Content-Type"], image.size) == ("image/webp", (480, 240))
    assert "public" in response["Cache-Control"]
    again = client.get(response.wsgi_request.path, HTTP_IF_NONE_MATCH=response["ETag"])
    assert again.status_code == 304


def test_other_pictures_and_other_sizes_are_not_there(client):
    private = picture_of(offered(), is_public=False)
    withdrawn = picture_of(offered(published_at=None))
    odd = photo_url(picture_of(offered()), side=99)
    assert [client.get(url).status_code for url in (photo_url(private), photo_url(withdrawn), odd)] == [404, 404, 404]
    assert photo_url(private) not in page(client, reverse("premises:offer", args=[private.unit_id]))


def test_a_picture_that_the_storage_lost_is_not_there(client):
    photo = picture_of(offered())
    photo.file.storage.delete(photo.file.name)
    assert client.get(photo_url(photo)).status_code == 404


# --- tiles -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["", "https://tuiles.example.org/{z}/{x}/{y}.png"])
def test_no_tile_server_is_asked_unless_one_is_named(client, settings, url):
    offered()
    settings.MAP_TILE_URL = url
    assert json_settings(client)["tiles"] == url


def json_settings(client) -> dict:
    return json.loads(re.search(r'id="map-settings"[^>]*>(.*?)</script>', page(client, LIST))[1])


@pytest.mark.parametrize(
    ("url", "origins"),
    [
        ("", []),
        ("https://tuiles.example.org/{z}/{x}/{y}.png", ["https://tuiles.example.org"]),
        ("https://{s}.tuiles.example.org:8443/{z}/{x}/{y}.png?k=1", ["https://*.tuiles.example.org:8443"]),
    ],
)
def test_the_policy_lets_through_the_origin_of_the_tiles_alone(url, origins):
    assert tile_origins(url) == origins


@pytest.mark.parametrize("url", ["tuiles/{z}.png", "ftp://tuiles.example.org/{z}.png", "https://{hote}/{z}.png"])
def test_a_tile_server_without_a_whole_address_stops_the_start(url):
    with pytest.raises(Exception, match="MAP_TILE_URL"):
        tile_origins(url)


def test_what_was_shown_a_moment_ago_follows_a_change(client):
    unit = offered(published_at=timezone.now())
    assert found(client) == [unit.pk]
    Unit.objects.filter(pk=unit.pk).update(availability=Availability.NO)
    assert found(client) == []


# --- on other pages --------------------------------------------------------------------------------------------------


def test_the_home_page_shows_the_three_newest(client):
    units = [offered(published_at=AT + timedelta(days=day), floor_area_m2=40) for day in range(4)]
    content = page(client, reverse("site:home"))
    shown = [unit for unit in units if reverse("premises:offer", args=[unit.pk]) in content]
    assert (shown, "40\u00a0m²" in content) == (units[1:], True)


def test_the_page_of_a_unit_tells_what_its_town_lacks(client):
    unit = offered(sector="Centre ville")
    today = timezone.localdate()
    known = {
        "territory": unit.territory,
        "commune": unit.commune,
        "source": GapSource.STUDY,
        "status": GapStatus.CONFIRMED,
        "evidence": "Étude",
        "observed_on": today - timedelta(days=30),
        "review_on": today + timedelta(days=30),
    }
    for label, changes in {
        "Poissonnerie": {"idea": "Aucune en ville."},
        "Mercerie": {"sector": "centre-ville"},
        "Jardinerie": {"sector": "Périphérie"},
        "Cordonnerie": {"status": GapStatus.SUSPECTED},
        "Librairie": {"review_on": today},
        "Fromagerie": {"commune": CommuneFactory(insee_code="62498", name="Lens")},
    }.items():
        MissingActivity.objects.create(**known | {"label": label} | changes)
    content = page(client, reverse("premises:offer", args=[unit.pk]))
    names = ("Poissonnerie", "Aucune en ville.", "Mercerie", "Jardinerie", "Cordonnerie", "Librairie", "Fromagerie")
    assert [name for name in names if name in content] == ["Poissonnerie", "Aucune en ville.", "Mercerie"]
