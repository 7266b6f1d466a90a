from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from members.enums import AmendmentSubject
from members.models import Amendment, Contract, ContractKind, ContractTerms, Departure
from members.services import (
    amend_contract,
    associate_member,
    correct_contract,
    end_association,
    end_early,
    remove_contract,
    renew_contract,
    set_terms,
    sign_contract,
)
from tests.factories import MemberFactory
from tests.members.reference import exit_reason, kind

pytestmark = pytest.mark.django_db

START, YEAR_LATER = date(2024, 3, 1), date(2025, 3, 1)


def sign(member=None, key="cape", starts_on=START, ends_on=YEAR_LATER, **values) -> Contract:
    return sign_contract(
        member=member or MemberFactory(), kind=kind(key), starts_on=starts_on, ends_on=ends_on, **values
    )


def codes(refusal) -> dict[str, str] | str:
    """What was refused: the code by field, or the code alone."""
    if hasattr(refusal.value, "error_dict"):
        return {field: errors[0].code for field, errors in refusal.value.error_dict.items()}
    return refusal.value.code


def ranks(member) -> list[tuple]:
    return list(member.contracts.order_by("kind", "starts_on").values_list("series", "renewal_rank", "starts_on"))


# --- signing ---------------------------------------------------------------------------------------------------------


def test_a_contract_copies_the_limits_of_its_kind():
    contract = sign(signed_on=date(2024, 2, 20), weekly_hours=Decimal(10))
    limits = (contract.max_months, contract.max_renewals, contract.series, contract.renewal_rank)
    assert (limits, contract.weekly_hours) == ((12, 2, 1, 0), Decimal(10))
    ContractKind.objects.filter(key="cape").update(max_months=6)
    contract.refresh_from_db()
    assert contract.max_months == 12


def test_a_contract_is_signed_with_its_terms():
    contract = sign(contribution_rate=Decimal(12), fixed_pay=Decimal(150))
    assert list(contract.terms.values_list("starts_on", "ends_on", "contribution_rate", "fixed_pay")) == [
        (START, YEAR_LATER, Decimal(12), Decimal(150))
    ]


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        pytest.param({"starts_on": date(1900, 3, 1)}, {"starts_on": "date_implausible"}, id="a date in 1900"),
        pytest.param({"starts_on": date(2924, 3, 1)}, {"starts_on": "date_implausible"}, id="a date in 2924"),
        pytest.param({"ends_on": date(9999, 3, 1)}, {"ends_on": "date_implausible"}, id="an end in 9999"),
        pytest.param({"signed_on": date(224, 3, 1)}, {"signed_on": "date_implausible"}, id="signed in 224"),
        pytest.param({"ends_on": date(2024, 2, 1)}, {"ends_on": "period_empty"}, id="ends before it starts"),
        pytest.param({"ends_on": START}, {"ends_on": "period_empty"}, id="not one day long"),
        pytest.param({"ends_on": date(2025, 4, 1)}, {"ends_on": "contract_too_long"}, id="a CAPE of 13 months"),
        pytest.param({"ends_on": date(2025, 3, 2)}, {"ends_on": "contract_too_long"}, id="one day too long"),
        pytest.param({"ends_on": None}, {"ends_on": "end_missing"}, id="a CAPE without an end"),
        pytest.param({"objective_amount": Decimal(10)}, {"objective_months": "objective_incomplete"}, id="half"),
        pytest.param({"contribution_rate": Decimal(60)}, {"contribution_rate": "rate_implausible"}, id="rate"),
        pytest.param({"fixed_pay": Decimal(60)}, {"contribution_rate": "rate_missing"}, id="pay without rate"),
        pytest.param(
            {"contribution_rate": Decimal(6), "fixed_pay": Decimal(-1)}, {"fixed_pay": "fixed_pay_negative"}, id="pay"
        ),
    ],
)
def test_an_impossible_contract_is_refused_at_its_field_and_nothing_is_written(values, refused):
    with pytest.raises(ValidationError) as refusal:
        sign(**values)
    assert (codes(refusal), Contract.objects.count(), ContractTerms.objects.count()) == (refused, 0, 0)


def test_contracts_of_a_kind_never_overlap_and_the_refusal_says_with_which():
    member = MemberFactory()
    sign(member)
    with pytest.raises(ValidationError) as refusal:
        sign(member, starts_on=date(2025, 2, 28), ends_on=date(2025, 9, 1))
    assert codes(refusal) == {"starts_on": "contract_overlap"}
    assert "du vendredi 1er\u00a0mars 2024 au vendredi 28\u00a0février 2025" in refusal.value.messages[0]
    assert sign(member, key="cdd", starts_on=date(2025, 2, 1), ends_on=date(2025, 9, 1)).pk


