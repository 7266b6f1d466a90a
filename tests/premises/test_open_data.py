"""The open files of the register: their rows, their columns, and all that must never leave."""

import csv
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from coopconnexion.territories.models import Activity
from premises.documents.offers import SHOWN
from premises.documents.open_data import COLUMNS, READ, RESTRICTED
from premises.enums import (
    Availability,
    CampaignOrigin,
    ClosureReason,
    Condition,
    DatePrecision,
    Finding,
    FollowUpDetail,
    FollowUpStatus,
    OccupancyState,
)
from premises.models import Observation, SurveyCampaign, Unit, UnitReference, UnitSource
from tests.conftest import page
from tests.factories import CommuneFactory, UnitFactory

pytestmark = pytest.mark.django_db

CSV = reverse("premises:open_data_csv")
GEOJSON = reverse("premises:open_data_geojson")
AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


def text(client, url) -> str:
    return client.get(url).getvalue().decode()


def records(client) -> list[dict]:
    return list(csv.DictReader(StringIO(text(client, CSV))))


def features(client) -> list[dict]:
    return json.loads(text(client, GEOJSON))["features"]


def known_by_file(unit, licence="") -> None:
    source, _ = UnitSource.objects.get_or_create(territory=unit.territory, name="Fichier", licence=licence)
    UnitReference.objects.create(unit=unit, source=source, commune=unit.commune, reference=str(unit.pk))


# --- rows ------------------------------------------------------------------------------------------------------------


def test_occupied_and_vacant_units_are_open_and_those_gone_are_not(client):
    occupied, vacant = UnitFactory(state=OccupancyState.OCCUPIED), UnitFactory(state=OccupancyState.VACANT)
    UnitFactory(closed_on=AT.date(), closed_because=ClosureReason.DEMOLISHED)
    assert [row["id_local"] for row in records(client)] == [str(occupied.pk), str(vacant.pk)]


def test_a_unit_known_by_a_closed_file_alone_waits_to_be_seen(client):
    hidden, told, licensed, offered, walked = UnitFactory.create_batch(5)
    for unit in (hidden, told, offered, walked):
        known_by_file(unit)
    known_by_file(licensed, licence="Licence Ouverte 2.0")
    Unit.objects.filter(pk=offered.pk).update(published_at=AT, availability=Availability.YES)
    see(told, CampaignOrigin.IMPORT)
    see(walked, CampaignOrigin.WALK)
    assert {row["id_local"] for row in records(client)} == {str(each.pk) for each in (licensed, offered, walked)}


def see(unit, origin) -> None:
    campaign = SurveyCampaign.objects.create(
        territory=unit.territory, commune=unit.commune, title="Tour", origin=origin, starts_on=AT.date()
    )
    Observation.objects.create(
        campaign=campaign,
        unit=unit,
        client_id=uuid4(),
        finding=Finding.VACANT,
        state_before=OccupancyState.UNKNOWN,
        state=OccupancyState.VACANT,
        seen_at=AT,
    )


# --- columns ---------------------------------------------------------------------------------------------------------


def columns_of_a_unit() -> set[str]:
    return {field.name for field in Unit._meta.concrete_fields}


def open_fields() -> set[str]:
    """The fields of a unit that the open files read, foreign keys by their own name."""
    names = {name.split("__")[0] for name in READ} - {"is_closed"}
    return {"id" if name == "pk" else name.removesuffix("_id") for name in names}


@pytest.mark.parametrize(
    ("licences", "fields", "surface"),
    [
        ([""], {}, ""),
        (["", "Licence Ouverte 2.0"], {}, ""),
        (["Licence Ouverte 2.0"], {}, "84"),
        ([], {}, "84"),
        ([""], {"published_at": AT, "availability": Availability.YES}, "84"),
    ],
)
def test_what_only_a_closed_file_may_say_stays_even_once_the_unit_was_seen(client, licences, fields, surface):
    empty = {"state": OccupancyState.VACANT, "vacant_since": date(2024, 5, 1), "vacant_since_precision": "day"}
    unit = UnitFactory(floor_area_m2=84, sales_area_m2=84, **empty, **fields)
    for number, licence in enumerate(licences):
        source = UnitSource.objects.create(territory=unit.territory, name=f"Fichier {number}", licence=licence)
        UnitReference.objects.create(unit=unit, source=source, commune=unit.commune, reference=str(number))
    see(unit, CampaignOrigin.WALK)
    (record,) = records(client)
    assert (record["surface_m2"], record["surface_vente_m2"]) == (surface, surface)
    assert bool(record["vacant_depuis"]) == bool(surface)
    assert record["etat_occupation"] == "vacant"


