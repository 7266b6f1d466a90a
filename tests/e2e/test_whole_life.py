"""One person from a permanence to associate, by the pages alone: the candidate's phone, then the advisor's screen."""

import re
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from coopconnexion.periods import months_later
from members.models import Contract, Member
from projects.models import Project, StageChange
from tests.factories import PermanenceFactory, ScheduleFactory, SlotFactory, UserFactory
from tests.members.reference import kind

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def permanence():
    for key in ("cape", "cesa"):
        kind(key)
    schedule = ScheduleFactory()
    permanence = PermanenceFactory(schedule=schedule, territory=schedule.territory, venue=schedule.venue)
    SlotFactory(permanence=permanence)
    return permanence


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def open_page(request, browser, browser_context_args, live_server):
    """Open a page for somebody, signed in or not; every error of the console counts."""
    errors, contexts = [], []

    def open_one(user=None, width=1280):
        context = browser.new_context(
            **{**browser_context_args, "viewport": {"width": width, "height": 900}},
            java_script_enabled=request.param == "with JavaScript",
        )
        contexts.append(context)
        if user:
            client = Client()
            client.force_login(user)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda message: message.type == "error" and errors.append(message.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert errors == []


def iso(day: date) -> str:
    return day.isoformat()


def book(page, live_server, permanence):
    page.goto(f"{live_server.url}/permanences/{permanence.pk}/")
    page.locator("a.slot").first.click()
    page.get_by_label("Prénom").fill("Élodie")
    page.get_by_label("Nom", exact=True).fill("Lefèbvre")
    page.get_by_label(re.compile("^Courriel")).fill("elodie@example.org")
    page.get_by_label(re.compile("^Votre projet en quelques mots")).fill("Épicerie en vrac")
    page.get_by_role("button", name="Réserver ce créneau").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("C’est réservé")


class Desk:
    """The advisor's screen, on the page of one project, then of one member."""

    def __init__(self, page, base: str, project: Project):
        self.page, self.base, self.project = page, base, project

    def open_project(self):
        self.page.goto(f"{self.base}/gestion/projets/{self.project.pk}/")

    def move_to(self, stage: str, **typed: str):
        self.open_project()
        self.page.get_by_label("Passer à l’étape").select_option(label=stage)
        self.page.get_by_role("button", name="Changer d’étape").click()
        self.fill(**typed)
        self.page.get_by_role("button", name=re.compile("Passer à cette étape")).click()
        expect(self.page.get_by_text(f"est à l’étape «\u202f{stage.lower()}\u202f»")).to_be_visible()

    def fill(self, **typed: str):
        for name, value in typed.items():
            self.page.locator(f"main [name={name}]").fill(value)

    def interview(self):
        self.open_project()
        self.page.get_by_role("link", name="Noter un entretien").click()
        self.fill(summary="Idée claire, budget à faire.", next_step="Relire le budget")
        self.fill(next_step_on=iso(timezone.localdate() + timedelta(days=14)))
        self.page.get_by_role("button", name="Enregistrer").click()
        expect(self.page.get_by_text("Idée claire, budget à faire.")).to_be_visible()

    def integrate(self, on: date):
        self.open_project()
        self.page.get_by_role("link", name="Intégrer").click()
        self.fill(integrated_on=iso(on), business_name="Le Vrac d’Élodie", starts_on=iso(on))
        self.fill(ends_on=iso(months_later(on, 12) - timedelta(days=1)))
        self.page.get_by_role("button", name="Intégrer").click()
        expect(self.page.get_by_text("Le projet est intégré.")).to_be_visible()

    def open_member(self):
        self.page.goto(f"{self.base}/gestion/membres/{Member.objects.get().pk}/")

    def renew(self, until: date):
        self.open_member()
        self.page.get_by_role("link", name="Renouveler").click()
        self.fill(ends_on=iso(until - timedelta(days=1)))
        self.page.get_by_role("button", name="Renouveler").click()
        expect(self.page.get_by_text("renouvellement n° 1")).to_be_visible()

    def sign_cesa(self, on: date):
        self.open_member()
        self.page.get_by_role("link", name="Signer un contrat").click()
        self.page.get_by_label("Nature").select_option(str(kind("cesa").pk))
        self.fill(starts_on=iso(on), ends_on="", signed_on=iso(on), contribution_rate="12")
        self.page.locator("main form button[type=submit]").first.click()
        expect(self.page.get_by_text("sans fin")).to_be_visible()

    def associate(self, on: date):
        self.open_member()
        self.page.get_by_role("link", name="Noter l’association").click()
        self.fill(associated_on=iso(on), share_count="2")
        self.page.locator("main form button[type=submit]").first.click()
        expect(self.page.get_by_text("Associé", exact=False).first).to_be_visible()


def test_from_a_permanence_to_associate(live_server, open_page, permanence):
    book(open_page(width=390), live_server, permanence)
    project = Project.objects.get()
    advisor = UserFactory(advisor=True, territory=permanence.territory, name="Camille Delannoy")
    desk = Desk(open_page(advisor), live_server.url, project)
    began = months_later(timezone.localdate(), -20).replace(day=1)

    desk.move_to("Diagnostic")
    desk.interview()
    desk.move_to("Vivier", reason="Finit sa formation", wakes_on=iso(timezone.localdate() + timedelta(days=60)))
    desk.integrate(began)
    desk.renew(months_later(began, 18))
    desk.sign_cesa(months_later(began, 18))
    desk.associate(months_later(began, 19))

    steps = StageChange.objects.order_by("pk").values_list("to_stage", flat=True)
    assert list(steps) == ["first_contact", "assessment", "pool", "integrated"]
    contracts = Contract.objects.order_by("starts_on").values_list("kind__key", "renewal_rank", "starts_on", "ends_on")
    assert list(contracts) == [
        ("cape", 0, began, months_later(began, 12)),
        ("cape", 1, months_later(began, 12), months_later(began, 18)),
        ("cesa", 0, months_later(began, 18), None),
    ]
    member = Member.objects.get()
    assert (member.person.email, member.associated_on) == ("elodie@example.org", months_later(began, 19))
    assert member.businesses.get().name == "Le Vrac d’Élodie"