def test_a_retired_kind_is_no_longer_signed():
    kind("cape")
    ContractKind.objects.filter(key="cape").update(retired_at=timezone.now())
    with pytest.raises(ValidationError) as refusal:
        sign()
    assert codes(refusal) == {"kind": "kind_retired"}


def test_who_left_signs_nothing_before_coming_back():
    member = MemberFactory()
    away = Departure.objects.create(member=member, left_on=date(2024, 1, 1), reason=exit_reason())
    with pytest.raises(ValidationError) as refusal:
        sign(member)
    assert codes(refusal) == {"starts_on": "member_left"}
    Departure.objects.filter(pk=away.pk).update(returned_on=START)
    assert sign(member).pk


def test_what_a_contract_does_not_say_is_an_error_of_the_caller():
    with pytest.raises(TypeError):
        sign(weekly_minutes=3)


# --- ranks -----------------------------------------------------------------------------------------------------------


def test_a_contract_typed_late_takes_its_place_and_moves_the_others():
    member = MemberFactory()
    sign(member, starts_on=date(2025, 3, 1), ends_on=date(2025, 9, 1))
    sign(member, starts_on=date(2025, 9, 1), ends_on=date(2026, 3, 1))
    sign(member, starts_on=date(2024, 3, 1), ends_on=date(2025, 3, 1))
    assert ranks(member) == [(1, 0, date(2024, 3, 1)), (1, 1, date(2025, 3, 1)), (1, 2, date(2025, 9, 1))]


def three_capes(member):
    for starts_on, ends_on in (
        (date(2024, 3, 1), date(2024, 9, 1)),
        (date(2024, 9, 1), date(2025, 1, 1)),
        (date(2025, 2, 1), date(2025, 3, 1)),
    ):
        last = sign(member, starts_on=starts_on, ends_on=ends_on)
    return last


@pytest.mark.parametrize("starts_on", [date(2025, 3, 1), date(2026, 1, 1), date(2023, 1, 1)])
def test_a_fourth_cape_is_refused_even_after_a_gap_or_typed_late(starts_on):
    member = MemberFactory()
    three_capes(member)
    with pytest.raises(ValidationError) as refusal:
        sign(member, starts_on=starts_on, ends_on=date(starts_on.year, starts_on.month + 1, 1))
    assert (codes(refusal), member.contracts.count()) == ({"kind": "too_many_renewals"}, 3)


def test_after_leaving_and_coming_back_a_new_series_begins():
    member = MemberFactory()
    three_capes(member)
    Departure.objects.create(
        member=member, left_on=date(2025, 3, 1), returned_on=date(2026, 1, 1), reason=exit_reason()
    )
    contract = sign(member, starts_on=date(2026, 1, 1), ends_on=date(2026, 7, 1))
    assert (contract.series, contract.renewal_rank) == (2, 0)


# --- renewing --------------------------------------------------------------------------------------------------------


def test_a_renewal_follows_with_what_the_contract_said_and_its_terms():
    contract = sign(contribution_rate=Decimal(10), weekly_hours=Decimal(12), programme="Trouver dix clients.")
    renewal = renew_contract(contract=contract, ends_on=date(2025, 9, 1), signed_on=date(2025, 2, 20))
    assert (renewal.starts_on, renewal.series, renewal.renewal_rank) == (YEAR_LATER, 1, 1)
    assert (renewal.weekly_hours, renewal.programme) == (Decimal(12), "Trouver dix clients.")
    assert renewal.terms.get().contribution_rate == Decimal(10)


def test_only_the_last_contract_is_renewed_and_only_one_that_ends():
    contract = sign()
    renew_contract(contract=contract, ends_on=date(2025, 9, 1))
    with pytest.raises(ValidationError) as refusal:
        renew_contract(contract=contract, ends_on=date(2025, 10, 1))
    assert codes(refusal) == "already_renewed"
    with pytest.raises(ValidationError) as refusal:
        renew_contract(contract=sign(key="cesa", ends_on=None), ends_on=date(2025, 10, 1))
    assert codes(refusal) == "not_renewable"


def test_a_third_renewal_is_refused():
    last = three_capes(MemberFactory())
    with pytest.raises(ValidationError) as refusal:
        renew_contract(contract=last, ends_on=date(2025, 4, 1))
    assert (codes(refusal), Contract.objects.count()) == ({"kind": "too_many_renewals"}, 3)


