from datetime import date

import pytest

from coopconnexion.periods import months_later
from members.careers import career_of, careers_of, deadlines, with_situation
from members.enums import DeadlineKind, Situation
from members.models import Departure, Member
from members.services import amend_contract, associate_member, sign_contract
from tests.factories import MemberFactory
from tests.members.reference import exit_reason, kind

pytestmark = pytest.mark.django_db

TODAY = date(2026, 1, 15)


def life_of_the_law(**values) -> Member:
    """Two CAPE, then a CESA: the example of the three-year clock."""
    member = MemberFactory(**values)
    for key, starts_on, ends_on in (
        ("cape", date(2024, 3, 1), date(2025, 3, 1)),
        ("cape", date(2025, 3, 1), date(2025, 9, 1)),
        ("cesa", date(2025, 9, 1), None),
    ):
        sign_contract(member=member, kind=kind(key), starts_on=starts_on, ends_on=ends_on)
    return member


def found(rows) -> list[tuple]:
    return [(row.member, row.kind, row.on, row.is_late) for row in rows]


def test_the_career_tells_steps_situation_and_clock():
    member = life_of_the_law()
    cesa = member.contracts.get(kind__key="cesa")
    amend_contract(contract=cesa, subject="other", text="…", effective_on=date(2025, 10, 1))
    career = career_of(member, TODAY)
    assert [(step.kind, step.starts_on, step.last_day) for step in career.steps] == [
        ("contract", date(2024, 3, 1), date(2025, 2, 28)),
        ("contract", date(2025, 3, 1), date(2025, 8, 31)),
        ("contract", date(2025, 9, 1), None),
        ("amendment", date(2025, 10, 1), date(2025, 10, 1)),
    ]
    assert (career.situation, career.current) == (Situation.EMPLOYED, [cesa])
    clock = career.clock
    assert (clock.deadline_on, clock.deducted, clock.is_late, clock.percent) == (date(2027, 3, 1), (18, 0), False, 24)


@pytest.mark.parametrize(("day", "is_late"), [(date(2027, 3, 1), False), (date(2027, 3, 2), True)])
def test_the_deadline_counts_and_the_day_after_is_late(day, is_late):
    clock = career_of(life_of_the_law(), day).clock
    assert (clock.is_late, clock.percent) == (is_late, 100)


def test_association_silences_the_clock():
    member = life_of_the_law()
    associate_member(member=member, associated_on=date(2026, 1, 1))
    member.refresh_from_db()
    career = career_of(member, date(2028, 1, 1))
    assert (career.clock.is_late, career.situation) == (False, Situation.ASSOCIATE)
    assert deadlines(Member.objects.all(), date(2028, 1, 1)) == []


def test_who_left_has_no_clock_and_the_steps_say_so():
    member = life_of_the_law()
    Departure.objects.create(
        member=member, left_on=date(2026, 1, 1), returned_on=date(2026, 2, 1), reason=exit_reason()
    )
    career = career_of(member, TODAY)
    assert (career.situation, career.clock) == (Situation.LEFT, None)
    assert [step.kind for step in career.steps][-2:] == ["departure", "return"]


def test_only_the_last_contract_of_a_kind_that_ends_may_be_followed():
    member = life_of_the_law()
    cesa = member.contracts.order_by("starts_on").last()
    assert followed(member) == [False, False, False]  # the CESA has no end, and the CAPE led to it
    cesa.delete()
    assert followed(member) == [False, True]


def followed(member):
    return [getattr(each, "may_be_followed", False) for each in career_of(member, TODAY).contracts]


def test_several_careers_take_four_queries(django_assert_num_queries):
    members = [life_of_the_law() for _ in range(3)]
    with django_assert_num_queries(4):
        careers = careers_of(members, TODAY)
        assert [careers[each.pk].situation for each in members] == [Situation.EMPLOYED] * 3


@pytest.mark.parametrize(
    "day", [date(2024, 2, 1), date(2024, 3, 1), date(2025, 9, 1), date(2026, 6, 1), date(2026, 12, 31), TODAY]
)
def test_lists_know_the_same_situation_as_the_rule(day):
    members = [life_of_the_law(), life_of_the_law(associated_on=date(2026, 6, 1)), MemberFactory()]
    short = MemberFactory()
    sign_contract(member=short, kind=kind("cape"), starts_on=date(2024, 3, 1), ends_on=date(2024, 9, 1))
    gone = life_of_the_law()
    Departure.objects.create(member=gone, left_on=date(2025, 9, 1), returned_on=date(2026, 6, 1), reason=exit_reason())
    annotated = dict(with_situation(Member.objects.all(), day).values_list("pk", "situation"))
    careers = careers_of([*members, short, gone], day)
    assert annotated == {pk: career.situation.value for pk, career in careers.items()}


# --- deadlines -------------------------------------------------------------------------------------------------------


def cape(member=None, starts_on=date(2025, 3, 1), ends_on=date(2026, 3, 1)) -> Member:
    member = member or MemberFactory()
    sign_contract(member=member, kind=kind("cape"), starts_on=starts_on, ends_on=ends_on)
    return member


def test_deadlines_come_in_order_late_ones_first():
    ending, cesa = cape(), life_of_the_law()
    over = cape(starts_on=date(2024, 3, 1), ends_on=date(2025, 3, 1))
    assert found(deadlines(Member.objects.all(), TODAY)) == [
        (over, DeadlineKind.CONTRACT_END, date(2025, 2, 28), True),
        (ending, DeadlineKind.CONTRACT_END, date(2026, 2, 28), False),
        (cesa, DeadlineKind.ASSOCIATION, date(2027, 3, 1), False),
    ]


def test_a_contract_that_another_follows_is_no_deadline():
    member = cape()
    sign_contract(member=member, kind=kind("cdi"), starts_on=date(2026, 3, 1))
    assert deadlines(Member.objects.all(), TODAY) == []


def test_who_left_has_no_deadline():
    Departure.objects.create(member=cape(), left_on=date(2026, 1, 1), reason=exit_reason())
    assert deadlines(Member.objects.all(), TODAY) == []


def test_deadlines_within_some_months_keep_the_late_ones():
    ending = cape()
    life_of_the_law()
    rows = deadlines(Member.objects.all(), TODAY, within_months=2)
    assert [row.member for row in rows] == [ending]
    assert deadlines(Member.objects.all(), TODAY, within_months=1) == []


def test_the_last_renewal_is_said():
    member = cape(starts_on=date(2025, 3, 1), ends_on=date(2025, 6, 1))
    for month in (6, 9):
        cape(member, date(2025, month, 1), months_later(date(2025, month, 1), 3))
    (row,) = deadlines(Member.objects.all(), TODAY)
    assert (row.on, row.is_last_renewal) == (date(2025, 11, 30), True)


def test_deadlines_take_as_many_queries_for_three_members_as_for_one(django_assert_num_queries):
    for number in (1, 2, 3):
        life_of_the_law()
        cape()
        with django_assert_num_queries(3):
            rows = deadlines(Member.objects.all(), TODAY)
            assert len({str(row.member.territory) for row in rows}) == 2 * number
