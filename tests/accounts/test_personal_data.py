import json
from datetime import UTC, date, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.exceptions import ValidationError

from coopconnexion.accounts.models import Person, User
from coopconnexion.accounts.services import erase_person, export_person
from coopconnexion.notices.models import Attachment
from coopconnexion.partnerships import indicators
from coopconnexion.partnerships.indicators import Scope, Step
from permanences.enums import CancelledBy
from permanences.models import BookingLink
from projects.models import StageChange
from tests.factories import (
    BookingFactory,
    ContractFactory,
    MessageFactory,
    PermanenceFactory,
    PersonFactory,
    PersonLinkFactory,
    ProjectFactory,
    SlotFactory,
    UserFactory,
    WaitingListEntryFactory,
)

pytestmark = pytest.mark.django_db

AT = datetime(2027, 6, 1, 8, tzinfo=UTC)
BEFORE = AT - timedelta(days=30)
SECRETS = ("Zénobie", "Vandercoilden", "zenobie", "612345678", "orchidées")


@pytest.fixture
def person():
    """Somebody who leaves a trace in every table, each with words that only belong to them."""
    person = PersonFactory(
        first_name="Zénobie", last_name="Vandercoilden", email="zenobie@example.org", phone="+33612345678"
    )
    project = ProjectFactory(
        holder=person,
        title="Les orchidées de Zénobie",
        pitch="Zénobie cultive des orchidées.",
        intended_activity="orchidées",
        created_at=BEFORE,
    )
    StageChange.objects.create(project=project, to_stage=project.stage, changed_at=BEFORE, reason="Zénobie insiste")
    slot = SlotFactory(permanence=PermanenceFactory(held_on=date(2027, 5, 6), territory=project.territory))
    words = {"message": "Mes orchidées", "staff_note": "Zénobie hésite", "booked_at": BEFORE}
    booking = BookingFactory(slot=slot, person=person, project=project, attended=True, **words)
    BookingFactory(
        slot=slot,
        person=person,
        project=project,
        cancelled_at=BEFORE,
        cancelled_by=CancelledBy.CANDIDATE,
        cancel_reason="Zénobie a la grippe",
        **words,
    )
    BookingLink.objects.create(booking=booking, token_hash="0" * 64)
    message = MessageFactory(
        person=person,
        to_email=person.email,
        to_name=str(person),
        subject="Zénobie, votre rendez-vous",
        text="Bonjour Zénobie, https://example.org/abcd",
        html="<p>Bonjour Zénobie</p>",
        secrets=["abcd"],
        last_error="450 zenobie@example.org: mailbox busy",
        created_at=BEFORE,
    )
    Attachment.objects.create(
        message=message, filename="rdv.ics", content_type="text/calendar", content="Zénobie".encode()
    )
    WaitingListEntryFactory(
        permanence=slot.permanence, person=person, project=project, message="orchidées", joined_at=BEFORE
    )
    account = UserFactory(email=person.email, name="Zénobie")
    EmailAddress.objects.create(user=account, email=person.email, verified=True, primary=True)
    PersonLinkFactory(user=account, person=person)
    MessageFactory(person=None, kind="account_login_code", to_email=person.email, created_at=BEFORE)
    Person.objects.filter(pk=person.pk).update(last_name="Vandercoilden-Lefèvre")  # a past to be found in the history
    project.pitch = "Zénobie cultive aussi des tulipes."
    project.save(update_fields=["pitch"])
    return person


def everything_in_the_database() -> str:
    """Every value of every column of every table, history included, as one text."""
    tables = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    rows = [list(model._base_manager.values_list()) for model in tables if not model._meta.proxy]
    return repr(
        [
            [bytes(v).decode(errors="replace") if isinstance(v, memoryview) else v for row in t for v in row]
            for t in rows
        ]
    )


def figures():
    period = Scope(date(2027, 1, 1), date(2028, 1, 1))
    return {each.key: (each.value(period), each.series(period, Step.MONTH)) for each in indicators.every()}


# --- export ----------------------------------------------------------------------------------------------------------


def test_the_export_holds_what_every_app_knows_and_is_ready_for_json(person):
    exported = export_person(person)
    assert json.loads(json.dumps(exported)) == exported
    assert sorted(exported) == [
        "adresses e-mail",
        "changements d’étape",
        "comptes",
        "inscriptions en liste d’attente",
        "liens entre comptes et personnes",
        "messages",
        "personnes",
        "pièces jointes",
        "projets",
        "rendez-vous",
    ]