# --- terms -----------------------------------------------------------------------------------------------------------


def test_new_terms_end_those_before_and_stop_at_those_after():
    contract = sign(contribution_rate=Decimal(8))
    set_terms(contract=contract, starts_on=date(2024, 9, 1), contribution_rate=Decimal(12))
    set_terms(contract=contract, starts_on=date(2024, 6, 1), contribution_rate=Decimal(10))
    set_terms(contract=contract, starts_on=date(2024, 6, 1), contribution_rate=Decimal(11), fixed_pay=Decimal(100))
    assert list(contract.terms.order_by("starts_on").values_list("starts_on", "ends_on", "contribution_rate")) == [
        (START, date(2024, 6, 1), Decimal(8)),
        (date(2024, 6, 1), date(2024, 9, 1), Decimal(11)),
        (date(2024, 9, 1), YEAR_LATER, Decimal(12)),
    ]


@pytest.mark.parametrize("day", [date(2024, 2, 29), YEAR_LATER])
def test_terms_hold_within_their_contract(day):
    with pytest.raises(ValidationError) as refusal:
        set_terms(contract=sign(), starts_on=day, contribution_rate=Decimal(8))
    assert codes(refusal) == {"starts_on": "terms_outside"}


# --- amendments ------------------------------------------------------------------------------------------------------


def amend(contract, subject=AmendmentSubject.OTHER, effective_on=date(2024, 6, 1), **values) -> Amendment:
    return amend_contract(contract=contract, subject=subject, text="…", effective_on=effective_on, **values)


def test_amendments_are_numbered_within_their_contract_and_apply_what_they_say():
    contract = sign(key="cesa", ends_on=None, contribution_rate=Decimal(8))
    first = amend(contract, AmendmentSubject.TERMS, contribution_rate=Decimal(12), fixed_pay=Decimal(150))
    others = [
        amend(contract, AmendmentSubject.HOURS, weekly_hours=Decimal(20)),
        amend(contract, AmendmentSubject.OBJECTIVE, objective_amount=Decimal(9000), objective_months=6),
        amend(contract, AmendmentSubject.END, ends_on=date(2026, 1, 1)),
        amend(contract),
    ]
    contract.refresh_from_db()
    assert [first.number, *(each.number for each in others)] == [1, 2, 3, 4, 5]
    assert (first.terms.contribution_rate, first.terms.starts_on) == (Decimal(12), date(2024, 6, 1))
    assert (contract.weekly_hours, contract.objective_months, contract.ends_on) == (Decimal(20), 6, date(2026, 1, 1))
    assert contract.terms.order_by("-starts_on").first().ends_on == date(2026, 1, 1)
    assert amend(sign()).number == 1


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"effective_on": date(2024, 2, 1)}, {"effective_on": "amendment_outside"}),
        ({"effective_on": YEAR_LATER}, {"effective_on": "amendment_outside"}),
        ({"signed_on": date(1900, 1, 1)}, {"signed_on": "date_implausible"}),
        ({"subject": AmendmentSubject.TERMS}, {"contribution_rate": "rate_missing"}),
        ({"subject": AmendmentSubject.HOURS}, {"weekly_hours": "hours_missing"}),
        ({"subject": AmendmentSubject.OBJECTIVE}, {"objective_amount": "objective_incomplete"}),
        ({"subject": AmendmentSubject.END}, {"ends_on": "end_missing"}),
        ({"subject": AmendmentSubject.END, "ends_on": date(2025, 4, 1)}, {"ends_on": "contract_too_long"}),
    ],
)
def test_an_amendment_that_says_nothing_possible_is_refused(values, refused):
    contract = sign()
    with pytest.raises(ValidationError) as refusal:
        amend(contract, **values)
    assert (codes(refusal), Amendment.objects.count()) == (refused, 0)


# --- ending early ----------------------------------------------------------------------------------------------------


def test_a_contract_that_ends_early_says_why_and_takes_its_terms_along():
    contract = sign(contribution_rate=Decimal(8))
    amendment = amend(contract, AmendmentSubject.TERMS, date(2024, 12, 1), contribution_rate=Decimal(12))
    contract = end_early(contract=contract, ends_on=date(2024, 10, 1), because=" Emploi trouvé ")
    amendment.refresh_from_db()
    assert (contract.ends_on, contract.ended_early_because) == (date(2024, 10, 1), "Emploi trouvé")
    assert (contract.terms.get().ends_on, amendment.terms) == (date(2024, 10, 1), None)


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"because": "  "}, {"because": "reason_missing"}),
        ({"ends_on": YEAR_LATER}, {"ends_on": "not_earlier"}),
        ({"ends_on": START}, {"ends_on": "period_empty"}),
    ],
)
def test_ending_early_needs_a_reason_and_an_earlier_day(values, refused):
    contract = sign()
    with pytest.raises(ValidationError) as refusal:
        end_early(**{"contract": contract, "ends_on": date(2024, 10, 1), "because": "Arrêt"} | values)
    contract.refresh_from_db()
    assert (codes(refusal), contract.ends_on) == (refused, YEAR_LATER)


