"""« Ça m’intéresse »: a short form without account; said once, to the right project, never lost."""

import threading

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coopconnexion import throttle
from coopconnexion.accounts.models import Person
from coopconnexion.notices.models import Message
from premises.enums import Availability, InterestOrigin
from premises.models import Unit, UnitInterest
from projects.enums import Source, Stage
from projects.models import Note, Project
from tests.conftest import page
from tests.factories import PersonFactory, ProjectFactory, UnitFactory, UserFactory
from tests.projects.test_steps import project_at

pytestmark = pytest.mark.django_db

TYPED = {
    "first_name": "Élodie",
    "last_name": "Lefèbvre",
    "email": "elodie@example.org",
    "phone": "",
    "title": "Épicerie en vrac",
    "message": "Visite un samedi ?",
    "site_web": "",
}
DONE = reverse("premises:interest_done")


@pytest.fixture
def unit():
    return UnitFactory(published_at=timezone.now(), availability=Availability.YES)


def url_of(unit) -> str:
    return reverse("premises:interest", args=[unit.pk])


def send(client, unit, **changes):
    return client.post(url_of(unit), TYPED | changes)


def sign_in(client, *, email="elodie@example.org"):
    user = UserFactory(email=email)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    client.force_login(user)
    return user


def test_a_visitor_makes_a_project_and_says_what_interests_them(client, unit):
    response = send(client, unit)
    assert (response.status_code, response.url) == (302, DONE)
    interest = UnitInterest.objects.get()
    project = interest.project
    assert (interest.unit, interest.origin, interest.message) == (unit, InterestOrigin.PUBLIC, "Visite un samedi ?")
    assert (project.title, project.territory, project.source, project.stage, project.holder.email) == (
        "Épicerie en vrac",
        unit.territory,
        Source.WEB,
        Stage.FIRST_CONTACT,
        "elodie@example.org",
    )
    assert (project.next_step, project.next_step_on) == (
        "Rappeler la personne : un local l’intéresse",
        timezone.localdate() + timezone.timedelta(days=7),
    )
    assert "C’est noté" in page(client, DONE)


def test_who_wrote_is_answered_once_and_the_advisor_told(client, unit):
    advisor = UserFactory(advisor=True, territory=unit.territory)
    send(client, unit)
    confirmation = Message.objects.get(kind="interest-received")
    assert (confirmation.to_email, "rue d’Arras" in confirmation.subject) == ("elodie@example.org", True)
    assert reverse("premises:offer", args=[unit.pk]) in confirmation.text
    assert [each.to_email for each in Message.objects.exclude(pk=confirmation.pk)] == [advisor.email]


def test_the_same_person_joins_their_project_by_e_mail_and_name(client, unit):
    person = PersonFactory(first_name="Elodie", last_name="LEFEBVRE", email="elodie@example.org")
    known = ProjectFactory(holder=person, territory=unit.territory, title="épicerie en vrac")
    send(client, unit)
    assert [each.project for each in UnitInterest.objects.all()] == [known]
    assert (Person.objects.count(), Project.objects.count()) == (1, 1)


@pytest.mark.parametrize("change", [{"last_name": "Martin"}, {"email": "autre@example.org"}])
def test_another_name_or_another_address_is_another_person(client, unit, change):
    known = ProjectFactory(
        holder=PersonFactory(first_name="Élodie", last_name="Lefèbvre", email="elodie@example.org"),
        territory=unit.territory,
        title="Épicerie en vrac",
    )
    send(client, unit, **change)
    assert UnitInterest.objects.get().project != known


def test_a_phone_is_enough_and_nothing_is_mailed(client, unit):
    send(client, unit, email="", phone="06 12 34 56 78")
    interest = UnitInterest.objects.get()
    assert (interest.project.holder.email, interest.project.holder.phone.as_e164) == ("", "+33612345678")
    assert not Message.objects.filter(kind="interest-received").exists()


@pytest.mark.parametrize("change", [{}, {"email": "", "phone": "06 12 34 56 78"}])
def test_sending_twice_says_it_once(client, unit, change):
    answers = [send(client, unit, **change).status_code for _ in range(2)]
    assert (answers, UnitInterest.objects.count(), Project.objects.count(), Person.objects.count()) == (
        [302, 302],
        1,
        1,
        1,
    )
    assert Message.objects.filter(kind="interest-received").count() == (1 if not change else 0)
    assert not Note.objects.exists()


def test_what_is_added_later_is_kept_for_the_team(client, unit):
    send(client, unit)
    send(client, unit, message="Plutôt un mardi.")
    note = Note.objects.get()
    assert (note.project, "Plutôt un mardi." in note.text) == (UnitInterest.objects.get().project, True)


