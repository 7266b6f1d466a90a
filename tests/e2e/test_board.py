"""A card moves with the keyboard alone, on a phone, without JavaScript."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from projects.models import Project
from tests.factories import ProjectFactory, UserFactory

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def phone(browser, browser_context_args, live_server):
    options = {"java_script_enabled": False, "viewport": {"width": 390, "height": 844}}
    context = browser.new_context(**{**browser_context_args, **options})
    client = Client()
    client.force_login(UserFactory(manager=True))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    yield context.new_page()
    context.close()


def test_a_card_moves_by_the_keyboard_without_javascript(phone, live_server):
    project = ProjectFactory(title="Épicerie du port")
    phone.goto(live_server.url + reverse("projects_staff:board"))
    phone.get_by_label("Passer «\u202fÉpicerie du port\u202f» à l’étape").focus()
    for key in ("d", "Tab", "Enter"):
        phone.keyboard.press(key)
    phone.wait_for_url(f"**#projet-{project.pk}")
    assert Project.objects.get().stage == "assessment"
    assert "est à l’étape" in phone.locator(".messagelist").inner_text()


def test_a_pause_asks_why_and_until_when_without_javascript(phone, live_server):
    ProjectFactory(title="Épicerie du port")
    phone.goto(live_server.url + reverse("projects_staff:board"))
    phone.get_by_label("Passer «\u202fÉpicerie du port\u202f» à l’étape").select_option("pool")
    phone.get_by_role("button", name="Déplacer Épicerie du port").click()
    phone.get_by_label("Pourquoi").fill("Formation")
    phone.get_by_label("À reprendre le").fill("2027-09-01")
    phone.get_by_role("button", name="Passer à cette étape").click()
    phone.wait_for_url("**/gestion/projets/#projet-*")
    assert (Project.objects.get().stage, Project.objects.get().pool_reason) == ("pool", "Formation")
