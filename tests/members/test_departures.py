from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from members.enums import Outcome
from members.models import Departure, Member, OutcomeInquiry, OutcomeLink
from members.services import (
    answer_outcome,
    correct_departure,
    departure_effects,
    hand_over_members,
    open_business,
    record_departure,
    record_return,
    sign_contract,
)
from tests.factories import MemberFactory, TerritoryFactory, UserFactory
from tests.members.reference import exit_reason, kind
from tests.members.test_contracts import codes
from tests.members.test_contracts_races import at_once

pytestmark = pytest.mark.django_db

LEFT = date(2025, 6, 1)
AT = timezone.make_aware(timezone.datetime(2025, 6, 10, 9))


def member_at_work(**values) -> Member:
    member = MemberFactory(**values)
    sign_contract(member=member, kind=kind("cesa"), starts_on=date(2024, 3, 1), contribution_rate=Decimal(10))
    return member


def leave(member, left_on=LEFT, **values) -> Departure:
    return record_departure(member=member, left_on=left_on, reason=exit_reason(), by=None, at=AT, **values)


def business_of(*members):
    return open_business(name="L’Épi", activity="Épicerie", members=members, opened_on=date(2024, 3, 1))


# --- leaving ---------------------------------------------------------------------------------------------------------


def test_what_a_departure_ends_is_said_before_and_done_after():
    member, partner = member_at_work(), member_at_work()
    alone, shared = business_of(member), business_of(member, partner)
    effects = departure_effects(member=member, left_on=LEFT)
    assert (effects.contracts, effects.closed, effects.shared) == (list(member.contracts.all()), [alone], [shared])
    leave(member)
    for row in (alone, shared):
        row.refresh_from_db()
    contract = member.contracts.get()
    assert (contract.ends_on, contract.ended_early_because) == (LEFT, "Emploi salarié")
    assert (contract.terms.get().ends_on, alone.closed_on, shared.closed_on) == (LEFT, LEFT, None)


def test_a_business_whose_other_member_has_left_already_closes_too():
    member, partner = member_at_work(), member_at_work()
    business = business_of(member, partner)
    leave(partner)
    assert departure_effects(member=member, left_on=LEFT).closed == [business]


def test_a_departure_plans_four_questions():
    departure = leave(member_at_work())
    assert list(departure.inquiries.order_by("months").values_list("months", "due_on")) == [
        (6, date(2025, 12, 1)),
        (12, date(2026, 6, 1)),
        (24, date(2027, 6, 1)),
        (36, date(2028, 6, 1)),
    ]


@pytest.mark.parametrize(
    ("left_on", "refused"),
    [
        (date(1900, 1, 1), {"left_on": "date_implausible"}),
        (date(2025, 6, 12), {"left_on": "departure_in_future"}),
        (date(2024, 3, 1), {"left_on": "contract_after_departure"}),
    ],
)
def test_an_impossible_departure_is_refused_and_nothing_ends(left_on, refused):
    member = member_at_work()
    with pytest.raises(ValidationError) as refusal:
        leave(member, left_on=left_on)
    assert (codes(refusal), member.contracts.get().ends_on, Departure.objects.count()) == (refused, None, 0)


def test_a_business_that_opens_after_the_departure_stands_in_the_way():
    member = MemberFactory()
    open_business(name="Tard", activity="…", members=[member], opened_on=LEFT)
    with pytest.raises(ValidationError) as refusal:
        leave(member)
    assert codes(refusal) == {"left_on": "business_after_departure"}


def test_a_retired_reason_is_no_longer_given():
    reason = exit_reason("Ancien motif")
    reason.retired_at = AT
    reason.save()
    with pytest.raises(ValidationError) as refusal:
        record_departure(member=MemberFactory(), left_on=LEFT, reason=reason, by=None, at=AT)
    assert codes(refusal) == {"reason": "reason_retired"}


def test_nobody_leaves_twice_without_coming_back():
    member = member_at_work()
    leave(member)
    with pytest.raises(ValidationError) as refusal:
        leave(member)
    assert codes(refusal) == "already_left"


def test_nobody_leaves_before_having_come_back():
    member = member_at_work()
    leave(member)
    record_return(member=member, returned_on=date(2025, 6, 8), at=AT)
    with pytest.raises(ValidationError) as refusal:
        leave(member, left_on=date(2025, 6, 5))
    assert codes(refusal) == {"left_on": "departure_before_return"}


@pytest.mark.django_db(transaction=True)
def test_of_several_departures_noted_at_once_one_is_kept():
    member = member_at_work()
    exit_reason()
    assert at_once(lambda: leave(member).pk and "left")[:5] == ["already_left"] * 5
    assert (Departure.objects.count(), OutcomeInquiry.objects.count()) == (1, 4)


# --- correcting ------------------------------------------------------------------------------------------------------


def test_what_ended_with_a_departure_follows_its_corrected_day():
    member = member_at_work()
    business = business_of(member)
    departure = leave(member)
    departure.inquiries.filter(months=6).update(answered_at=AT, outcome=Outcome.RUNNING)
    correct_departure(departure=departure, left_on=date(2025, 5, 1), reason=exit_reason("Autre"), at=AT, note="Faute")
    business.refresh_from_db()
    departure.refresh_from_db()
    assert (departure.left_on, departure.note) == (date(2025, 5, 1), "Faute")
    assert (member.contracts.get().ends_on, business.closed_on) == (date(2025, 5, 1), date(2025, 5, 1))
    assert list(departure.inquiries.order_by("months").values_list("due_on", flat=True))[:2] == [
        date(2025, 12, 1),
        date(2026, 5, 1),
    ]


