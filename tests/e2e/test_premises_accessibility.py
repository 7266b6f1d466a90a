"""The pages of units, of what towns lack, of lists and of exports, seen by axe at each width and in each colours."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.models import PreparedExport, RowImport
from premises.enums import Availability
from premises.models import CountImport, CountSet, MissingActivity, ReferenceGroup
from projects.models import PremisesNeed
from tests.e2e.test_accessibility import look, session_of  # noqa: F401  # a browser of each width
from tests.factories import CommuneFactory, PermanenceFactory, ProjectFactory, SlotFactory, UnitFactory, UserFactory

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
LONG = "Boulangerie-pâtisserie artisanale de quartier avec salon de thé et atelier de fabrication"


@pytest.fixture
def manager():
    return UserFactory(manager=True)


@pytest.fixture
def unit():
    """A unit on offer with a long name, empty for years, that a project would like."""
    unit = UnitFactory(
        street="avenue du Général-de-Gaulle-et-de-la-Résistance",
        commune=CommuneFactory(),
        sign_name=LONG,
        state="vacant",
        vacant_since=date(2020, 1, 1),
        vacant_since_precision="year",
        availability=Availability.YES,
        published_at=timezone.now(),
        floor_area_m2=60,
        owner_name="SCI des Tilleuls",
    )
    unit.territory.communes.add(unit.commune)
    project = ProjectFactory(territory=unit.territory, intended_activity="boulangerie")
    PremisesNeed.objects.create(project=project, min_area_m2=40, needs_water=True)
    return unit


@pytest.fixture
def gap(unit):
    told = {"commune": unit.commune, "label": LONG, "status": "confirmed", "source": "survey", "evidence": "Enquête"}
    days = {"observed_on": date(2026, 1, 5), "review_on": date(2099, 1, 5)}
    return MissingActivity.objects.create(territory=unit.territory, idea=LONG, **told, **days)


def found(live_server, eyes, paths, session="") -> list[str]:
    return [problem for path in paths for problem in eyes(live_server.url + path, session=session)]


def test_pages_of_ideas(live_server, look, gap):  # noqa: F811  # the fixture
    day = PermanenceFactory(territory=gap.territory, held_on=timezone.localdate() + timedelta(days=7))
    SlotFactory(permanence=day)
    listing = reverse("premises:idea_list")
    paths = [listing, f"{listing}?q=rien", reverse("premises:idea", args=[gap.pk])]
    assert found(live_server, look, paths) == []


def test_pages_of_units(live_server, look, manager, unit, gap):  # noqa: F811
    listing = reverse("premises_staff:unit_list")
    paths = [
        listing,
        f"{listing}?q=rien",
        f"{listing}?surface_min=x",
        reverse("premises_staff:unit_add"),
        *(reverse(f"premises_staff:{name}", args=[unit.pk]) for name in ("unit", "unit_change", "unit_follow")),
        *(reverse(f"premises_staff:{name}", args=[unit.pk]) for name in ("unit_state", "unit_close", "unit_split")),
        reverse("projects_staff:project", args=[unit.territory.projects.get().pk]),
    ]
    assert found(live_server, look, paths, session_of(manager)) == []


def test_pages_of_missing_activities_and_their_statistics(live_server, look, manager, gap):  # noqa: F811
    told = {"kind": "bpe", "vintage": 2020, "filename": "bpe.csv", "sha256": "0" * 64}
    counts = CountSet.objects.create(label="BPE", codes=["B203"], **told)
    waiting = CountImport.objects.create(uploaded_by=manager, **told)
    refused = CountImport.objects.create(uploaded_by=manager, ended_at=timezone.now(), refusal="Ligne 3 : …", **told)
    group = ReferenceGroup.objects.create(name="Villes comparables")
    names = ("gap_list", "gap_add", "comparison", "count_list", "count_add", "group_list", "group_add", "activity_list")
    paths = [
        *(reverse(f"gaps_staff:{name}") for name in names),
        *(reverse(f"gaps_staff:{name}", args=[gap.pk]) for name in ("gap", "gap_change", "gap_move")),
        reverse("gaps_staff:count_set", args=[counts.pk]),
        *(reverse("gaps_staff:count_import", args=[each.pk]) for each in (waiting, refused)),
        reverse("gaps_staff:group_change", args=[group.pk]),
    ]
    assert found(live_server, look, paths, session_of(manager)) == []


def test_pages_of_exports_and_of_lists(live_server, look, manager):  # noqa: F811
    now = timezone.now()
    told = {"requested_by": manager, "title": "Projets", "filename": "projets.csv", "rows": 3000}
    PreparedExport.objects.create(path="/a", **told)
    ended = {"ended_at": now, "expires_at": now + timedelta(hours=48)}
    PreparedExport.objects.create(path="/b", file="x", **told, **ended)
    PreparedExport.objects.create(path="/c", refusal="Réduisez la liste.", **told, **ended)
    counts = {"new": 1, "changed": 1, "unchanged": 0, "wrong": 1, "empty": 0, "unknown_columns": ["Couleur"]}
    kept = RowImport.objects.create(
        key="membres",
        filename="membres.csv",
        sha256="0" * 64,
        counts=counts,
        changes=[{"row": 2, "what": "Zoé (M1)", "fields": [["Contrat", "", "CAPE"]]}],
        errors=[{"row": 3, "column": "colonne B (Nom)", "message": "cette cellule est vide"}],
        uploaded_by=manager,
    )
    paths = [
        reverse("site:export_list"),
        reverse("site:row_import", args=["membres"]),
        reverse("site:row_import_check", args=["membres", kept.pk]),
    ]
    assert found(live_server, look, paths, session_of(manager)) == []
