"""Signing, renewing, correcting and ending the contracts of a member.

Every write locks the member's row first: two people who sign at the same instant do it one after the other.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, ProtectedError, Q

from coopconnexion.french import day_words
from coopconnexion.periods import last_day
from coopconnexion.refusals import refusal_at
from members.models import Contract, ContractKind, Member
from members.rules import latest_end, series_and_ranks
from members.services.locks import lock_member
from members.services.refusals import refused_at_its_field
from members.services.terms import move_terms, set_terms, trim_terms

DETAILS = (
    *("weekly_hours", "activity_started_on", "programme"),
    *("objective_amount", "objective_months"),
)
"""What a contract says beside its kind and its dates."""

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)
ASIDE = 1000  # series that no contract has, while ranks change places


@transaction.atomic
def sign_contract(
    *,
    member: Member,
    kind: ContractKind,
    starts_on: date,
    ends_on: date | None = None,
    signed_on: date | None = None,
    contribution_rate=None,
    fixed_pay=None,
    **details,
) -> Contract:
    """Record a contract of ``kind``, with its limits as they are today; ``details`` are fields of ``DETAILS``.

    It renews the one of the same kind before it, if any: see ``rules.series_and_ranks``.

    :raises ValidationError: by field: kind_retired, date_implausible, period_empty, end_missing, contract_too_long,
        too_many_renewals, contract_overlap, member_left, objective_incomplete, and those of ``set_terms``
    """
    member = lock_member(member)
    if kind.retired_at:
        raise refusal_at("kind", "Cette nature de contrat n’est plus proposée.", "kind_retired")
    contract = Contract(member=member, kind=kind, starts_on=starts_on, ends_on=ends_on, signed_on=signed_on)
    return _sign(contract, contribution_rate, fixed_pay, details)


def _sign(contract: Contract, contribution_rate, fixed_pay, details: dict) -> Contract:
    contract.max_months, contract.max_renewals = contract.kind.max_months, contract.kind.max_renewals
    _fill(contract, details)
    refuse_impossible(contract)
    _save_in_rank(contract)
    if contribution_rate is not None:
        set_terms(
            contract=contract, starts_on=contract.starts_on, contribution_rate=contribution_rate, fixed_pay=fixed_pay
        )
    elif fixed_pay is not None:
        raise refusal_at("contribution_rate", "Une part fixe va avec un taux de contribution.", "rate_missing")
    return contract


@transaction.atomic
def renew_contract(
    *, contract: Contract, ends_on: date | None, signed_on: date | None = None, starts_on: date | None = None
) -> Contract:
    """Sign the contract that follows ``contract``, from its end unless said otherwise, with what it said and its terms.

    :raises ValidationError: not_renewable, already_renewed, and those of ``sign_contract``
    """
    member = lock_member(contract.member)
    contract = Contract.objects.select_related("kind").get(pk=contract.pk)
    if contract.ends_on is None:
        raise ValidationError("Ce contrat n’a pas de fin : il ne se renouvelle pas.", code="not_renewable")
    if later := _later_of_kind(contract):
        raise ValidationError(
            f"Ce contrat est déjà suivi d’un autre, du {day_words(later.starts_on)} :"
            " renouvelez le dernier, ou corrigez celui-là.",
            code="already_renewed",
        )
    terms = contract.terms.order_by("-starts_on").first()
    following = Contract(
        member=member,
        kind=contract.kind,
        starts_on=starts_on or contract.ends_on,
        ends_on=ends_on,
        signed_on=signed_on,
    )
    details = {name: getattr(contract, name) for name in DETAILS}
    return _sign(following, terms and terms.contribution_rate, terms and terms.fixed_pay, details)


def _later_of_kind(contract: Contract) -> Contract | None:
    later = Contract.objects.filter(member=contract.member_id, kind=contract.kind_id, starts_on__gt=contract.starts_on)
    return later.order_by("starts_on").first()


@transaction.atomic
def correct_contract(
    *,
    contract: Contract,
    kind: ContractKind,
    starts_on: date,
    ends_on: date | None,
    signed_on: date | None,
    ended_early_because: str = "",
    **details,
) -> Contract:
    """Put right what was typed wrong; the history keeps what it said. Another kind brings its own limits.

    :raises ValidationError: those of ``sign_contract``; terms_outside, amendment_outside
    """
    member = lock_member(contract.member)
    contract = Contract.objects.select_related("kind").get(pk=contract.pk)
    contract.member = member
    former_kind, former_start = contract.kind, contract.starts_on
    if kind.pk != former_kind.pk:
        if kind.retired_at:
            raise refusal_at("kind", "Cette nature de contrat n’est plus proposée.", "kind_retired")
        contract.kind, contract.max_months, contract.max_renewals = kind, kind.max_months, kind.max_renewals
    contract.starts_on, contract.ends_on, contract.signed_on = starts_on, ends_on, signed_on
    contract.ended_early_because = ended_early_because
    _fill(contract, details)
    refuse_impossible(contract)
    _refuse_parts_outside(contract, former_start)
    _save_in_rank(contract)
    if kind.pk != former_kind.pk:
        _rank_anew(member, former_kind)
    move_terms(contract, former_start)
    return contract


def _refuse_parts_outside(contract: Contract, former_start: date) -> None:
    """Terms and amendments must still fall within the contract; those of its first day move with it."""
    terms, amendments = Q(starts_on__lte=contract.starts_on), Q(effective_on__lt=contract.starts_on)
    if contract.ends_on:
        terms |= Q(starts_on__gte=contract.ends_on)
        amendments |= Q(effective_on__gte=contract.ends_on)
    if contract.terms.filter(terms).exclude(starts_on=former_start).exists():
        raise refusal_at("starts_on", "Des conditions (taux, part fixe) commencent hors de ces dates.", "terms_outside")
    if contract.amendments.filter(amendments).exists():
        raise refusal_at("starts_on", "Un avenant prend effet hors de ces dates.", "amendment_outside")


@transaction.atomic
def remove_contract(*, contract: Contract) -> None:
    """Delete a contract that should not have been typed at all; the history keeps it.

    :raises ValidationError: contract_amended, contract_used
    """
    member = lock_member(contract.member)
    if contract.amendments.exists():
        raise ValidationError("Ce contrat a des avenants : il ne se supprime pas.", code="contract_amended")
    try:
        Contract.objects.get(pk=contract.pk).delete()
    except ProtectedError:
        raise ValidationError(
            "Ce contrat est celui d’une intégration : annulez-la, ou corrigez le contrat.", code="contract_used"
        ) from None
    _rank_anew(member, contract.kind)


@transaction.atomic
def end_early(*, contract: Contract, ends_on: date, because: str) -> Contract:
    """End ``contract`` before its time, for a reason; its terms end with it.

    :raises ValidationError: reason_missing, not_earlier, period_empty
    """
    lock_member(contract.member)
    contract = Contract.objects.get(pk=contract.pk)
    if not because.strip():
        raise refusal_at("because", "Dites pourquoi ce contrat prend fin avant son terme.", "reason_missing")
    if contract.ends_on and ends_on >= contract.ends_on:
        raise refusal_at(
            "ends_on",
            f"Ce contrat prend fin le {day_words(last_day(contract.ends_on))} : choisissez un jour avant.",
            "not_earlier",
        )
    contract.ends_on, contract.ended_early_because = ends_on, because.strip()
    with refused_at_its_field(Contract):
        contract.save(update_fields=["ends_on", "ended_early_because"])
    trim_terms(contract)
    return contract


# --- what is allowed -------------------------------------------------------------------------------------------------


def _fill(contract: Contract, details: dict) -> None:
    for name, value in details.items():
        if name not in DETAILS:
            raise TypeError(f"A contract does not say {name!r}.")
        setattr(contract, name, value)


def refuse_impossible(contract: Contract) -> None:
    """Refuse, by field and with the dates at issue, what the database would refuse too.

    :raises ValidationError: see ``sign_contract``
    """
    _refuse_dates(contract)
    _refuse_length(contract)
    _refuse_objective(contract)
    _refuse_overlap(contract)
    _refuse_while_away(contract)


def _refuse_objective(contract: Contract) -> None:
    if (contract.objective_amount is None) != (not contract.objective_months):
        missing = "objective_amount" if contract.objective_amount is None else "objective_months"
        raise refusal_at(missing, "Un objectif d’activité a un montant et un nombre de mois.", "objective_incomplete")


def _refuse_dates(contract: Contract) -> None:
    for name in ("starts_on", "ends_on", "signed_on", "activity_started_on"):
        day = getattr(contract, name)
        if day and not EARLIEST <= day <= LATEST:
            raise refusal_at(name, f"Vérifiez l’année : {day.year} n’est pas plausible.", "date_implausible")
    if contract.ends_on and contract.ends_on <= contract.starts_on:
        raise refusal_at("ends_on", "Le dernier jour vient avant le premier.", "period_empty")


def _refuse_length(contract: Contract) -> None:
    latest = latest_end(contract.starts_on, contract.max_months)
    if latest is None:
        return
    limit = f"{contract.max_months} mois au plus, donc jusqu’au {day_words(last_day(latest))} au plus tard."
    if contract.ends_on is None:
        raise refusal_at("ends_on", f"Ce contrat a une durée limitée : {limit}", "end_missing")
    if contract.ends_on > latest:
        raise refusal_at("ends_on", f"Trop long pour cette nature de contrat : {limit}", "contract_too_long")


def _refuse_overlap(contract: Contract) -> None:
    same = Contract.objects.filter(member=contract.member_id, kind=contract.kind_id).exclude(pk=contract.pk)
    same = same.filter(Q(ends_on=None) | Q(ends_on__gt=contract.starts_on))
    if contract.ends_on:
        same = same.filter(starts_on__lt=contract.ends_on)
    if other := same.order_by("starts_on").first():
        raise refusal_at(
            "starts_on",
            f"Ces dates chevauchent un contrat de même nature, {period_words(other.starts_on, other.ends_on)}.",
            "contract_overlap",
        )


def _refuse_while_away(contract: Contract) -> None:
    away = contract.member.departures.filter(Q(returned_on=None) | Q(returned_on__gt=contract.starts_on))
    if contract.ends_on:
        away = away.filter(left_on__lt=contract.ends_on)
    if departure := away.order_by("left_on").first():
        raise refusal_at(
            "starts_on",
            f"Cette personne est sortie à partir du {day_words(departure.left_on)} : notez d’abord son retour.",
            "member_left",
        )


def period_words(starts_on: date, ends_on: date | None) -> str:
    """« du vendredi 1er mars 2024 au vendredi 28 février 2025 », « depuis le … » without an end."""
    if ends_on is None:
        return f"en cours depuis le {day_words(starts_on)}"
    return f"du {day_words(starts_on)} au {day_words(last_day(ends_on))}"


# --- ranks -----------------------------------------------------------------------------------------------------------


def _save_in_rank(contract: Contract) -> None:
    """Save ``contract`` and give it, and those of its kind after it, their places in their series."""
    others = Contract.objects.filter(member=contract.member_id, kind=contract.kind_id).exclude(pk=contract.pk)
    rows = sorted([*others, contract], key=lambda row: row.starts_on)
    moved = _place(rows, contract.kind, contract.member)
    with refused_at_its_field(Contract):
        if moved and moved != [contract]:
            _set_aside([row for row in [*moved, contract] if row.pk])
        contract.save()
        for row in moved:
            if row is not contract:
                row.save(update_fields=["series", "renewal_rank"])


def _rank_anew(member: Member, kind: ContractKind) -> None:
    """Close the ranks of the contracts of ``kind`` after one has gone."""
    moved = _place(list(Contract.objects.filter(member=member, kind=kind).order_by("starts_on")), kind, member)
    _set_aside(moved)
    for row in moved:
        row.save(update_fields=["series", "renewal_rank"])


def _place(rows: list[Contract], kind: ContractKind, member: Member) -> list[Contract]:
    """Give each of ``rows`` its series and rank, and return those that changed."""
    departures = list(member.departures.values_list("left_on", "returned_on"))
    places = series_and_ranks([(row.starts_on, row.ends_on) for row in rows], departures, kind.nature)
    moved = []
    for row, (series, rank) in zip(rows, places, strict=True):
        if row.max_renewals is not None and rank > row.max_renewals:
            raise refusal_at("kind", _too_many_words(rows, row), "too_many_renewals")
        if (row.series, row.renewal_rank) != (series, rank):
            row.series, row.renewal_rank = series, rank
            moved.append(row)
    return moved


def _too_many_words(rows: list[Contract], refused: Contract) -> str:
    before = [row for row in rows if row.starts_on < refused.starts_on]
    periods = "\u202f; ".join(period_words(row.starts_on, row.ends_on) for row in before[-3:])
    return (
        f"Ce contrat ne se renouvelle que {refused.max_renewals} fois, et il l’a déjà été ({periods})."
        " Une autre nature de contrat est possible, ou une sortie."
    )


def _set_aside(rows: list[Contract]) -> None:
    """Free the places of ``rows`` while others take them."""
    Contract.objects.filter(pk__in=[row.pk for row in rows]).update(series=F("series") + ASIDE)
