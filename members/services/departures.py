"""Leaving the coop and coming back: what ends with it is shown before it is done."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from coopconnexion.accounts.models import User
from coopconnexion.french import day_words
from coopconnexion.periods import months_later
from coopconnexion.refusals import refusal_at
from members.models import Business, Contract, Departure, ExitReason, Member, OutcomeInquiry, OutcomeLink
from members.rules import INQUIRY_MONTHS
from members.services.contracts import EARLIEST
from members.services.locks import lock_member, lock_with_partners
from members.services.refusals import refused_at_its_field
from members.services.terms import trim_terms


@dataclass(frozen=True)
class DepartureEffects:
    """What a departure ends: contracts in force, businesses of this member alone; ``shared`` ones go on."""

    contracts: list[Contract] = field(default_factory=list)
    closed: list[Business] = field(default_factory=list)
    shared: list[Business] = field(default_factory=list)


def departure_effects(*, member: Member, left_on: date) -> DepartureEffects:
    """Return what leaving on this first day outside would end.

    :raises ValidationError: contract_after_departure, business_after_departure
    """
    running = member.contracts.select_related("kind").filter(Q(ends_on=None) | Q(ends_on__gt=left_on))
    contracts = list(running.order_by("starts_on", "pk"))
    for contract in contracts:
        if contract.starts_on >= left_on:
            raise refusal_at(
                "left_on",
                f"Un contrat commence le {day_words(contract.starts_on)}, après la sortie : corrigez-le d’abord.",
                "contract_after_departure",
            )
    return DepartureEffects(contracts, *_businesses(member, left_on))


def _businesses(member: Member, left_on: date) -> tuple[list[Business], list[Business]]:
    """Return the open businesses of ``member`` alone, and those that others who are present carry too."""
    links = Business.members.through.objects.filter(business=OuterRef("pk")).exclude(member=member)
    others = Exists(links.filter(member__in=Member.objects.present().values("pk")))
    open_ones = member.businesses.filter(Q(closed_on=None) | Q(closed_on__gt=left_on)).annotate(is_shared=others)
    rows = list(open_ones.order_by("name", "pk"))
    closed, shared = [row for row in rows if not row.is_shared], [row for row in rows if row.is_shared]
    for business in closed:
        if business.opened_on and business.opened_on >= left_on:
            raise refusal_at(
                "left_on",
                f"{business.name} ouvre le {day_words(business.opened_on)}, après la sortie : corrigez-la d’abord.",
                "business_after_departure",
            )
    return closed, shared


@transaction.atomic
def record_departure(
    *, member: Member, left_on: date, reason: ExitReason, by: User | None, at: datetime, note: str = ""
) -> Departure:
    """Note that ``member`` has left: contracts end, businesses of theirs alone close, four inquiries are planned.

    ``left_on`` is the first day outside, tomorrow at the latest.

    :raises ValidationError: by field: already_left, departure_in_future, date_implausible, reason_retired,
        departure_before_return, and those of ``departure_effects``
    """
    member = lock_with_partners(member)
    if member.departures.open().exists():
        raise ValidationError("La sortie de ce membre est déjà notée.", code="already_left")
    _refuse_day(left_on, today=timezone.localdate(at))
    if member.departures.filter(returned_on__gte=left_on).exists():
        raise refusal_at("left_on", "Cette personne n’était pas encore revenue.", "departure_before_return")
    if reason.retired_at:
        raise refusal_at("reason", "Ce motif n’est plus proposé.", "reason_retired")
    effects = departure_effects(member=member, left_on=left_on)
    with refused_at_its_field(Departure):
        departure = Departure.objects.create(
            member=member, left_on=left_on, reason=reason, note=note, recorded_by=by, recorded_at=at
        )
    _end(effects, left_on, because=reason.label)
    OutcomeInquiry.objects.bulk_create(
        OutcomeInquiry(departure=departure, months=months, due_on=months_later(left_on, months))
        for months in INQUIRY_MONTHS
    )
    return departure


def _refuse_day(left_on: date, *, today: date) -> None:
    if left_on < EARLIEST:
        raise refusal_at("left_on", f"Vérifiez l’année : {left_on.year} n’est pas plausible.", "date_implausible")
    if left_on > today + timedelta(days=1):
        raise refusal_at(
            "left_on",
            "Une sortie se note une fois le dernier jour venu ; d’ici là, avancez la fin du contrat.",
            "departure_in_future",
        )


def _end(effects: DepartureEffects, left_on: date, *, because: str) -> None:
    for contract in effects.contracts:
        contract.ends_on, contract.ended_early_because = left_on, because
        contract.save(update_fields=["ends_on", "ended_early_because"])
        trim_terms(contract)
    for business in effects.closed:
        business.closed_on = left_on
        business.save(update_fields=["closed_on"])


@transaction.atomic
def correct_departure(
    *, departure: Departure, left_on: date, reason: ExitReason, at: datetime, note: str = ""
) -> Departure:
    """Put right a departure; contracts and businesses that ended with it, and questions not asked yet, follow its day.

    :raises ValidationError: by field: those of ``record_departure``; period_empty
    """
    member = lock_member(departure.member)
    departure = Departure.objects.select_for_update(of=("self",)).get(pk=departure.pk)
    if reason.retired_at and reason.pk != departure.reason_id:
        raise refusal_at("reason", "Ce motif n’est plus proposé.", "reason_retired")
    if left_on != departure.left_on:
        _refuse_day(left_on, today=timezone.localdate(at))
        _move_ends(member, departure, left_on)
        for inquiry in departure.inquiries.filter(asked_at=None, answered_at=None):
            inquiry.due_on = months_later(left_on, inquiry.months)
            inquiry.save(update_fields=["due_on"])
    departure.left_on, departure.reason, departure.note = left_on, reason, note
    with refused_at_its_field(Departure, ends_on="left_on"):
        departure.save(update_fields=["left_on", "reason", "note"])
    return departure


def _move_ends(member: Member, departure: Departure, left_on: date) -> None:
    ended = member.contracts.filter(ends_on=departure.left_on).exclude(ended_early_because="")
    with refused_at_its_field(Contract, Business, ends_on="left_on", starts_on="left_on"):
        for contract in ended:
            contract.ends_on = left_on
            contract.save(update_fields=["ends_on"])
            trim_terms(contract)
        member.businesses.filter(closed_on=departure.left_on).update(closed_on=left_on)
    departure_effects(member=member, left_on=left_on)


@transaction.atomic
def record_return(*, member: Member, returned_on: date, at: datetime, stays_associate: bool = True) -> Departure:
    """Note that ``member`` is back: nothing is asked any more; contract and business are to be signed and opened anew.

    :raises ValidationError: not_left; by field: return_in_future, period_empty
    """
    member = lock_member(member)
    departure = member.departures.open().select_for_update(of=("self",)).first()
    if departure is None:
        raise ValidationError("Ce membre n’est pas sorti.", code="not_left")
    if returned_on > timezone.localdate(at):
        raise refusal_at("returned_on", "Un retour se note le jour venu.", "return_in_future")
    departure.returned_on = returned_on
    with refused_at_its_field(Departure, ends_on="returned_on"):
        departure.save(update_fields=["returned_on"])
    OutcomeLink.objects.filter(inquiry__departure=departure, revoked_at=None).update(revoked_at=at)
    if not stays_associate and member.associated_on:
        member.associated_on = member.share_count = member.share_amount = None
        member.save(update_fields=["associated_on", "share_count", "share_amount"])
    return departure
