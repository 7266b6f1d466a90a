"""Many projects at once: seen first, then done; all that the filters show, or those ticked."""

import pytest
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from coopconnexion.notices.models import Message
from projects.enums import ReasonKind, Stage
from projects.models import ClosingReason, Handover, Project, StageChange
from tests.conftest import page
from tests.factories import MandateFactory, ProjectFactory, TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST = reverse("projects_staff:project_list")
HAND_OVER = reverse("projects_staff:projects_hand_over")
CLOSE = reverse("projects_staff:projects_close")
ARCHIVE, UNARCHIVE = reverse("projects_staff:projects_archive"), reverse("projects_staff:projects_unarchive")


@pytest.fixture
def territory():
    return TerritoryFactory()


@pytest.fixture
def advisor(login_as, territory):
    return login_as(Role.ADVISOR, territory)


def refused(territory, **fields):
    reason, _ = ClosingReason.objects.get_or_create(kind=ReasonKind.REFUSED, label="Hors champ d’essai")
    over = {"stage": Stage.REFUSED, "closing_reason": reason, "next_step": "", "next_step_on": None}
    return ProjectFactory(territory=territory, **over, **fields)


def test_every_filtered_project_is_handed_over_after_a_preview(client, advisor, territory):
    colleague = UserFactory(advisor=True, territory=territory, name="Alix")
    ProjectFactory.create_batch(60, territory=territory, advisor=advisor)
    other = ProjectFactory(territory=territory)
    query = f"{HAND_OVER}?referent=moi"
    preview = client.post(query, {"every": "1"}).content.decode()
    assert ("60\u00a0lignes vont changer" in preview, Handover.objects.count()) == (True, 0)
    rows = list(Project.objects.filter(advisor=advisor).values_list("pk", flat=True))
    done = client.post(query, {"row": rows, "to": colleague.pk, "note": "", "confirm": "1"})
    other.refresh_from_db()
    assert (done.url, Handover.objects.count(), other.advisor) == (f"{LIST}?referent=moi", 60, None)


def test_who_works_elsewhere_is_handed_nothing(client, advisor, territory):
    ProjectFactory(territory=territory, advisor=advisor)
    stranger = UserFactory(advisor=True, territory=TerritoryFactory())
    rows = [Project.objects.get().pk]
    page = client.post(HAND_OVER, {"row": rows, "to": stranger.pk, "confirm": "1"}).content.decode()
    assert ("n’accompagne pas" in page, Project.objects.get().advisor) == (True, advisor)


def test_projects_that_are_over_are_archived_and_brought_back(client, advisor, territory):
    over, going = refused(territory, title="Fini"), ProjectFactory(territory=territory, title="En cours")
    preview = client.post(ARCHIVE, {"row": [over.pk, going.pk]}).content.decode()
    assert ("1\u00a0ligne va changer" in preview, "terminez-le d’abord" in preview) == (True, True)
    client.post(ARCHIVE, {"row": [over.pk], "confirm": "1"})
    over.refresh_from_db()
    assert over.archived_at is not None
    client.post(f"{UNARCHIVE}?archives=archives", {"every": "1", "confirm": "1"})
    over.refresh_from_db()
    assert over.archived_at is None


def test_nothing_is_archived_when_one_row_is_still_open(client, advisor, territory):
    over, going = refused(territory), ProjectFactory(territory=territory)
    client.post(ARCHIVE, {"row": [over.pk, going.pk], "confirm": "1"})
    assert Project.objects.archived().count() == 0


def test_a_territory_that_one_only_reads_is_left_alone(client, advisor, territory):
    read = TerritoryFactory()
    MandateFactory(user=advisor, role=Role.READER, territory=read)
    refused(read)
    client.force_login(advisor)
    preview = client.post(ARCHIVE, {"every": "1"}).content.decode()
    assert "Vous ne travaillez pas sur ce territoire" in preview
    client.post(ARCHIVE, {"every": "1", "confirm": "1"})
    assert Project.objects.archived().count() == 0


@pytest.mark.parametrize("url", [HAND_OVER, CLOSE, ARCHIVE, UNARCHIVE])
def test_a_foreign_project_is_never_chosen(url, client, advisor):
    foreign = refused(TerritoryFactory(), archived_at=timezone.now())
    before = Project.objects.values().get()
    response = client.post(f"{url}?archives=tous", {"row": [foreign.pk], "to": advisor.pk, "confirm": "1"})
    assert (response.status_code, Project.objects.values().get()) == (302, before)


@pytest.mark.parametrize("url", [HAND_OVER, CLOSE, ARCHIVE, UNARCHIVE])
def test_a_reader_changes_nothing_at_once(url, client, login_as, territory):
    login_as(Role.READER, territory)
    assert client.post(url, {"every": "1"}).status_code == 403
    ProjectFactory(territory=territory)
    assert 'form="bulk"' not in page(client, LIST)


# --- ending ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def reason():
    return ClosingReason.objects.get_or_create(kind=ReasonKind.ABANDONED, label="Sans nouvelles, essai")[0]


def closing(chosen, *rows, **sent):
    return {"row": [row.pk for row in rows], "closing_reason": chosen.pk, "reason": "", "confirm": "1"} | sent


def test_projects_end_together_after_a_preview_and_their_holders_are_told(client, advisor, territory, reason):
    silent, unreachable = (ProjectFactory(territory=territory, holder__email=each) for each in ("a@example.org", ""))
    preview = client.post(CLOSE, {"row": [silent.pk, unreachable.pk]}).content.decode()
    assert ("à prévenir de vive voix" in preview, "Abandon\u202f: Sans nouvelles" in preview) == (True, True)
    client.post(CLOSE, closing(reason, silent, unreachable, tells_holder="on", reason="Trois appels sans réponse"))
    assert set(Project.objects.values_list("stage", "closing_reason")) == {("abandoned", reason.pk)}
    assert set(StageChange.objects.values_list("changed_by", "reason")) == {(advisor.pk, "Trois appels sans réponse")}
    assert list(Message.objects.values_list("to_email", "kind")) == [("a@example.org", "project-over")]


def test_nobody_is_told_unless_one_says_so(client, advisor, territory, reason):
    project = ProjectFactory(territory=territory)
    client.post(CLOSE, closing(reason, project))
    assert (Project.objects.get().stage, Message.objects.count()) == ("abandoned", 0)


def test_projects_do_not_end_without_a_reason(client, advisor, territory):
    project = ProjectFactory(territory=territory)
    content = client.post(CLOSE, {"row": [project.pk], "confirm": "1"}).content.decode()
    assert ("Choisissez un motif." in content, Project.objects.get().is_open) == (True, True)


def test_nothing_ends_when_one_row_is_over_already(client, advisor, territory, reason):
    over, going = refused(territory), ProjectFactory(territory=territory)
    content = client.post(CLOSE, closing(reason, over, going)).content.decode()
    going.refresh_from_db()
    assert ("Déjà terminé" in content, going.is_open) == (True, True)
