import pytest

from coopconnexion.accounts.models import Person
from tests.factories import (
    BookingFactory,
    MemberFactory,
    PersonFactory,
    ProjectFactory,
    SlotFactory,
    TerritoryFactory,
    UserFactory,
    WaitingListEntryFactory,
)

pytestmark = pytest.mark.django_db


def known_in(territory) -> set[Person]:
    """Make one person per reason to be known in ``territory``."""
    elsewhere = ProjectFactory()
    slot = SlotFactory(permanence__territory=territory)
    return {
        ProjectFactory(territory=territory).holder,
        BookingFactory(slot=slot, project=elsewhere).person,
        WaitingListEntryFactory(permanence=slot.permanence, project=elsewhere).person,
        MemberFactory(territory=territory).person,
    }


@pytest.mark.parametrize("role", ["advisor", "reader"])
def test_staff_see_the_people_of_their_territories_only(role):
    own = TerritoryFactory()
    seen = known_in(own)
    known_in(TerritoryFactory())
    PersonFactory()
    user = UserFactory(**{role: True}, territory=own)
    assert set(Person.objects.visible_to(user)) == seen


def test_a_person_known_for_several_reasons_appears_once():
    project = ProjectFactory()
    BookingFactory(slot__permanence__territory=project.territory, person=project.holder, project=project)
    user = UserFactory(advisor=True, territory=project.territory)
    assert list(Person.objects.visible_to(user)) == [project.holder]


@pytest.mark.parametrize("role", ["manager", "advisor"])
def test_staff_of_all_territories_see_everybody(role):
    person = PersonFactory()
    assert list(Person.objects.visible_to(UserFactory(**{role: True}))) == [person]


def test_who_is_not_staff_sees_nobody():
    territory = TerritoryFactory()
    known_in(territory)
    outsiders = [
        UserFactory(),
        UserFactory(official=True, territory=territory),
        UserFactory(manager=True, is_active=False),
    ]
    assert [list(Person.objects.visible_to(user)) for user in outsiders] == [[], [], []]


def test_visible_people_take_one_query(django_assert_num_queries):
    territory = TerritoryFactory()
    known_in(territory)
    user = UserFactory(advisor=True, territory=territory)
    assert user.is_staff
    with django_assert_num_queries(1):
        assert len(Person.objects.visible_to(user)) == 4
