from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import connection

from coopconnexion.accounts.models import Person
from coopconnexion.accounts.services import recognise_person
from tests.factories import PersonFactory

AT = datetime(2027, 5, 6, 8, tzinfo=UTC)


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