def test_the_export_says_it_in_french_words(person):
    exported = export_person(person)
    project = exported["projets"][0]
    assert (project["titre"], project["étape"]) == ("Les orchidées de Zénobie", "premier contact")
    booking = exported["rendez-vous"][0]
    assert (booking["rendez-vous le"], booking["notes de l’équipe"], booking["présence"]) == (
        "2027-05-06T09:00:00+02:00",
        "Zénobie hésite",
        "venu·e",
    )


def test_the_export_holds_neither_tokens_nor_anybody_else(person):
    PersonFactory(first_name="Paul", email=person.email)  # the same mailbox, somebody else
    BookingFactory(message="Le projet de Paul")
    exported = json.dumps(export_person(person), ensure_ascii=False)
    assert [word for word in ("abcd", "Paul") if word in exported] == []


def test_the_number_of_queries_does_not_grow_with_the_rows(person, django_assert_max_num_queries):
    for _ in range(3):
        ProjectFactory(holder=person)
        BookingFactory(person=person)
    with django_assert_max_num_queries(70):
        assert len(export_person(person)["rendez-vous"]) == 5


# --- erasure ---------------------------------------------------------------------------------------------------------


def test_an_erased_person_is_nowhere_in_the_database(person):
    assert [word for word in SECRETS if word not in everything_in_the_database()] == []
    erase_person(person=person, at=AT)
    assert [word for word in SECRETS if word in everything_in_the_database()] == []


def test_the_figures_do_not_move(person):
    before = figures()
    erase_person(person=person, at=AT)
    assert figures() == before
    assert before["permanences.attended"][0] == 1


def test_an_erased_person_keeps_a_neutral_row(person):
    erased = erase_person(person=person, at=AT)
    assert (str(erased), erased.email, erased.phone, erased.projects.get().title) == (
        "Personne effacée",
        "",
        "",
        "Projet effacé",
    )


def test_a_message_still_to_leave_is_not_sent_any_more(person):
    erase_person(person=person, at=AT)
    message = person.messages.get()
    assert (message.expired_at, message.to_email, message.text, message.attachments.count()) == (AT, "", "", 0)


def test_the_account_closes_with_the_person(person):
    erase_person(person=person, at=AT)
    account = User.objects.get(name="Compte effacé")
    assert (account.is_active, account.email, account.emailaddress_set.count()) == (
        False,
        f"compte-{account.pk}@efface.invalid",
        0,
    )


def test_an_account_shared_by_a_couple_stays_for_the_other(person):
    PersonFactory(first_name="Paul", email=person.email)
    erase_person(person=person, at=AT)
    assert User.objects.filter(email="zenobie@example.org", is_active=True).count() == 1


def test_an_account_of_the_team_stays():
    advisor = UserFactory(advisor=True)
    erase_person(person=PersonFactory(email=advisor.email), at=AT)
    advisor.refresh_from_db()
    assert advisor.is_active


def test_nobody_else_is_touched(person):
    other = BookingFactory(message="Ma librairie", slot__permanence__held_on=date(2027, 5, 6))
    models_before = (other.person.email, other.project.title, other.message)
    erase_person(person=person, at=AT)
    for row in (other, other.person, other.project):
        row.refresh_from_db()
    assert (other.person.email, other.project.title, other.message) == models_before


@pytest.mark.parametrize(
    ("arrange", "reason"),
    [
        (lambda: BookingFactory(slot__permanence__held_on=date(2027, 6, 3)).person, "un rendez-vous est à venir"),
        (
            lambda: WaitingListEntryFactory(permanence__held_on=date(2027, 6, 3)).person,
            "une inscription en liste d’attente est en cours",
        ),
        (lambda: ContractFactory().member.person, "ses contrats doivent être conservés"),
    ],
)
def test_erasure_waits_for_what_is_still_needed(arrange, reason):
    person = arrange()
    name = str(person)
    with pytest.raises(ValidationError, match=reason) as refusal:
        erase_person(person=person, at=AT)
    person.refresh_from_db()
    assert (refusal.value.code, str(person)) == ("erasure_blocked", name)


@pytest.mark.parametrize(
    "arrange",
    [
        lambda: BookingFactory(slot__permanence__held_on=date(2027, 6, 3), cancelled=True).person,
        lambda: BookingFactory(slot__permanence__held_on=date(2027, 5, 6)).person,
        lambda: WaitingListEntryFactory(permanence__held_on=date(2027, 6, 3), left_at=BEFORE).person,
    ],
)
def test_what_is_over_does_not_hold_erasure_up(arrange):
    assert str(erase_person(person=arrange(), at=AT)) == "Personne effacée"


def test_erasing_twice_is_harmless(person):
    erase_person(person=person, at=AT)
    before = everything_in_the_database()
    assert str(erase_person(person=person, at=AT)) == "Personne effacée"
    assert [word for word in SECRETS if word in before] == []
