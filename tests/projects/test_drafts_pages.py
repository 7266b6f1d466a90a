"""The three steps as a visitor walks them: forward, back, twice, too late."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coopconnexion import throttle
from coopconnexion.notices.models import Message
from projects import services
from projects.models import DraftLink, Project, ProjectDraft
from projects.views import drafts
from tests.factories import TerritoryFactory, ThemeFactory

pytestmark = pytest.mark.django_db

START, PROJECT, NEEDS, REVIEW, DONE = (
    reverse(f"projects:draft_{name}") for name in ("start", "project", "needs", "review", "done")
)
CONTACT = {"first_name": "Élodie", "last_name": "Lefèbvre", "email": "elodie@example.org", "phone": "06 12 34 56 78"}
NEEDED = {"premises": "yes", "min_area_m2": "40 m²", "max_monthly_rent": "450,50 €", "features": ["needs_water"]}


@pytest.fixture
def territory():
    return TerritoryFactory(name="Béthune")


@pytest.fixture
def told(territory):
    return {"title": "Épicerie en vrac", "pitch": "Pour le quartier 🥕", "territory": territory.pk}


def start(client, **others):
    return client.post(START, CONTACT | {"form_token": uuid4()} | others)


def shown(client, url):
    """Open the page of a step; return what it would send if nothing were typed."""
    form = client.get(url).context["form"]
    return {name: value for name in form.fields if (value := form[name].value()) not in (None, "")}


def walk(client, told, **others):
    start(client, **others)
    client.post(PROJECT, told)
    return client.post(NEEDS, NEEDED)


def resume_url(kind="draft-started") -> str:
    return re.search(r"/projets/reprendre/\w+/", Message.objects.filter(kind=kind).latest("pk").text)[0]


# --- the way -------------------------------------------------------------------------------------------------------


def test_three_steps_and_a_button_make_a_project(client, told, territory):
    assert start(client).url == PROJECT
    assert client.post(PROJECT, told).url == NEEDS
    assert client.post(NEEDS, NEEDED).url == REVIEW
    page = client.get(REVIEW).text
    wanted = ["Élodie Lefèbvre", "Épicerie en vrac", "🥕", "Béthune", "au moins 40\u00a0m²", "450,50\u00a0€ par mois"]
    assert [words for words in wanted if words not in page] == []
    assert client.post(REVIEW).url == DONE
    assert "Nous avons bien reçu votre projet" in client.get(DONE).text
    project = Project.objects.get()
    assert (project.title, project.premises_need.min_area_m2, project.premises_need.needs_water) == (
        "Épicerie en vrac",
        40,
        True,
    )


def test_the_pages_ask_for_few_queries(client, told, django_assert_max_num_queries):
    ThemeFactory.create_batch(3)
    walk(client, told)
    for url, limit in ((START, 4), (PROJECT, 4), (NEEDS, 2), (REVIEW, 4)):
        with django_assert_max_num_queries(limit):
            client.get(url)


def test_the_cookie_is_for_this_part_of_the_site_and_no_script(client, settings):
    settings.SESSION_COOKIE_SECURE = True
    cookie = start(client).cookies["projet"]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"]) == (
        True,
        True,
        "Lax",
        "/projets/",
    )
    token = cookie.value.split(":")[0]
    assert not DraftLink.objects.filter(token_hash=token).exists()


def test_no_page_hands_out_a_link(client, told):
    walk(client, told)
    token = client.cookies["projet"].value.split(":")[0]
    mailed = resume_url().split("/")[-2]
    pages = [client.get(url).text for url in (START, PROJECT, NEEDS, REVIEW)]
    assert [page for page in pages if token in page or mailed in page or "/reprendre/" in page] == []


def test_going_back_and_forth_keeps_everything(client, told):
    walk(client, told)
    assert shown(client, START)["first_name"] == "Élodie"
    assert shown(client, PROJECT)["pitch"] == "Pour le quartier 🥕"
    needs = shown(client, NEEDS)
    assert (needs["min_area_m2"], needs["max_monthly_rent"], needs["features"]) == (40, "450.50", ["needs_water"])


def test_turning_back_keeps_even_what_is_not_valid_yet(client, told):
    start(client)
    answer = client.post(PROJECT, {"pitch": "Je commence par la fin", "back": "1"})
    assert answer.url == START
    assert shown(client, PROJECT)["pitch"] == "Je commence par la fin"
    assert client.post(PROJECT, told | shown(client, PROJECT)).url == NEEDS


def test_a_step_cannot_be_jumped_over(client, told):
    assert [client.get(url).url for url in (PROJECT, NEEDS, REVIEW, DONE)] == [START] * 4
    start(client)
    assert [client.get(url).url for url in (NEEDS, REVIEW)] == [PROJECT] * 2
    client.post(PROJECT, told)
    assert client.get(REVIEW).url == NEEDS


def test_a_step_left_unfinished_is_asked_again_before_sending(client, told):
    walk(client, told)
    client.post(PROJECT, {"title": "", "back": "1"})
    assert client.get(REVIEW).url == PROJECT


def test_one_territory_is_chosen_already(client, territory):
    start(client)
    assert shown(client, PROJECT)["territory"] == territory.pk


# --- what people get wrong -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "typed", "field", "words"),
    [
        (START, {"email": "elodie@"}, "email", "Saisissez une adresse"),
        (START, {"first_name": "www.spam.example"}, "first_name", "sans adresse de site"),
        (START, {"first_name": ""}, "first_name", "obligatoire"),
        (START, {"phone": "12"}, "phone", "06"),
        (PROJECT, {"pitch": "é" * 5000}, "pitch", "5000 caractères"),
        (PROJECT, {"territory": "999999"}, "territory", "n’est plus proposé"),
        (PROJECT, {"themes": ["999999"]}, "themes", "n’est plus proposé"),
        (PROJECT, {"title": "x" * 201}, "title", "200"),
        (NEEDS, {"max_area_m2": "30"}, "max_area_m2", "plus petite"),
        (NEEDS, {"min_area_m2": "grand"}, "min_area_m2", "mètres carrés"),
        (NEEDS, {"max_monthly_rent": "cher"}, "max_monthly_rent", "somme en euros"),
        (NEEDS, {"max_monthly_rent": "-1"}, "max_monthly_rent", "0"),
        (NEEDS, {"premises": ""}, "premises", "local"),
        (NEEDS, {"wanted_from": "1900-01-01"}, "wanted_from", "choix"),
        (NEEDS, {"note": "x" * 1001}, "note", "1001"),
    ],
)
def test_a_mistake_is_said_at_its_field_and_nothing_is_lost(client, told, url, typed, field, words):
    start(client)
    client.post(PROJECT, told)
    before = ProjectDraft.objects.get().data
    usual = {START: CONTACT, PROJECT: told, NEEDS: NEEDED}[url]
    response = client.post(url, usual | typed)
    assert response.status_code == 422
    assert words in " ".join(response.context["form"].errors[field])
    assert ProjectDraft.objects.get().data == before
    assert [name for name in usual if name in ("pitch", "title", "first_name") and name not in response.text] == []


def test_line_breaks_in_a_name_reach_no_header(client):
    start(client, first_name="Élodie\r\nBcc: all", last_name="L\nF")
    message = Message.objects.get()
    assert (message.to_email, "\n" in message.subject, "Bcc: all" in message.subject) == (
        CONTACT["email"],
        False,
        False,
    )
    assert ProjectDraft.objects.get().data["contact"]["first_name"] == "Élodie Bcc: all"


def test_an_address_with_a_second_one_is_refused(client):
    response = start(client, email="elodie@example.org\r\nBcc: b@example.org")
    assert (response.status_code, Message.objects.count()) == (422, 0)


def test_a_robot_is_thanked_and_nothing_is_kept(client):
    response = start(client, site_web="https://spam.example")
    assert (response.status_code, "Regardez votre messagerie" in response.text) == (200, True)
    assert (ProjectDraft.objects.count(), Message.objects.count()) == (0, 0)


def test_a_long_name_and_emoji_are_shown_as_they_are(client, told):
    walk(client, told | {"title": "🥐" * 200})
    client.post(REVIEW)
    assert Project.objects.get().title == "🥐" * 200


def test_markup_is_shown_as_text(client, told):
    walk(client, told | {"pitch": "<script>alert(1)</script>"})
    assert "<script>alert" not in client.get(REVIEW).text


# --- twice, too late, elsewhere --------------------------------------------------------------------------------------


def test_sending_twice_gives_one_project_and_the_same_answer(client, told):
    walk(client, told)
    assert [client.post(REVIEW).url for _ in range(2)] == [DONE, DONE]
    assert Project.objects.count() == 1
    assert [client.get(url).url for url in (PROJECT, NEEDS, REVIEW)] == [DONE] * 3


def test_starting_twice_with_one_form_makes_one_draft(client):
    token = uuid4()
    for each in (client, Client()):
        each.post(START, CONTACT | {"form_token": token})
    assert (ProjectDraft.objects.count(), Message.objects.count()) == (1, 1)


def test_two_tabs_are_told_of_each_other(client, told):
    start(client)
    client.post(PROJECT, told)
    first, second = shown(client, PROJECT), shown(client, PROJECT)
    assert client.post(PROJECT, first | {"title": "Épicerie fine"}).url == NEEDS
    response = client.post(PROJECT, second | {"title": "Épicerie du coin"})
    assert response.status_code == 409
    assert "Épicerie fine" in response.text
    again = response.context["form"]
    client.post(PROJECT, second | {"title": "Épicerie du coin", "version": again["version"].value()})
    assert ProjectDraft.objects.get().data["project"]["title"] == "Épicerie du coin"


def test_after_sending_one_may_begin_another(client, told):
    walk(client, told)
    client.post(REVIEW)
    assert client.get(START).context["draft"] is None
    assert start(client, form_token=uuid4()).url == PROJECT
    assert ProjectDraft.objects.unfinished().count() == 1


def test_a_step_typed_after_the_draft_went_is_given_back(client, told):
    start(client)
    services.drop_draft(draft=ProjectDraft.objects.get(), at=timezone.now())
    response = client.post(PROJECT, told)
    assert response.status_code == 410
    assert "Pour le quartier 🥕" in response.text
    assert client.get(PROJECT).url == START
    assert "n’est plus ouvert dans ce navigateur" in client.get(START).text


@pytest.mark.parametrize("value", ["", "perdu", "perdu:1abcde:xyz"])
def test_a_cookie_that_was_tampered_with_opens_nothing(client, value):
    start(client)
    client.cookies["projet"] = value
    assert client.get(PROJECT).url == START


def test_an_old_cookie_opens_nothing(client, time_machine):
    time_machine.move_to("2027-05-06T09:00:00Z")
    start(client)
    time_machine.move_to("2027-05-27T09:00:00Z")
    assert client.get(PROJECT).url == START


def test_the_link_of_the_message_opens_the_draft_elsewhere_with_one_button(client, told):
    start(client)
    client.post(PROJECT, told)
    elsewhere = Client()
    page = elsewhere.get(resume_url())
    assert ("Reprendre où j’en étais" in page.text, "projet" in page.cookies) == (True, False)
    assert client.get(NEEDS).status_code == 200
    assert elsewhere.post(resume_url()).url == NEEDS
    assert shown(elsewhere, PROJECT)["title"] == "Épicerie en vrac"
    assert client.get(NEEDS).url == START


def test_the_link_of_a_whole_draft_leads_to_its_summary(client, told):
    walk(client, told)
    assert Client().post(resume_url()).url == REVIEW


def test_the_link_of_a_sent_project_says_so(client, told):
    walk(client, told)
    client.post(REVIEW)
    for response in (Client().get(resume_url()), Client().post(resume_url())):
        assert (response.status_code, "déjà parti" in response.text) == (200, True)


def test_a_stale_link_says_what_to_do(client):
    start(client)
    services.drop_draft(draft=ProjectDraft.objects.get(), at=timezone.now() - timedelta(seconds=1))
    for url in (resume_url(), reverse("projects:draft_resume", args=["perdu"])):
        response = client.get(url)
        assert (response.status_code, "plus valable" in response.text) == (404, True)


def test_who_gives_up_wipes_everything(client, told):
    walk(client, told)
    assert client.post(reverse("projects:draft_drop")).url == START
    draft = ProjectDraft.objects.get()
    assert (draft.data, draft.email, client.get(REVIEW).url) == ({}, "", START)


def test_a_busy_network_confirms_the_address_first(client, told, monkeypatch):
    monkeypatch.setattr(throttle, "POSTS_PER_HOUR", 1)
    walk(client, told)
    response = client.post(REVIEW)
    assert (response.status_code, "Ouvrez le lien de notre message" in response.text) == (409, True)
    elsewhere = Client()
    elsewhere.post(resume_url())
    assert elsewhere.post(REVIEW).url == DONE


def test_a_busy_network_writes_to_nobody(client, told, monkeypatch):
    monkeypatch.setattr(throttle, "POSTS_PER_HOUR", 2)
    for number in range(5):
        start(Client(), email=f"inconnue{number}@example.org")
    assert Message.objects.count() == 2
    walk(client, told)
    response = client.post(REVIEW)
    assert (response.status_code, "Revenez dans une heure" in response.text) == (409, True)


def test_one_network_does_not_have_us_thank_everybody(client, told, monkeypatch):
    """Past a few sendings an hour the address is confirmed; who opens the link sends at once."""
    monkeypatch.setattr(drafts, "SENDINGS_PER_HOUR", 2)
    answers = []
    for number in range(4):
        visitor = Client()
        walk(visitor, told, email=f"inconnue{number}@example.org")
        answers.append(visitor.post(REVIEW).status_code)
    assert (answers, Message.objects.filter(kind="draft-received").count()) == ([302, 302, 409, 409], 2)
    honest = Client()
    honest.post(resume_url())
    assert honest.post(REVIEW).url == DONE


def test_an_address_written_to_too_often_is_left_alone(client):
    for _ in range(8):
        start(Client())
    response = client.post(START, CONTACT | {"form_token": uuid4()}, follow=True)
    assert "dans ce navigateur seulement" in response.text
    assert Message.objects.count() == 8


def test_the_public_pages_lead_here(client):
    for url in (reverse("site:home"), reverse("permanences:permanence_list")):
        assert START in client.get(url).text
