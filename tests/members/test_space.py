from datetime import date

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from members.models import ContractTerms, Statement
from members.services import publish_card
from tests.conftest import count_queries
from tests.factories import BusinessFactory, ContractFactory, MemberFactory, PersonLinkFactory, UserFactory
from tests.members.reference import kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    member = MemberFactory(person__first_name="Delphine")
    contract = ContractFactory(member=member, kind=kind("cesa"), starts_on=date(2026, 1, 1), ends_on=None)
    ContractTerms.objects.create(contract=contract, starts_on=date(2026, 1, 1), contribution_rate=12, fixed_pay=150)
    Statement.objects.create(member=member, month=date(2026, 9, 1), turnover=1234)
    shop = BusinessFactory(name="L’Épi et la Plume", opened_on=date(2026, 1, 1))
    shop.members.add(member)
    return member


@pytest.fixture
def space(client, time_machine):
    time_machine.move_to("2026-10-15 09:00", tick=False)

    def look(user) -> str:
        client.force_login(user)
        return client.get(reverse("site:my_space")).content.decode()

    return look


SECRETS = ("Dans la coopérative", "sans terme", "12\u00a0%", "1\u202f234", "L’Épi et la Plume", "Délai d’association")


def test_a_member_confirmed_by_staff_finds_their_life_in_the_coop(space, member):
    page = space(PersonLinkFactory(person=member.person).user)
    assert [words for words in SECRETS if words not in page] == []
    assert "n’est pas dans l’annuaire" in page


def test_the_card_says_that_it_is_shown(space, member):
    user = PersonLinkFactory(person=member.person).user
    publish_card(business=member.businesses.get(), agreed_by=user, at=member.person.created_at)
    assert "Elle est dans l’annuaire." in space(user)


def test_the_card_of_what_is_not_open_yet_is_said_to_come(space, member):
    user = PersonLinkFactory(person=member.person).user
    business = member.businesses.get()
    business.opened_on = date(2027, 1, 4)
    business.save()
    publish_card(business=business, agreed_by=user, at=member.person.created_at)
    page = space(user)
    told = "Elle paraîtra dans l’annuaire à l’ouverture, le lundi 4\u00a0janvier 2027"
    assert (told in page, "Elle est dans l’annuaire." in page) == (True, False)


def test_a_verified_address_alone_opens_nothing_of_it(space, member):
    user = UserFactory(email=member.person.email)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    page = space(user)
    assert [words for words in SECRETS if words in page] == []


def test_another_member_sees_their_own_alone(space, member):
    other = MemberFactory()
    page = space(PersonLinkFactory(person=other.person).user)
    assert "Dans la coopérative" in page
    assert [words for words in SECRETS[1:] if words in page] == []


def test_the_delay_is_told_in_plain_words(space, member):
    page = space(PersonLinkFactory(person=member.person).user)
    assert ("Vous avez jusqu’au" in page, "Vous aviez jusqu’au" in page) == (True, False)


def test_a_delay_that_has_passed_frightens_nobody(space, member, time_machine):
    time_machine.move_to("2030-10-15 09:00", tick=False)
    page = space(PersonLinkFactory(person=member.person).user)
    assert ("Vous aviez jusqu’au" in page, "rien ne s’arrête tout seul" in page) == (True, True)


def test_a_closed_business_has_no_card_to_write(space, member):
    business = member.businesses.get()
    business.closed_on = date(2026, 6, 1)
    business.save()
    page = space(PersonLinkFactory(person=member.person).user)
    assert ("(fermée)" in page, reverse("members:card_edit", args=[business.pk]) in page) == (True, False)


def test_the_space_takes_as_many_queries_for_a_long_life(client, member):
    client.force_login(PersonLinkFactory(person=member.person).user)
    url = reverse("site:my_space")
    once = count_queries(client, url)
    for year in (2020, 2021, 2022):
        ContractFactory(member=member, starts_on=date(year, 1, 1), ends_on=date(year, 6, 1))
        BusinessFactory(opened_on=date(year, 1, 1)).members.add(member)
    assert count_queries(client, url) == once


@pytest.mark.parametrize("name", ["site:home", "site:my_space"])
def test_the_directory_is_reached_from_every_page(name, client):
    client.force_login(UserFactory())
    assert f'href="{reverse("members:directory")}"' in client.get(reverse(name)).content.decode()
