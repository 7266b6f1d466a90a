"""The board, the list, their filters and exports, as staff use them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from projects.enums import ReasonKind, Stage
from projects.models import ClosingReason
from tests.conftest import page
from tests.factories import ProjectFactory, TerritoryFactory, ThemeFactory, UserFactory

pytestmark = pytest.mark.django_db

BOARD, LIST = reverse("projects_staff:board"), reverse("projects_staff:project_list")
CSV, XLSX = reverse("projects_staff:projects_csv"), reverse("projects_staff:projects_xlsx")
OVER = {"next_step": "", "next_step_on": None}


def closed(stage=Stage.REFUSED, **fields):
    reason, _ = ClosingReason.objects.get_or_create(kind=ReasonKind(stage), label="Hors champ")
    return ProjectFactory(stage=stage, closing_reason=reason, **OVER, **fields)


@pytest.fixture
def territory():
    return TerritoryFactory(name="Béthune")


@pytest.fixture
def advisor(login_as, territory):
    return login_as(Role.ADVISOR, territory)


# --- the board -------------------------------------------------------------------------------------------------------


def test_the_board_shows_each_project_at_its_stage(client, advisor, territory):
    themes = [ThemeFactory(label="Circuits courts", position=1), ThemeFactory(label="Économie sociale", position=2)]
    today = timezone.localdate()
    project = ProjectFactory(
        territory=territory,
        title="Épicerie du port",
        holder__first_name="Zoé",
        holder__last_name="Martin",
        advisor=UserFactory(name="Camille Dupont-Roy"),
        next_step="Rappeler la banque",
        next_step_on=today - timedelta(days=3),
        touched_at=timezone.now() - timedelta(days=22),
    )
    project.themes.add(*themes)
    content = page(client, BOARD)
    for words in (
        "Épicerie du port",
        "Zoé Martin",
        ">CDR</abbr>",
        "suivi par Camille Dupont-Roy",
        "Circuits courts, Économie sociale",
        "Rappeler la banque",
        "(en retard de 3\u00a0jours)",
        "Sans suivi depuis 22\u00a0jours",
        'badge--warning">Sans suivi',
        f'id="projet-{project.pk}"',
    ):
        assert words in content


def test_the_menu_of_a_card_offers_the_legal_steps_only(client, advisor, territory):
    project = ProjectFactory(territory=territory, stage=Stage.ASSESSMENT)
    content = page(client, BOARD)
    card = content[content.index(f'id="projet-{project.pk}"') :]
    offered = [stage for stage in Stage.values if f'<option value="{stage}">' in card[: card.index("</li>")]]
    assert offered == ["first_contact", "support", "pool", "refused", "abandoned"]


def test_a_column_shows_thirty_projects_and_links_to_the_others(client, advisor, territory):
    today = timezone.localdate()
    for days in range(32):
        ProjectFactory(territory=territory, title=f"N{days:02}", next_step_on=today + timedelta(days=days))
    content = page(client, BOARD)
    assert (content.count('class="project-card"'), "N29" in content, "N30" in content) == (30, True, False)
    assert f'{LIST}?etape=first_contact&amp;tri=prochaine">Voir les 2 autres' in content


def queries(client, url) -> int:
    page(client, url)  # a session remembers its first page
    with CaptureQueriesContext(connection) as asked:
        page(client, url)
    return len(asked)


@pytest.mark.parametrize("url", [BOARD, LIST, f"{LIST}?q=projet&referent=moi&tri=-suivi"])
def test_three_projects_take_as_many_queries_as_one_and_fewer_than_ten(url, client, advisor, territory):
    ProjectFactory(territory=territory, advisor=advisor).themes.add(ThemeFactory())
    few = queries(client, url)
    for _ in range(2):
        ProjectFactory(territory=territory, advisor=advisor, stage=Stage.SUPPORT).themes.add(ThemeFactory())
        closed(territory=territory)
    ProjectFactory(territory=territory, advisor=UserFactory())
    many = queries(client, url)
    assert (few, many < 10) == (many, True)


def test_an_empty_board_says_so(client, advisor):
    assert "Aucun projet" in page(client, BOARD)


def test_a_reader_sees_the_board_without_any_button(client, login_as, territory):
    login_as(Role.READER, territory)
    ProjectFactory(territory=territory, title="Vu")
    content = page(client, BOARD)
    assert ("Vu" in content, "Déplacer" in content, "Ouvrir un projet" in content) == (True, False, False)


def test_a_foreign_project_is_on_no_board_and_in_no_list(client, advisor):
    ProjectFactory(title="Ailleurs")
    assert ["Ailleurs" in page(client, url) for url in (BOARD, LIST)] == [False, False]
    assert b"Ailleurs" not in b"".join(client.get(CSV).streaming_content)


def test_archived_projects_leave_the_board(client, advisor, territory):
    closed(territory=territory, title="Vieux", archived_at=timezone.now())
    assert "Vieux" not in page(client, BOARD)


def test_a_title_is_never_markup(client, advisor, territory):
    project = ProjectFactory(territory=territory, title="<script>alert(1)</script>", next_step="<b>x</b>")
    for url in (BOARD, LIST, reverse("projects_staff:project", args=[project.pk])):
        content = page(client, url)
        assert ("<script>alert" in content, "<b>x</b>" in content) == (False, False)
