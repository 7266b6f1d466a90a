"""« Mon espace » of a candidate: their own projects, what the team shared, nothing else."""

from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects import services
from projects.enums import ReasonKind, Stage
from projects.models import ClosingReason, Interview, Note, Project, ProjectDocument
from tests.factories import PersonFactory, ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db

SECRETS = ("Note pour l’équipe", "Entretien tendu", "Dossier bancaire", "banque.pdf", "Relancer son banquier")


def signed_in(client, email="elodie@example.org", *, verified=True):
    user = UserFactory(email=email)
    EmailAddress.objects.create(user=user, email=email, verified=verified, primary=True)
    client.force_login(user)
    return user


def add_document(project, **fields) -> ProjectDocument:
    content = ContentFile(b"%PDF-1.7\n", name="x.pdf")
    filename = fields.pop("filename", "plan.pdf")
    return ProjectDocument.objects.create(
        project=project, file=content, filename=filename, content_type="application/pdf", size=9, **fields
    )


@pytest.fixture
def project():
    """A project with something shared and something private of each kind."""
    holder = PersonFactory(email="elodie@example.org")
    project = ProjectFactory(
        holder=holder, title="Épicerie en vrac", pitch="Pour le quartier", next_step="Relancer son banquier"
    )
    held = datetime(2027, 5, 6, 9, tzinfo=UTC)
    Note.objects.create(project=project, text="Pensez au prévisionnel", is_shared=True)
    Note.objects.create(project=project, text="Note pour l’équipe")
    Interview.objects.create(project=project, summary="Nous avons parlé du local", held_at=held, is_shared=True)
    Interview.objects.create(project=project, summary="Entretien tendu", held_at=held)
    add_document(project, title="Plan de financement", is_shared=True)
    add_document(project, title="Dossier bancaire", filename="banque.pdf")
    return project


def page_of(project):
    return reverse("projects:my_project", args=[project.pk])


def pitch_of(project):
    return reverse("projects:my_pitch", args=[project.pk])


# --- reading ---------------------------------------------------------------------------------------------------------


def test_the_holder_reads_what_was_shared_and_nothing_private(client, project):
    signed_in(client)
    pages = [client.get(url).text for url in (reverse("site:my_space"), page_of(project), pitch_of(project))]
    shared = ("Pensez au prévisionnel", "Nous avons parlé du local", "Plan de financement", "Pour le quartier")
    assert [words for words in shared if words not in pages[1]] == []
    assert [words for words in SECRETS if any(words in page for page in pages)] == []


@pytest.mark.parametrize(
    ("stage", "label", "fields"),
    [
        (Stage.FIRST_CONTACT, "Premier contact", {}),
        (Stage.POOL, "En pause", {"wakes_on": "2040-01-01", "pool_reason": "Attend un héritage"}),
        (Stage.REFUSED, "Terminé", {"next_step": "", "next_step_on": None}),
        (Stage.ABANDONED, "Terminé", {"next_step": "", "next_step_on": None}),
    ],
)
def test_the_stage_is_said_in_plain_words_and_without_the_reason(client, stage, label, fields):
    kind = {Stage.REFUSED: ReasonKind.REFUSED, Stage.ABANDONED: ReasonKind.ABANDONED}.get(stage)
    reason = kind and ClosingReason.objects.create(kind=kind, label="Projet trop fragile pour nous")
    holder = PersonFactory(email="elodie@example.org")
    project = ProjectFactory(holder=holder, stage=stage, closing_reason=reason, **fields)
    signed_in(client)
    for url in (reverse("site:my_space"), page_of(project)):
        page = client.get(url).text
        assert (label in page, "fragile" in page, "héritage" in page) == (True, False, False)


def test_without_a_project_the_space_says_how_to_begin(client):
    signed_in(client)
    page = client.get(reverse("site:my_space")).text
    assert ("Aucun projet pour le moment" in page, reverse("projects:draft_start") in page) == (True, True)


def test_three_projects_cost_as_much_as_one(client, project):
    signed_in(client)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("site:my_space"))
        counts.append(len(queries))
        ProjectFactory.create_batch(2, holder=project.holder)
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", ["my_project", "my_pitch"])
@pytest.mark.parametrize(
    "who",
    [{"email": "autre@example.org"}, {"email": "elodie@example.org", "verified": False}],
    ids=["other", "unproved"],
)
def test_another_s_project_does_not_exist(client, project, name, who):
    signed_in(client, **who)
    url = reverse(f"projects:{name}", args=[project.pk])
    assert client.get(url).status_code == 404
    assert client.post(url, {"pitch": "x"}).status_code in (404, 405)
    project.refresh_from_db()
    assert project.pitch == "Pour le quartier"


