"""A departure noted by mistake is taken back with what it ended."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from members.enums import Outcome
from members.models import Departure, Member, OutcomeInquiry
from members.services import (
    answer_outcome,
    correct_departure,
    end_early,
    open_business,
    record_departure,
    record_return,
    remove_departure,
    sign_contract,
)
from tests.factories import MemberFactory
from tests.members.reference import exit_reason, kind

pytestmark = pytest.mark.django_db

START, LEFT = date(2024, 3, 1), date(2025, 6, 1)
AT = timezone.make_aware(timezone.datetime(2025, 6, 10, 9))


@pytest.fixture
def member():
    member = MemberFactory()
    sign_contract(member=member, kind=kind("cesa"), starts_on=START, contribution_rate=Decimal(10))
    open_business(name="L’Épi", activity="Épicerie", members=[member], opened_on=START)
    return member


def leave(member) -> Departure:
    return record_departure(member=member, left_on=LEFT, reason=exit_reason(), by=None, at=AT)


def state(member) -> tuple:
    contract, business = member.contracts.get(), member.businesses.get()
    return contract.ends_on, contract.ended_early_because, contract.terms.get().ends_on, business.closed_on


@pytest.mark.parametrize("moved", [False, True])
def test_what_ended_with_it_goes_on_as_before(member, moved):
    departure, before = leave(member), (None, "", None, None)
    if moved:
        correct_departure(departure=departure, left_on=date(2025, 5, 1), reason=exit_reason(), at=AT)
    assert state(member) != before
    remove_departure(departure=departure)
    assert (state(member), list(Member.objects.present()), OutcomeInquiry.objects.count()) == (before, [member], 0)


def test_a_contract_that_was_to_end_finds_its_end_and_its_reason_again(member):
    end_early(contract=member.contracts.get(), ends_on=date(2025, 12, 1), because="Part en formation")
    departure = leave(member)
    remove_departure(departure=departure)
    assert state(member)[:3] == (date(2025, 12, 1), "Part en formation", date(2025, 12, 1))


def test_after_news_or_a_return_it_stays(member):
    departure = leave(member)
    inquiry = departure.inquiries.order_by("months").first()
    answer_outcome(inquiry=inquiry, outcome=Outcome.RUNNING, at=timezone.make_aware(timezone.datetime(2025, 12, 5)))
    with pytest.raises(ValidationError) as answered:
        remove_departure(departure=departure)
    record_return(member=member, returned_on=date(2025, 6, 5), at=AT)
    with pytest.raises(ValidationError) as returned:
        remove_departure(departure=departure)
    assert (answered.value.code, returned.value.code) == ("departure_answered", "departure_returned")
    assert Departure.objects.count() == 1


def test_an_advisor_removes_it_from_its_page(client, login_as, member):
    login_as(Role.ADVISOR, member.territory)
    url = reverse("members_staff:departure_correct", args=[leave(member).pk])
    form = client.get(url).context["form"]
    typed = {field.html_name: field.value() for field in form} | {"remove": "1"}
    shown = client.post(url, typed, follow=True).content.decode()
    assert ("La sortie est supprimée" in shown, Departure.objects.exists()) == (True, False)
