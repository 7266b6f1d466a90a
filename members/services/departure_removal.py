"""Taking back a departure that was noted by mistake, with what it ended."""

from django.core.exceptions import ValidationError
from django.db import transaction

from members.models import Business, Contract, Departure, Member
from members.services.locks import lock_member
from members.services.refusals import refused_at_its_field
from members.services.terms import trim_terms


@transaction.atomic
def remove_departure(*, departure: Departure) -> None:
    """Delete a departure that did not take place: contracts find their end again, businesses open, nothing is asked.

    The history tells what the contracts said before; it keeps the departure too.

    :raises ValidationError: departure_returned, departure_answered
    """
    member = lock_member(departure.member)
    departure = Departure.objects.select_for_update(of=("self",)).get(pk=departure.pk)
    if departure.returned_on:
        raise ValidationError(
            "Cette personne est revenue depuis : sa sortie ne se supprime plus.", code="departure_returned"
        )
    if departure.inquiries.filter(answered_at__isnull=False).exists():
        raise ValidationError(
            "Des nouvelles ont été notées après cette sortie : corrigez-la plutôt.", code="departure_answered"
        )
    with refused_at_its_field(Contract, Business, ends_on="left_on", starts_on="left_on"):
        _open_again(member, departure)
    departure.delete()


def _open_again(member: Member, departure: Departure) -> None:
    ended = member.contracts.filter(ends_on=departure.left_on).exclude(ended_early_because="")
    for contract in ended.order_by("pk"):
        _restore_end(contract)
    member.businesses.filter(closed_on=departure.left_on).update(closed_on=None)


def _restore_end(contract: Contract) -> None:
    """Give ``contract`` the end it had before the reason that it bears."""
    versions = contract.history.exclude(ended_early_because=contract.ended_early_because).order_by("-pgh_id")
    if before := versions.first():
        contract.ends_on, contract.ended_early_because = before.ends_on, before.ended_early_because
        contract.save(update_fields=["ends_on", "ended_early_because"])
        trim_terms(contract)
