"""Contracts, renewals and amendments written at the same instant, and what the database itself refuses."""

from datetime import date
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from members.enums import AmendmentSubject
from members.models import Amendment, Contract
from members.services import amend_contract, renew_contract, sign_contract
from tests.factories import MemberFactory
from tests.members.reference import kind

pytestmark = pytest.mark.django_db
START, YEAR_LATER = date(2024, 3, 1), date(2025, 3, 1)


def sign(member=None, key="cape", starts_on=START, ends_on=YEAR_LATER, **values) -> Contract:
    return sign_contract(
        member=member or MemberFactory(), kind=kind(key), starts_on=starts_on, ends_on=ends_on, **values
    )


def amend(contract, subject=AmendmentSubject.OTHER, effective_on=date(2024, 6, 1), **values) -> Amendment:
    return amend_contract(contract=contract, subject=subject, text="…", effective_on=effective_on, **values)


# --- at the same instant ---------------------------------------------------------------------------------------------


def at_once(work, number: int = 6) -> list[str]:
    """Do ``work`` in ``number`` threads that start together; return what each got."""
    gate, results = Barrier(number), []

    def one():
        try:
            gate.wait()
            results.append(work())
        except ValidationError as refusal:
            results.append(refusal.code if hasattr(refusal, "code") else next(iter(refusal.error_dict)))
        finally:
            connection.close()

    threads = [Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(map(str, results))


@pytest.mark.django_db(transaction=True)
def test_of_several_renewals_at_once_one_is_signed():
    contract = sign()
    found = at_once(lambda: renew_contract(contract=contract, ends_on=date(2025, 9, 1)).renewal_rank)
    assert (found, Contract.objects.count()) == (["1"] + ["already_renewed"] * 5, 2)


@pytest.mark.django_db(transaction=True)
def test_amendments_at_once_each_get_their_number():
    contract = sign()
    assert at_once(lambda: amend(contract).number) == ["1", "2", "3", "4", "5", "6"]


@pytest.mark.django_db(transaction=True)
def test_of_several_contracts_signed_at_once_those_that_overlap_are_refused():
    member = MemberFactory()
    found = at_once(lambda: sign(member).renewal_rank)
    assert (found, Contract.objects.count()) == (["0"] + ["starts_on"] * 5, 1)


def test_the_database_refuses_half_an_objective():
    contract = sign()
    with pytest.raises(IntegrityError, match="members_contract_objective_whole"), transaction.atomic():
        Contract.objects.filter(pk=contract.pk).update(objective_amount=Decimal(10))
