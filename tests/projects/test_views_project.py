"""The page of a project, what is written there, and who may read it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import OrganisationKind, Role
from projects.enums import Source, Stage
from projects.models import Interview, Note, PremisesNeed, Project, ProjectDocument
from projects.services import add_document, change_stage, hand_over, record_interview, write_note
from tests.conftest import page
from tests.factories import OrganisationFactory, ProjectFactory, TerritoryFactory, ThemeFactory, UserFactory
from tests.sheet_files import zip_bytes

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def _files_elsewhere(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "private": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    }


@pytest.fixture
def advisor(login_as):
    return login_as(Role.ADVISOR, TerritoryFactory())


@pytest.fixture
def project(advisor):
    return ProjectFactory(
        territory=advisor.current_mandates[0].territory,
        title="Épicerie du port",
        holder__phone="+33612345678",
        holder__email="zoe@example.org",
    )


def url(name, row):
    return reverse(f"projects_staff:{name}", args=[row.pk])


def pdf(name="devis.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def document(project, user, **fields):
    told = {"title": "Devis", "upload": pdf(), "is_shared": False} | fields
    told["upload"].content_type = "application/pdf"
    return add_document(project=project, by=user, at=timezone.now(), **told)


def next_step(days=7):
    return {"next_step": "Rappeler", "next_step_on": (timezone.localdate() + timedelta(days=days)).isoformat()}


# --- the page --------------------------------------------------------------------------------------------------------


def test_the_page_tells_the_whole_past_newest_first(client, project, advisor):
    at = timezone.now()
    step = {"next_step": "Rappeler", "next_step_on": timezone.localdate() + timedelta(days=3)}
    change_stage(project=project, to=Stage.ASSESSMENT, by=advisor, at=at - timedelta(days=4), reason="Vu ensemble")
    record_interview(
        project=project,
        held_at=at - timedelta(days=3),
        mode="phone",
        minutes=30,
        summary="Elle a trouvé un local",
        is_shared=True,
        by=advisor,
        at=at - timedelta(days=3),
        **step,
    )
    write_note(project=project, text="À relancer", is_shared=False, by=advisor, at=at - timedelta(days=2))
    document(project, advisor)
    colleague = UserFactory(advisor=True, territory=project.territory, name="Alix Martin")
    hand_over(projects=[project], to=colleague, by=advisor, at=at + timedelta(seconds=1), note="Congé")
    content = page(client, url("project", project))
    words = ["Congé", "Devis", "À relancer", "Elle a trouvé un local", "Vu ensemble"]
    places = [content.index(word) for word in words]
    assert places == sorted(places)
    assert (content.count("partagé avec la personne</span>"), content.count("privé à l’équipe")) == (1, 2)


def test_the_page_says_how_to_reach_the_holder(client, project):
    content = page(client, url("project", project))
    assert ('href="tel:+33612345678"' in content, 'href="mailto:zoe@example.org"' in content) == (True, True)
    assert reverse("accounts_staff:person", args=[project.holder_id]) in content


def test_a_reader_sees_neither_contacts_nor_buttons(client, project, login_as):
    login_as(Role.READER, project.territory)
    content = page(client, url("project", project))
    seen = [words in content for words in ("Épicerie du port", "zoe@example.org", "<textarea", "Noter un entretien")]
    assert (seen, 'method="post" action="/gestion/projets' in content) == ([True, False, False, False], False)


def test_a_long_past_takes_as_many_queries_as_a_short_one(client, project, advisor, django_assert_max_num_queries):
    def fill():
        write_note(project=project, text="Note", is_shared=False, by=UserFactory(), at=timezone.now())
        document(project, UserFactory())

    fill()
    page(client, url("project", project))
    with django_assert_max_num_queries(30) as few:
        page(client, url("project", project))
    for _ in range(3):
        fill()
    with django_assert_max_num_queries(30) as many:
        page(client, url("project", project))
    assert len(few) == len(many)


# --- interviews and notes --------------------------------------------------------------------------------------------


def test_an_interview_asks_for_the_next_step(client, project):
    told = {"held_at": "2026-01-05T10:00", "mode": "phone", "summary": "Bien parlé"}
    refused = client.post(url("interview_add", project), told)
    assert (refused.status_code, Interview.objects.count()) == (422, 0)
    assert "Bien parlé" in refused.content.decode()
    accepted = client.post(url("interview_add", project), told | next_step())
    interview, project = Interview.objects.get(), Project.objects.get()
    assert (accepted.status_code, interview.is_shared, project.next_step) == (302, False, "Rappeler")


@pytest.mark.parametrize("held_at", ["1900-01-01T10:00", "2999-01-01T10:00", "hier"])
def test_an_interview_was_held_not_long_ago(held_at, client, project):
    told = {"held_at": held_at, "mode": "phone", "summary": "x"} | next_step()
    assert (client.post(url("interview_add", project), told).status_code, Interview.objects.count()) == (422, 0)


def test_an_interview_is_corrected(client, project, advisor):
    client.post(
        url("interview_add", project), {"held_at": "2026-01-05T10:00", "mode": "phone", "summary": "A"} | next_step()
    )
    interview = Interview.objects.get()
    told = {"held_at": "2026-01-05T11:00", "mode": "video", "minutes": "45", "summary": "B", "is_shared": "on"}
    assert client.post(url("interview_change", interview), told).status_code == 302
    interview.refresh_from_db()
    assert (interview.mode, interview.minutes, interview.summary, interview.is_shared) == ("video", 45, "B", True)


def test_a_note_is_private_unless_one_says_otherwise(client, project):
    client.post(url("note_add", project), {"text": "Pour nous"})
    client.post(url("note_add", project), {"text": "Pour elle", "is_shared": "on"})
    assert list(Note.objects.order_by("pk").values_list("text", "is_shared")) == [
        ("Pour nous", False),
        ("Pour elle", True),
    ]


def test_a_note_sent_twice_is_written_once(client, project):
    for _ in range(2):
        response = client.post(url("note_add", project), {"text": "Une fois", "form_token": "a" * 32})
        assert response.url == url("project", project)
    assert Note.objects.count() == 1


def test_an_empty_note_is_refused_and_may_be_sent_again(client, project):
    assert client.post(url("note_add", project), {"text": " ", "form_token": "b" * 32}).status_code == 422
    assert client.post(url("note_add", project), {"text": "Mieux", "form_token": "b" * 32}).status_code == 302


def test_a_note_is_rewritten(client, project, advisor):
    note = write_note(project=project, text="A", is_shared=True, by=advisor, at=timezone.now())
    client.post(url("note_change", note), {"text": "B"})
    note.refresh_from_db()
    assert (note.text, note.is_shared) == ("B", False)


# --- documents -------------------------------------------------------------------------------------------------------


def test_a_document_is_served_as_a_download_that_no_cache_keeps(client, project):
    client.post(url("document_add", project), {"title": "Devis", "upload": pdf()})
    row = ProjectDocument.objects.get()
    response = client.get(url("project_document", row))
    assert b"".join(response.streaming_content) == PDF
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert response["Content-Disposition"] == 'attachment; filename="devis.pdf"'
    assert (row.is_shared, "devis" in row.file.name) == (False, False)


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (lambda: pdf("page.html", b"<script>alert(1)</script>"), "n’est pas accepté"),
        (lambda: pdf("faux.pdf", b"MZ\x90\x00" + b"\0" * 99), "mais son contenu"),
        (lambda: pdf("lourd.pdf", PDF + b"0" * 50_000_000), "dépasse"),
        (lambda: pdf("vide.pdf", b""), "vide"),
        (
            lambda: pdf("bombe.docx", zip_bytes({"word/document.xml": b"0" * 101_000_000})),
            "contient beaucoup plus",
        ),
    ],
)
def test_a_file_that_is_not_a_small_document_is_refused(upload, words, client, project):
    response = client.post(url("document_add", project), {"title": "Devis", "upload": upload()})
    content = response.content.decode()
    assert (response.status_code, words in content, ProjectDocument.objects.count()) == (422, True, 0)
    assert 'value="Devis"' in content


@pytest.mark.parametrize(
    ("role", "here", "status"),
    [
        (Role.READER, True, 200),
        (Role.MANAGER, None, 200),
        (Role.ADVISOR, False, 404),
        (Role.OFFICIAL, True, 404),
    ],
)
def test_a_document_is_for_the_staff_of_the_territory(role, here, status, client, project, advisor, login_as):
    row = document(project, advisor, is_shared=True)
    login_as(role, None if here is None else project.territory if here else TerritoryFactory())
    assert client.get(url("project_document", row)).status_code == status


def test_a_document_is_shared_then_private_again_then_removed(client, project, advisor):
    row = document(project, advisor)
    seen = []
    for wish in ("1", "0"):
        client.post(url("document_share", row), {"is_shared": wish})
        row.refresh_from_db()
        seen.append(row.is_shared)
    client.post(url("document_remove", row))
    assert (seen, ProjectDocument.objects.count()) == ([True, False], 0)


@pytest.mark.parametrize("name", ["document_share", "document_remove"])
def test_a_reader_changes_no_document(name, client, project, advisor, login_as):
    row = document(project, advisor)
    login_as(Role.READER, project.territory)
    assert client.post(url(name, row), {"is_shared": "1"}).status_code == 403
    login_as(Role.ADVISOR, TerritoryFactory())
    assert client.post(url(name, row), {"is_shared": "1"}).status_code == 404
    assert list(ProjectDocument.objects.values_list("is_shared", flat=True)) == [False]


# --- corrections -----------------------------------------------------------------------------------------------------


def shown(client, address):
    """What the form of a page sends when nobody touches it."""
    form = client.get(address).context["form"]
    sent = {}
    for field in form:
        value = field.value()
        if isinstance(value, list):
            sent[field.name] = [getattr(each, "pk", each) for each in value]
        elif value not in (None, False):
            sent[field.name] = getattr(value, "pk", value)
    return sent


def test_a_project_is_corrected(client, project):
    theme, referrer = ThemeFactory(), OrganisationFactory(kind=OrganisationKind.REFERRER)
    colleague = UserFactory(advisor=True, territory=project.territory)
    sent = shown(client, url("project_change", project))
    sent |= {"title": "Épicerie de quai", "themes": [theme.pk], "referrer": referrer.pk, "observers": [colleague.pk]}
    assert client.post(url("project_change", project), sent).status_code == 302
    project.refresh_from_db()
    assert (project.title, project.referrer) == ("Épicerie de quai", referrer)
    assert (list(project.themes.all()), list(project.observers.all())) == ([theme], [colleague])


def test_the_second_to_correct_a_project_is_told_what_the_first_saved(client, project):
    sent = shown(client, url("project_change", project))
    Project.objects.filter(pk=project.pk).update(title="Titre d’une collègue")
    refused = client.post(url("project_change", project), sent | {"title": "Mon titre"})
    content = refused.content.decode()
    assert (refused.status_code, "Titre d’une collègue" in content, 'value="Mon titre"' in content) == (409, True, True)
    project.refresh_from_db()
    assert project.title == "Titre d’une collègue"


def test_the_second_to_rewrite_a_note_is_told_what_the_first_wrote(client, project, advisor):
    note = write_note(project=project, text="A", is_shared=False, by=advisor, at=timezone.now())
    sent = shown(client, url("note_change", note))
    Note.objects.filter(pk=note.pk).update(text="Écrit par Alix")
    refused = client.post(url("note_change", note), sent | {"text": "Écrit par moi"})
    content = refused.content.decode()
    assert (refused.status_code, content.count("Écrit par Alix"), "Écrit par moi" in content) == (409, 1, True)
    note.refresh_from_db()
    assert note.text == "Écrit par Alix"


def test_the_premises_it_looks_for_are_noted(client, project):
    sent = shown(client, url("premises_need", project)) | {"min_area_m2": "40", "needs_water": "true"}
    assert client.post(url("premises_need", project), sent).status_code == 302
    need = PremisesNeed.objects.get(project=project)
    assert (need.min_area_m2, need.needs_water, need.needs_step_free) == (40, True, None)
    reversed_area = client.post(url("premises_need", project), sent | {"max_area_m2": "20"})
    assert (reversed_area.status_code, "plus petite" in reversed_area.content.decode()) == (409, True)


@pytest.mark.parametrize("day", ["1900-01-01", "2999-01-01", "bientôt"])
def test_premises_are_not_wanted_from_an_impossible_day(day, client, project):
    sent = shown(client, url("premises_need", project)) | {"wanted_from": day, "min_area_m2": "40"}
    response = client.post(url("premises_need", project), sent)
    content = response.content.decode()
    assert (response.status_code, 'value="40"' in content, PremisesNeed.objects.count()) == (422, True, 0)


def test_the_source_is_never_left_out(client, project):
    sent = shown(client, url("project_change", project)) | {"source": ""}
    assert client.post(url("project_change", project), sent).status_code == 422
    assert Project.objects.get().source == Source.PERMANENCE