def test_every_column_of_a_unit_is_declared_open_or_restricted():
    assert open_fields() | set(RESTRICTED) == columns_of_a_unit()
    assert open_fields() & set(RESTRICTED) == set()


def test_the_public_pages_read_no_other_restricted_column_than_the_note():
    assert {name.split("__")[0] for name in SHOWN} & set(RESTRICTED) == {"public_note"}


SENTINELS = {
    "reference": "SENTINELLE-1",
    "door": "SENTINELLE-2",
    "parcel": "SENTINELLE-3",
    "area_class": "SENTINELLE-4",
    "condition": Condition.POOR,
    "sign_name": "SENTINELLE-5",
    "activity_label": "SENTINELLE-6",
    "monthly_rent": Decimal("98765.43"),
    "monthly_charges": Decimal("98765.44"),
    "owner_name": "SENTINELLE-7",
    "owner_contact": "SENTINELLE-8",
    "tax_category": "SENTIN-9",
    "rental_value": Decimal("98765.45"),
    "extra": {"SENTINELLE": "SENTINELLE"},
    "followup": FollowUpStatus.BLOCKED,
    "followup_detail": FollowUpDetail.OWNER_UNWILLING,
}
PAGES = ("premises:offer_list", "premises:offer_map", "premises:open_data_csv", "premises:open_data_geojson")
OF_A_UNIT = ("premises:offer", "premises:offer_card", "premises:interest")


def test_the_sentinels_fill_every_restricted_column_that_could_tell_something():
    plain = {"territory", "rent_is_public", "public_note", "closed_on", "closed_because", "parent", "created_at"}
    assert set(SENTINELS) | plain == set(RESTRICTED)


def test_no_restricted_value_ever_leaves(client):
    unit = UnitFactory(published_at=AT, availability=Availability.YES, latitude=50.5, longitude=2.6, **SENTINELS)
    addresses = [reverse(name) for name in PAGES] + [reverse(name, args=[unit.pk]) for name in OF_A_UNIT]
    for url in addresses:
        content = client.get(url).getvalue().decode()
        leaks = [word for word in ("SENTIN", "98765", "dégradée", "opposé", "bloqué") if word in content]
        assert (url, leaks) == (url, [])
        assert str(unit.pk) in content


def test_what_an_occupied_unit_says_is_open(client, settings):
    settings.OPEN_DATA_SIRETS = {"62119": "21620119500016"}
    activity = Activity.objects.create(key="fleuriste", label="Fleuriste")
    unit = UnitFactory(
        number=14,
        repetition="bis",
        street="rue Sadi-Carnot",
        postal_code="62400",
        latitude=50.529,
        longitude=2.6429,
        floor_area_m2=Decimal("62.50"),
        step_free=True,
        extraction=False,
        activity=activity,
        state=OccupancyState.OCCUPIED,
        availability=Availability.NO,
        surveyed_on=date(2026, 10, 3),
        sign_name="Chez Camille",
    )
    [row] = records(client)
    assert {name: value for name, value in row.items() if value} == {
        "id_local": str(unit.pk),
        "code_insee": "62119",
        "commune": "Béthune",
        "coll_siret": "21620119500016",
        "numero": "14",
        "repetition": "bis",
        "voie": "rue Sadi-Carnot",
        "code_postal": "62400",
        "latitude": "50.529",
        "longitude": "2.6429",
        "surface_m2": "62.5",
        "plain_pied": "oui",
        "vitrine": "inconnu",
        "extraction": "non",
        "point_eau": "inconnu",
        "activite": "Fleuriste",
        "etat_occupation": "occupé",
        "disponibilite": "non",
        "date_releve": "2026-10-03",
    }


