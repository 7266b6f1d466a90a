"""The page of a unit, for the team and for the city: what is known, in words, and what each may read."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from coopconnexion.periods import months_later
from premises.documents.unit_facts import city_facts, duration_words, to_complete, vacancy_of
from premises.models import FollowUp, Unit, UnitDocument, UnitInterest, UnitNote, UnitPhoto
from tests.access.world import small_picture
from tests.conftest import count_queries, page
from tests.factories import MandateFactory, ProjectFactory, TerritoryFactory, UnitFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
PRIVATE = ("SCI des Tilleuls", "06 11 22 33 44", "Paul Rémy")
SECRET = ("Le gardien a la clé", "Bail signé", "La réserve vide", "Propriétaire en voyage")


@pytest.fixture
def unit():
    """A unit with something of everything that is private."""
    unit = UnitFactory(owner_name=PRIVATE[0], owner_contact=PRIVATE[1], extra={"Gérant": PRIVATE[2]}, monthly_rent=777)
    UnitNote.objects.create(unit=unit, text=SECRET[0])
    UnitDocument.objects.create(
        unit=unit, title=SECRET[1], file=small_picture(), filename="bail.pdf", content_type="application/pdf", size=3
    )
    UnitPhoto.objects.create(unit=unit, file=small_picture(), description=SECRET[2])
    FollowUp.objects.create(unit=unit, status="ongoing", note=SECRET[3])
    return unit


def address(unit, name="premises_staff:unit"):
    return reverse(name, args=[unit.pk])


# --- facts -----------------------------------------------------------------------------------------------------------


def test_what_nobody_noted_is_unknown_and_not_no(client, login_as, unit):
    login_as(Role.ADVISOR, unit.territory)
    Unit.objects.update(water=False)
    content = page(client, address(unit))
    assert "<dt>Point d’eau</dt><dd>non</dd>" in content
    assert "<dt>Extraction</dt><dd>inconnu</dd>" in content


@pytest.mark.parametrize(
    ("since", "precision", "words", "lasted", "derelict"),
    [
        (date(2024, 11, 23), "day", "23 novembre 2024", "2 ans", True),
        (date(2024, 11, 24), "day", "24 novembre 2024", "1 an et 11 mois", False),
        (date(2024, 11, 1), "month", "novembre 2024", "au moins 1 an et 11 mois", False),
        (date(2024, 10, 1), "month", "octobre 2024", "au moins 2 ans", True),
        (date(2024, 1, 1), "year", "2024", "au moins 1 an et 10 mois", False),
        (date(2026, 11, 20), "day", "20 novembre 2026", "moins d’un mois", False),
    ],
)
def test_a_unit_is_empty_for_as_long_as_is_sure(since, precision, words, lasted, derelict):
    unit = Unit(state="vacant", vacant_since=since, vacant_since_precision=precision)
    vacancy = vacancy_of(unit, TODAY)
    found = (vacancy.since.replace("\xa0", " "), vacancy.lasted.replace("\xa0", " "), vacancy.is_derelict)
    assert found == (words, lasted, derelict)


def test_a_unit_that_is_not_empty_has_no_vacancy():
    assert vacancy_of(Unit(state="occupied"), TODAY) is None
    assert vacancy_of(Unit(state="vacant", closed_on=TODAY), TODAY) is None


def test_nobody_knows_since_when():
    assert vacancy_of(Unit(state="vacant"), TODAY).since == "inconnu"


@pytest.mark.parametrize(
    ("months", "words"), [(0, "moins d’un mois"), (11, "11 mois"), (12, "1 an"), (27, "2 ans et 3 mois")]
)
def test_months_are_told_in_years(months, words):
    assert duration_words(months).replace("\xa0", " ") == words


def test_what_is_known_to_be_absent_is_not_missing():
    assert "le point d’eau" not in to_complete(Unit(water=False), [])
    assert "le point d’eau" in to_complete(Unit(), [])


def test_a_derelict_unit_says_so_and_what_it_may_cost(client, login_as, unit):
    login_as(Role.ADVISOR, unit.territory)
    since = months_later(timezone.localdate(), -30)
    Unit.objects.update(state="vacant", vacant_since=since, vacant_since_precision="day")
    assert "la taxe sur les friches commerciales peut s’y appliquer" in page(client, address(unit))


def test_a_unit_that_is_no_more_leads_to_its_parts(client, login_as, unit):
    login_as(Role.ADVISOR, unit.territory)
    Unit.objects.update(closed_on=date(2026, 1, 5), closed_because="split")
    part = UnitFactory(territory=unit.territory, commune=unit.commune, parent=unit, door="A")
    content = page(client, address(unit))
    assert address(part) in content
    assert reverse("premises_staff:unit_state", args=[unit.pk]) not in content
    assert address(unit) in page(client, address(part))


# --- who reads what --------------------------------------------------------------------------------------------------


def test_who_works_there_reads_all(client, login_as, unit):
    login_as(Role.ADVISOR, unit.territory)
    content = page(client, address(unit))
    assert [words for words in (*PRIVATE, *SECRET) if words not in content] == []


def test_a_reader_reads_neither_the_owner_nor_a_button(client, login_as, unit):
    login_as(Role.READER, unit.territory)
    Unit.objects.update(owner_name="SCI des Ormes", owner_contact="07 00 00 00 00")
    content = page(client, address(unit))
    found = [words for words in (*PRIVATE, "SCI des Ormes", "07 00 00 00 00") if words in content]
    assert (found, 'method="post"' in content.split('id="content"')[1]) == ([], False)


def test_a_unit_of_another_territory_does_not_exist(client, login_as, unit):
    login_as(Role.ADVISOR, TerritoryFactory())
    assert client.get(address(unit)).status_code == 404


def test_interests_show_to_those_who_may_see_the_project(client, login_as, unit):
    login_as(Role.ADVISOR, unit.territory)
    here, elsewhere = ProjectFactory(territory=unit.territory, title="Épicerie"), ProjectFactory(title="Librairie")
    for project in (here, elsewhere):
        UnitInterest.objects.create(project=project, unit=unit, origin="public", message=f"Pour {project.title}")
    content = page(client, address(unit))
    assert "Qui s’y intéresse" in content
    assert ("Pour Épicerie" in content, "Librairie" in content) == (True, False)


def test_the_nearest_of_the_street_are_shown_and_no_other(client, login_as, unit):
    login_as(Role.ADVISOR, unit.territory)
    same = {"territory": unit.territory, "commune": unit.commune}
    shown = UnitFactory(**same, number=unit.number + 2, street="Rue d'ARRAS", sign_name="La Rose")
    UnitFactory(**same, street="rue Neuve", sign_name="Le Lys")
    UnitFactory(street=unit.street, commune=unit.commune, sign_name="Le Glaïeul")
    content = page(client, address(unit))
    assert address(shown) in content
    assert [words for words in ("La Rose", "Le Lys", "Le Glaïeul") if words in content] == ["La Rose"]


# --- the city --------------------------------------------------------------------------------------------------------


@pytest.fixture
def official(login_as, unit):
    return login_as(Role.OFFICIAL, unit.territory)


def test_officials_read_the_units_of_their_territory_and_nothing_private(client, official, unit):
    other = UnitFactory(street="rue Neuve")
    content = page(client, reverse("premises:city_unit_list"))
    assert (address(unit, "premises:city_unit") in content, other.street in content) == (True, False)
    content += page(client, address(unit, "premises:city_unit"))
    assert [words for words in (*PRIVATE, *SECRET, "777") if words in content] == []


def test_officials_find_no_unit_of_another_territory(client, official):
    assert client.get(address(UnitFactory(), "premises:city_unit")).status_code == 404


def test_officials_enter_no_page_of_the_back_office(client, official, unit):
    assert client.get(address(unit)).status_code == 404


def test_documents_and_notes_are_for_the_staff_of_the_territory_readers_included(client, login_as, unit):
    pages = [reverse("premises_staff:unit_document", args=[unit.documents.get().pk]), address(unit)]
    login_as(Role.READER, unit.territory)
    assert [client.get(each).status_code for each in pages] == [200, 200]
    assert SECRET[0] in page(client, address(unit))
    both = login_as(Role.OFFICIAL, unit.territory)
    assert [client.get(each).status_code for each in pages] == [404, 404]
    MandateFactory(user=both, role=Role.ADVISOR, territory=TerritoryFactory())
    assert [client.get(each).status_code for each in pages] == [404, 404]


def test_officials_see_the_photos_that_the_public_may_see(client, official, unit):
    shown = UnitPhoto.objects.create(unit=unit, file=small_picture(), description="La vitrine", is_public=True)
    hidden = unit.photos.get(is_public=False)
    found = [client.get(reverse("premises:city_photo", args=[photo.pk])).status_code for photo in (shown, hidden)]
    assert found == [200, 404]


@pytest.mark.parametrize(
    ("query", "found"), [("", 2), ("?etat=vacant", 1), ("?friche=on", 1), ("?voie=ARRAS", 2), ("?voie=neuve", 0)]
)
def test_officials_narrow_the_list(client, official, unit, query, found):
    since = months_later(timezone.localdate(), -30)
    same = {"territory": unit.territory, "commune": unit.commune}
    UnitFactory(**same, state="vacant", vacant_since=since, vacant_since_precision="day")
    assert client.get(reverse("premises:city_unit_list") + query).context["total"] == found


def test_a_filter_that_is_made_up_breaks_nothing(client, official):
    assert client.get(reverse("premises:city_unit_list") + "?etat=x&voie=%27").status_code == 200


def test_the_list_of_the_city_takes_as_many_queries_for_three_units(client, official, unit):
    one = count_queries(client, reverse("premises:city_unit_list"))
    UnitFactory.create_batch(2, territory=unit.territory)
    assert count_queries(client, reverse("premises:city_unit_list")) == one


def test_officials_are_led_to_the_units_from_their_space_and_others_are_not(client, login_as, unit):
    login_as(Role.OFFICIAL, unit.territory)
    assert reverse("premises:city_unit_list") in page(client, reverse("site:my_space"))
    login_as(Role.ADVISOR, unit.territory)
    assert reverse("premises:city_unit_list") not in page(client, reverse("site:my_space"))


def test_officials_do_not_read_what_the_tax_office_calls_a_unit(unit):
    unit.reference, unit.parcel = "1513214", "62119000AC0606"
    told = str(city_facts(unit, TODAY))
    assert ("1513214" in told, "AC0606" in told, unit.street in told) == (False, False, True)
