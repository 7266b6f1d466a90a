"""Lists of units as they are really delivered: each file of « SOURCE.md », from what is brought to what is written."""

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from coopconnexion.territories.models import NafCode
from premises.models import Observation, SurveyCampaign, Unit, UnitImport, UnitReference
from premises.services.imports import add_unit_source, apply_asked, apply_units, check_asked, check_units, receive_units
from tests.factories import CommuneFactory, TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db

FILES = Path(__file__).parent / "files"
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
LOCOMVAC = "LOCOMVAC_SYNTHETIQUE_62119.CSV"
BDCOM = "bdcom_paris_alimentaire_arr12-3.csv"
MONTREAL = "montreal_occupation_commerciale_2025_extrait.csv"
SURVEY = "releve_terrain_cp1252_DERIVE.csv"
SHOPS = "commercants_paris_2020.geojson"
WORKBOOK = "immatriculees_entete_fusionnee_DERIVE.xlsx"
STRUCK_OFF = "infogreffe_radiees_2018_evry_extrait.json"
COUNTED = ("new", "changed", "unchanged", "lost", "wrong")


@pytest.fixture
def montreal():
    territory = TerritoryFactory(name="Montréal")
    territory.communes.add(CommuneFactory(insee_code="99999", name="Montréal", latitude=45.5, longitude=-73.6))
    return territory


def receive(name, source, content=None) -> UnitImport:
    file = SimpleUploadedFile(name, content or (FILES / name).read_bytes())
    by = UserFactory(manager=True)
    return receive_units(source=source, file=file, filename=name, by=by, at=AT)


def check(kept, **options) -> UnitImport:
    """Ask for a check as the page proposes it, but for what is said here, and let a worker do it."""
    columns = {int(position): key for position, key in kept.mapping["columns"].items()}
    asked = {"columns": columns, "surveyed_on": kept.surveyed_on, "survey_precision": kept.mapping["survey_precision"]}
    asked |= {name: kept.mapping[name] for name in ("commune", "whole_park", "state_of_all")}
    check_asked(unit_import=kept, **asked | options)
    check_units(unit_import_id=kept.pk, at=AT)
    kept.refresh_from_db()
    return kept


def write(kept) -> UnitImport:
    apply_asked(unit_import=kept, by=kept.uploaded_by)
    apply_units(unit_import_id=kept.pk, at=AT)
    kept.refresh_from_db()
    assert (kept.state, kept.refusal) == ("applied", "")
    return kept


def counts(kept) -> dict:
    assert (kept.refusal, kept.errors) == ("", [])
    return {name: kept.counts[name] for name in COUNTED if kept.counts[name]}


def imported(name, territory, **options) -> UnitImport:
    kept = receive(name, add_unit_source(territory=territory, name=name))
    check(kept, **options)
    counts(kept)
    return write(kept)


# --- LOCOMVAC --------------------------------------------------------------------------------------------------------


def test_a_locomvac_is_taken_as_it_is_delivered(bethune):
    kept = receive(LOCOMVAC, add_unit_source(territory=bethune, name="LOCOMVAC"))
    assert (kept.mapping["state_of_all"], kept.header_row) == ("vacant", 1)
    assert counts(check(kept)) == {"new": 30}
    write(kept)
    unit = Unit.objects.get(reference="1513214")
    assert (unit.number, unit.repetition, unit.street, unit.postal_code) == (111, "bis", "rue des Treilles", "62400")
    assert (unit.building, unit.floor, unit.door) == ("A", "RDC", "06006")
    assert (unit.parcel, unit.tax_category, unit.rental_value) == ("62119000AC0606", "MAG1", Decimal(1316))
    assert (unit.owner_name, unit.state, unit.availability) == ("SCI FICTIVE 29", "vacant", "unknown")
    assert (unit.surveyed_on, unit.vacant_since, unit.vacant_since_precision) == (
        date(2025, 1, 1),
        date(2025, 1, 1),
        "year",
    )
    assert unit.extra["CODE NATURE DU LOCAL"] == "CB"
    assert "PROPRIETAIRE" not in unit.extra


def test_no_vacancy_rate_comes_from_a_list_of_vacant_units_alone(bethune):
    imported(LOCOMVAC, bethune)
    assert (SurveyCampaign.objects.count(), Observation.objects.count()) == (0, 0)


def test_the_same_locomvac_again_changes_nothing(bethune):
    first = imported(LOCOMVAC, bethune)
    histories = Unit.history.rel.related_model.objects.count()
    again = check(receive(LOCOMVAC, first.source))
    assert counts(again) == {"unchanged": 30}
    write(again)
    assert (Unit.objects.count(), UnitReference.objects.count()) == (30, 30)
    assert Unit.history.rel.related_model.objects.count() == histories


def test_the_year_of_a_locomvac_is_in_its_name(bethune):
    lines = (FILES / LOCOMVAC).read_text().replace(";2025;", ";;")
    kept = receive("LOCOMVAC24_170_21620910600017.CSV", add_unit_source(territory=bethune, name="L"), lines.encode())
    check(kept)
    write(kept)
    assert set(Unit.objects.values_list("surveyed_on", flat=True)) == {date(2024, 1, 1)}


def test_units_that_left_the_list_are_told_and_stay(bethune):
    first = imported(LOCOMVAC, bethune)
    lines = (FILES / LOCOMVAC).read_text().splitlines()
    kept = check(receive(LOCOMVAC, first.source, "\n".join(lines[:-2]).encode()))
    assert counts(kept) == {"unchanged": 28, "lost": 2}
    assert len([each for each in kept.changes if each["kind"] == "lost"]) == 2
    write(kept)
    assert Unit.objects.filter(state="vacant").count() == 30


