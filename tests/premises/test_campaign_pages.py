"""The surveys as the office reads them, and the page of vacancy rates."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from coopconnexion.accounts.enums import Role
from premises.enums import CampaignOrigin, Finding, OccupancyState
from premises.models import Observation, SurveyCampaign
from tests.conftest import count_queries, page
from tests.factories import CommuneFactory, SurveyCampaignFactory, TerritoryFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db
VACANT, OPEN = OccupancyState.VACANT, OccupancyState.OCCUPIED
LIST, VACANCY = reverse("premises_staff:campaign_list"), reverse("premises_staff:vacancy")


@pytest.fixture
def territory(db):
    territory = TerritoryFactory()
    territory.communes.add(CommuneFactory())
    return territory


@pytest.fixture
def advisor(client, territory):
    user = UserFactory(role=Role.ADVISOR, territory=territory)
    client.force_login(user)
    return user


def survey(territory, title="Tour d’automne", *, days_ago=0, closed=True, **fields):
    at = timezone.now() - timedelta(days=days_ago, hours=5)
    fields = {"is_exhaustive": True, "starts_on": timezone.localdate(at), "opened_at": at} | fields
    closed_at = at + timedelta(hours=3) if closed else None
    return SurveyCampaignFactory(territory=territory, title=title, closed_at=closed_at, **fields)


def units(territory, number, **fields):
    fields = {"created_at": timezone.now() - timedelta(days=900), "state": OPEN, "street": "rue d’Arras"} | fields
    return [UnitFactory(territory=territory, commune=CommuneFactory(), **fields) for _ in range(number)]


def see(campaign, rows, *states, **fields):
    seen_at = campaign.opened_at + timedelta(hours=1)
    fields = {"finding": Finding.OPEN, "state_before": OccupancyState.UNKNOWN, "seen_at": seen_at} | fields
    for unit, state in zip(rows, states, strict=True):
        Observation.objects.create(campaign=campaign, unit=unit, state=state, client_id=uuid4(), **fields)


def url(name, row):
    return reverse(f"premises_staff:{name}", args=[row.pk])


def denied(campaign, unit):
    conflict = {"reason": "changed_meanwhile", "state": OPEN, "sign_name": "Au bon pain", "surveyed_on": None}
    see(campaign, [unit], VACANT, conflict=conflict, note="Rideau baissé")
    return campaign.observations.get()


# --- the list, opening, correcting -----------------------------------------------------------------------------------


def test_surveys_are_listed_with_their_rates(client, advisor, territory):
    see(survey(territory), units(territory, 5), VACANT, OPEN, OPEN, OPEN, OPEN)
    survey(territory, "Tour en cours", closed=False, is_exhaustive=False)
    survey(TerritoryFactory(), "Tour d’ailleurs")
    content = page(client, LIST)
    assert "20,0\xa0%, très élevée" in content
    assert "5 sur 5" in content
    assert "Tour en cours" in content
    assert "Tour d’ailleurs" not in content


def test_without_a_survey_the_list_says_what_to_do(client, advisor):
    assert "Aucun tour de terrain" in page(client, LIST)


@pytest.mark.parametrize("address", [LIST, VACANCY])
def test_more_surveys_cost_no_more_queries(client, advisor, territory, address):
    rows = units(territory, 2)

    def queries(*days):
        for each in days:
            see(survey(territory, days_ago=each), rows, VACANT, OPEN)
        return count_queries(client, address)

    queries(40)  # the second one has something to be compared with
    assert queries(30) == queries(20, 10)


def typed(territory, **changes):
    day = timezone.localdate().isoformat()
    told = {"territory": territory.pk, "commune": "Béthune", "title": "Tour d’hiver", "starts_on": day}
    return told | {"streets": "Grand’Place\n\nrue d’Arras\n", "is_exhaustive": "on"} | changes


def test_a_survey_is_opened_from_its_form(client, advisor, territory):
    response = client.post(reverse("premises_staff:campaign_add"), typed(territory))
    campaign = SurveyCampaign.objects.get()
    assert response.url == url("campaign", campaign)
    assert (campaign.streets, campaign.opened_by) == (["Grand’Place", "rue d’Arras"], advisor)
    assert "Aucune cellule au registre dans ces voies" in page(client, response.url)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "Ce champ est obligatoire"),
        ({"commune": "Nulle-Part"}, "Cette commune n’est pas connue"),
        ({"commune": "Arras"}, "Arras n’est pas de ce territoire."),
        ({"streets": "x" * 151}, "une seule par ligne"),
        ({"streets": "\n".join(f"rue {n}" for n in range(201))}, "Trop de voies"),
    ],
)
def test_what_is_mistyped_is_said_and_kept(client, advisor, territory, changes, words):
    CommuneFactory(insee_code="62041", name="Arras")
    response = client.post(reverse("premises_staff:campaign_add"), typed(territory, **changes))
    assert (response.status_code, SurveyCampaign.objects.count()) == (422, 0)
    assert words in response.content.decode()


def test_a_survey_is_corrected_unless_what_was_seen_denies_it(client, advisor, territory):
    campaign = survey(territory, closed=False)
    see(campaign, units(territory, 1), OPEN)
    told = {"title": "Autre nom", "starts_on": campaign.starts_on.isoformat(), "streets": "Grand’Place"}
    refused = client.post(url("campaign_change", campaign), told)
    assert refused.status_code == 422
    assert "gardez-la" in refused.content.decode()
    client.post(url("campaign_change", campaign), told | {"streets": "rue d’Arras\nGrand’Place"})
    campaign.refresh_from_db()
    assert (campaign.title, campaign.streets) == ("Autre nom", ["rue d’Arras", "Grand’Place"])


# --- the page of a survey --------------------------------------------------------------------------------------------


def test_a_survey_tells_what_changed_and_what_was_not_seen(client, advisor, territory):
    rows = units(territory, 6)
    see(survey(territory, "Tour de printemps", days_ago=100), rows, VACANT, OPEN, OPEN, OPEN, OPEN, OPEN)
    campaign = survey(territory, closed=False)
    see(campaign, rows[:5], OPEN, VACANT, OPEN, OPEN, OPEN)
    content = page(client, url("campaign", campaign))
    assert "Tour de printemps" in content
    assert "Nouvellement vacantes\u202f: 1" in content
    assert "Sorties de vacance\u202f: 1" in content
    assert "Non vues pendant ce tour" in content
    assert content.count(">à revoir<") == 1
    assert "Pas de taux\u202f: le parc n’est pas connu en entier." in content
    assert reverse("premises_field:walk", args=[campaign.pk]) in content


def test_what_was_seen_since_needs_no_other_look(client, advisor, territory):
    units(territory, 1, surveyed_on=timezone.localdate())
    content = page(client, url("campaign", survey(territory, days_ago=10)))
    assert "Non vues pendant ce tour" in content
    assert ">à revoir<" not in content


def test_the_page_of_a_survey_costs_the_same_whatever_its_units(client, advisor, territory):
    before, campaign = survey(territory, days_ago=100), survey(territory, closed=False)

    def queries(number):
        rows = units(territory, number * 2)
        see(before, rows, *[OPEN] * len(rows))
        see(campaign, rows[number:], *[VACANT] * number, conflict={"reason": "occupied", "state": OPEN})
        return count_queries(client, url("campaign", campaign))

    assert queries(1) == queries(3)


def test_a_reader_reads_and_changes_nothing(client, territory):
    client.force_login(UserFactory(role=Role.READER, territory=territory))
    campaign = survey(territory, closed=False)
    observation = denied(campaign, *units(territory, 1))
    content = page(client, url("campaign", campaign))
    assert "Rideau baissé" in content
    assert "Terminer le tour" not in content
    assert "Garder le registre" not in content
    answer = client.post(url("observation_settle", observation), {"settlement": "register"})
    assert answer.status_code == 403


@pytest.mark.parametrize(("settlement", "state"), [("register", OPEN), ("observation", VACANT)])
def test_a_disagreement_is_settled_in_one_click(client, advisor, territory, settlement, state):
    [unit] = units(territory, 1)
    campaign = survey(territory, closed=False)
    observation = denied(campaign, unit)
    assert "Au bon pain" in page(client, url("campaign", campaign))
    response = client.post(url("observation_settle", observation), {"settlement": settlement}, follow=True)
    unit.refresh_from_db()
    assert unit.state == state
    assert "C’est réglé." in response.content.decode()
    assert "Garder le registre" not in response.content.decode()


def test_a_disagreement_settled_in_some_other_way_is_refused(client, advisor, territory):
    campaign = survey(territory, closed=False)
    observation = denied(campaign, *units(territory, 1))
    response = client.post(url("observation_settle", observation), {"settlement": "both"}, follow=True)
    observation.refresh_from_db()
    assert "Choisissez le registre ou ce qui a été vu." in response.content.decode()
    assert observation.settled_at is None


def test_a_survey_is_closed_and_opened_again(client, advisor, territory):
    campaign = survey(territory, closed=False)
    refused = client.post(url("campaign_close", campaign), follow=True)
    assert "Rien n’a été vu" in refused.content.decode()
    see(campaign, units(territory, 1), OPEN)
    assert "Rouvrir le tour" in client.post(url("campaign_close", campaign), follow=True).content.decode()
    assert "Terminer le tour" in client.post(url("campaign_reopen", campaign), follow=True).content.decode()


def test_what_a_file_told_offers_no_reopening(client, advisor, territory):
    campaign = survey(territory, origin=CampaignOrigin.IMPORT)
    assert "Rouvrir" not in page(client, url("campaign", campaign))


def test_a_survey_is_taken_away_with_every_unit(client, advisor, territory):
    rows = units(territory, 2, sign_name="=Fleurs")
    campaign = survey(territory, closed=False)
    see(campaign, rows[:1], VACANT, seen_by=advisor)
    csv = b"".join(client.get(url("campaign_csv", campaign)).streaming_content).decode("utf-8-sig")
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(client.get(url("campaign_xlsx", campaign)))))
    assert [line.count("non vues") for line in csv.splitlines()] == [0, 0, 1]
    assert "'=Fleurs" in csv
    assert len(book.get_sheet_by_index(0).to_python()) == 3


# --- vacancy ---------------------------------------------------------------------------------------------------------


def test_the_vacancy_of_a_town_is_its_last_whole_survey(client, advisor, territory):
    rows = units(territory, 5, sector="Centre")
    see(survey(territory, "Ancien tour", days_ago=100), rows, *[OPEN] * 5)
    see(survey(territory, "Dernier tour", days_ago=10), rows, VACANT, *[OPEN] * 4)
    see(survey(territory, "Une rue", days_ago=5, streets=["rue d’Arras"]), rows, *[VACANT] * 5)
    see(survey(territory, "En cours", closed=False), rows, *[VACANT] * 5)
    content = page(client, VACANCY)
    assert "Béthune\u202f: 20,0\xa0%, vacance très élevée (Procos)" in content
    assert "1\xa0cellule vacante sur 5\xa0relevées" in content
    assert "Ancien tour" in content
    assert "Taux de vacance d’un tour à l’autre" in content
    assert "Une rue" not in content
    assert "En cours" not in content


def test_one_town_is_chosen_among_several(client, advisor, territory):
    other = CommuneFactory(insee_code="62041", name="Arras")
    survey(territory, "Tour de Béthune", days_ago=10)
    survey(territory, "Tour d’Arras", days_ago=20, commune=other)
    asked = page(client, f"{VACANCY}?commune={territory.pk}-62041")
    unknown = page(client, f"{VACANCY}?commune=0-00000")
    assert "Tour d’Arras" in asked
    assert "Tour de Béthune" not in asked
    assert "Tour de Béthune" in unknown


def test_without_a_whole_survey_there_is_no_rate_and_it_says_why(client, advisor, territory):
    survey(TerritoryFactory(), "Tour d’ailleurs")
    content = page(client, VACANCY)
    assert "Aucun taux à montrer" in content
    assert "Tour d’ailleurs" not in content
