"""What members plug into the registers: indicators, consistency, duties, personal data."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from coopconnexion.accounts.duties import duties_of
from coopconnexion.accounts.personal_data import blockers, erase_rows, export_rows
from coopconnexion.accounts.services import merge_people
from coopconnexion.partnerships import indicators
from coopconnexion.partnerships.indicators import Hidden, Scope, Step
from members import consistency
from members.enums import Outcome
from members.models import Business, Contract, Departure, Member, OutcomeInquiry, Statement
from members.services import associate_member, record_departure, renew_contract, sign_contract
from tests.factories import BusinessFactory, MemberFactory, PersonFactory, TerritoryFactory, UserFactory
from tests.members.reference import exit_reason, kind

pytestmark = pytest.mark.django_db

YEAR = (date(2024, 1, 1), date(2025, 1, 1))


def at_work(key="cape", starts_on=date(2024, 3, 1), ends_on=date(2025, 3, 1), **values) -> Member:
    member = MemberFactory(**values)
    sign_contract(member=member, kind=kind(key), starts_on=starts_on, ends_on=ends_on)
    return member


def value(key, territory=None, period=YEAR):
    ids = None if territory is None else frozenset({territory.pk})
    return indicators.get(key).value(Scope(*period, ids))


# --- indicators ------------------------------------------------------------------------------------------------------


def test_contracts_signed_are_counted_without_renewals_by_their_day():
    member = at_work(ends_on=date(2024, 9, 1))
    renew_contract(contract=member.contracts.get(), ends_on=date(2025, 3, 1))
    signed_before = MemberFactory()
    sign_contract(
        member=signed_before,
        kind=kind("cape"),
        starts_on=date(2024, 1, 1),
        ends_on=date(2024, 6, 1),
        signed_on=date(2023, 12, 20),
    )
    at_work("cesa", ends_on=None)
    assert (value("members.cape_signed"), value("members.cesa_signed")) == (1, 1)


def test_members_present_count_once_on_the_last_day():
    both = at_work("cesa", ends_on=None)
    sign_contract(member=both, kind=kind("cdi"), starts_on=date(2024, 5, 1))
    at_work(ends_on=date(2024, 6, 1))
    territory = TerritoryFactory()
    at_work(territory=territory)
    MemberFactory()
    assert (value("members.present"), value("members.present", territory)) == (2, 1)
    series = indicators.get("members.present").series(Scope(*YEAR), Step.QUARTER)
    assert [count for _, count in series] == [3, 2, 2, 2]


def test_associations_exits_and_turnover_fall_in_their_period():
    member = at_work("cesa", ends_on=None)
    associate_member(member=member, associated_on=date(2024, 6, 1))
    record_departure(
        member=at_work("cesa", ends_on=None), left_on=date(2024, 7, 1), reason=exit_reason(), by=None, at=timezone.now()
    )
    for month, amount in ((1, "100.50"), (12, "200")):
        Statement.objects.create(member=member, month=date(2024, month, 1), turnover=amount)
    Statement.objects.create(member=member, month=date(2025, 1, 1), turnover=999)
    assert (value("members.associated"), value("members.exits")) == (1, 1)
    assert value("members.turnover") == Decimal("300.50")
    assert value("members.turnover", period=(date(2020, 1, 1), date(2021, 1, 1))) == 0


def test_survival_is_the_share_of_those_with_news_whose_activity_goes_on():
    for outcome in (Outcome.RUNNING, Outcome.RUNNING, Outcome.SEEKING, Outcome.UNREACHABLE, ""):
        departure = record_departure(
            member=at_work(), left_on=date(2024, 6, 1), reason=exit_reason(), by=None, at=timezone.now()
        )
        if outcome:
            OutcomeInquiry.objects.filter(departure=departure, months=12).update(
                outcome=outcome, answered_at=timezone.now()
            )
    period = (date(2025, 1, 1), date(2026, 1, 1))
    assert value("members.survival_12", period=period) == Decimal("66.7")
    assert value("members.survival_24", period=(date(2026, 1, 1), date(2027, 1, 1))) is None


def test_what_a_few_said_after_leaving_is_not_shown_outside_the_coop():
    """They were told that their answer shows in figures of many alone."""
    for number in range(5):
        departure = record_departure(
            member=at_work(), left_on=date(2024, 6, 1), reason=exit_reason(), by=None, at=timezone.now()
        )
        OutcomeInquiry.objects.filter(departure=departure, months=12).update(
            outcome=Outcome.RUNNING, answered_at=timezone.now()
        )
        survival = indicators.get("members.survival_12")
        assert isinstance(survival.shown_value(Scope(date(2025, 1, 1), date(2026, 1, 1))), Hidden) == (number < 4)


def test_the_turnover_of_a_few_members_is_not_shown_outside_the_coop():
    for number in range(5):
        Statement.objects.create(member=at_work(), month=date(2024, 1, 1), turnover=100)
        shown = indicators.get("members.turnover").shown_value(Scope(*YEAR))
        assert isinstance(shown, Hidden) == (number < 4)


# --- consistency -----------------------------------------------------------------------------------------------------


def test_a_contract_that_runs_after_a_departure_is_found():
    member, fine = at_work(), at_work()
    Departure.objects.create(member=member, left_on=date(2024, 6, 1), reason=exit_reason())
    Departure.objects.create(member=fine, left_on=date(2025, 3, 1), reason=exit_reason())
    back = at_work()
    Departure.objects.create(member=back, left_on=date(2023, 1, 1), returned_on=date(2024, 3, 1), reason=exit_reason())
    assert list(consistency.contracts_after_departure(Contract.objects.all())) == [member.contracts.get()]


def test_an_association_overdue_is_found():
    late = at_work("cesa", starts_on=date(2015, 1, 1), ends_on=None)
    at_work("cesa", starts_on=date(2015, 1, 1), ends_on=None, associated_on=date(2017, 1, 1))
    assert list(consistency.association_overdue(Contract.objects.all())) == [late.contracts.get()]
    assert list(consistency.association_overdue(Contract.objects.none())) == []


def test_a_present_member_without_a_contract_is_found():
    over, never = at_work(), MemberFactory()
    at_work("cdi", ends_on=None)
    left = at_work()
    record_departure(member=left, left_on=date(2025, 3, 1), reason=exit_reason(), by=None, at=timezone.now())
    assert set(consistency.present_without_contract(Member.objects.all())) == {over, never}


def test_an_open_business_without_a_present_member_is_found():
    alone = BusinessFactory(opened_on=date(2024, 1, 1))
    BusinessFactory(opened_on=date(2024, 1, 1), closed_on=date(2024, 2, 1))
    carried = BusinessFactory(opened_on=date(2024, 1, 1))
    carried.members.add(MemberFactory())
    assert list(consistency.businesses_without_member(Business.objects.all())) == [alone]


def test_an_association_before_any_contract_is_found():
    member = MemberFactory(associated_on=date(2020, 1, 1))
    at_work("cesa", ends_on=None, associated_on=date(2025, 1, 1))
    assert list(consistency.associated_before_any_contract(Member.objects.all())) == [member]


# --- duties ----------------------------------------------------------------------------------------------------------


def test_an_advisor_carries_the_present_members_of_each_territory():
    advisor, first, second = UserFactory(), TerritoryFactory(), TerritoryFactory()
    for territory in (first, first, second):
        MemberFactory(advisor=advisor, territory=territory)
    gone = MemberFactory(advisor=advisor, territory=first)
    Departure.objects.create(member=gone, left_on=date(2025, 1, 1), reason=exit_reason())
    found = [(duty.label, duty.territory_id, duty.count) for duty in duties_of(advisor)]
    assert found == [("membres suivis", first.pk, 2), ("membres suivis", second.pk, 1)]


# --- personal data ---------------------------------------------------------------------------------------------------


def test_who_had_contracts_is_exported_whole_and_not_erased():
    member = at_work("cesa", ends_on=None)
    record_departure(
        member=member, left_on=date(2024, 6, 1), reason=exit_reason(), by=None, at=timezone.now(), note="Dur"
    )
    exported = export_rows(member.person)
    assert {"membres", "contrats", "sorties"} <= exported.keys()
    assert exported["sorties"][0]["précisions"] == "Dur"
    assert "ses contrats doivent être conservés" in blockers(member.person, timezone.now())


def test_erasing_takes_the_words_noted_about_a_departure():
    departure = Departure.objects.create(
        member=MemberFactory(), left_on=date(2024, 6, 1), reason=exit_reason(), note="Confidence"
    )
    erase_rows(departure.member.person, timezone.now())
    departure.refresh_from_db()
    assert departure.note == ""
    assert set(departure.history.values_list("note", flat=True)) == {""}


def test_a_merged_person_keeps_the_file_of_a_member():
    member, kept = at_work(), PersonFactory()
    merge_people(kept=kept, gone=member.person, chosen={}, by=UserFactory(manager=True), at=timezone.now())
    member.refresh_from_db()
    assert member.person == kept


def merge(kept: Member, gone: Member) -> None:
    merge_people(kept=kept.person, gone=gone.person, chosen={}, by=UserFactory(manager=True), at=timezone.now())


def test_two_files_of_a_member_become_one_and_lose_nothing():
    kept, gone = at_work(ends_on=date(2024, 9, 1)), at_work(starts_on=date(2024, 9, 1))
    associate_member(member=gone, associated_on=date(2024, 10, 1), share_count=2)
    shared, own = BusinessFactory(), BusinessFactory()
    shared.members.add(kept, gone)
    own.members.add(gone)
    Statement.objects.create(member=gone, month=date(2024, 10, 1), turnover=10)
    departure = record_departure(
        member=gone, left_on=date(2025, 1, 1), reason=exit_reason(), by=None, at=timezone.now()
    )
    merge(kept, gone)
    kept.refresh_from_db()
    departure.refresh_from_db()
    assert list(kept.contracts.order_by("starts_on").values_list("starts_on", flat=True)) == [
        date(2024, 3, 1),
        date(2024, 9, 1),
    ]
    assert (kept.associated_on, kept.share_count, kept.statements.count()) == (date(2024, 10, 1), 2, 1)
    assert (set(kept.businesses.all()), departure.member) == ({shared, own}, kept)
    assert list(Member.objects.all()) == [kept]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda member: at_work(person=member), "contract_overlap"),
        (lambda member: MemberFactory(person=member, associated_on=date(2024, 5, 1)), "two_associations"),
    ],
)
def test_two_files_that_contradict_each_other_are_sorted_out_first(make, code):
    kept = at_work()
    associate_member(member=kept, associated_on=date(2024, 6, 1))
    gone = make(PersonFactory())
    kept.refresh_from_db()
    with pytest.raises(ValidationError) as refusal:
        merge(kept, gone)
    assert (refusal.value.code, Member.objects.count()) == (code, 2)
