"""A survey walked with a real browser: without a network, without a session, without scripts, by keyboard."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from coopconnexion.accounts.enums import Role
from premises import services
from premises.enums import OccupancyState
from premises.models import CampaignPass, Observation, Unit
from tests.e2e.test_accessibility import problems, session_of
from tests.factories import CommuneFactory, SurveyCampaignFactory, TerritoryFactory, UnitFactory, UserFactory
from tests.premises.test_field_pages import photograph

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
PHONE = {"viewport": {"width": 390, "height": 844}, "reduced_motion": "reduce"}


@pytest.fixture
def campaign(db):
    territory = TerritoryFactory()
    territory.communes.add(CommuneFactory())
    return SurveyCampaignFactory(territory=territory, title="Tour d’automne")


@pytest.fixture
def units(campaign):
    told = {"territory": campaign.territory, "commune": campaign.commune, "state": OccupancyState.OCCUPIED}
    UnitFactory(**told, number=9, street="rue de Lens", sign_name="Presse")
    return [
        UnitFactory(**told, number=number, street="rue d’Arras", sign_name=f"Enseigne {number}") for number in (1, 3, 5)
    ]


@pytest.fixture
def walker(campaign):
    return UserFactory(role=Role.ADVISOR, territory=campaign.territory)


@pytest.fixture
def phone(browser, browser_context_args, live_server, walker):
    context = browser.new_context(**{**browser_context_args, **PHONE})
    sign_in(context, live_server, walker)
    page = context.new_page()
    page.errors = []
    page.on("console", lambda message: message.type == "error" and page.errors.append(message.text))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
    yield page
    context.set_offline(False)
    context.close()


def sign_in(context, live_server, user):
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": live_server.url}])


def open_walk(page, live_server, campaign):
    page.goto(live_server.url + reverse("premises_field:walk", args=[campaign.pk]))
    expect(page.get_by_text("Les voies de ce tour sont sur ce téléphone")).to_be_visible(timeout=20_000)


def open_street(page, live_server, campaign, name="rue d’Arras"):
    open_walk(page, live_server, campaign)
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    expect(bar(page)).to_contain_text("Tout est envoyé", timeout=20_000)


def stop(page, unit):
    return page.locator(f"#cellule-{unit.pk}")


def tap(page, unit, label):
    stop(page, unit).get_by_role("button", name=label, exact=True).click()


def bar(page):
    return page.locator("[data-bar-text]")


def all_sent(page):
    expect(bar(page)).to_have_text("Tout est envoyé", timeout=30_000)


def test_three_taps_without_a_network_nor_a_session_arrive_once(live_server, phone, campaign, units, tmp_path):
    picture = Path(tmp_path / "photo.jpg")
    picture.write_bytes(photograph().read())
    open_street(phone, live_server, campaign)
    phone.context.set_offline(True)
    tap(phone, units[0], "Vacant")
    expect(stop(phone, units[1])).to_be_focused()
    more = stop(phone, units[1])
    more.get_by_text("Enseigne, remarque, photo").click()
    more.get_by_label("Enseigne").fill("Chez Lucie")
    more.get_by_label("Photo").set_input_files(picture)
    tap(phone, units[1], "Ouvert")
    tap(phone, units[2], "Inchangé")
    expect(bar(phone)).to_have_text("3\u00a0observations à envoyer · sans réseau")
    expect(phone.get_by_text("3\u00a0vues sur 3")).to_be_visible()
    phone.reload()  # the page is on the phone, and so is what was noted
    expect(bar(phone)).to_have_text("3\u00a0observations à envoyer · sans réseau")
    expect(stop(phone, units[0]).get_by_text("à envoyer")).to_be_visible()
    Session.objects.all().delete()
    assert not Observation.objects.exists()
    phone.context.set_offline(False)
    expect(bar(phone)).to_contain_text("Tout est envoyé", timeout=30_000)
    phone.wait_for_timeout(1500)
    rows = {row.unit_id: row for row in Observation.objects.all()}
    assert (len(rows), Observation.objects.count()) == (3, 3)
    assert [rows[unit.pk].finding for unit in units] == ["vacant", "open", "unchanged"]
    assert (rows[units[1].pk].sign_name, bool(rows[units[1].pk].photo)) == ("Chez Lucie", True)
    assert Unit.objects.get(pk=units[0].pk).state == OccupancyState.VACANT


def test_what_arrived_without_an_answer_is_written_once(live_server, phone, campaign, units):
    open_street(phone, live_server, campaign)
    cut = []

    def lose_the_answer(route):
        route.fetch()
        cut.append(route.request.url)
        route.abort("connectionreset")

    phone.route(re.compile("/observations/$"), lose_the_answer, times=1)
    tap(phone, units[0], "Vacant")
    phone.get_by_role("button", name="Envoyer").click()
    phone.wait_for_timeout(1500)
    assert (len(cut), Observation.objects.count()) == (1, 1)
    expect(bar(phone)).to_contain_text("1\u00a0observation à envoyer")
    phone.get_by_role("button", name="Envoyer").click()
    all_sent(phone)
    assert Observation.objects.count() == 1


def test_a_session_that_ended_is_said_and_the_walk_goes_on(live_server, phone, campaign, units):
    open_street(phone, live_server, campaign)
    Session.objects.all().delete()
    phone.reload()
    expect(bar(phone)).to_contain_text("Votre session est fermée")
    expect(phone.get_by_role("link", name="Se reconnecter")).to_have_attribute(
        "href", re.compile(re.escape(reverse("account_login")))
    )
    tap(phone, units[0], "Travaux")
    expect(stop(phone, units[0]).get_by_text(", envoyé")).to_be_visible(timeout=20_000)
    expect(bar(phone)).to_contain_text("Tout est envoyé", timeout=30_000)
    assert Observation.objects.get().finding == "works"


def test_a_tap_is_taken_back_before_and_after_it_left(live_server, phone, campaign, units):
    open_street(phone, live_server, campaign)
    tap(phone, units[0], "Vacant")
    stop(phone, units[0]).get_by_role("button", name="Annuler").click()
    expect(stop(phone, units[0]).get_by_role("button", name="Vacant")).to_be_visible()
    tap(phone, units[1], "Vacant")
    phone.get_by_role("button", name="Envoyer").click()
    expect(stop(phone, units[1]).get_by_text(", envoyé")).to_be_visible(timeout=20_000)
    assert [row.unit for row in Observation.objects.all()] == [units[1]]
    with phone.expect_response(re.compile("/observations/annuler/$")):
        stop(phone, units[1]).get_by_role("button", name="Annuler").click()
    expect(stop(phone, units[1]).get_by_role("button", name="Vacant")).to_be_visible()
    all_sent(phone)
    assert (Observation.objects.count(), Unit.objects.get(pk=units[1].pk).state) == (0, OccupancyState.OCCUPIED)


def test_a_conflict_and_a_refusal_are_shown_and_kept(live_server, phone, campaign, units, walker):
    open_street(phone, live_server, campaign)
    phone.context.set_offline(True)
    tap(phone, units[0], "Vacant")
    tap(phone, units[1], "Vacant")
    at, today = timezone.now(), timezone.localdate()
    services.set_state(unit=units[0], state=OccupancyState.TRANSITION, on=today, by=walker, at=at)
    services.close_unit(unit=units[1], on=today, because="demolished", by=walker, at=at)
    phone.context.set_offline(False)
    expect(stop(phone, units[0]).get_by_text("l’équipe tranchera")).to_be_visible(timeout=30_000)
    expect(bar(phone)).to_have_text("1\u00a0refusée, à revoir")
    phone.get_by_role("link", name="Voir").click()
    item = phone.locator(".outbox__item--refused")
    expect(item).to_contain_text("Cette cellule n’existe plus")
    assert problems(phone) == []
    item.get_by_role("button", name="Abandonner").click()
    expect(item).to_have_count(0)
    assert Observation.objects.get().conflict["reason"] == "changed_meanwhile"


def test_a_pass_taken_back_keeps_what_waits_and_forgets_the_pages(live_server, phone, campaign, units):
    open_street(phone, live_server, campaign)
    phone.context.set_offline(True)
    tap(phone, units[0], "Vacant")
    services.revoke_pass(campaign_pass=CampaignPass.objects.get(), at=timezone.now())
    Session.objects.all().delete()
    phone.context.set_offline(False)
    expect(bar(phone)).to_contain_text("a été retiré", timeout=30_000)
    expect(bar(phone)).to_contain_text("1\u00a0observation à envoyer")
    assert not Observation.objects.exists()
    assert f"terrain-tour-{campaign.pk}" not in kept(phone)


def test_a_unit_found_without_a_network_is_registered_once(live_server, phone, campaign, units):
    open_street(phone, live_server, campaign)
    phone.context.set_offline(True)
    phone.get_by_text("Ajouter une cellule de cette voie").click()
    added = phone.locator("[data-found-form]")
    added.get_by_label(re.compile("^Numéro")).fill("7")
    added.get_by_label(re.compile("^Enseigne")).fill("Le Vrac")
    added.get_by_role("button", name="Ouvert").click()
    expect(phone.get_by_text("7, rue d’Arras")).to_be_visible()
    phone.context.set_offline(False)
    all_sent(phone)
    unit = Unit.objects.get(number=7)
    assert (unit.sign_name, unit.observations.count()) == ("Le Vrac", 1)


def test_signing_out_leaves_no_page_on_the_phone(live_server, phone, campaign, units):
    open_walk(phone, live_server, campaign)
    assert f"terrain-tour-{campaign.pk}" in kept(phone)
    phone.goto(live_server.url)
    phone.get_by_role("button", name="Se déconnecter").click()
    expect(phone.get_by_role("link", name="Se connecter").first).to_be_visible()
    assert [name for name in kept(phone) if name.startswith("terrain-tour")] == []


def kept(page) -> list[str]:
    return page.evaluate("() => caches.keys()")


def test_who_signs_in_after_somebody_else_sends_what_waits_in_their_name(live_server, phone, campaign, units, walker):
    open_street(phone, live_server, campaign)
    phone.context.set_offline(True)
    tap(phone, units[0], "Vacant")
    other = UserFactory(role=Role.ADVISOR, territory=campaign.territory)
    phone.context.clear_cookies()
    sign_in(phone.context, live_server, other)
    phone.context.set_offline(False)
    open_street(phone, live_server, campaign)
    expect(stop(phone, units[0]).get_by_text("Vacant").first).to_be_visible()
    tap(phone, units[1], "Ouvert")
    phone.get_by_role("button", name="Envoyer").click()
    all_sent(phone)
    assert {row.unit: row.seen_by for row in Observation.objects.all()} == {units[0]: walker, units[1]: other}


def test_a_page_that_was_not_kept_says_so(live_server, phone, campaign, units):
    open_walk(phone, live_server, campaign)
    phone.reload()
    phone.context.set_offline(True)
    phone.goto(live_server.url + reverse("premises_field:pass_list", args=[campaign.pk]))
    expect(phone.get_by_role("heading", name="Sans réseau")).to_be_visible()
    phone.get_by_role("link", name="Mes tours").click()
    expect(phone.get_by_role("link", name="Tour d’automne")).to_be_visible()


def test_the_worker_keeps_the_walk_and_nothing_else(live_server, phone, campaign, units):
    open_walk(phone, live_server, campaign)
    phone.goto(live_server.url + reverse("premises_field:pass_list", args=[campaign.pk]))
    phone.wait_for_timeout(500)
    paths = phone.evaluate(
        """async () => {
            const names = (await caches.keys()).filter((name) => name.startsWith("terrain-tour"));
            const kept = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
            return kept.flat().map((each) => new URL(each.url).pathname).sort();
        }"""
    )
    streets = [reverse("premises_field:street", args=[campaign.pk, key]) for key in ("ruedarras", "ruedelens")]
    walk = reverse("premises_field:walk", args=[campaign.pk])
    assert paths == sorted([reverse("premises_field:campaign_list"), walk, *streets])


def test_a_street_is_walked_by_keyboard(live_server, phone, campaign, units):
    open_street(phone, live_server, campaign)
    stop(phone, units[0]).get_by_role("button", name="Inchangé").focus()
    phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    expect(stop(phone, units[1])).to_be_focused()
    phone.keyboard.press("Tab")
    phone.keyboard.press("Space")
    expect(stop(phone, units[2])).to_be_focused()
    all_sent(phone)
    assert [row.finding for row in Observation.objects.order_by("pk")] == ["vacant", "unchanged"]


def test_without_scripts_a_street_is_walked_by_plain_forms(live_server, browser, campaign, units, walker):
    context = browser.new_context(**PHONE, java_script_enabled=False, locale="fr-FR")
    sign_in(context, live_server, walker)
    page = context.new_page()
    page.goto(live_server.url + reverse("premises_field:street", args=[campaign.pk, "ruedarras"]))
    expect(page.locator("[data-bar]")).to_be_hidden()
    tap(page, units[0], "Vacant")
    assert page.url.endswith(f"#cellule-{units[1].pk}")
    stop(page, units[0]).get_by_role("button", name="Annuler").click()
    assert not Observation.objects.exists()
    tap(page, units[0], "Ouvert")
    assert Observation.objects.get().finding == "open"
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (390, "light"), (390, "dark"), (1280, "dark")])
def test_axe_finds_nothing_and_every_button_is_large(width, scheme, live_server, browser, campaign, units, walker):
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, reduced_motion="reduce"
    )
    sign_in(context, live_server, walker)
    page = context.new_page()
    errors = []
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    open_street(page, live_server, campaign)
    tap(page, units[0], "Vacant")
    expect(stop(page, units[1])).to_be_focused()
    found = problems(page)
    small = [box for each in page.locator("button:visible").all() if (box := each.bounding_box())["height"] < 44]
    for name in ("walk", "pass_list"):
        page.goto(live_server.url + reverse(f"premises_field:{name}", args=[campaign.pk]))
        expect(bar(page)).to_be_visible()
        found += problems(page)
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert (found, small, errors) == ([], [], [])
    context.close()
