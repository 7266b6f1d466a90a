"""What the search of the back office finds among members opens where one works on it."""

import pytest
from django.urls import reverse

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.search import find
from tests.factories import BusinessFactory, MandateFactory, MemberFactory, TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def own():
    return TerritoryFactory()


@pytest.fixture
def advisor(own):
    return UserFactory(advisor=True, territory=own)


def urls(user) -> list[str]:
    return [found.url for found in find(user, "fournil", kind="entreprise")]


def page_of(member) -> str:
    return f"{reverse('members_staff:member', args=[member.pk])}#entreprises"


def test_a_business_opens_the_page_of_its_first_member_whom_the_user_sees(advisor, own):
    business = BusinessFactory(name="Le Fournil")
    elsewhere, here, later = MemberFactory(), MemberFactory(territory=own), MemberFactory(territory=own)
    business.members.add(elsewhere, later, here)
    assert urls(advisor) == [page_of(here)]
    MandateFactory(user=advisor, role=Role.READER, territory=elsewhere.territory)
    del advisor.current_mandates
    assert urls(advisor) == [page_of(elsewhere)]


def test_a_business_that_nobody_carries_opens_its_own_page():
    business = BusinessFactory(name="Le Fournil")
    assert urls(UserFactory(manager=True)) == [reverse("admin:members_business_change", args=[business.pk])]
