"""A visitor proposes a project on a phone, leaves, comes back by the link of a real message, and sends it."""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from coopconnexion.notices.models import Message
from coopconnexion.notices.services import deliver_message
from projects.models import Project
from tests.e2e.test_accessibility import problems
from tests.e2e.test_booking_flow import press_until, visitor  # noqa: F401  # a phone, with and without JavaScript
from tests.factories import TerritoryFactory, ThemeFactory

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def territory():
    ThemeFactory(label="Circuits courts")
    TerritoryFactory(name="Lens")
    return TerritoryFactory(name="Béthune")


def mailed_address(live_server) -> str:
    """The link of the last message as it left, on the test's own address."""
    deliver(Message.objects.latest("pk"))
    return live_server.url + re.search(r"/projets/reprendre/\w+/", mail.outbox[-1].body)[0]


def deliver(message: Message) -> None:
    deliver_message(message_id=message.pk, at=message.due_at)


def fill_contact(page):
    page.get_by_label("Prénom").fill("Élodie")
    page.get_by_label("Nom", exact=True).fill("Lefèbvre")
    page.get_by_label(re.compile("^Courriel")).fill("elodie@example.org")
    page.get_by_role("button", name="Continuer").click()


def test_three_steps_with_a_break_in_between(live_server, visitor, browser, territory):  # noqa: F811
    visitor.goto(live_server.url)
    visitor.get_by_role("link", name="Proposer un projet").click()
    fill_contact(visitor)
    expect(visitor.get_by_text("Le lien pour reprendre part à elodie@example.org")).to_be_visible()
    visitor.get_by_label("Votre projet en quelques mots").fill("Épicerie en vrac")
    visitor.get_by_label("Racontez-nous").fill("Pour le quartier 🥕")
    visitor.get_by_label("Béthune").check()
    visitor.get_by_role("button", name="Enregistrer et revenir").click()
    expect(visitor.get_by_label("Prénom")).to_have_value("Élodie")

    elsewhere = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = elsewhere.new_page()
    page.goto(mailed_address(live_server))
    page.get_by_role("button", name="Reprendre où j’en étais").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vos besoins")
    page.get_by_label("oui").check()
    page.get_by_label("Surface minimale").fill("40 m²")
    page.get_by_label("un point d’eau").check()
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_text("Pour le quartier 🥕")).to_be_visible()
    page.get_by_role("button", name="Envoyer mon projet").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("C’est envoyé")
    elsewhere.close()

    project = Project.objects.get()
    assert (project.title, project.territory, project.premises_need.min_area_m2) == ("Épicerie en vrac", territory, 40)
    visitor.goto(f"{live_server.url}/projets/proposer/besoins/")
    expect(visitor.get_by_text("n’est plus ouvert dans ce navigateur")).to_be_visible()
    assert visitor.errors == []


def test_the_whole_way_works_by_keyboard(live_server, page, territory):
    page.goto(f"{live_server.url}/projets/proposer/")
    for name, value in (("first_name", "Élodie"), ("last_name", "Lefèbvre"), ("email", "elodie@example.org")):
        press_until(page, lambda focus, name=name: focus["name"] == name)
        page.keyboard.type(value)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/projet/$"))
    press_until(page, lambda focus: focus["name"] == "title")
    page.keyboard.type("Épicerie en vrac")
    press_until(page, lambda focus: focus["name"] == "territory")
    page.keyboard.press("Space")
    press_until(page, lambda focus: focus["text"] == "Continuer")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/besoins/$"))
    press_until(page, lambda focus: focus["text"] == "Continuer")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/verifier/$"))
    press_until(page, lambda focus: focus["text"] == "Envoyer mon projet")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("C’est envoyé")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_step_is_readable_by_everybody(live_server, browser, territory, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page, found = context.new_page(), []

    def look(name):
        found.extend(f"{name} : {each}" for each in problems(page))
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{name} défile en largeur")

    page.goto(f"{live_server.url}/projets/proposer/")
    page.get_by_role("button", name="Continuer").click()
    look("étape 1 avec des erreurs")
    fill_contact(page)
    look("étape 2")
    page.get_by_label("Votre projet en quelques mots").fill("Épicerie" * 25)
    page.get_by_label("Béthune").check()
    page.get_by_role("button", name="Continuer").click()
    look("étape 3")
    page.get_by_role("button", name="Continuer").click()
    look("relecture")
    page.get_by_role("button", name="Envoyer mon projet").click()
    look("merci")
    page.goto(f"{live_server.url}/projets/reprendre/perdu/")
    look("lien mort")
    context.close()
    for message in Message.objects.exclude(html=""):
        page = browser.new_page()
        page.set_content(message.html)
        found += [f"{message.kind} : {each}" for each in problems(page)]
        page.close()
    assert found == []
