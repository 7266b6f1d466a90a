"""Inviting colleagues and officials, and asking every quarter who should still have access."""

import re
from datetime import UTC, date, datetime

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Mandate, User
from coopconnexion.accounts.services import close_account, grant_mandate
from coopconnexion.notices.models import Message
from coopconnexion.notices.rules import quarter_of
from coopconnexion.notices.schedules import review_access
from coopconnexion.notices.services import invite, write_access_reviews
from coopconnexion.periods import months_later
from tests.factories import MandateFactory, TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db

TODAY = date(2027, 4, 1)
AT = datetime(2027, 4, 1, 4, tzinfo=UTC)  # six in the morning
URL = "/gestion/personnes/acces/inviter/"


@pytest.fixture
def territory():
    return TerritoryFactory(name="Béthune")


@pytest.fixture
def manager():
    return UserFactory(manager=True, name="Hélène", email="direction@example.org")


def invited(manager, town, **changes):
    values = {
        "email": "Elue@example.org",
        "name": "Isabelle",
        "role": Role.OFFICIAL,
        "territory": town,
        "ends_on": date(2028, 4, 1),
    }
    return invite(**values | changes, invited_by=manager, at=AT, today=TODAY)


def link_of(message) -> str:
    return re.search(r"/compte/invitation/\S+", message.text)[0]


# --- the invitation --------------------------------------------------------------------------------------------------


def test_an_invitation_opens_an_account_gives_the_role_and_writes(manager, territory):
    mandate = invited(manager, territory)
    assert (mandate.user.email, mandate.role, mandate.territory, mandate.starts_on, mandate.ends_on) == (
        "elue@example.org",
        Role.OFFICIAL,
        territory,
        TODAY,
        date(2028, 4, 1),
    )
    message = Message.objects.get()
    assert (message.to_email, message.kind, message.person) == ("elue@example.org", "invitation", None)
    for words in ("Hélène", "Béthune", "vendredi 31 mars 2028", "élu·e ou agent·e de la ville"):
        assert (words in message.text.replace("\u00a0", " "), words in message.html.replace("\u00a0", " ")) == (
            True,
        ) * 2


def test_staff_never_read_the_link(manager, territory):
    invited(manager, territory)
    message = Message.objects.get()
    assert link_of(message).rstrip("/").rpartition("/")[2] not in message.shown_text


def test_the_link_signs_in_once_and_proves_the_address(client, manager, territory):
    user = invite(
        email="elue@example.org",
        name="Isabelle",
        role=Role.OFFICIAL,
        territory=territory,
        ends_on=months_later(timezone.localdate(), 12),
        invited_by=manager,
        at=timezone.now(),
        today=timezone.localdate(),
    ).user
    link = link_of(Message.objects.get())
    assert client.get(link).status_code == 200
    client.post(link)
    assert client.session["_auth_user_id"] == str(user.pk)
    assert EmailAddress.objects.get(user=user).verified
    client.logout()
    assert client.post(link).status_code == 404


def test_a_known_account_gets_the_role_and_keeps_its_name(manager, territory):
    known = UserFactory(email="elue@example.org", name="Mme Marchandise")
    mandate = invited(manager, territory)
    known.refresh_from_db()
    assert (mandate.user, known.name, User.objects.count()) == (known, "Mme Marchandise", 2)


