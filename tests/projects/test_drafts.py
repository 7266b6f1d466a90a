"""A visitor writes a project in three steps: what is kept, what is sent, what is forgotten."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from coopconnexion.accounts.models import Person
from coopconnexion.notices.models import Message
from projects import services
from projects.enums import Source, Stage
from projects.models import DraftLink, Note, PremisesNeed, Project, ProjectDraft
from projects.services import sending
from tests.factories import MessageFactory, PersonFactory, ProjectFactory, TerritoryFactory, ThemeFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 5, 6, 9, tzinfo=UTC)
DAY = timedelta(days=1)
CONTACT = {"first_name": "Élodie", "last_name": "Lefèbvre", "email": "elodie@example.org", "phone": "+33612345678"}
NEEDS = {
    "premises": "yes",
    "min_area_m2": 40,
    "max_area_m2": 60,
    "max_monthly_rent": "450.50",
    "features": ["needs_water", "needs_shop_window"],
    "wanted_from": "2027-09-01",
    "note": "Près de la gare",
    "heard_from": "la ville",
}


def project_answers(territory, **others) -> dict:
    told = {"title": "Épicerie en vrac", "pitch": "Pour le quartier 🥕", "intended_activity": "épicerie"}
    return told | {"territory": territory.pk, "themes": [ThemeFactory().pk]} | others


def started(**others) -> ProjectDraft:
    return services.start_draft(contact=CONTACT | others, form_token=uuid4(), at=NOW)[0]


@pytest.fixture
def territory():
    return TerritoryFactory()


@pytest.fixture
def draft(territory):
    draft = started()
    services.save_step(draft=draft, step="project", answers=project_answers(territory), at=NOW)
    return services.save_step(draft=draft, step="needs", answers=NEEDS, at=NOW)


def mailed_token(kind: str) -> str:
    return re.search(r"/projets/reprendre/(\w+)/", Message.objects.filter(kind=kind).latest("pk").text)[1]


def opened(token: str, at=NOW) -> DraftLink | None:
    return DraftLink.objects.opened_by(token, at).first()


# --- beginning -------------------------------------------------------------------------------------------------------


def test_a_draft_keeps_who_writes_and_goes_by_mail_with_a_link():
    draft, token = services.start_draft(contact=CONTACT, form_token=uuid4(), at=NOW)
    assert (draft.email, draft.step, draft.first_name) == ("elodie@example.org", 2, "Élodie")
    assert {opened(token).draft, opened(mailed_token("draft-started")).draft} == {draft}
    assert token != mailed_token("draft-started")
    assert DraftLink.objects.filter(token_hash__in=[token]).count() == 0


def test_a_double_submit_finds_the_same_draft_and_writes_once():
    token = uuid4()
    first, _ = services.start_draft(contact=CONTACT, form_token=token, at=NOW)
    second, _ = services.start_draft(contact=CONTACT, form_token=token, at=NOW)
    assert (first, Message.objects.count()) == (second, 1)


def test_nobody_is_flooded_through_the_form():
    drafts = [started() for _ in range(9)]
    assert [draft.data["is_link_sent"] for draft in drafts] == [True] * 8 + [False]
    assert Message.objects.count() == 8


def test_another_address_closes_the_links_sent_to_the_wrong_one():
    draft, token = services.start_draft(contact=CONTACT, form_token=uuid4(), at=NOW)
    mailed = mailed_token("draft-started")
    draft, new = services.save_contact(draft=draft, contact=CONTACT | {"email": "elo@example.org"}, at=NOW)
    assert [opened(each) for each in (token, mailed)] == [None, None]
    assert (opened(new).draft, draft.email) == (draft, "elo@example.org")
    assert Message.objects.latest("pk").to_email == "elo@example.org"


def test_a_corrected_name_keeps_the_way_in():
    draft, token = services.start_draft(contact=CONTACT, form_token=uuid4(), at=NOW)
    draft, new = services.save_contact(draft=draft, contact=CONTACT | {"first_name": "Elodie"}, at=NOW)
    assert (new, opened(token).draft.first_name, Message.objects.count()) == ("", "Elodie", 1)


def test_a_link_opened_elsewhere_closes_the_first_browser():
    draft, token = services.start_draft(contact=CONTACT, form_token=uuid4(), at=NOW)
    mailed = mailed_token("draft-started")
    new = services.resume_draft(link=opened(mailed), at=NOW)
    assert (opened(token), opened(new).draft, opened(mailed).draft) == (None, draft, draft)


# --- sending ---------------------------------------------------------------------------------------------------------


def test_a_sent_draft_becomes_a_project_with_its_needs(draft, territory):
    draft = services.send_draft(draft=draft, at=NOW)
    project = draft.project
    assert (str(project.holder), project.holder.email, str(project.holder.phone)) == (
        "Élodie Lefèbvre",
        "elodie@example.org",
        "06 12 34 56 78",
    )
    assert (project.title, project.pitch, project.intended_activity) == (
        "Épicerie en vrac",
        "Pour le quartier 🥕",
        "épicerie",
    )
    assert (project.territory, project.stage, project.source, project.source_detail) == (
        territory,
        Stage.FIRST_CONTACT,
        Source.WEB,
        "la ville",
    )
    assert (project.next_step_on, project.themes.count()) == (date(2027, 5, 13), 1)
    need = project.premises_need
    assert (need.min_area_m2, need.max_area_m2, need.max_monthly_rent, need.wanted_from, need.note) == (
        40,
        60,
        Decimal("450.50"),
        date(2027, 9, 1),
        "Près de la gare",
    )
    assert (need.needs_water, need.needs_shop_window, need.needs_step_free, need.needs_extraction) == (
        True,
        True,
        None,
        None,
    )


def test_what_was_written_is_wiped_once_sent(draft):
    draft = services.send_draft(draft=draft, at=NOW)
    draft.refresh_from_db()
    assert (draft.data, draft.email, draft.submitted_at) == ({}, "", NOW)
    assert set(Message.objects.filter(key__startswith=f"draft:{draft.pk}:").values_list("person", flat=True)) == {
        draft.project.holder_id
    }


def test_a_second_submit_changes_nothing(draft):
    first = services.send_draft(draft=draft, at=NOW)
    second = services.send_draft(draft=draft, at=NOW + DAY)
    assert (first.project, second.submitted_at) == (second.project, NOW)
    assert (Project.objects.count(), Message.objects.filter(kind="draft-received").count()) == (1, 1)


def test_the_only_advisor_follows_the_project_and_is_told_once(draft, territory):
    advisor = UserFactory(advisor=True, territory=territory)
    UserFactory(manager=True)
    UserFactory(reader=True, territory=territory)
    UserFactory(advisor=True, territory=TerritoryFactory())
    project = services.send_draft(draft=draft, at=NOW).project
    assert project.advisor == advisor
    assert list(Message.objects.filter(kind="draft-told").values_list("to_email", flat=True)) == [advisor.email]


def test_several_advisors_are_told_and_none_is_chosen(draft, territory):
    advisors = [UserFactory(advisor=True, territory=territory) for _ in range(2)]
    project = services.send_draft(draft=draft, at=NOW).project
    told = Message.objects.filter(kind="draft-told").order_by("to_email").values_list("to_email", flat=True)
    assert (project.advisor, list(told)) == (None, sorted(each.email for each in advisors))


def test_without_an_advisor_the_direction_is_told(draft):
    manager = UserFactory(manager=True)
    services.send_draft(draft=draft, at=NOW)
    assert Message.objects.get(kind="draft-told").to_email == manager.email


def test_who_is_known_is_recognised(draft):
    known = PersonFactory(first_name="Elodie", last_name="LEFEBVRE", email="elodie@example.org")
    assert services.send_draft(draft=draft, at=NOW).project.holder == known
    assert Person.objects.count() == 1


def test_what_is_added_to_a_known_project_is_kept_as_a_private_note(draft, territory):
    known = PersonFactory(first_name="Élodie", last_name="Lefèbvre", email="elodie@example.org")
    project = ProjectFactory(holder=known, territory=territory, title="épicerie en VRAC", pitch="Avant")
    draft = services.send_draft(draft=draft, at=NOW)
    note = Note.objects.get()
    project.refresh_from_db()
    assert (draft.project, project.pitch, project.source) == (project, "Avant", Source.PERMANENCE)
    assert ("Pour le quartier 🥕" in note.text, note.is_shared) == (True, False)
    assert PremisesNeed.objects.get().project == project


def test_the_same_project_sent_again_is_the_same_project(draft, territory):
    first = services.send_draft(draft=draft, at=NOW).project
    again = started()
    told = project_answers(territory, pitch="Avec un café")
    services.save_step(draft=again, step="project", answers=told, at=NOW)
    services.save_step(draft=again, step="needs", answers=NEEDS | {"max_area_m2": 90}, at=NOW)
    again = services.send_draft(draft=again, at=NOW)
    assert (again.project, first.drafts.count(), Project.objects.count()) == (first, 2, 1)
    assert ("Avec un café" in Note.objects.get().text, PremisesNeed.objects.get().max_area_m2) == (True, 60)


def test_no_premises_no_need(draft):
    services.save_step(draft=draft, step="needs", answers=NEEDS | {"premises": "no"}, at=NOW)
    services.send_draft(draft=draft, at=NOW)
    assert PremisesNeed.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda draft: draft.data.pop("needs"), "draft_incomplete"),
        (lambda draft: draft.data.update(typed={"needs": {"note": "x"}}), "draft_incomplete"),
        (lambda draft: draft.data["project"].update(territory=0), "draft_incomplete"),
        (lambda draft: setattr(draft, "dropped_at", NOW), "draft_dropped"),
    ],
)
def test_a_draft_that_is_not_ready_is_refused(draft, change, code):
    change(draft)
    draft.save()
    with pytest.raises(ValidationError) as refusal:
        services.send_draft(draft=draft, at=NOW)
    assert (refusal.value.code, Project.objects.count(), Person.objects.count()) == (code, 0, 0)


def test_from_a_busy_network_the_address_is_confirmed_first(draft):
    with pytest.raises(ValidationError) as refusal:
        services.send_draft(draft=draft, suspicious=True, at=NOW)
    assert (refusal.value.code, Project.objects.count()) == ("confirm_first", 0)
    services.resume_draft(link=opened(mailed_token("draft-started")), at=NOW)
    assert services.send_draft(draft=draft, suspicious=True, at=NOW).project


@pytest.mark.parametrize(("age", "is_sent"), [(timedelta(minutes=59), False), (timedelta(minutes=61), True)])
def test_when_projects_pour_in_from_everywhere_the_address_is_confirmed_first(draft, monkeypatch, age, is_sent):
    monkeypatch.setattr(sending, "RECEIVED_PER_HOUR", 2)
    for _ in range(2):
        MessageFactory(kind="draft-received", created_at=NOW - age)
    if not is_sent:
        with pytest.raises(ValidationError) as refusal:
            services.send_draft(draft=draft, at=NOW)
        assert refusal.value.code == "confirm_first"
        services.resume_draft(link=opened(mailed_token("draft-started")), at=NOW)
    assert services.send_draft(draft=draft, at=NOW).project


def test_a_fourth_project_in_a_day_asks_for_a_call(draft, territory):
    holder = PersonFactory(first_name="Élodie", last_name="Lefèbvre", email="elodie@example.org")
    for _ in range(3):
        project = ProjectFactory(holder=holder, territory=territory)
        ProjectDraft.objects.create(email="", submitted_at=NOW, project=project)
    with pytest.raises(ValidationError) as refusal:
        services.send_draft(draft=draft, at=NOW)
    assert (refusal.value.code, ProjectDraft.objects.unfinished().count()) == ("too_many_projects", 1)


@pytest.mark.parametrize("ending", ["submitted_at", "dropped_at"])
def test_a_draft_that_is_over_takes_nothing_more(ending):
    draft = started()
    ProjectDraft.objects.filter(pk=draft.pk).update(**{ending: NOW})
    link = DraftLink.objects.filter(draft=draft).first()
    for refused in (
        lambda: services.save_step(draft=draft, step="project", answers={}, at=NOW),
        lambda: services.save_contact(draft=draft, contact=CONTACT, at=NOW),
        lambda: services.keep_typed(draft=draft, step="project", typed={}, at=NOW),
        lambda: services.resume_draft(link=link, at=NOW),
    ):
        with pytest.raises(ValidationError) as refusal:
            refused()
        assert refusal.value.code == "draft_over"


# --- left aside ------------------------------------------------------------------------------------------------------


def tend(draft, at) -> ProjectDraft:
    services.tend_draft(draft_id=draft.pk, at=at)
    draft.refresh_from_db()
    return draft


def test_an_idle_draft_is_relaunched_once_by_day_with_its_link(draft):
    night = datetime(2027, 5, 9, 22, tzinfo=UTC)
    tend(tend(tend(draft, NOW + 2 * DAY), night), night + DAY)
    message = Message.objects.get(kind="draft-relaunch")
    assert (draft.reminder, draft.reminded_at) == (message, night)
    assert message.due_at == datetime(2027, 5, 10, 6, tzinfo=UTC)
    assert opened(mailed_token("draft-relaunch")).draft == draft


def test_then_it_is_dropped_and_wiped(draft):
    tend(draft, NOW + 3 * DAY)
    assert tend(draft, NOW + 16 * DAY).dropped_at is None
    token = mailed_token("draft-relaunch")
    tend(draft, NOW + 17 * DAY)
    assert (draft.dropped_at, draft.data, draft.email) == (NOW + 17 * DAY, {}, "")
    assert opened(token, NOW + 17 * DAY) is None
    assert Person.objects.count() == 0


def test_who_comes_back_after_the_relaunch_gets_fourteen_more_days(draft, territory):
    tend(draft, NOW + 3 * DAY)
    services.save_step(draft=draft, step="project", answers=project_answers(territory), at=NOW + 10 * DAY)
    assert tend(draft, NOW + 20 * DAY).dropped_at is None
    assert tend(draft, NOW + 24 * DAY).dropped_at


def test_a_draft_sent_meanwhile_is_not_relaunched(draft):
    services.send_draft(draft=draft, at=NOW)
    tend(draft, NOW + 4 * DAY)
    assert Message.objects.filter(kind="draft-relaunch").count() == 0


def test_a_relaunch_that_has_not_left_is_held_back_when_the_draft_is_sent(draft):
    night = datetime(2027, 5, 9, 22, tzinfo=UTC)
    tend(draft, night)
    services.send_draft(draft=draft, at=night + timedelta(hours=1))
    assert Message.objects.get(kind="draft-relaunch").expired_at


def test_the_beat_job_finds_the_idle_alone(draft, monkeypatch, django_capture_on_commit_callbacks):
    asked = []
    monkeypatch.setattr("coopconnexion.jobs._send", lambda name, kwargs: asked.append((name, kwargs["draft_id"])))
    fresh, lost = started(), started()
    ProjectDraft.objects.filter(pk=fresh.pk).update(updated_at=NOW + 2 * DAY)
    ProjectDraft.objects.filter(pk=lost.pk).update(reminded_at=NOW - 20 * DAY, updated_at=NOW - 20 * DAY)
    with django_capture_on_commit_callbacks(execute=True):
        services.enqueue_idle_drafts(at=NOW + 3 * DAY)
    assert asked == [("projects.tend_draft", lost.pk), ("projects.tend_draft", draft.pk)]


def test_who_gives_up_leaves_nothing(draft):
    draft = services.drop_draft(draft=draft, at=NOW)
    assert (draft.dropped_at, draft.data, draft.email) == (NOW, {}, "")
    assert services.drop_draft(draft=draft, at=NOW + DAY).dropped_at == NOW


def test_messages_carry_no_word_that_was_typed_but_the_first_name(territory):
    draft = started()
    told = project_answers(territory, title="Gagnez de l’argent www.spam.example", pitch="https://spam.example")
    services.save_step(draft=draft, step="project", answers=told, at=NOW)
    services.save_step(draft=draft, step="needs", answers=NEEDS, at=NOW)
    tend(draft, NOW + 3 * DAY)
    services.send_draft(draft=draft, at=NOW + 3 * DAY)
    sent = Message.objects.filter(to_email="elodie@example.org")
    assert (sent.count(), [each for each in sent if "spam" in f"{each.subject}{each.text}{each.html}"]) == (3, [])
