"""A project moves by the menu of its card or by a form; what is missing is asked, what is stale is told."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Person
from coopconnexion.notices.models import Message
from projects.enums import ReasonKind, Stage
from projects.models import ClosingReason, Handover, Project, StageChange
from tests.factories import ProjectFactory, TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db

BOARD = reverse("projects_staff:board")
IN_A_WEEK = timedelta(days=7)


@pytest.fixture
def advisor(login_as):
    return login_as(Role.ADVISOR, TerritoryFactory())


@pytest.fixture
def project(advisor):
    return ProjectFactory(territory=advisor.current_mandates[0].territory, title="Épicerie")


def url(name, row):
    return reverse(f"projects_staff:{name}", args=[row.pk])


def menu(project, to, **changes):
    """What the menu of a card sends."""
    sent = {"menu": "1", "seen": project.stage, "to": to, "retour": f"{BOARD}?referent=moi#projet-{project.pk}"}
    return sent | changes


def stage(project):
    return Project.objects.get(pk=project.pk).stage


# --- the menu of a card ----------------------------------------------------------------------------------------------


def test_the_menu_moves_a_card_at_once_and_comes_back_to_it(client, project, advisor):
    response = client.post(url("project_step", project), menu(project, "assessment"))
    assert (response.status_code, response.url) == (302, f"{BOARD}?referent=moi#projet-{project.pk}")
    change = StageChange.objects.get(project=project)
    assert (stage(project), change.to_stage, change.changed_by) == ("assessment", "assessment", advisor)


@pytest.mark.parametrize(
    ("to", "asked"),
    [
        ("pool", ["reason", "wakes_on"]),
        ("refused", ["closing_reason", "reason"]),
        ("abandoned", ["closing_reason", "reason"]),
    ],
)
def test_the_menu_leads_to_a_form_that_asks_for_what_is_missing(to, asked, client, project):
    response = client.post(url("project_step", project), menu(project, to))
    content = response.content.decode()
    shown = [name for name in ("closing_reason", "reason", "wakes_on", "next_step") if f'name="{name}"' in content]
    assert (response.status_code, shown, "form-errors" in content) == (200, asked, False)
    assert stage(project) == "first_contact"


def test_a_project_that_wakes_says_what_comes_next(client, project):
    Project.objects.filter(pk=project.pk).update(stage="pool", pool_reason="Formation", wakes_on=timezone.localdate())
    project.refresh_from_db()
    asked = client.post(url("project_step", project), menu(project, "support"))
    assert (asked.status_code, 'name="next_step"' in asked.content.decode(), stage(project)) == (200, True, "pool")
    day = timezone.localdate() + IN_A_WEEK
    client.post(
        url("project_step", project),
        {"to": "support", "seen": "pool", "next_step": "Plan d’affaires", "next_step_on": day.isoformat()},
    )
    project.refresh_from_db()
    assert (project.stage, project.next_step, project.next_step_on) == ("support", "Plan d’affaires", day)


def test_the_menu_leads_to_the_page_of_integration(client, project):
    Project.objects.filter(pk=project.pk).update(stage="pool", pool_reason="x", wakes_on=timezone.localdate())
    project.refresh_from_db()
    response = client.post(url("project_step", project), menu(project, "integrated"))
    assert response.url == url("integrate", project)


def test_a_menu_without_a_choice_changes_nothing(client, project):
    response = client.post(url("project_step", project), menu(project, ""))
    assert (response.status_code, stage(project)) == (302, "first_contact")


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org/", "javascript:alert(1)"])
def test_a_move_never_leads_to_another_site(elsewhere, client, project):
    response = client.post(url("project_step", project), menu(project, "assessment", retour=elsewhere))
    assert response.url == url("project", project)


# --- the form --------------------------------------------------------------------------------------------------------


def test_a_refusal_takes_a_reason_from_the_list(client, project):
    kept = ClosingReason.objects.create(kind=ReasonKind.REFUSED, label="Hors champ d’essai")
    retired = ClosingReason.objects.create(kind=ReasonKind.REFUSED, label="Ancien", retired_at=timezone.now())
    sent = {"to": "refused", "seen": "first_contact", "reason": "Déjà ailleurs"}
    refused = client.post(url("project_step", project), sent | {"closing_reason": retired.pk})
    assert (refused.status_code, stage(project)) == (422, "first_contact")
    client.post(url("project_step", project), sent | {"closing_reason": kept.pk})
    project.refresh_from_db()
    assert (project.stage, project.closing_reason, project.next_step) == ("refused", kept, "")


def test_who_is_given_up_may_be_told_in_a_few_words_without_the_reason(client, project):
    kept = ClosingReason.objects.create(kind=ReasonKind.ABANDONED, label="Injoignable, essai")
    sent = {"to": "abandoned", "seen": "first_contact", "reason": "Trois appels", "closing_reason": kept.pk}
    client.post(url("project_step", project), sent | {"tells_holder": "on"})
    message = Message.objects.get()
    assert (stage(project), message.to_email, message.person) == ("abandoned", project.holder.email, project.holder)
    assert ("Épicerie" in message.text, "Trois appels" in message.text, "Injoignable" in message.text) == (1, 0, 0)


def test_who_has_no_address_is_not_written_to(client, project):
    Person.objects.update(email="")
    page = client.get(url("project_step", project), {"to": "abandoned"}).content.decode()
    assert ('name="closing_reason"' in page, "tells_holder" in page) == (True, False)


def test_a_step_back_takes_a_reason(client, project):
    Project.objects.filter(pk=project.pk).update(stage="assessment")
    project.refresh_from_db()
    asked = client.post(url("project_step", project), menu(project, "first_contact"))
    assert 'name="reason"' in asked.content.decode()
    sent = {"to": "first_contact", "seen": "assessment", "next_step": "Rappeler", "reason": "Erreur de case"}
    sent["next_step_on"] = (timezone.localdate() + IN_A_WEEK).isoformat()
    client.post(url("project_step", project), sent)
    assert (stage(project), StageChange.objects.get(project=project).reason) == ("first_contact", "Erreur de case")


def test_an_illegal_step_is_refused_with_what_was_typed(client, project):
    sent = {"to": "support", "seen": "first_contact", "next_step": "Rappeler lundi", "reason": "Vite"}
    sent["next_step_on"] = (timezone.localdate() + IN_A_WEEK).isoformat()
    response = client.post(url("project_step", project), sent)
    content = response.content.decode()
    assert (response.status_code, "ne passe pas directement" in content, stage(project)) == (409, True, "first_contact")
    assert 'value="Rappeler lundi"' in content


def test_a_stale_page_is_told_where_the_project_now_stands(client, project):
    Project.objects.filter(pk=project.pk).update(stage="assessment")
    sent = {"to": "pool", "seen": "first_contact", "reason": "Formation longue"}
    sent["wakes_on"] = (timezone.localdate() + IN_A_WEEK).isoformat()
    response = client.post(url("project_step", project), sent)
    content = response.content.decode()
    assert (response.status_code, "entre-temps à l’étape « diagnostic »" in content) == (409, True)
    assert ('value="Formation longue"' in content, 'name="seen" value="assessment"' in content) == (True, True)
    assert stage(project) == "assessment"


def test_a_stale_menu_moves_nothing(client, project):
    Project.objects.filter(pk=project.pk).update(stage="pool", pool_reason="x", wakes_on=timezone.localdate())
    response = client.post(url("project_step", project), menu(project, "assessment"))
    assert (response.status_code, stage(project)) == (409, "pool")


@pytest.mark.parametrize("day", ["01/01/1900", "31/02/2027", "demain", "0000-00-00"])
def test_a_day_that_is_none_or_past_is_refused(day, client, project):
    sent = {"to": "pool", "seen": "first_contact", "reason": "Pause", "wakes_on": day}
    response = client.post(url("project_step", project), sent)
    assert (response.status_code in (409, 422), stage(project)) == (True, "first_contact")
    assert "field__error" in response.content.decode()


@pytest.mark.parametrize("to", ["", "rien", "integrated"])
def test_an_unknown_or_impossible_step_has_no_page(to, client, project):
    response = client.get(f"{url('project_step', project)}?{urlencode({'to': to})}")
    assert response.status_code == {"": 302, "rien": 404, "integrated": 200}[to]
    if to == "integrated":
        assert "ne passe pas directement" in response.content.decode()


def test_a_second_click_on_the_same_step_says_that_it_moved(client, project):
    sent = menu(project, "assessment")
    client.post(url("project_step", project), sent)
    again = client.post(url("project_step", project), sent)
    assert (again.status_code, StageChange.objects.filter(project=project).count()) == (409, 1)


# --- next step and handover ------------------------------------------------------------------------------------------


def test_the_next_step_is_planned(client, project):
    day = timezone.localdate() + IN_A_WEEK
    response = client.post(
        url("project_next_step", project), {"next_step": "Visite", "next_step_on": f"{day:%d/%m/%Y}"}
    )
    project.refresh_from_db()
    assert (response.status_code, project.next_step, project.next_step_on) == (302, "Visite", day)


def test_a_next_step_in_the_past_is_refused_with_what_was_typed(client, project):
    response = client.post(url("project_next_step", project), {"next_step": "Visite", "next_step_on": "2020-01-01"})
    content = response.content.decode()
    assert (response.status_code, 'value="Visite"' in content) == (409, True)


def test_a_project_is_handed_over_to_an_advisor_of_the_territory(client, project, advisor):
    colleague = UserFactory(advisor=True, territory=project.territory, name="Alix")
    response = client.post(url("project_hand_over", project), {"to": colleague.pk, "note": "Bon courage"})
    project.refresh_from_db()
    handover = Handover.objects.get(project=project)
    assert (response.status_code, project.advisor) == (302, colleague)
    assert (handover.handed_by, handover.note) == (advisor, "Bon courage")


@pytest.mark.parametrize("kind", ["elsewhere", "reader", "closed"])
def test_who_does_not_work_there_cannot_be_handed_a_project(kind, client, project):
    users = {
        "elsewhere": lambda: UserFactory(advisor=True, territory=TerritoryFactory()),
        "reader": lambda: UserFactory(reader=True, territory=project.territory),
        "closed": lambda: UserFactory(advisor=True, territory=project.territory, is_active=False),
    }
    response = client.post(url("project_hand_over", project), {"to": users[kind]().pk})
    assert (response.status_code, Handover.objects.count()) == (422, 0)


# --- who may ---------------------------------------------------------------------------------------------------------

WORK = ["project_step", "project_next_step", "project_hand_over", "project_change", "premises_need", "note_add"]


@pytest.mark.parametrize("name", WORK)
def test_a_reader_is_refused_and_a_foreign_project_does_not_exist(name, client, project, login_as):
    sent = menu(project, "assessment")
    login_as(Role.READER, project.territory)
    assert client.post(url(name, project), sent).status_code == 403
    login_as(Role.ADVISOR, TerritoryFactory())
    assert (client.post(url(name, project), sent).status_code, client.get(url(name, project)).status_code) == (404, 404)
    assert stage(project) == Stage.FIRST_CONTACT
