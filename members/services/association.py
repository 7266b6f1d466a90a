"""Becoming an associate of the coop: from then on the three-year clock is silent."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Min

from coopconnexion.french import day_words
from coopconnexion.refusals import refusal_at
from members.models import Member
from members.services.contracts import EARLIEST, LATEST
from members.services.locks import lock_member
from members.services.refusals import refused_at_its_field


@transaction.atomic
def associate_member(
    *, member: Member, associated_on: date, share_count: int | None = None, share_amount: Decimal | None = None
) -> Member:
    """Note that ``member`` has been an associate since ``associated_on``, with these shares; said again, corrects it.

    :raises ValidationError: by field: date_implausible, associated_too_early, never_under_contract
    """
    member = lock_member(member)
    if not EARLIEST <= associated_on <= LATEST:
        raise refusal_at("associated_on", f"Vérifiez l’année : {associated_on.year}.", "date_implausible")
    first = member.contracts.aggregate(first=Min("starts_on"))["first"]
    if first is None:
        raise refusal_at(
            "associated_on", "Cette personne n’a pas encore de contrat : signez-le d’abord.", "never_under_contract"
        )
    if associated_on < first:
        raise refusal_at(
            "associated_on",
            f"Le premier contrat commence le {day_words(first)} : l’association vient après.",
            "associated_too_early",
        )
    member.associated_on, member.share_count, member.share_amount = associated_on, share_count, share_amount
    with refused_at_its_field(Member):
        member.save(update_fields=["associated_on", "share_count", "share_amount"])
    return member


@transaction.atomic
def end_association(*, member: Member) -> Member:
    """Forget an association noted by mistake, or that ended: the three-year clock speaks again."""
    member = lock_member(member)
    member.associated_on = member.share_count = member.share_amount = None
    member.save(update_fields=["associated_on", "share_count", "share_amount"])
    return member