def test_a_departure_is_not_corrected_to_before_its_contract():
    member = member_at_work()
    departure = leave(member)
    with pytest.raises(ValidationError) as refusal:
        correct_departure(departure=departure, left_on=date(2024, 1, 1), reason=departure.reason, at=AT)
    assert (codes(refusal), member.contracts.get().ends_on) == ({"left_on": "period_empty"}, LEFT)


# --- coming back -----------------------------------------------------------------------------------------------------


def test_who_comes_back_is_asked_nothing_more_and_starts_a_new_series():
    member = MemberFactory()
    sign_contract(member=member, kind=kind("cape"), starts_on=date(2024, 3, 1), ends_on=date(2025, 3, 1))
    departure = leave(member, left_on=date(2025, 3, 1))
    OutcomeLink.objects.create(inquiry=departure.inquiries.first(), token_hash="a" * 64)
    record_return(member=member, returned_on=date(2025, 6, 1), at=AT)
    contract = sign_contract(member=member, kind=kind("cape"), starts_on=date(2025, 6, 1), ends_on=date(2026, 6, 1))
    assert (contract.series, contract.renewal_rank) == (2, 0)
    assert OutcomeLink.objects.get().revoked_at == AT
    assert not OutcomeInquiry.objects.due(date(2030, 1, 1)).exists()
    assert list(Member.objects.present()) == [member]


def test_association_may_have_ended_with_the_departure():
    member = member_at_work(associated_on=date(2024, 6, 1), share_count=1)
    leave(member)
    record_return(member=member, returned_on=date(2025, 6, 5), at=AT, stays_associate=False)
    member.refresh_from_db()
    assert (member.associated_on, member.share_count) == (None, None)


@pytest.mark.parametrize(
    ("day", "refused"),
    [(date(2025, 6, 11), {"returned_on": "return_in_future"}), (LEFT, {"returned_on": "period_empty"})],
)
def test_an_impossible_return_is_refused(day, refused):
    member = member_at_work()
    leave(member)
    with pytest.raises(ValidationError) as refusal:
        record_return(member=member, returned_on=day, at=AT)
    assert codes(refusal) == refused


def test_who_has_not_left_does_not_come_back():
    with pytest.raises(ValidationError) as refusal:
        record_return(member=member_at_work(), returned_on=LEFT, at=AT)
    assert codes(refusal) == "not_left"


# --- answers ---------------------------------------------------------------------------------------------------------


def asked(at=AT):
    departure = leave(member_at_work())
    inquiry = departure.inquiries.get(months=6)
    inquiry.due_on = timezone.localdate(at)
    inquiry.save()
    return inquiry


def test_an_answer_may_be_changed_for_thirty_days_and_by_staff_after():
    inquiry, month = asked(), timedelta(days=30)
    answer_outcome(inquiry=inquiry, outcome=Outcome.SEEKING, at=AT)
    changed = answer_outcome(inquiry=inquiry, outcome=Outcome.RUNNING, at=AT + month, note=" Ça tourne ")
    assert (changed.outcome, changed.answered_at, changed.note) == (Outcome.RUNNING, AT, "Ça tourne")
    with pytest.raises(ValidationError) as refusal:
        answer_outcome(inquiry=inquiry, outcome=Outcome.OTHER, at=AT + month + timedelta(seconds=1))
    assert codes(refusal) == "answer_settled"
    staff = UserFactory(manager=True)
    noted = answer_outcome(inquiry=inquiry, outcome=Outcome.OTHER, at=AT + 2 * month, by=staff)
    assert (noted.outcome, noted.answered_by) == (Outcome.OTHER, staff)


def test_an_answer_is_one_of_the_situations_and_does_not_come_too_early():
    inquiry = asked()
    with pytest.raises(ValidationError) as refusal:
        answer_outcome(inquiry=inquiry, outcome="riche", at=AT)
    assert codes(refusal) == {"outcome": "outcome_missing"}
    with pytest.raises(ValidationError) as refusal:
        answer_outcome(inquiry=inquiry.departure.inquiries.get(months=36), outcome=Outcome.OTHER, at=AT)
    assert codes(refusal) == "too_early"


def test_who_came_back_answers_nothing():
    inquiry = asked()
    record_return(member=inquiry.departure.member, returned_on=date(2025, 6, 5), at=AT)
    with pytest.raises(ValidationError) as refusal:
        answer_outcome(inquiry=inquiry, outcome=Outcome.OTHER, at=AT)
    assert codes(refusal) == "member_returned"


# --- handing over ----------------------------------------------------------------------------------------------------


def test_members_are_handed_over_together_to_who_works_there():
    territory = TerritoryFactory()
    members = MemberFactory.create_batch(2, territory=territory)
    to = UserFactory(advisor=True, territory=territory)
    hand_over_members(members=members, to=to, today=LEFT)
    assert set(Member.objects.values_list("advisor", flat=True)) == {to.pk}


@pytest.mark.parametrize("make_user", [lambda: UserFactory(advisor=True, territory=TerritoryFactory()), UserFactory])
def test_nobody_takes_over_where_they_do_not_work(make_user):
    with pytest.raises(ValidationError) as refusal:
        hand_over_members(members=[MemberFactory()], to=make_user(), today=LEFT)
    assert (codes(refusal), Member.objects.get().advisor) == ("not_an_advisor_there", None)


def test_nothing_is_handed_over_without_members():
    with pytest.raises(ValidationError) as refusal:
        hand_over_members(members=[], to=UserFactory(manager=True), today=LEFT)
    assert codes(refusal) == "no_members"