# --- correcting ------------------------------------------------------------------------------------------------------


def correct(contract, **values) -> Contract:
    kept = {name: getattr(contract, name) for name in ("kind", "starts_on", "ends_on", "signed_on")}
    return correct_contract(contract=contract, **kept | values)


def test_a_corrected_contract_keeps_its_history_and_its_terms_follow():
    contract = sign(contribution_rate=Decimal(8))
    corrected = correct(contract, starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 1), weekly_hours=Decimal(8))
    terms = corrected.terms.get()
    assert (terms.starts_on, terms.ends_on) == (date(2026, 1, 1), date(2026, 6, 1))
    assert list(contract.history.order_by("pgh_id").values_list("starts_on", flat=True)) == [START, date(2026, 1, 1)]


def test_another_kind_brings_its_limits_and_closes_the_ranks_it_left():
    member = MemberFactory()
    first, second = sign(member), sign(member, starts_on=YEAR_LATER, ends_on=date(2025, 9, 1))
    corrected = correct(first, kind=kind("cdi"), ends_on=None)
    second.refresh_from_db()
    assert (corrected.max_months, corrected.renewal_rank, second.renewal_rank) == (None, 0, 0)


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"starts_on": date(1900, 1, 1)}, {"starts_on": "date_implausible"}),
        ({"ends_on": date(2023, 1, 1)}, {"ends_on": "period_empty"}),
        ({"ends_on": date(2025, 4, 1)}, {"ends_on": "contract_too_long"}),
        ({"starts_on": date(2024, 6, 1)}, {"starts_on": "terms_outside"}),
        ({"ends_on": date(2024, 5, 1)}, {"starts_on": "terms_outside"}),
    ],
)
def test_a_correction_that_is_not_possible_is_refused(values, refused):
    contract = sign(contribution_rate=Decimal(8))
    set_terms(contract=contract, starts_on=date(2024, 6, 1), contribution_rate=Decimal(9))
    with pytest.raises(ValidationError) as refusal:
        correct(contract, **values)
    contract.refresh_from_db()
    assert (codes(refusal), contract.starts_on, contract.ends_on) == (refused, START, YEAR_LATER)


def test_a_correction_leaves_no_amendment_outside():
    contract = sign()
    amend(contract)
    with pytest.raises(ValidationError) as refusal:
        correct(contract, starts_on=date(2024, 7, 1))
    assert codes(refusal) == {"starts_on": "amendment_outside"}


def test_a_contract_typed_by_mistake_goes_and_the_others_close_ranks():
    member = MemberFactory()
    first, second = sign(member), sign(member, starts_on=YEAR_LATER, ends_on=date(2025, 9, 1))
    remove_contract(contract=first)
    assert ranks(member) == [(1, 0, YEAR_LATER)]
    amend(second, effective_on=YEAR_LATER)
    with pytest.raises(ValidationError) as refusal:
        remove_contract(contract=second)
    assert codes(refusal) == "contract_amended"


# --- association -----------------------------------------------------------------------------------------------------


def test_a_member_becomes_an_associate_with_shares():
    member = sign(key="cesa", ends_on=None).member
    associated = associate_member(
        member=member, associated_on=date(2025, 6, 1), share_count=2, share_amount=Decimal(100)
    )
    assert (associated.associated_on, associated.share_count) == (date(2025, 6, 1), 2)
    assert end_association(member=member).share_count is None


@pytest.mark.parametrize(
    ("day", "code"), [(date(1900, 1, 1), "date_implausible"), (date(2024, 2, 1), "associated_too_early")]
)
def test_an_association_before_the_first_contract_is_refused(day, code):
    with pytest.raises(ValidationError) as refusal:
        associate_member(member=sign().member, associated_on=day)
    assert codes(refusal) == {"associated_on": code}


def test_who_never_had_a_contract_does_not_become_an_associate():
    with pytest.raises(ValidationError) as refusal:
        associate_member(member=MemberFactory(), associated_on=START)
    assert codes(refusal) == {"associated_on": "never_under_contract"}