# --- surveys ---------------------------------------------------------------------------------------------------------


def test_bdcom_is_read_with_its_four_columns_of_address_its_metres_and_its_classes(paris):
    kept = imported(BDCOM, paris, commune="75056", surveyed_on=date(2023, 6, 1), state_of_all="occupied")
    assert (kept.counts["new"], kept.counts["aside"]) == (616, {})
    unit = Unit.objects.get(reference="2")
    assert (unit.address, unit.area_class, unit.floor_area_m2) == ("20 cour Saint Emilion", "1", None)
    assert (round(unit.latitude, 4), round(unit.longitude, 4)) == (48.8327, 2.3862)  # by pyproj, from Lambert-93
    assert unit.activity_label == "Produits alimentaires spécialisés régionaux et étrangers"
    assert unit.extra["CODACT"] == "CA114"
    assert Unit.objects.filter(repetition="bis").count() == 32


def test_a_street_survey_in_cp1252_keeps_rents_dates_and_states(paris):
    kept = receive(SURVEY, add_unit_source(territory=paris, name="Relevé"))
    assert counts(check(kept, surveyed_on=date(2025, 9, 1), whole_park=True)) == {"new": 160}
    write(kept)
    by_reference = {each.reference: each for each in Unit.objects.all()}
    assert by_reference["L002"].monthly_rent == Decimal("1192.50")
    assert by_reference["L004"].floor_area_m2 == Decimal("91.50")
    assert Counter(each.state for each in by_reference.values()) == {"occupied": 135, "vacant": 23, "unknown": 2}
    assert Counter(each.vacant_since_precision for each in by_reference.values())["month"] == 2
    assert (by_reference["L003"].vacant_since, by_reference["L003"].state) == (date(2025, 3, 30), "vacant")
    assert by_reference["L003"].activity_label == "Alimentation générale <120m²"
    assert (by_reference["L003"].commune_id, by_reference["L003"].postal_code) == ("75056", "75003")


def test_a_list_of_the_whole_park_is_a_survey(paris):
    kept = receive(SURVEY, add_unit_source(territory=paris, name="Relevé"))
    check(kept, surveyed_on=date(2025, 9, 1), whole_park=True)
    write(kept)
    campaign = SurveyCampaign.objects.get()
    assert (campaign.is_exhaustive, campaign.origin, campaign.starts_on) == (True, "import", date(2025, 9, 1))
    assert (campaign.closed_at, campaign.unit_import, campaign.commune_id) == (AT, kept, "75056")
    found = Counter(campaign.observations.values_list("finding", flat=True))
    assert found == {"vacant": 23, "open": 135, "unchanged": 2} or found.total() == 160


def test_montreal_writes_vacant_where_the_name_stands(montreal):
    imported(MONTREAL, montreal, commune="99999", whole_park=True)
    states = Counter(Unit.objects.values_list("state", "availability"))
    assert states == {("occupied", "no"): 12, ("vacant", "no"): 1}
    vacant = Unit.objects.get(state="vacant")
    assert (vacant.address, vacant.sign_name, vacant.activity_label) == ("251 avenue Duluth E", "", "")
    assert (vacant.floor, vacant.longitude < 0, vacant.surveyed_on) == ("RDC", True, date(2025, 6, 12))
    steps = Unit.objects.get(sign_name="MAISON DE L'AMITIÉ")
    assert (steps.step_free, steps.street_section, steps.activity_label) == (
        True,
        "",
        "Fondations et associations communautaires et syndicats",
    )
    assert vacant.reference == "{4a669de0-569f-4eb5-be90-094b1758d735}"


def test_a_geojson_gives_places_and_sets_doubles_and_phones_aside(paris):
    kept = imported(SHOPS, paris, surveyed_on=date(2020, 4, 1), state_of_all="occupied")
    assert kept.counts["new"] + sum(kept.counts["aside"].values()) == 410
    unit = Unit.objects.get(sign_name="OUGASHOP")
    assert (unit.number, unit.repetition, unit.street) == (1, "bis", "cité Voltaire")
    assert (round(unit.latitude, 3), round(unit.longitude, 3)) == (48.853, 2.389)
    told = {key for extra in Unit.objects.values_list("extra", flat=True) for key in extra}
    assert told == {"fabrique_a_paris", "services", "description", "precisions", "site_internet", "geo_point_2d"}
    assert not any("Nul" in value for extra in Unit.objects.values_list("extra", flat=True) for value in extra.values())


def test_a_workbook_of_the_office_is_read_below_its_merged_titles(paris):
    evry = CommuneFactory(insee_code="91228", name="Evry", postal_codes=["91000"])
    paris.communes.add(evry)
    NafCode.objects.create(code="47.91B", label="Vente à distance sur catalogue spécialisé")
    kept = receive(WORKBOOK, add_unit_source(territory=paris, name="Greffe"))
    assert [each["name"] for each in kept.counts["sheets"]] == ["Relevé", "Légende"]
    check(kept, surveyed_on=date(2018, 12, 31))
    assert kept.counts["passed"]["total"] >= 1
    assert kept.counts["passed"]["group"] >= 1
    assert kept.counts["new"] > 0


def test_an_export_of_an_open_data_site_is_a_list_of_records(paris):
    paris.communes.add(CommuneFactory(insee_code="91228", name="Evry", postal_codes=["91000"]))
    kept = imported(STRUCK_OFF, paris, surveyed_on=date(2018, 12, 31))
    unit = Unit.objects.get(sign_name="NINGEN")
    assert (unit.address, unit.latitude, unit.extra["siren"]) == ("4 rue Jules Valles", 48.635336, "822795548")
    assert unit.extra["Code NAF"] == "4791B"
    assert kept.counts["wrong"] == 0
