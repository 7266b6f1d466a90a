"""A candidate books, confirms, moves and cancels, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from coopconnexion.notices.models import Message
from permanences.models import Booking
from tests.factories import BookingFactory, PermanenceFactory, ScheduleFactory, SlotFactory

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def permanence():
    schedule = ScheduleFactory()
    permanence = PermanenceFactory(schedule=schedule, territory=schedule.territory, venue=schedule.venue)
    for _ in range(3):
        SlotFactory(permanence=permanence)
    return permanence


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def visitor(request, browser, browser_context_args):
    """A page of a phone, with and without JavaScript."""
    arguments = {**browser_context_args, "viewport": {"width": 390, "height": 844}}
    context = browser.new_context(**arguments, java_script_enabled=request.param == "with JavaScript")
    page = context.new_page()
    page.errors = []
    page.on("console", lambda message: message.type == "error" and page.errors.append(message.text))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    context.close()


def fill(page):
    page.get_by_label("Prénom").fill("Élodie")
    page.get_by_label("Nom", exact=True).fill("Lefèbvre")
    page.get_by_label(re.compile("^Courriel")).fill("elodie@example.org")
    page.get_by_label(re.compile("^Votre projet en quelques mots")).fill("Épicerie en vrac")


def manage_address(live_server) -> str:
    """The link of the last message, on the test's own address."""
    path = re.search(r"/permanences/rdv/[^/\s]+/", Message.objects.order_by("pk").last().text)[0]
    return live_server.url + path


def test_a_candidate_books_confirms_moves_and_cancels(live_server, visitor, permanence):
    visitor.goto(f"{live_server.url}/permanences/")
    visitor.get_by_role("link", name=re.compile(r"\d{4}")).first.click()
    visitor.locator("a.slot").first.click()
    fill(visitor)
    visitor.get_by_role("button", name="Réserver ce créneau").click()
    expect(visitor.get_by_role("heading", level=1)).to_contain_text("C’est réservé")

    visitor.goto(manage_address(live_server))
    visitor.get_by_role("button", name=re.compile("Je confirme")).click()
    expect(visitor.get_by_text("C’est noté")).to_be_visible()

    visitor.get_by_role("link", name="Choisir un autre créneau").click()
    visitor.get_by_role("radio").last.check()
    visitor.get_by_role("button", name="Déplacer mon rendez-vous").click()
    expect(visitor.get_by_text("Votre rendez-vous est déplacé")).to_be_visible()

    visitor.get_by_role("link", name="Annuler").click()
    visitor.get_by_role("button", name="Annuler ce rendez-vous").click()
    expect(visitor.get_by_text("Merci de nous avoir prévenus")).to_be_visible()
    booking = Booking.objects.get()
    assert (booking.cancelled_by, booking.sequence, booking.confirmed_at is not None) == ("candidate", 2, True)
    assert visitor.errors == []


def test_a_slot_lost_meanwhile_is_replaced_without_typing_again(live_server, visitor, permanence):
    slot = permanence.slots.order_by("pk").first()
    visitor.goto(f"{live_server.url}/permanences/{permanence.pk}/reserver/?creneau={slot.pk}")
    fill(visitor)
    BookingFactory(slot=slot)
    visitor.get_by_role("button", name="Réserver ce créneau").click()
    expect(visitor.get_by_text("vient d’être réservé").first).to_be_visible()
    expect(visitor.get_by_label("Prénom")).to_have_value("Élodie")
    visitor.get_by_role("radio").first.check()
    visitor.get_by_role("button", name="Réserver").click()
    expect(visitor.get_by_role("heading", level=1)).to_contain_text("C’est réservé")


def test_an_error_is_said_at_the_top_and_at_its_field(live_server, visitor, permanence):
    slot = permanence.slots.order_by("pk").first()
    visitor.goto(f"{live_server.url}/permanences/{permanence.pk}/reserver/?creneau={slot.pk}")
    fill(visitor)
    visitor.get_by_label(re.compile("^Courriel")).fill("elodie@")
    visitor.get_by_role("button", name="Réserver ce créneau").click()
    expect(visitor.get_by_label(re.compile("^Courriel"))).to_have_attribute("aria-invalid", "true")
    summary = visitor.get_by_role("alert").get_by_role("link").first
    expect(summary).to_have_attribute("href", "#id_email")


def test_the_whole_flow_works_by_keyboard(live_server, page, permanence):
    page.goto(f"{live_server.url}/permanences/")
    press_until(page, lambda focus: "2" in focus["text"] and "/permanences/" in focus["href"])
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/permanences/{permanence.pk}/$"))
    press_until(page, lambda focus: "creneau=" in focus["href"])
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("creneau="))
    for name, value in (
        ("first_name", "Élodie"),
        ("last_name", "Lefèbvre"),
        ("email", "elodie@example.org"),
        ("title", "Épicerie en vrac"),
    ):
        press_until(page, lambda focus, name=name: focus["name"] == name)
        page.keyboard.type(value)
    press_until(page, lambda focus: focus["text"].startswith("Réserver"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("C’est réservé")


FOCUS = """() => { const e = document.activeElement; const style = getComputedStyle(e);
return {text: e.innerText || "", href: e.getAttribute("href") || "", name: e.getAttribute("name") || "",
        outline: style.outlineStyle !== "none" || style.boxShadow !== "none"} }"""


def press_until(page, wanted, limit: int = 60) -> None:
    """Press Tab until the focused element is the wanted one; every stop on the way shows its focus."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        assert focus["outline"], f"focus invisible : {focus}"
        if wanted(focus):
            return
    raise AssertionError("jamais atteint au clavier")
