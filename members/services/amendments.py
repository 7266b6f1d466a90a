"""« Avenants »: what was signed to change a contract, and what it changes."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from coopconnexion.french import day_words
from coopconnexion.refusals import refusal_at
from members.enums import AmendmentSubject
from members.models import Amendment, Contract, ContractTerms
from members.services.contracts import EARLIEST, refuse_impossible
from members.services.locks import lock_member
from members.services.refusals import refused_at_its_field
from members.services.terms import set_terms, trim_terms

OBJECTIVE = ("objective_amount", "objective_months")


@transaction.atomic
def amend_contract(
    *,
    contract: Contract,
    subject: str,
    text: str,
    effective_on: date,
    signed_on: date | None = None,
    ends_on: date | None = None,
    contribution_rate: Decimal | None = None,
    fixed_pay: Decimal | None = None,
    weekly_hours: Decimal | None = None,
    objective_amount: Decimal | None = None,
    objective_months: int | None = None,
) -> Amendment:
    """Record the next amendment of ``contract`` and apply what its subject changes.

    :raises ValidationError: by field: amendment_outside, date_implausible, end_missing, rate_missing, hours_missing,
        objective_incomplete, and those of ``sign_contract`` and ``set_terms``
    """
    member = lock_member(contract.member)
    contract = Contract.objects.select_related("kind").select_for_update(of=("self",)).get(pk=contract.pk)
    contract.member = member
    _refuse_outside(contract, effective_on, signed_on)
    terms = None
    if subject == AmendmentSubject.TERMS:
        terms = _change_terms(contract, effective_on, contribution_rate, fixed_pay)
    elif subject == AmendmentSubject.END:
        _change_end(contract, ends_on)
    elif subject == AmendmentSubject.HOURS:
        _change(contract, "hours_missing", weekly_hours=weekly_hours)
    elif subject == AmendmentSubject.OBJECTIVE:
        _change(contract, "objective_incomplete", objective_amount=objective_amount, objective_months=objective_months)
    last = contract.amendments.aggregate(last=Max("number"))["last"] or 0
    with refused_at_its_field(Amendment):
        return contract.amendments.create(
            number=last + 1, subject=subject, text=text, effective_on=effective_on, signed_on=signed_on, terms=terms
        )


@transaction.atomic
def correct_amendment(*, amendment: Amendment, text: str, signed_on: date | None) -> Amendment:
    """Put right what an amendment says and when it was signed; what it changed stays.

    :raises ValidationError: by field: date_implausible
    """
    amendment = Amendment.objects.select_for_update(of=("self",)).get(pk=amendment.pk)
    _refuse_signature(signed_on)
    amendment.text, amendment.signed_on = text, signed_on
    amendment.save(update_fields=["text", "signed_on"])
    return amendment


@transaction.atomic
def remove_amendment(*, amendment: Amendment) -> None:
    """Delete the last amendment of a contract, typed by mistake, with the terms it brought; the history keeps it.

    Its other changes stay on the contract, where they may be corrected.

    :raises ValidationError: amendment_not_last
    """
    lock_member(amendment.contract.member)
    contract = Contract.objects.select_for_update(of=("self",)).get(pk=amendment.contract_id)
    amendment = contract.amendments.select_related("terms").get(pk=amendment.pk)
    if contract.amendments.filter(number__gt=amendment.number).exists():
        raise ValidationError(
            "D’autres avenants de ce contrat viennent après : supprimez d’abord le dernier.", code="amendment_not_last"
        )
    terms = amendment.terms
    amendment.delete()
    if terms:
        _take_back(contract, terms)


def _take_back(contract: Contract, terms: ContractTerms) -> None:
    """Let the terms before these hold on; the first ones of a contract stay."""
    before = contract.terms.filter(starts_on__lt=terms.starts_on).order_by("-starts_on").first()
    if before:
        terms.delete()
        before.ends_on = terms.ends_on
        before.save(update_fields=["ends_on"])


def _refuse_outside(contract: Contract, effective_on: date, signed_on: date | None) -> None:
    if effective_on < contract.starts_on or (contract.ends_on and effective_on >= contract.ends_on):
        raise refusal_at(
            "effective_on",
            f"Le contrat ne court pas ce jour-là : il commence le {day_words(contract.starts_on)}.",
            "amendment_outside",
        )
    _refuse_signature(signed_on)


def _refuse_signature(signed_on: date | None) -> None:
    if signed_on and signed_on < EARLIEST:
        raise refusal_at("signed_on", f"Vérifiez l’année : {signed_on.year} n’est pas plausible.", "date_implausible")


def _change_terms(contract: Contract, effective_on: date, rate: Decimal | None, fixed_pay: Decimal | None):
    if rate is None:
        raise refusal_at("contribution_rate", "Indiquez le nouveau taux de contribution.", "rate_missing")
    return set_terms(contract=contract, starts_on=effective_on, contribution_rate=rate, fixed_pay=fixed_pay)


def _change_end(contract: Contract, ends_on: date | None) -> None:
    if ends_on is None:
        raise refusal_at("ends_on", "Indiquez le nouveau dernier jour.", "end_missing")
    contract.ends_on = ends_on
    refuse_impossible(contract)
    with refused_at_its_field(Contract):
        contract.save(update_fields=["ends_on"])
    trim_terms(contract)


def _change(contract: Contract, code: str, **values) -> None:
    for name, value in values.items():
        if value is None:
            raise refusal_at(name, "Indiquez la nouvelle valeur.", code)
        setattr(contract, name, value)
    with refused_at_its_field(Contract):
        contract.save(update_fields=list(values))
