"""Amendments typed wrong: put right, or deleted with the terms they brought."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from coopconnexion.accounts.enums import Role
from members.enums import AmendmentSubject
from members.models import Amendment, Contract
from members.services import amend_contract, correct_amendment, remove_amendment, remove_contract, sign_contract
from tests.factories import MemberFactory
from tests.members.reference import kind

pytestmark = pytest.mark.django_db

START, CHANGED = date(2024, 3, 1), date(2024, 6, 1)


@pytest.fixture
def contract():
    return sign_contract(member=MemberFactory(), kind=kind("cesa"), starts_on=START, contribution_rate=Decimal(8))


def amend(contract, subject=AmendmentSubject.OTHER, effective_on=CHANGED, **values) -> Amendment:
    return amend_contract(contract=contract, subject=subject, text="…", effective_on=effective_on, **values)


def rates(contract) -> list[tuple]:
    return list(contract.terms.order_by("starts_on").values_list("contribution_rate", "starts_on", "ends_on"))


def test_the_words_of_an_amendment_are_put_right(contract):
    amendment = amend(contract, AmendmentSubject.HOURS, weekly_hours=Decimal(20))
    correct_amendment(amendment=amendment, text="Passe à 20 heures", signed_on=date(2024, 5, 20))
    amendment.refresh_from_db()
    contract.refresh_from_db()
    assert (amendment.text, amendment.signed_on) == ("Passe à 20 heures", date(2024, 5, 20))
    assert (amendment.number, contract.weekly_hours) == (1, Decimal(20))


def test_an_implausible_signature_is_refused(contract):
    amendment = amend(contract)
    with pytest.raises(ValidationError) as refusal:
        correct_amendment(amendment=amendment, text="…", signed_on=date(1900, 1, 1))
    assert refusal.value.error_dict["signed_on"][0].code == "date_implausible"


def test_a_removed_amendment_takes_its_terms_along_and_those_before_hold_on(contract):
    amendment = amend(contract, AmendmentSubject.TERMS, contribution_rate=Decimal(12))
    assert rates(contract) == [(8, START, CHANGED), (12, CHANGED, None)]
    remove_amendment(amendment=amendment)
    assert (rates(contract), contract.amendments.count()) == ([(8, START, None)], 0)
    remove_contract(contract=contract)
    assert not Contract.objects.exists()


def test_the_first_terms_of_a_contract_outlive_the_amendment_that_changed_them(contract):
    remove_amendment(amendment=amend(contract, AmendmentSubject.TERMS, START, contribution_rate=Decimal(12)))
    assert rates(contract) == [(12, START, None)]


def test_only_the_last_amendment_is_removed_so_that_numbers_follow(contract):
    first, last = amend(contract), amend(contract)
    with pytest.raises(ValidationError) as refusal:
        remove_amendment(amendment=first)
    assert (refusal.value.code, contract.amendments.count()) == ("amendment_not_last", 2)
    remove_amendment(amendment=last)
    assert amend(contract).number == 2


# --- the page --------------------------------------------------------------------------------------------------------


def page(amendment) -> str:
    return reverse("members_staff:amendment_correct", args=[amendment.pk])


def shown_in(client, amendment) -> dict:
    form = client.get(page(amendment)).context["form"]
    return {field.html_name: "" if field.value() is None else field.value() for field in form}


@pytest.fixture
def advisor(login_as, contract):
    return login_as(Role.ADVISOR, contract.member.territory)


def test_an_advisor_corrects_then_removes_an_amendment(client, advisor, contract):
    amendment = amend(contract)
    assert page(amendment) in client.get(reverse("members_staff:member", args=[contract.member_id])).content.decode()
    client.post(page(amendment), shown_in(client, amendment) | {"text": "Télétravail"})
    amendment.refresh_from_db()
    assert amendment.text == "Télétravail"
    client.post(page(amendment), shown_in(client, amendment) | {"remove": "1"})
    assert not Amendment.objects.exists()


def test_a_refused_removal_is_told_and_what_was_typed_stays(client, advisor, contract):
    first, _ = amend(contract), amend(contract)
    response = client.post(page(first), shown_in(client, first) | {"text": "Autre chose", "remove": "1"})
    shown = response.content.decode()
    assert (response.status_code, "supprimez d’abord le dernier" in shown, "Autre chose" in shown) == (422, True, True)


def test_the_second_to_correct_is_told_what_the_first_saved(client, advisor, contract):
    amendment = amend(contract)
    typed = shown_in(client, amendment) | {"text": "Les miennes"}
    Amendment.objects.update(text="Les leurs")
    response = client.post(page(amendment), typed)
    amendment.refresh_from_db()
    assert (response.status_code, amendment.text) == (422, "Les leurs")
    assert "Modifié entre-temps" in response.content.decode()


def test_an_amendment_of_elsewhere_is_missing_and_a_reader_changes_nothing(client, login_as, contract):
    amendment = amend(contract)
    login_as(Role.ADVISOR, MemberFactory().territory)
    assert client.get(page(amendment)).status_code == 404
    login_as(Role.READER, contract.member.territory)
    assert client.get(page(amendment)).status_code == 403
