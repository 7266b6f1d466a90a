"""The past of a unit: everything that was written of it, by whom, when; kept for ever, told to who may read it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from coopconnexion.accounts.enums import Role
from premises import services
from premises.documents.timeline import KINDS, timeline_of
from premises.models import (
    FollowUp,
    Observation,
    Occupancy,
    Provision,
    Unit,
    UnitInterest,
    UnitNote,
    UnitPhoto,
)
from premises.views.unit import ENTRIES
from tests.access.world import small_picture
from tests.conftest import count_queries, page
from tests.factories import (
    MemberFactory,
    PartnershipFactory,
    ProjectFactory,
    SurveyCampaignFactory,
    UnitFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def unit():
    return UnitFactory(owner_name="SCI des Tilleuls")


@pytest.fixture
def advisor(unit):
    return UserFactory(advisor=True, territory=unit.territory, name="Alice Avril")


def titles(unit, user, kind=None):
    """The titles of the past, the oldest first."""
    found = timeline_of(unit, user)[::-1]
    return [entry.title.replace("\u202f", " ").replace("\xa0", " ") for entry in found if kind in (None, entry.kind)]


def test_it_begins_with_the_unit_entering_the_register(unit, advisor):
    assert titles(unit, advisor) == ["Enregistrée : occupation inconnue"]


def test_each_change_of_state_is_told_with_the_day_as_it_is_known(unit, advisor):
    told = {"by": advisor, "at": AT}
    services.set_state(unit=unit, state="vacant", on=date(2025, 3, 12), precision="month", **told)
    services.set_state(unit=unit, state="occupied", on=date(2026, 5, 2), sign_name="La Rose", **told)
    services.close_unit(unit=unit, on=date(2026, 9, 1), because="demolished", **told)
    assert titles(unit, advisor) == [
        "Enregistrée : occupation inconnue",
        "Vacante, depuis mars 2025",
        "Occupée",
        "N’existe plus depuis le 1er septembre 2026 : démolie",
    ]


def test_a_correction_tells_what_was_said_before(unit, advisor):
    services.change_unit(unit=unit, by=advisor, at=AT, sector="Centre")
    services.change_unit(unit=unit, by=advisor, at=AT, sector="Gare")
    entry = timeline_of(unit, advisor)[0]
    assert (entry.kind, entry.title) == ("facts", "Fiche corrigée")
    assert [(each.label, each.old, each.new) for each in entry.changes] == [("Secteur", "Centre", "Gare")]


def test_publication_is_told_both_ways(unit, advisor):
    Unit.objects.update(availability="yes")
    services.publish_unit(unit=unit, by=advisor, at=AT)
    services.withdraw_unit(unit=unit, by=advisor, at=AT)
    assert titles(unit, advisor, "publication") == ["Montrée au public", "Retirée du public"]


def test_notes_and_steps_bear_their_author_and_day(unit, advisor):
    services.write_unit_note(unit=unit, text="Clé chez le gardien", by=advisor, at=AT)
    later = AT + timedelta(days=1)
    services.follow_unit(unit=unit, status="blocked", detail="building", note="Toit", by=advisor, at=later)
    found = [
        (entry.kind, entry.who, entry.at, entry.text)
        for entry in timeline_of(unit, advisor)
        if entry.kind != "register"
    ]
    assert sorted(found) == [
        ("followup", "Alice Avril", later, "Toit"),
        ("note", "Alice Avril", AT, "Clé chez le gardien"),
    ]


def test_occupants_and_provisions_are_told_until_their_last_day(unit, advisor):
    member = MemberFactory(territory=unit.territory)
    row = Occupancy.objects.create(
        unit=unit, member=member, tenure="short_lease", starts_on=date(2026, 1, 1), ends_on=date(2027, 1, 1)
    )
    Provision.objects.create(
        unit=unit, partnership=PartnershipFactory(territory=unit.territory), starts_on=date(2026, 1, 1)
    )
    row.note = "…"
    row.save()  # nothing that the past tells
    row.ends_on = date(2026, 7, 1)
    row.save()
    found = titles(unit, advisor, "occupancy")
    assert sorted(found) == ["Mise à disposition notée", "Occupation modifiée", "Occupation notée"]
    texts = [entry.text for entry in timeline_of(unit, advisor) if entry.kind == "occupancy"]
    assert f"{member}, bail dérogatoire, du 1er janvier 2026 au 30 juin 2026" in [
        text.replace("\xa0", " ") for text in texts
    ]


def test_an_occupant_of_another_territory_is_not_named(unit, advisor):
    member = MemberFactory(person__last_name="Zuydcoote")
    Occupancy.objects.create(unit=unit, member=member, tenure="short_lease", starts_on=date(2026, 1, 1))
    texts = [entry.text for entry in timeline_of(unit, advisor) if entry.kind == "occupancy"]
    assert ["occupant d’un autre territoire" in text and "Zuydcoote" not in text for text in texts] == [True]


def test_photos_and_documents_taken_away_stay_in_the_past(unit, advisor):
    photo = UnitPhoto.objects.create(unit=unit, file=small_picture(), description="La vitrine")
    photo.position = 3
    photo.save()  # only its place: nothing to tell
    services.change_unit_photo(photo=photo, description="La vitrine", is_public=True, is_first=False)
    services.remove_unit_photo(photo=photo)
    assert titles(unit, advisor, "photo") == ["Photo ajoutée", "Photo modifiée", "Photo retirée"]


def test_what_was_seen_in_the_street_is_told(unit, advisor):
    campaign = SurveyCampaignFactory(
        territory=unit.territory, commune=unit.commune, title="Tour d’automne", starts_on=AT
    )
    seen = {
        "finding": "open",
        "state_before": "vacant",
        "state": "occupied",
        "sign_name": "La Rose",
        "seen_by": advisor,
    }
    Observation.objects.create(
        campaign=campaign, unit=unit, client_id="7f1d6f0e-0000-4000-8000-000000000001", seen_at=AT, **seen
    )
    entry = next(entry for entry in timeline_of(unit, advisor) if entry.kind == "seen")
    assert (entry.at, entry.who, entry.text) == (AT, "Alice Avril", "Tour d’automne")
    assert "La Rose" in entry.title


@pytest.mark.parametrize(
    ("settled_at", "words"), [(None, "à régler"), (AT, "réglé le 23 novembre 2026 par Alice Avril")]
)
def test_what_the_register_denied_says_what_became_of_it(unit, advisor, settled_at, words):
    campaign = SurveyCampaignFactory(territory=unit.territory, commune=unit.commune, starts_on=AT)
    seen = {
        "finding": "open",
        "state_before": "vacant",
        "state": "occupied",
        "seen_at": AT,
        "conflict": {"state": "never"},
    }
    settled = {"settled_at": settled_at, "settled_by": settled_at and advisor}
    told = {"client_id": "7f1d6f0e-0000-4000-8000-000000000001", "campaign": campaign, **seen, **settled}
    Observation.objects.create(unit=unit, **told)
    entry = next(entry for entry in timeline_of(unit, advisor) if entry.kind == "seen")
    assert words in entry.text.replace("\xa0", " ")


def test_interests_of_projects_one_may_not_see_are_left_out(unit, advisor):
    here = ProjectFactory(territory=unit.territory, title="Épicerie")
    for project in (here, ProjectFactory(title="Librairie")):
        UnitInterest.objects.create(project=project, unit=unit, origin="public", said_at=AT, withdrawn_at=AT)
    assert titles(unit, advisor, "interest") == ["Intéresse « Épicerie »", "N’intéresse plus « Épicerie »"]


def test_a_reader_reads_nothing_of_the_owner(unit, advisor):
    reader = UserFactory(reader=True, territory=unit.territory)
    services.change_unit(unit=unit, by=advisor, at=AT, owner_name="SCI des Ormes", owner_contact="06", sector="Gare")
    services.change_unit(unit=unit, by=advisor, at=AT, owner_contact="07")
    told = [[change.label for change in entry.changes] for entry in timeline_of(unit, reader)]
    assert told == [["Secteur"], []]
    labels = {change.label for entry in timeline_of(unit, advisor) for change in entry.changes}
    assert labels == {"Secteur", "Propriétaire", "Contact du propriétaire"}


@pytest.mark.parametrize("model", [UnitNote, FollowUp])
def test_what_was_written_cannot_be_rewritten(unit, model):
    told = {"text": "Vrai"} if model is UnitNote else {"status": "ongoing", "note": "Vrai"}
    model.objects.create(unit=unit, **told)
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.update(written_at=AT)


def lengthen(unit, advisor, times):
    for number in range(times):
        at = AT + timedelta(days=number)
        services.change_unit(unit=unit, by=advisor, at=at, sector=f"Secteur {number}")
        services.write_unit_note(unit=unit, text=f"Note {number}", by=advisor, at=at)
        services.follow_unit(unit=unit, status="ongoing", note=f"Pas {number}", by=advisor, at=at)
        UnitPhoto.objects.create(unit=unit, file=small_picture(), description=f"Vue {number}")
        UnitInterest.objects.create(
            project=ProjectFactory(territory=unit.territory), unit=unit, origin="staff", said_by=advisor, said_at=at
        )
        Occupancy.objects.create(
            unit=unit,
            member=MemberFactory(territory=unit.territory),
            tenure="short_lease",
            starts_on=date(2020 + number, 1, 1),
            ends_on=date(2021 + number, 1, 1),
        )


def test_a_long_past_takes_as_many_queries_as_a_short_one(unit, advisor):
    lengthen(unit, advisor, 1)
    timeline_of(unit, advisor)  # which reads the mandates of the user, once
    with CaptureQueriesContext(connection) as short:
        timeline_of(unit, advisor)
    unit.occupancies.all().delete()
    lengthen(unit, advisor, 6)
    with CaptureQueriesContext(connection) as long:
        assert len(timeline_of(unit, advisor)) > 30
    assert len(long) == len(short)


def test_the_page_takes_as_many_queries_for_a_long_past(client, login_as, unit, advisor):
    login_as(Role.ADVISOR, unit.territory)
    url = reverse("premises_staff:unit", args=[unit.pk])
    lengthen(unit, advisor, 1)
    one = count_queries(client, url)
    unit.occupancies.all().delete()
    lengthen(unit, advisor, 4)
    assert count_queries(client, url) == one


def test_one_kind_at_a_time_page_by_page(client, login_as, unit, advisor):
    login_as(Role.ADVISOR, unit.territory)
    UnitNote.objects.bulk_create(UnitNote(unit=unit, text=f"Note {n}.", written_at=AT) for n in range(ENTRIES + 1))
    services.follow_unit(unit=unit, status="ongoing", note="Un pas", by=advisor, at=AT)
    url = reverse("premises_staff:unit", args=[unit.pk])
    first, second = (client.get(f"{url}?voir=note&page={number}").context["entries"] for number in (1, 2))
    assert ([len(each.object_list) for each in (first, second)], {entry.kind for entry in first}) == (
        [ENTRIES, 1],
        {"note"},
    )
    assert "Un pas" not in page(client, f"{url}?voir=note")
    assert client.get(f"{url}?voir=rien").context["kind"] == ""


def test_every_kind_has_its_words():
    assert all(KINDS.values())
