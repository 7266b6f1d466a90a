"""The contribution rate and the fixed pay of a contract, by period: shown, not used for payroll."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from coopconnexion.french import day_words
from coopconnexion.refusals import refusal_at
from members.models import Amendment, Contract, ContractTerms
from members.services.refusals import refused_at_its_field


@transaction.atomic
def set_terms(
    *, contract: Contract, starts_on: date, contribution_rate: Decimal, fixed_pay: Decimal | None = None
) -> ContractTerms:
    """Let these terms hold from ``starts_on``, up to the next ones known or to the end of the contract.

    Those in force end the day before; those that begin on the same day are replaced.

    :raises ValidationError: by field: terms_outside, rate_implausible, fixed_pay_negative
    """
    contract = Contract.objects.select_for_update(of=("self",)).get(pk=contract.pk)
    if starts_on < contract.starts_on or (contract.ends_on and starts_on >= contract.ends_on):
        raise refusal_at(
            "starts_on",
            f"Le contrat ne court pas ce jour-là : il commence le {day_words(contract.starts_on)}.",
            "terms_outside",
        )
    terms = contract.terms.filter(starts_on=starts_on).first() or ContractTerms(contract=contract, starts_on=starts_on)
    following = contract.terms.filter(starts_on__gt=starts_on).order_by("starts_on").first()
    terms.ends_on = following.starts_on if following else contract.ends_on
    terms.contribution_rate, terms.fixed_pay = contribution_rate, fixed_pay
    with refused_at_its_field(ContractTerms):
        contract.terms.on(starts_on).filter(starts_on__lt=starts_on).update(ends_on=starts_on)
        terms.save()
    return terms


def trim_terms(contract: Contract) -> None:
    """Let the terms of ``contract`` end with it; those that would begin after it go."""
    last = contract.terms.order_by("-starts_on").first()
    if contract.ends_on:
        beyond = contract.terms.filter(starts_on__gte=contract.ends_on)
        Amendment.objects.filter(terms__in=beyond).update(terms=None)
        beyond.delete()
        last = contract.terms.order_by("-starts_on").first()
    if last and last.ends_on != contract.ends_on:
        last.ends_on = contract.ends_on
        last.save(update_fields=["ends_on"])


def move_terms(contract: Contract, former_start: date) -> None:
    """Let the terms of the first and of the last day of ``contract`` follow its corrected dates."""
    first = contract.terms.filter(starts_on=former_start).first()
    if first and first.starts_on != contract.starts_on:
        if not contract.terms.filter(starts_on__gt=former_start).exists():
            first.ends_on = contract.ends_on
        first.starts_on = contract.starts_on
        first.save(update_fields=["starts_on", "ends_on"])
    trim_terms(contract)
