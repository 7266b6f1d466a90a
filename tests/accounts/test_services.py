from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Mandate, Person, User
from coopconnexion.accounts.services import (
    confirm_person_link,
    end_mandate,
    grant_mandate,
    invite_manager,
    open_account,
    recognise_person,
)
from tests.factories import MandateFactory, PersonFactory, TerritoryFactory, UserFactory

AT = datetime(2027, 5, 6, 8, tzinfo=UTC)
TODAY = date(2027, 5, 6)


def recognise(**typed):
    return recognise_person(
        **{"first_name": "Zoé", "last_name": "Lefèvre", "email": "", "phone": "", "at": AT, **typed}
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed",
    [
        {"email": "zoe@example.org"},
        {"email": " ZOE@Example.org. "},
        {"email": "zoe@example.org", "first_name": "zoe", "last_name": "LEFEVRE"},
        {"email": "zoe@example.org", "first_name": " Zoé ", "last_name": "Le\u00a0fèvre".replace("\u00a0", "")},
    ],
)
def test_the_same_address_and_name_are_the_same_person(typed):
    known = PersonFactory(first_name="Zoé", last_name="Lefèvre", email="Zoe@example.org")
    assert recognise(**typed) == known


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed",
    [
        {"email": "zoe@example.org", "first_name": "Paul"},  # a couple shares the address
        {"email": "zoe2@example.org"},
        {"email": ""},
    ],
)
def test_another_name_or_another_address_is_another_person(typed):
    known = PersonFactory(first_name="Zoé", last_name="Lefèvre", email="zoe@example.org")
    assert recognise(**typed) != known


@pytest.mark.django_db
def test_people_without_an_address_are_never_taken_for_one_another():
    assert recognise() != recognise()


@pytest.mark.django_db
def test_a_new_person_is_kept_with_what_was_typed():
    person = recognise(email=" Zoe@Example.org ", phone="+33612345678")
    person.refresh_from_db()
    assert (
        person.first_name,
        person.last_name,
        person.email,
        str(person.phone),
        person.created_at,
        person.name_key,
    ) == (
        "Zoé",
        "Lefèvre",
        "zoe@example.org",
        "06 12 34 56 78",
        AT,
        "zoe lefevre",
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("known", "kept"), [("", "06 12 34 56 78"), ("+33699999999", "06 99 99 99 99")])
def test_a_missing_phone_is_filled_and_a_known_one_is_kept(known, kept):
    PersonFactory(first_name="Zoé", last_name="Lefèvre", email="zoe@example.org", phone=known)
    recognise(email="zoe@example.org", phone="+33612345678")
    assert str(Person.objects.get().phone) == kept


@pytest.mark.django_db(transaction=True)
def test_identical_first_requests_at_the_same_instant_find_one_person():
    start = Barrier(8)

    def first_request(_):
        start.wait(timeout=10)
        try:
            return recognise(email="zoe@example.org").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(first_request, range(8)))
    assert (len(found), Person.objects.count()) == (1, 1)


# --- accounts and mandates -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_account_is_opened_with_a_mended_address_still_to_be_proved():
    user = open_account(email=" Zoe..L@Example.org", name="Zoé", at=AT)
    address = user.emailaddress_set.get()
    assert (user.email, user.has_usable_password(), user.created_at) == ("zoe.l@example.org", False, AT)
    assert (address.email, address.primary, address.verified) == ("zoe.l@example.org", True, False)


@pytest.mark.django_db
def test_two_accounts_never_share_an_address():
    UserFactory(email="Zoe@Example.org")
    with pytest.raises(ValidationError) as refusal:
        open_account(email="zoe@example.org", name="", at=AT)
    assert (refusal.value.code, User.objects.count()) == ("email_taken", 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "has_territory", "ends_on", "code"),
    [
        (Role.MANAGER, True, None, "manager_everywhere"),
        (Role.OFFICIAL, False, date(2028, 5, 6), "official_somewhere"),
        (Role.OFFICIAL, True, None, "official_ends"),
        (Role.ADVISOR, True, date(2027, 5, 6), "period_empty"),
    ],
)
def test_a_mandate_that_makes_no_sense_is_refused(role, has_territory, ends_on, code):
    territory = TerritoryFactory() if has_territory else None
    with pytest.raises(ValidationError) as refusal:
        grant_mandate(user=UserFactory(), role=role, territory=territory, starts_on=TODAY, ends_on=ends_on)
    assert (refusal.value.code, Mandate.objects.count()) == (code, 0)


@pytest.mark.django_db
def test_an_ended_mandate_holds_on_its_last_day_and_not_after():
    mandate = grant_mandate(
        user=UserFactory(), role=Role.ADVISOR, territory=TerritoryFactory(), starts_on=date(2027, 1, 1)
    )
    end_mandate(mandate=mandate, last_day=TODAY, today=TODAY)
    days = [date(2026, 12, 31), date(2027, 1, 1), TODAY, date(2027, 5, 7)]
    assert [Mandate.objects.on(day).exists() for day in days] == [False, True, True, False]


@pytest.mark.django_db
def test_the_last_manager_cannot_leave():
    mandate = MandateFactory(role=Role.MANAGER)
    with pytest.raises(ValidationError) as refusal:
        end_mandate(mandate=mandate, last_day=TODAY, today=TODAY)
    mandate.refresh_from_db()
    assert (refusal.value.code, mandate.ends_on) == ("last_manager", None)


@pytest.mark.django_db
def test_a_manager_may_leave_when_another_stays():
    leaving, _ = MandateFactory(role=Role.MANAGER), MandateFactory(role=Role.MANAGER)
    assert end_mandate(mandate=leaving, last_day=TODAY, today=TODAY).ends_on == date(2027, 5, 7)


@pytest.mark.django_db(transaction=True)
def test_the_last_two_managers_cannot_leave_together():
    mandates = [MandateFactory(role=Role.MANAGER), MandateFactory(role=Role.MANAGER)]
    start = Barrier(2)

    def leave(mandate):
        start.wait(timeout=10)
        try:
            end_mandate(mandate=mandate, last_day=TODAY, today=TODAY)
            return "left"
        except ValidationError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, mandates)) == ["last_manager", "left"]


@pytest.mark.django_db
def test_a_link_between_account_and_person_is_confirmed_once():
    user, person, manager = UserFactory(), PersonFactory(), UserFactory(manager=True)
    link = confirm_person_link(user=user, person=person, confirmed_by=manager, at=AT)
    with pytest.raises(ValidationError) as refusal:
        confirm_person_link(user=user, person=person, confirmed_by=manager, at=AT)
    assert (refusal.value.code, list(user.person_links.all()), link.confirmed_by) == ("link_exists", [link], manager)


@pytest.mark.django_db
def test_a_manager_is_invited_once_however_often_one_asks():
    for _ in range(2):
        user = invite_manager(email="Zoe@example.org", name="Zoé", at=AT, today=TODAY)
    mandate = user.mandates.get()
    assert (mandate.role, mandate.territory, mandate.starts_on) == (Role.MANAGER, None, TODAY)
    assert list(user.emailaddress_set.values_list("email", "verified")) == [("zoe@example.org", True)]


@pytest.mark.django_db
def test_an_account_that_exists_becomes_a_manager_under_its_own_name():
    known = UserFactory(email="zoe@example.org", name="Zoé")
    assert (invite_manager(email="zoe@example.org", name="", at=AT, today=TODAY), known.mandates.count()) == (known, 1)