# --- documents -------------------------------------------------------------------------------------------------------


def test_a_shared_document_is_downloaded_and_kept_by_no_cache(client, project):
    signed_in(client)
    document = project.documents.get(is_shared=True)
    response = client.get(reverse("projects:my_document", args=[document.pk]))
    assert b"".join(response.streaming_content) == b"%PDF-1.7\n"
    assert response["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert (response["Cache-Control"], response["X-Content-Type-Options"]) == ("private, no-store", "nosniff")


def test_a_private_document_does_not_exist(client, project):
    signed_in(client)
    document = project.documents.get(is_shared=False)
    assert client.get(reverse("projects:my_document", args=[document.pk])).status_code == 404


@pytest.mark.parametrize("who", [{"email": "autre@example.org"}, {"verified": False}], ids=["other", "unproved"])
def test_another_s_document_does_not_exist(client, project, who):
    signed_in(client, **who)
    document = project.documents.get(is_shared=True)
    assert client.get(reverse("projects:my_document", args=[document.pk])).status_code == 404


def test_staff_open_documents_in_the_back_office_not_here(client, project):
    client.force_login(UserFactory(manager=True))
    document = project.documents.get(is_shared=True)
    assert client.get(reverse("projects:my_document", args=[document.pk])).status_code == 404


# --- changing --------------------------------------------------------------------------------------------------------


def test_the_holder_changes_the_pitch_and_the_history_says_who(client, project):
    user = signed_in(client)
    form = client.get(pitch_of(project)).context["form"]
    typed = {"pitch": "Pour tout le canton", "intended_activity": "épicerie", "version": form["version"].value()}
    assert client.post(pitch_of(project), typed).url == page_of(project)
    touched = project.touched_at
    project.refresh_from_db()
    assert (project.pitch, project.intended_activity, project.touched_at) == (
        "Pour tout le canton",
        "épicerie",
        touched,
    )
    assert project.history.latest("pgh_id").pgh_context.metadata["user"] == user.pk


def test_what_the_team_changed_meanwhile_is_shown_before_anything_is_overwritten(client, project):
    signed_in(client)
    version = client.get(pitch_of(project)).context["form"]["version"].value()
    Project.objects.filter(pk=project.pk).update(pitch="Réécrit par l’équipe")
    typed = {"pitch": "Pour tout le canton", "version": version}
    response = client.post(pitch_of(project), typed)
    assert (response.status_code, "Réécrit par l’équipe" in response.text) == (409, True)
    assert "Pour tout le canton" in response.text
    project.refresh_from_db()
    assert project.pitch == "Réécrit par l’équipe"
    client.post(pitch_of(project), typed | {"version": response.context["form"]["version"].value()})
    project.refresh_from_db()
    assert project.pitch == "Pour tout le canton"


def closed(project):
    reason = ClosingReason.objects.create(kind=ReasonKind.ABANDONED, label="Déménagement")
    Project.objects.filter(pk=project.pk).update(
        stage=Stage.ABANDONED, closing_reason=reason, next_step="", next_step_on=None
    )


def test_a_closed_project_is_read_only(client, project):
    signed_in(client)
    closed(project)
    assert "Modifier ma présentation" not in client.get(page_of(project)).text
    assert client.get(pitch_of(project)).url == page_of(project)
    response = client.post(pitch_of(project), {"pitch": "Encore moi"})
    assert (response.status_code, "terminé" in response.text) == (409, True)
    with pytest.raises(ValidationError) as refusal:
        services.edit_own_pitch(project=project, pitch="Encore moi", intended_activity="")
    assert refusal.value.code == "project_over"


def test_a_pitch_too_long_is_said_and_kept(client, project):
    signed_in(client)
    response = client.post(pitch_of(project), {"pitch": "é" * 5000})
    assert (response.status_code, "5000 caractères" in response.text, "é" * 5000 in response.text) == (422, True, True)


def test_who_is_not_signed_in_is_asked_to(client, project):
    for url in (page_of(project), pitch_of(project), reverse("projects:my_document", args=[1])):
        assert client.get(url).url.startswith(reverse("account_login"))
