"""The pages of a survey on a phone, without scripts, and the worker that keeps them."""

from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from coopconnexion.accounts.enums import Role
from premises import services
from premises.enums import ClosureReason, OccupancyState
from premises.models import Observation, Unit
from premises.views import field_api
from tests.conftest import count_queries, page
from tests.factories import CommuneFactory, SurveyCampaignFactory, TerritoryFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db
GPS = 0x8825


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


def door(campaign, number=12, **told) -> Unit:
    told = {"state": OccupancyState.OCCUPIED, "street": "rue d’Arras"} | told
    return UnitFactory(territory=campaign.territory, commune=campaign.commune, number=number, **told)


def url(name: str, campaign, *args) -> str:
    return reverse(f"premises_field:{name}", args=[campaign.pk, *args])


def street(campaign) -> str:
    return url("street", campaign, "ruedarras")


def tap(client, campaign, unit, finding="vacant", **typed):
    sent = {"client_id": uuid4(), "finding": finding, "state_before": unit.state} | typed
    return client.post(url("look", campaign, "ruedarras", unit.pk), sent)


def photograph(side: int = 3000) -> SimpleUploadedFile:
    """A picture as a phone takes it, that says where it was taken."""
    image, content, exif = Image.new("RGB", (side, side // 2), "teal"), BytesIO(), Image.Exif()
    exif.get_ifd(GPS)[1] = "N"
    image.save(content, "JPEG", exif=exif)
    return SimpleUploadedFile("IMG_0001.JPG", content.getvalue(), "image/jpeg")


# --- the pages, without scripts --------------------------------------------------------------------------------------


def test_a_walker_finds_the_walks_under_way(client, campaign, walker):
    SurveyCampaignFactory(territory=campaign.territory, title="Tour passé", closed_at=timezone.now())
    SurveyCampaignFactory(territory=campaign.territory, title="Un fichier", origin="import")
    SurveyCampaignFactory(title="Tour d’ailleurs")
    content = page(client, reverse("premises_field:campaign_list"))
    assert [name in content for name in ("Tour d’automne", "Tour passé", "Un fichier", "Tour d’ailleurs")] == [
        True,
        *[False] * 3,
    ]


def test_nobody_walks_when_nothing_is_under_way(client, walker, campaign):
    campaign.delete()
    assert "Aucun tour de terrain n’est en cours" in page(client, reverse("premises_field:campaign_list"))


def test_the_walk_goes_street_by_street_in_the_order_it_names(client, campaign, walker):
    campaign.streets = ["rue de Lens", "rue d’Arras", "rue neuve"]
    campaign.save()
    door(campaign, street="rue d’Arras")
    door(campaign, street="RUE DE LENS")
    door(campaign, street="rue de Paris")
    content = page(client, url("walk", campaign))
    places = [content.find(name) for name in (">rue de Lens<", ">rue d’Arras<", ">rue neuve<")]
    assert (places == sorted(places), -1 in places, "rue de Paris" in content) == (True, False, False)


def test_a_street_shows_its_doors_side_by_side_in_order(client, campaign, walker):
    for number, repetition in ((12, "bis"), (3, ""), (100, ""), (12, ""), (None, ""), (1, "")):
        door(campaign, number, repetition=repetition)
    door(campaign, 5, closed_on=timezone.localdate(), closed_because=ClosureReason.DEMOLISHED)
    response = client.get(street(campaign))
    sides = {side: [str(stop.unit) for stop in stops] for side, stops in response.context["street"].sides}
    assert sides == {
        "impair": ["1 rue d’Arras", "3 rue d’Arras"],
        "pair": ["12 rue d’Arras", "12 bis rue d’Arras", "100 rue d’Arras"],
        "sans numéro": ["rue d’Arras"],
    }


def test_the_pages_that_a_phone_keeps_tell_nothing_of_owners_and_no_pass(client, campaign, walker):
    door(campaign, owner_name="SCI Durand", owner_contact="06 11 22 33 44", monthly_rent=737, public_note="Confidence")
    token = services.issue_pass(campaign=campaign, user=walker, at=timezone.now())
    for address in (street(campaign), url("walk", campaign), reverse("premises_field:campaign_list")):
        content = page(client, address)
        assert [word for word in ("SCI Durand", "06 11", "737", "Confidence", token) if word in content] == []


def test_a_long_street_is_light_on_a_poor_network(client, campaign, walker):
    for number in range(1, 60):
        door(campaign, number)
    plain = client.get(street(campaign))
    light = client.get(street(campaign), headers={"Accept-Encoding": "gzip"})
    assert (light["Content-Encoding"], len(light.content) < len(plain.content) / 10) == ("gzip", True)


def test_a_tap_is_noted_and_leads_to_the_next_door(client, campaign, walker):
    first, second = door(campaign, 1), door(campaign, 3)
    response = tap(client, campaign, first, sign_name="Chez Lucie", note="Volet", photo=photograph())
    assert (response.status_code, response.url) == (302, f"{street(campaign)}#cellule-{second.pk}")
    seen = Observation.objects.get()
    assert (seen.finding, seen.sign_name, seen.note, seen.seen_by) == ("vacant", "Chez Lucie", "Volet", walker)
    assert tap(client, campaign, second, "unchanged").url == f"{street(campaign)}#fin"
    content = page(client, street(campaign))
    assert ("2\u00a0vues sur 2" in content, content.count("Annuler<")) == (True, 2)


def test_a_photo_is_kept_small_without_where_it_was_taken(client, campaign, walker):
    tap(client, campaign, door(campaign), photo=photograph())
    seen = Observation.objects.get()
    with seen.photo.open() as file, Image.open(file) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("WEBP", (1600, 800), {})
    served = client.get(reverse("premises_field:observation_photo", args=[seen.pk]))
    assert (served["Content-Type"], served["Cache-Control"]) == ("image/webp", "private, no-store")
    assert b"".join(served.streaming_content)[:4] == b"RIFF"


def test_a_file_that_is_no_photo_is_refused_at_the_door_with_what_was_typed(client, campaign, walker):
    unit = door(campaign)
    bad = SimpleUploadedFile("photo.jpg", b"not a picture", "image/jpeg")
    response = tap(client, campaign, unit, note="Volet baissé", photo=bad)
    content = response.content.decode()
    assert (response.status_code, Observation.objects.count(), "¿" in content) == (422, 0, False)
    assert "Rien n’est noté" in content
    assert "Volet baissé" in content


def test_a_sign_that_was_not_touched_says_nothing(client, campaign, walker):
    unit = door(campaign, sign_name="Optique")
    Unit.objects.filter(pk=unit.pk).update(sign_name="Opticien")
    tap(client, campaign, unit, "unchanged", sign_name="Optique", sign_before="Optique")
    unit.refresh_from_db()
    assert unit.sign_name == "Opticien"


def test_a_tap_is_undone(client, campaign, walker):
    unit = door(campaign)
    tap(client, campaign, unit)
    response = client.post(url("undo", campaign, "ruedarras", unit.pk))
    unit.refresh_from_db()
    assert (response.url, unit.state, Observation.objects.count()) == (
        f"{street(campaign)}#cellule-{unit.pk}",
        OccupancyState.OCCUPIED,
        0,
    )


def test_what_cannot_be_undone_says_why(client, campaign, walker):
    unit = door(campaign)
    tap(client, campaign, unit)
    services.set_state(
        unit=unit, state=OccupancyState.TRANSITION, on=timezone.localdate(), by=walker, at=timezone.now()
    )
    response = client.post(url("undo", campaign, "ruedarras", unit.pk), follow=True)
    assert "a changé depuis" in response.content.decode()
    assert Observation.objects.count() == 1


def test_a_conflict_is_shown_at_its_door(client, campaign, walker):
    unit = door(campaign, state=OccupancyState.TRANSITION)
    tap(client, campaign, unit, state_before=OccupancyState.OCCUPIED)
    content = page(client, street(campaign))
    assert "le registre dit «\u202fen transition (travaux, reprise)\u202f»" in content


def test_a_unit_nobody_knew_is_added(client, campaign, walker):
    door(campaign, 2)
    typed = {"client_id": uuid4(), "finding": "open", "number": "4", "repetition": "bis", "sign_name": "Le Vrac"}
    response = client.post(url("found", campaign, "ruedarras"), typed)
    unit = Unit.objects.get(number=4)
    assert response.status_code == 302
    assert (str(unit), unit.sign_name, unit.state) == ("4 bis rue d’Arras", "Le Vrac", OccupancyState.OCCUPIED)


@pytest.mark.parametrize("typed", [{"number": "-1"}, {"number": "x"}, {"finding": "unchanged"}, {"finding": ""}])
def test_a_unit_that_is_badly_described_is_not_added(typed, client, campaign, walker):
    door(campaign, 2)
    sent = {"client_id": uuid4(), "finding": "open", "number": "4"} | typed
    response = client.post(url("found", campaign, "ruedarras"), sent)
    assert (response.status_code, Unit.objects.count(), "¿" in response.content.decode()) == (422, 1, False)


def test_a_walk_that_is_over_leads_back_to_its_page(client, campaign, walker):
    door(campaign)
    campaign.closed_at = timezone.now()
    campaign.save()
    assert client.get(street(campaign)).url == url("walk", campaign)
    assert "Ce tour est terminé" in page(client, url("walk", campaign))


@pytest.mark.parametrize("name", ["street", "walk"])
def test_a_page_asks_as_much_for_one_door_as_for_three(name, client, campaign, walker):
    def cost(number):
        tap(client, campaign, door(campaign, number))
        return count_queries(client, street(campaign) if name == "street" else url("walk", campaign))

    one = cost(1)
    assert [cost(2), cost(3)] == [one, one]


def test_the_lists_ask_as_much_for_one_row_as_for_three(client, campaign, walker):
    passes, walks = url("pass_list", campaign), reverse("premises_field:campaign_list")

    def cost(address):
        services.issue_pass(campaign=campaign, user=UserFactory(), at=timezone.now())
        return count_queries(client, address)

    one = cost(passes), cost(walks)
    SurveyCampaignFactory.create_batch(2, territory=campaign.territory)
    assert (cost(passes), cost(walks)) == one


# --- the worker ------------------------------------------------------------------------------------------------------


def test_the_worker_is_served_for_the_walk_alone_and_changes_with_its_files(client):
    response = client.get(reverse("premises_field:worker"))
    content = response.content.decode()
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert response["Service-Worker-Allowed"] == reverse("premises_field:campaign_list")
    assert (response["Cache-Control"], field_api.version() in content) == ("no-cache", True)
    assert "worker-src 'self'" in response["Content-Security-Policy"]
