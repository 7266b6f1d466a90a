"""An advisor of one territory who only looks at another is not told there how to reach people."""

import pytest
from django.urls import reverse

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.permissions import can_see_contacts
from coopconnexion.accounts.search import find
from coopconnexion.french import phone_words
from permanences.search import people_matching
from tests.factories import (
    BookingFactory,
    MandateFactory,
    MemberFactory,
    OrganisationFactory,
    PersonFactory,
    ProjectFactory,
    SlotFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

HERE, THERE = "ici@example.net", "ailleurs@example.net"
PHONES = {HERE: "+33612340001", THERE: "+33612340002"}


@pytest.fixture
def own():
    return TerritoryFactory()


@pytest.fixture
def other():
    return TerritoryFactory()


@pytest.fixture
def advisor(client, own, other):
    user = UserFactory(advisor=True, territory=own)
    MandateFactory(user=user, role=Role.READER, territory=other)
    client.force_login(user)
    return user


@pytest.fixture
def known(own, other):
    """A person of each territory, who has a project, a file of a member and an appointment there."""
    people = {}
    for email, territory in ((HERE, own), (THERE, other)):
        person = PersonFactory(first_name="Zoé", last_name="Lefèvre", email=email, phone=PHONES[email])
        project = ProjectFactory(holder=person, territory=territory)
        member = MemberFactory(person=person, territory=territory)
        slot = SlotFactory(permanence__territory=territory)
        people[email] = (person, project, member, BookingFactory(slot=slot, person=person, project=project))
    return people


def pages_of(person, project, member, booking) -> list[str]:
    return [
        reverse("accounts_staff:person", args=[person.pk]),
        reverse("admin:accounts_person_change", args=[person.pk]),
        reverse("admin:accounts_person_history", args=[person.pk]),
        reverse("projects_staff:project", args=[project.pk]),
        reverse("members_staff:member", args=[member.pk]),
        reverse("permanences_staff:permanence", args=[booking.permanence_id]),
    ]


def tells(client, address, email) -> bool:
    response = client.get(address)
    assert response.status_code == 200, address
    shown = response.content.decode()
    return any(words in shown for words in (email, PHONES[email], phone_words(PHONES[email])))


def test_the_role_counts_in_its_territory(advisor, own, other):
    asked = (None, own.pk, other.pk)
    assert [can_see_contacts(advisor, pk) for pk in asked] == [True, True, False]


def test_the_direction_sees_all_and_a_reader_nothing(own):
    manager, reader = UserFactory(manager=True), UserFactory(reader=True, territory=own)
    assert [can_see_contacts(manager, own.pk), can_see_contacts(reader, own.pk)] == [True, False]


def test_pages_tell_how_to_reach_people_where_the_user_works_and_not_elsewhere(client, advisor, known):
    here = [tells(client, address, HERE) for address in pages_of(*known[HERE])]
    there = [tells(client, address, THERE) for address in pages_of(*known[THERE])]
    assert (here, there) == ([True] * 6, [False] * 6)


@pytest.mark.parametrize("name", ["projects_staff:projects_csv", "members_staff:members_csv"])
def test_an_export_leaves_out_the_contacts_of_where_one_only_looks(client, advisor, known, name):
    table = b"".join(client.get(reverse(name))).decode()
    assert (HERE in table, THERE in table, table.count("Zoé")) == (True, False, 2)


@pytest.mark.parametrize("name", ["accounts_staff:double_list", "admin:accounts_person_changelist"])
def test_lists_do_not_tell_the_contacts_of_where_one_only_looks(client, advisor, known, name):
    assert not tells(client, reverse(name), THERE)


@pytest.mark.parametrize("kind", ["personne", "projet", "membre", "rendez-vous"])
def test_nobody_is_found_by_the_contacts_of_where_one_only_looks(advisor, known, kind):
    queries = (HERE, PHONES[HERE], THERE, PHONES[THERE])
    assert [len(find(advisor, query, kind=kind)) for query in queries] == [1, 1, 0, 0]


def test_a_search_by_name_tells_contacts_only_where_one_works(advisor, known):
    details = " ".join(found.detail for found in find(advisor, "lefevre", kind="personne"))
    assert (HERE in details, THERE in details) == (True, False)


def test_a_caller_is_not_recognised_by_the_contacts_of_where_one_only_looks(advisor, known):
    found = [people_matching(advisor, query) for query in (HERE, THERE, PHONES[THERE])]
    assert found == [[known[HERE][0]], [], []]


def test_an_organisation_is_of_no_territory(advisor):
    OrganisationFactory(name="La Maison", email="maison@example.net")
    assert [found.label for found in find(advisor, "maison@example.net")] == ["La Maison"]
