"""What a phone sends by its pass: noted, refused in French, slowed down when it guesses."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from premises import services
from premises.enums import Finding, OccupancyState
from premises.models import CampaignPass, Observation
from premises.views import field_api
from tests.conftest import page
from tests.factories import CommuneFactory, SurveyCampaignFactory, TerritoryFactory, UnitFactory, UserFactory
from tests.premises.test_field_pages import door, photograph, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(db):
    territory = TerritoryFactory()
    territory.communes.add(CommuneFactory())
    return SurveyCampaignFactory(territory=territory, title="Tour d’automne")


@pytest.fixture
def walker(client, campaign):
    user = UserFactory(role=Role.ADVISOR, territory=campaign.territory)
    client.force_login(user)
    return user


@pytest.fixture
def token(campaign, walker):
    return services.issue_pass(campaign=campaign, user=walker, at=timezone.now())


def send(campaign, token, seen=None, name="send_look", **typed):
    """Send as a phone does: no cookie, no CSRF token, the pass in a header."""
    sent = {"client_id": uuid4(), "finding": "vacant", "unit": seen.pk if seen else ""} | typed
    phone = Client(enforce_csrf_checks=True)
    return phone.post(url(name, campaign), sent, headers={"X-Campaign-Pass": token})


def test_a_phone_sends_by_its_pass_once_its_session_is_over(client, campaign, walker, token):
    unit = door(campaign)
    client.logout()
    seen_at = timezone.now() - timedelta(minutes=20)
    sent = {"client_id": str(uuid4()), "seen_at": seen_at.isoformat(), "sent_at": timezone.now().isoformat()}
    answers = [send(campaign, token, unit, note="Volet", **sent) for _ in range(2)]
    seen = Observation.objects.get()
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == {
        "client_id": sent["client_id"],
        "unit": unit.pk,
        "state": "vacant",
        "state_label": "vacante",
        "received_at": seen.received_at.isoformat(),
        "conflict": "",
    }
    assert (seen.seen_by, seen.seen_at, str(seen.client_id)) == (walker, seen_at, sent["client_id"])


def test_a_phone_hears_of_a_conflict(campaign, token):
    unit = door(campaign, state=OccupancyState.TRANSITION)
    answer = send(campaign, token, unit, state_before="occupied").json()
    assert "l’équipe tranchera" in answer["conflict"]


def test_a_phone_sends_a_photo_and_a_unit_it_found(campaign, token):
    typed = {"street": "ruedarras", "number": "8", "finding": "works", "photo": photograph(400)}
    door(campaign, 2)
    assert send(campaign, token, name="send_found", **typed).status_code == 200
    seen = Observation.objects.get()
    assert (str(seen.unit), seen.finding, bool(seen.photo)) == ("8 rue d’Arras", Finding.WORKS, True)


def test_a_phone_undoes_what_it_sent(campaign, token):
    unit, client_id = door(campaign), uuid4()
    send(campaign, token, unit, client_id=client_id)
    answers = [send(campaign, token, name="send_undo", client_id=client_id).status_code for _ in range(2)]
    unit.refresh_from_db()
    assert (answers, unit.state, Observation.objects.count()) == ([200, 200], OccupancyState.OCCUPIED, 0)


def test_a_phone_without_a_good_pass_is_refused_in_french(client, campaign, token):
    unit, other = door(campaign), SurveyCampaignFactory(territory=campaign.territory)

    def refused(campaign, token):
        answer = send(campaign, token, unit)
        assert answer["Content-Type"] == "application/json"
        return answer.status_code, answer.json()["code"]

    assert refused(campaign, "x") == refused(campaign, "") == refused(other, token) == (403, "pass_unknown")
    CampaignPass.objects.update(expires_at=timezone.now())
    assert refused(campaign, token) == (403, "pass_expired")
    campaign.closed_at = timezone.now()
    campaign.save()
    assert refused(campaign, token) == (403, "campaign_closed")
    assert "restent sur ce téléphone" in send(campaign, token, unit).json()["message"]
    assert not Observation.objects.exists()


def test_the_cookie_of_a_session_opens_nothing_there(client, campaign, walker):
    answer = client.post(url("send_look", campaign), {"client_id": uuid4(), "unit": door(campaign).pk})
    assert (answer.status_code, answer.json()["code"]) == (403, "pass_unknown")


@pytest.mark.parametrize(
    ("typed", "status", "code"),
    [
        ({"client_id": "x"}, 409, "invalid"),
        ({"finding": "demolished"}, 409, "invalid_choice"),
        ({"unit": "0"}, 404, "unit_unknown"),
        ({"unit": "²"}, 404, "unit_unknown"),
        ({"unit": "9" * 40}, 404, "unit_unknown"),
        ({"seen_at": "hier"}, 409, "invalid"),
        ({"seen_at": "0001-01-01T00:00:00Z"}, 409, "seen_too_early"),
        ({"seen_at": "9999-12-31T23:59:59Z"}, 409, "seen_to_come"),
        ({"seen_at": "9999-12-31T23:59:59Z", "sent_at": "0001-01-01T00:00:00Z"}, 409, "seen_to_come"),
        ({"seen_at": "0001-01-01T00:00:00Z", "sent_at": "9999-12-31T23:59:59Z"}, 409, "seen_too_early"),
        ({"note": "x" * 2001}, 409, "max_length"),
        ({"note": "a\0b"}, 409, "null_characters_not_allowed"),
        ({"finding": "unchanged", "state_before": "unknown"}, 409, "nothing_known"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(typed, status, code, campaign, token):
    answer = send(campaign, token, door(campaign), **typed)
    assert (answer.status_code, answer.json()["code"], Observation.objects.count()) == (status, code, 0)


def test_a_unit_or_a_street_of_elsewhere_is_refused(campaign, token):
    campaign.streets = ["rue d’Arras"]
    campaign.save()
    beside, foreign = door(campaign, street="rue de Lens"), UnitFactory()
    answers = [
        send(campaign, token, beside),
        send(campaign, token, foreign),
        send(campaign, token, name="send_found", street="ruedelens", number="3"),
        send(campaign, token, name="send_undo", client_id="x"),
    ]
    assert [(each.status_code, each.json()["code"]) for each in answers] == [
        (409, "outside_zone"),
        (404, "unit_unknown"),
        (404, "unit_unknown"),
        (409, "invalid"),
    ]


def test_what_is_no_form_or_is_too_heavy_or_cut_short_is_refused(campaign, token, settings):
    headers = {"X-Campaign-Pass": token}
    phone, address = Client(), url("send_look", campaign)
    answers = [
        phone.post(address, "{}", content_type="application/json", headers=headers),
        phone.post(address, b"cut", content_type="multipart/form-data", headers=headers),
    ]
    settings.UPLOAD_CAP_BYTES = 10
    answers.append(phone.post(address, {"client_id": uuid4()}, headers=headers))
    assert [(each.status_code, each.json()["code"]) for each in answers] == [
        (415, "content_type"),
        (400, "unreadable"),
        (413, "too_large"),
    ]


def test_guessing_passes_and_sending_without_end_wait(campaign, token, monkeypatch):
    unit = door(campaign)
    monkeypatch.setattr(field_api, "WRONG_PER_HOUR", 2)
    assert [send(campaign, "x", unit).status_code for _ in range(3)] == [403, 403, 429]
    assert send(campaign, token, unit).status_code == 200
    cache.clear()
    monkeypatch.setattr(field_api, "PER_HOUR", 1)
    busy = [send(campaign, token, unit) for _ in range(2)][1]
    assert (busy.status_code, busy["Retry-After"]) == (429, "600")


# --- the passes ------------------------------------------------------------------------------------------------------


def test_a_pass_is_given_to_who_is_signed_in_and_taken_back(client, campaign, walker):
    token = client.post(url("pass_issue", campaign)).json()["token"]
    held = services.holder_of(token, campaign_id=campaign.pk, at=timezone.now())
    content = page(client, url("pass_list", campaign))
    assert (str(walker) in content, token in content) == (True, False)
    client.post(reverse("premises_field:pass_revoke", args=[held.pk]))
    assert "retiré" in page(client, url("pass_list", campaign))
    assert send(campaign, token, door(campaign)).json()["code"] == "pass_revoked"


def test_no_pass_is_given_for_a_walk_that_is_over(client, campaign, walker):
    campaign.closed_at = timezone.now()
    campaign.save()
    response = client.post(url("pass_issue", campaign))
    assert (response.status_code, response.json()["code"]) == (409, "campaign_closed")