@pytest.mark.parametrize(
    ("arrange", "changes", "code"),
    [
        (lambda territory: None, {"ends_on": None}, "official_ends"),
        (lambda territory: None, {"territory": None}, "official_somewhere"),
        (lambda territory: None, {"role": Role.MANAGER}, "manager_everywhere"),
        (lambda territory: UserFactory(email="elue@example.org", is_active=False), {}, "account_closed"),
        (
            lambda territory: MandateFactory(user__email="elue@example.org", role=Role.OFFICIAL, territory=territory),
            {},
            "already_there",
        ),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused_and_nothing_is_written(
    arrange, changes, code, manager, territory
):
    arrange(territory)
    before = (User.objects.count(), Mandate.objects.count())
    with pytest.raises(ValidationError) as refusal:
        invited(manager, territory, **changes)
    assert (refusal.value.code, (User.objects.count(), Mandate.objects.count()), Message.objects.count()) == (
        code,
        before,
        0,
    )


# --- the page --------------------------------------------------------------------------------------------------------


def typed(town, **changes) -> dict:
    values = {"email": "elue@example.org", "name": "Isabelle", "role": "official", "territory": town.pk}
    return values | {"ends_on": ""} | changes


def test_the_direction_invites_an_official_for_a_year_by_default(client, login_as, territory):
    login_as(Role.MANAGER)
    response = client.post(URL, typed(territory))
    mandate = Mandate.objects.get(role=Role.OFFICIAL)
    assert response.url == reverse("accounts_staff:account", args=[mandate.user_id])
    assert mandate.ends_on == months_later(timezone.localdate(), 12)


def test_a_colleague_has_no_end_by_default_and_a_second_click_adds_nothing(client, login_as, territory):
    login_as(Role.MANAGER)
    sent = typed(territory, role="advisor", email="hugo@example.org")
    assert [client.post(URL, sent).status_code for _ in range(2)] == [302, 422]
    assert (Mandate.objects.get(role=Role.ADVISOR).ends_on, Message.objects.count()) == (None, 1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"email": "pas une adresse"}, "adresse"),
        ({"ends_on": "2020-01-01"}, "Ce jour est passé"),
        ({"territory": ""}, "Indiquez le territoire"),
        ({"role": "king"}, "Sélectionnez un choix valide"),
        ({"name": ""}, "obligatoire"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_invited(changes, words, client, login_as, territory):
    login_as(Role.MANAGER)
    response = client.post(URL, typed(territory, **changes))
    assert (response.status_code, words in response.content.decode(), Message.objects.count()) == (422, True, 0)


@pytest.mark.parametrize(("role", "status"), [(Role.ADVISOR, 403), (Role.READER, 403), (Role.OFFICIAL, 404)])
def test_the_others_do_not_invite(role, status, client, login_as, territory):
    login_as(role, territory)
    assert client.post(URL, typed(territory)).status_code == status
    assert Message.objects.count() == 0


# --- the review ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "quarter"),
    [(date(2027, 1, 1), "2027T1"), (date(2027, 3, 31), "2027T1"), (TODAY, "2027T2"), (date(2027, 12, 31), "2027T4")],
)
def test_a_quarter_has_three_months(day, quarter):
    assert quarter_of(day) == quarter


def test_every_manager_is_asked_once_a_quarter(manager, territory):
    other = UserFactory(manager=True)
    for _ in range(2):
        write_access_reviews(today=TODAY, at=AT)
    assert set(Message.objects.values_list("to_email", flat=True)) == {manager.email, other.email}
    assert {message.due_at for message in Message.objects.all()} == {datetime(2027, 4, 1, 6, tzinfo=UTC)}
    write_access_reviews(today=date(2027, 7, 1), at=AT)
    assert Message.objects.count() == 4


def test_the_review_names_who_may_enter_until_when_and_their_last_sign_in(manager, territory):
    official = UserFactory(email="elue@example.org", last_login=datetime(2027, 2, 3, 12, tzinfo=UTC))
    grant_mandate(
        user=official, role=Role.OFFICIAL, territory=territory, starts_on=date(2027, 1, 1), ends_on=date(2028, 1, 1)
    )
    for email in ("parti@example.org", "ferme@example.org", "candidat@example.org"):
        UserFactory(email=email)
    MandateFactory(user=User.objects.get(email="parti@example.org"), ends_on=TODAY)
    MandateFactory(user=User.objects.get(email="ferme@example.org"))
    close_account(user=User.objects.get(email="ferme@example.org"), today=TODAY)
    write_access_reviews(today=TODAY, at=AT)
    text = Message.objects.get().text.replace("\u00a0", " ")
    lines = [line for line in text.splitlines() if line.startswith("- ")]
    assert lines == [
        "- elue@example.org (elue@example.org)\u202f: élu·e ou agent·e de la ville, Béthune, jusqu’au vendredi"
        " 31 décembre 2027\u202f; dernière connexion le mercredi 3 février 2027.",
        "- Hélène (direction@example.org)\u202f: direction, tous les territoires\u202f; jamais connecté·e.",
    ]


def test_the_review_asks_no_more_queries_for_more_accounts(manager, territory, django_assert_max_num_queries):
    for _ in range(10):
        MandateFactory(territory=territory)
    with django_assert_max_num_queries(14):
        write_access_reviews(today=TODAY, at=AT)


def test_the_beat_asks_the_direction(manager):
    review_access()
    assert Message.objects.get().kind == "access_review"
