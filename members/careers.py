"""A member's path in the coop, and the legal dates ahead, read from contracts, departures and association."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When

from coopconnexion.periods import last_day, months_later
from members.enums import ContractNature, DeadlineKind, Situation
from members.models import Contract, Departure, Member
from members.rules import association_deadline, holds, situation, time_deducted


@dataclass(frozen=True)
class Step:
    """One dated step; ``last_day`` is ``None`` while it lasts, and equal to ``starts_on`` for what happens on a day."""

    kind: str  # contract, amendment, association, departure, return
    label: str
    starts_on: date
    last_day: date | None
    detail: str = ""
    contract: Contract | None = None


@dataclass(frozen=True)
class Clock:
    """The delay to become an associate; ``deducted`` is (months, days) of earlier contracts."""

    contract: Contract
    deducted: tuple[int, int]
    deadline_on: date
    associated_on: date | None
    today: date

    @property
    def starts_on(self) -> date:
        return self.contract.starts_on

    @property
    def is_late(self) -> bool:
        """The last day has passed without association."""
        return self.associated_on is None and self.today > self.deadline_on

    @property
    def days_left(self) -> int:
        return max(0, (self.deadline_on - self.today).days)

    @property
    def percent(self) -> int:
        """How much of the delay has gone, from 0 to 100."""
        whole = (self.deadline_on - self.starts_on).days
        if whole <= 0:
            return 100
        return min(100, max(0, (self.today - self.starts_on).days * 100 // whole))


@dataclass(frozen=True)
class Career:
    """What is known of a member on ``today``; contracts in order of their start, departures too.

    The last contract of each kind says whether it ``may_be_followed`` by a renewal: it has an end, and no employment
    came after a support to the project.
    """

    member: Member
    today: date
    contracts: list[Contract]
    departures: list[Departure]

    @cached_property
    def situation(self) -> Situation:
        return self.situation_on(self.today)

    def situation_on(self, day: date) -> Situation:
        return situation(
            day,
            [(each.kind.nature, each.starts_on, each.ends_on) for each in self.contracts],
            [(each.left_on, each.returned_on) for each in self.departures],
            self.member.associated_on,
        )

    @cached_property
    def current(self) -> list[Contract]:
        """The contracts in force today."""
        return [each for each in self.contracts if holds((each.starts_on, each.ends_on), self.today)]

    @cached_property
    def clock(self) -> Clock | None:
        """The clock of the last contract that starts one and has not ended; none once the member has left."""
        return clock_of(self.member, self.contracts, self.today) if self.situation != Situation.LEFT else None

    @cached_property
    def steps(self) -> list[Step]:
        """Every dated step, the first one first."""
        steps = [step for contract in self.contracts for step in _contract_steps(contract)]
        steps += [step for departure in self.departures for step in _departure_steps(departure)]
        if day := self.member.associated_on:
            steps.append(Step("association", "Association", day, day))
        return sorted(steps, key=lambda step: step.starts_on)


def clock_of(member: Member, contracts: Iterable[Contract], today: date) -> Clock | None:
    """Return the clock of ``member``, from all of their contracts with their kind."""
    contracts = list(contracts)
    running = [
        each
        for each in contracts
        if each.kind.starts_association_clock and (each.ends_on is None or each.ends_on > today)
    ]
    if not running:
        return None
    contract = max(running, key=lambda each: (each.starts_on, each.pk))
    earlier = [(each.starts_on, each.ends_on) for each in contracts if each.pk != contract.pk]
    return Clock(
        contract=contract,
        deducted=time_deducted(contract.starts_on, earlier),
        deadline_on=association_deadline(contract.starts_on, earlier),
        associated_on=member.associated_on,
        today=today,
    )


def overdue(members: Iterable[Member], today: date) -> set[int]:
    """Return the keys of those past their last day to become an associate: one query."""
    contracts = defaultdict(list)
    for contract in Contract.objects.filter(member__in=members).select_related("kind"):
        contracts[contract.member_id].append(contract)
    clocks = [(each.pk, clock_of(each, contracts[each.pk], today)) for each in members]
    return {pk for pk, clock in clocks if clock and clock.is_late}


def rank_words(contract: Contract) -> str:
    """« 1er renouvellement », empty for a first contract."""
    if not contract.renewal_rank:
        return ""
    return "1er renouvellement" if contract.renewal_rank == 1 else f"{contract.renewal_rank}e renouvellement"


def _contract_steps(contract: Contract) -> Iterable[Step]:
    detail = ", ".join(filter(None, [rank_words(contract), contract.ended_early_because]))
    yield Step("contract", str(contract.kind), contract.starts_on, contract.last_day, detail, contract)
    for each in contract.amendments.all():
        day = each.effective_on
        yield Step("amendment", str(each), day, day, each.get_subject_display(), contract)


def _departure_steps(departure: Departure) -> Iterable[Step]:
    yield Step("departure", "Sortie", departure.left_on, last_day(departure.returned_on), str(departure.reason))
    if departure.returned_on:
        yield Step("return", "Retour", departure.returned_on, departure.returned_on)


def careers_of(members: Iterable[Member], today: date) -> dict[int, Career]:
    """Return the careers of ``members`` by their keys: four queries, however many they are."""
    members = list(members)
    contracts, departures = defaultdict(list), defaultdict(list)
    rows = Contract.objects.filter(member__in=members).select_related("kind").prefetch_related("amendments", "terms")
    last = {}
    for contract in rows.order_by("starts_on", "pk"):
        contracts[contract.member_id].append(contract)
        last[contract.member_id, contract.kind_id] = contract
    for contract in last.values():
        contract.may_be_followed = contract.ends_on is not None and not _led_on(contract, contracts[contract.member_id])
    for departure in Departure.objects.filter(member__in=members).select_related("reason").order_by("left_on", "pk"):
        departures[departure.member_id].append(departure)
    return {each.pk: Career(each, today, contracts[each.pk], departures[each.pk]) for each in members}


def _led_on(contract: Contract, contracts: list[Contract]) -> bool:
    """Say whether employment followed this support to a project: it did what it was for."""
    if contract.kind.nature != ContractNature.SUPPORT:
        return False
    later = (each for each in contracts if each.starts_on > contract.starts_on)
    return any(each.kind.nature == ContractNature.EMPLOYMENT for each in later)


def career_of(member: Member, today: date) -> Career:
    """Return the career of one member."""
    return careers_of([member], today)[member.pk]


def with_situation(members: QuerySet, day: date) -> QuerySet:
    """Annotate ``situation``, as :func:`members.rules.situation` has it, for lists and filters."""
    theirs = Contract.objects.filter(member=OuterRef("pk"))
    away = Departure.objects.filter(
        Q(returned_on=None) | Q(returned_on__gt=day), member=OuterRef("pk"), left_on__lte=day
    )
    employed = Exists(theirs.on(day).filter(kind__nature=ContractNature.EMPLOYMENT))
    return members.annotate(
        situation=Case(
            When(Exists(away), then=Value(Situation.LEFT.value)),
            When(employed, associated_on__lte=day, then=Value(Situation.ASSOCIATE.value)),
            When(employed, then=Value(Situation.EMPLOYED.value)),
            When(Exists(theirs.on(day)), then=Value(Situation.SUPPORTED.value)),
            When(Exists(theirs.filter(starts_on__lte=day)), then=Value(Situation.BETWEEN.value)),
            default=Value(Situation.CANDIDATE.value),
            output_field=CharField(),
        )
    )


# --- legal dates ahead -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, order=True)
class Deadline:
    """A legal date of a member: the last day of a contract that nothing follows, or to become an associate."""

    on: date
    pk: int  # of the contract
    kind: str
    contract: Contract = field(compare=False)
    today: date = field(compare=False)

    @property
    def member(self) -> Member:
        return self.contract.member

    @property
    def is_late(self) -> bool:
        return self.today > self.on

    @property
    def label(self) -> str:
        return str(DeadlineKind(self.kind).label)

    @property
    def days(self) -> int:
        """Days left, negative once it has passed."""
        return (self.on - self.today).days

    @property
    def is_last_renewal(self) -> bool:
        """No contract of the kind can follow any more."""
        contract = self.contract
        return (
            self.kind == DeadlineKind.CONTRACT_END
            and contract.max_renewals is not None
            and contract.renewal_rank >= contract.max_renewals
        )


def deadlines(members: QuerySet, today: date, *, within_months: int | None = None) -> list[Deadline]:
    """Return the deadlines of those of ``members`` who have not left, late ones included, the nearest first.

    Three queries, however many they are.
    """
    until = None if within_months is None else months_later(today, within_months)
    present = members.present().order_by().values("pk")
    found = [*_contract_ends(present, today), *_associations(present, today)]
    return sorted(each for each in found if until is None or each.on <= until)


def _with_member(contracts: QuerySet) -> QuerySet:
    return contracts.select_related("kind", "member__person", "member__territory", "member__advisor")


def _contract_ends(present: QuerySet, today: date) -> Iterable[Deadline]:
    """Yield the ends of contracts after which the member has no other."""
    longer = Contract.objects.filter(Q(ends_on=None) | Q(ends_on__gt=OuterRef("ends_on")), member=OuterRef("member"))
    ending = Contract.objects.filter(~Exists(longer), member__in=present, ends_on__isnull=False)
    for contract in _with_member(ending):
        yield Deadline(contract.last_day, contract.pk, DeadlineKind.CONTRACT_END.value, contract, today)


def _associations(present: QuerySet, today: date) -> Iterable[Deadline]:
    """Yield the last days to become an associate of those who are not, by their last contract that starts a clock."""
    running = Contract.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=today),
        member__in=present,
        member__associated_on=None,
        kind__starts_association_clock=True,
    )
    last = {contract.member_id: contract for contract in _with_member(running).order_by("starts_on", "pk")}
    theirs = defaultdict(list)
    periods = Contract.objects.filter(member__in=last)
    for pk, member_id, starts_on, ends_on in periods.values_list("pk", "member", "starts_on", "ends_on"):
        if pk != last[member_id].pk:
            theirs[member_id].append((starts_on, ends_on))
    for member_id, contract in last.items():
        deadline_on = association_deadline(contract.starts_on, theirs[member_id])
        yield Deadline(deadline_on, contract.pk, DeadlineKind.ASSOCIATION.value, contract, today)