@pytest.mark.parametrize(
    ("day", "precision", "words"),
    [
        (date(2024, 5, 17), DatePrecision.DAY, "2024-05-17"),
        (date(2024, 5, 1), DatePrecision.MONTH, "2024-05"),
        (date(2024, 1, 1), DatePrecision.YEAR, "2024"),
        (None, "", ""),
    ],
)
def test_a_date_is_as_precise_as_what_is_known(client, day, precision, words):
    UnitFactory(state=OccupancyState.VACANT, vacant_since=day, vacant_since_precision=precision)
    assert records(client)[0]["vacant_depuis"] == words


def test_only_a_unit_on_offer_has_a_page(client, settings):
    settings.SITE_URL = "https://coop.example"
    offered = UnitFactory(published_at=AT, availability=Availability.YES)
    UnitFactory(published_at=AT, availability=Availability.RESERVED)
    assert [row["page"] for row in records(client)] == [f"https://coop.example/locaux/{offered.pk}/", ""]


def test_the_geojson_has_longitude_first_and_no_geometry_for_what_is_not_placed(client):
    placed, unplaced = UnitFactory(latitude=50.529, longitude=2.6429, floor_area_m2=40), UnitFactory(number=None)
    first, second = features(client)
    assert (first["id"], first["geometry"]) == (placed.pk, {"type": "Point", "coordinates": [2.6429, 50.529]})
    assert (first["properties"]["surface_m2"], first["properties"]["repetition"]) == (40.0, None)
    assert (second["id"], second["geometry"], second["properties"]["numero"]) == (unplaced.pk, None, None)


@pytest.mark.parametrize("street", ["=HYPERLINK(1)", "+33", "@x", "-2+3", "\t=1"])
def test_no_cell_becomes_a_formula(client, street):
    UnitFactory(street=street)
    assert records(client)[0]["voie"] == f"'{street}"


def test_commas_quotes_and_lines_stay_in_their_cell(client):
    UnitFactory(street='rue « du "Bois" »,\nnord', sector="é€")
    assert [(row["voie"], row["secteur"]) for row in records(client)] == [('rue « du "Bois" »,\nnord', "é€")]
    assert not text(client, CSV).startswith("\ufeff")


def test_an_empty_register_has_its_headings(client):
    assert text(client, CSV) == ",".join(column.name for column in COLUMNS) + "\r\n"
    assert json.loads(text(client, GEOJSON)) == {"type": "FeatureCollection", "features": []}


@pytest.mark.parametrize("url", [CSV, GEOJSON])
def test_a_file_is_not_sent_twice_until_the_register_changes(client, url):
    unit = UnitFactory(commune=CommuneFactory())
    first = client.get(url)
    again = {"HTTP_IF_NONE_MATCH": first["ETag"]}
    assert ("Last-Modified" in first, first["Access-Control-Allow-Origin"]) == (True, "*")
    assert client.get(url, **again).status_code == 304
    assert client.get(url, HTTP_IF_MODIFIED_SINCE=first["Last-Modified"]).status_code == 304
    Unit.objects.filter(pk=unit.pk).update(street="rue Neuve")
    assert client.get(url, **again).status_code == 200


@pytest.mark.parametrize("url", [CSV, GEOJSON])
def test_a_file_takes_as_many_queries_for_one_unit_as_for_three(client, url):
    counts = []
    for more in (1, 2):
        UnitFactory.create_batch(more)
        with CaptureQueriesContext(connection) as queries:
            text(client, url)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4


def test_the_page_and_the_schema_document_every_column(client):
    content = page(client, reverse("premises:open_data"))
    schema = client.get(reverse("premises:open_data_schema")).json()
    assert [each["name"] for each in schema["fields"]] == [column.name for column in COLUMNS]
    assert all(f"<code>{column.name}</code>" in content for column in COLUMNS)
    assert all(each in content for each in (CSV, GEOJSON, "Licence Ouverte 2.0"))
