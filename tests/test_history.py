"""The history that triggers keep of every row, as the back office shows it."""

from datetime import timedelta

import pghistory
import pgtrigger
import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.models import User
from coopconnexion.backoffice import Change, history_page
from projects.models import Project, ProjectTheme
from tests.conftest import admin_url, count_queries, history, page, sign_in
from tests.factories import ProjectFactory, TerritoryFactory, ThemeFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_the_history_says_who_changed_what(client, manager):
    project = ProjectFactory(title="Épicerie", stage="first_contact")
    with pghistory.context(user=manager.pk):
        project.title, project.is_test = "Épicerie fine", True
        project.save()
    content = history(client, project)
    shown = ["par Dominique Direction", "Titre", "Épicerie</td>", "Épicerie fine</td>", "Projet d’essai", "oui"]
    assert [each for each in shown if each not in content] == []


def test_the_history_knows_what_did_not_pass_through_the_admin(client, manager):
    project = ProjectFactory(intended_activity="")
    Project.objects.update(intended_activity="Boulangerie")
    content = history(client, project)
    assert ("Boulangerie" in content, "traitement automatique" in content) == (True, True)


def test_the_history_shows_what_was_added_to_a_list_and_taken_from_it(client, manager):
    project, theme = ProjectFactory(), ThemeFactory(label="Circuits courts")
    with pghistory.context(user=manager.pk):
        project.themes.add(theme)
        Project.themes.through.objects.all().delete()
    changes = [(version.who, each) for version in history_page(project, None) for each in version.changes]
    assert (manager.name, Change("Thèmes", "–", "Circuits courts")) in changes
    assert (manager.name, Change("Thèmes", "Circuits courts", "–")) in changes
    assert history(client, project).count("Circuits courts") == 2


def test_what_was_done_at_once_is_one_version(manager):
    with transaction.atomic(), pghistory.context(user=manager.pk):
        project = ProjectFactory()
        project.themes.add(ThemeFactory(label="Circuits courts"))
    (version,) = history_page(project, None)
    assert Change("Thèmes", "–", "Circuits courts") in version.changes


def test_links_stand_on_the_page_of_their_time(manager):
    project, theme = ProjectFactory(), ThemeFactory()
    for rank in range(60):
        Project.objects.update(title=f"Titre {rank}")
    ProjectTheme.objects.create(project=project, theme=theme)
    history_of_links = ProjectTheme._meta.concrete_model.link_history
    late, early = timezone.now() + timedelta(days=1), timezone.now() - timedelta(days=1)
    shown = []
    for at in (late, early):
        with pgtrigger.ignore():
            history_of_links.objects.update(pgh_created_at=at)
        shown.append(
            [any(c.label == "Thèmes" for v in history_page(project, n) for c in v.changes) for n in ("1", "2")]
        )
    assert shown == [[True, False], [False, True]]


def test_the_history_names_an_account_deleted_since(client, manager):
    gone = UserFactory(name="Ancien Collègue")
    project = ProjectFactory()
    with pghistory.context(user=gone.pk):
        Project.objects.update(title="Autre titre")
    User.objects.filter(pk=gone.pk).delete()
    assert "Ancien Collègue (compte supprimé)" in history(client, project)


def test_the_history_shows_relations_by_their_name(client, manager):
    project = ProjectFactory(advisor=None)
    project.advisor = UserFactory(name="Alix Conseil")
    project.save()
    assert "Alix Conseil" in history(client, project)


def test_the_history_takes_as_many_queries_with_one_version_as_with_many(client, manager):
    project = ProjectFactory()
    counts = []
    for versions in (2, 7):
        for _ in range(versions):
            project.advisor, project.title = UserFactory(), project.title + "!"
            with pghistory.context(user=UserFactory().pk):
                project.save()
        counts.append(count_queries(client, admin_url("history", project)))
    assert counts[0] == counts[1]


def test_a_long_history_has_pages(client, manager):
    project = ProjectFactory()
    for rank in range(60):
        Project.objects.update(title=f"Titre {rank}")
    url = reverse("admin:projects_project_history", args=[project.pk])
    first, second = page(client, url), page(client, f"{url}?page=2")
    assert ("Titre 59</td>" in first, "Création" in first) == (True, False)
    assert ("Création" in second, "Titre 9</td>" in second) == (True, True)


def test_the_history_of_another_territory_is_not_there(client):
    project = ProjectFactory()
    sign_in(client, advisor=True, territory=TerritoryFactory())
    assert client.get(reverse("admin:projects_project_history", args=[project.pk])).status_code == 404