def test_two_people_on_the_same_unit_both_count(client, unit):
    send(client, unit)
    send(client, unit, first_name="Karim", email="karim@example.org")
    assert unit.interests.standing().count() == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"email": "", "phone": ""}, "Donnez un courriel ou un téléphone"),
        ({"email": "elodie@"}, "courriel"),
        ({"title": ""}, "obligatoire"),
        ({"first_name": ""}, "obligatoire"),
        ({"last_name": "www.exemple.org"}, "sans adresse de site"),
        ({"message": "x" * 2001}, "gardez l’essentiel"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client, unit, change, words):
    response = send(client, unit, **change)
    content = response.content.decode()
    assert (response.status_code, words in content, "Visite un samedi" in content or "message" in change) == (
        422,
        True,
        True,
    )
    assert not UnitInterest.objects.exists()


def test_a_robot_is_answered_as_everybody_and_nothing_is_kept(client, unit):
    response = send(client, unit, site_web="http://spam.example")
    assert (response.url, Person.objects.count(), Message.objects.count()) == (DONE, 0, 0)


def test_nobody_is_flooded_through_us(client, unit):
    shared = {"territory": unit.territory, "published_at": unit.published_at, "availability": Availability.YES}
    others = UnitFactory.create_batch(5, **shared)
    statuses = [send(client, each).status_code for each in (*others, unit)]
    assert statuses == [302] * 5 + [409]
    assert unit.interests.count() == 0
    assert Message.objects.filter(kind="interest-received").count() <= 5


def test_a_busy_network_is_asked_to_call_and_keeps_what_it_typed(client, unit, monkeypatch):
    monkeypatch.setattr(throttle, "POSTS_PER_HOUR", 0)
    response = send(client, unit)
    content = response.content.decode()
    assert (response.status_code, "votre réseau" in content, "Visite un samedi" in content) == (409, True, True)
    assert not Person.objects.exists()


def test_a_unit_withdrawn_meanwhile_is_refused_and_keeps_what_was_typed(client, unit):
    Unit.objects.filter(pk=unit.pk).update(published_at=None)
    response = send(client, unit)
    content = response.content.decode()
    assert (response.status_code, "vient d’être retiré" in content) == (409, True)
    assert all(words in content for words in ("Épicerie en vrac", "Visite un samedi", "elodie@example.org"))
    assert (UnitInterest.objects.count(), Person.objects.count()) == (0, 0)


def test_a_unit_that_never_was_is_not_there(client):
    assert client.post(reverse("premises:interest", args=[999_999])).status_code == 404


# --- signed in -------------------------------------------------------------------------------------------------------


def test_who_is_signed_in_picks_one_of_their_projects(client, unit):
    user = sign_in(client)
    person = PersonFactory(email=user.email)
    mine = [ProjectFactory(holder=person, title=title) for title in ("Épicerie", "Café vélo")]
    project_at(Stage.REFUSED, holder=person, title="Projet fini")
    ProjectFactory(title="Projet d’autrui")
    content = page(client, url_of(unit))
    assert [each in content for each in ("Café vélo", "Épicerie", "Projet fini", "d’autrui", "Prénom")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    client.post(url_of(unit), {"project": mine[1].pk, "message": "Bonjour"})
    interest = UnitInterest.objects.get()
    assert (interest.project, interest.said_by, interest.message) == (mine[1], user, "Bonjour")


def test_a_project_of_somebody_else_cannot_be_picked(client, unit):
    user = sign_in(client)
    ProjectFactory(holder=PersonFactory(email=user.email))
    response = client.post(url_of(unit), {"project": ProjectFactory().pk})
    assert (response.status_code, UnitInterest.objects.count()) == (422, 0)


def test_another_project_of_who_is_signed_in_needs_a_few_words(client, unit):
    user = sign_in(client)
    known = ProjectFactory(holder=PersonFactory(email=user.email))
    assert client.post(url_of(unit), {"project": "", "title": ""}).status_code == 422
    client.post(url_of(unit), {"project": "", "title": "Fleuriste"})
    project = UnitInterest.objects.get().project
    assert (project.title, project.holder) == ("Fleuriste", known.holder)


def test_who_is_signed_in_without_a_project_writes_as_a_visitor(client, unit):
    sign_in(client)
    assert "Prénom" in page(client, url_of(unit))
    send(client, unit)
    assert UnitInterest.objects.count() == 1


# --- at the same instant ---------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_ten_clicks_at_once_say_it_once(unit):
    start, statuses = threading.Barrier(10), []

    def click():
        client = Client()
        start.wait()
        try:
            statuses.append(send(client, unit).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(10)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert statuses == [302] * 10
    assert (UnitInterest.objects.count(), Project.objects.count(), Person.objects.count()) == (1, 1, 1)
