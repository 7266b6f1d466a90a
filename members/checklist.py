"""Which documents are asked of which member, and where each stands on a day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from members.enums import DocumentState
from members.models import Contract, DocumentKind, Member, ReceivedDocument

SOON = timedelta(days=60)
TO_CHASE = (DocumentState.MISSING, DocumentState.EXPIRED, DocumentState.EXPIRING)


@dataclass(frozen=True)
class Asked:
    """One document asked of one member; ``valid_until`` is that of the last one received, ``None`` without end."""

    member_id: int
    kind: DocumentKind
    state: DocumentState
    valid_until: date | None = None
    document: ReceivedDocument | None = None

    @property
    def label(self) -> str:
        return str(self.state.label)

    @property
    def tone(self) -> str:
        return {"missing": "warning", "expired": "danger", "expiring": "warning"}.get(self.state, "success")

    @property
    def is_to_chase(self) -> bool:
        return self.state in TO_CHASE


def state_on(day: date, valid_until: date | None) -> DocumentState:
    """Tell where a document that came stands; its last day is a day of validity."""
    if valid_until is None or valid_until > day + SOON:
        return DocumentState.RECEIVED
    return DocumentState.EXPIRING if valid_until >= day else DocumentState.EXPIRED


def last_received(documents: QuerySet[ReceivedDocument]) -> QuerySet[ReceivedDocument]:
    """Keep, of each member and kind, the one received last."""
    return documents.order_by("member", "kind", "-received_on", "-pk").distinct("member", "kind")


# --- one member ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Checklist:
    """What is asked of a member, in the order of the kinds, and every other document that came, the last first."""

    asked: list[Asked]
    others: list[ReceivedDocument]

    @property
    def to_chase(self) -> int:
        return sum(each.is_to_chase for each in self.asked)


def checklist_of(member: Member, today: date) -> Checklist:
    """Return the checklist of a member, of whom nothing is asked once they have left: four queries."""
    received = member.received_documents.select_related("kind", "recorded_by").order_by("-received_on", "-pk")
    last: dict[int, ReceivedDocument] = {}
    for document in received:
        last.setdefault(document.kind_id, document)
    asked = [_asked(member.pk, kind, last.get(kind.pk), today) for kind in _kinds_asked_of(member, today)]
    shown = {each.document.pk for each in asked if each.document}
    return Checklist(asked, [each for each in received if each.pk not in shown])


def _kinds_asked_of(member: Member, today: date) -> list[DocumentKind]:
    if Member.objects.departed().filter(pk=member.pk).exists():
        return []
    held = set(Contract.objects.on(today).filter(member=member).values_list("kind", flat=True))
    return [kind for kind in active_kinds() if kind.contract_kind_id is None or kind.contract_kind_id in held]


def _asked(member_id: int, kind: DocumentKind, document: ReceivedDocument | None, today: date) -> Asked:
    if document is None:
        return Asked(member_id, kind, DocumentState.MISSING)
    state = state_on(today, document.valid_until)
    return Asked(member_id, kind, state, document.valid_until, document)


def active_kinds() -> QuerySet[DocumentKind]:
    return DocumentKind.objects.active().order_by("position", "label", "pk")


# --- all members -----------------------------------------------------------------------------------------------------


def to_chase(
    members: QuerySet[Member], today: date, *, kind: DocumentKind | None = None, states: Iterable[str] = TO_CHASE
) -> list[Asked]:
    """Return what lacks or expires among those of ``members`` who have not left, by name then kind.

    Four queries, however many they are.
    """
    wanted = set(states)
    kinds = [each for each in active_kinds() if kind is None or each.pk == kind.pk]
    present = members.present()
    last = _last_of(present)
    held = _contract_kinds_held(present, today) if any(each.contract_kind_id for each in kinds) else set()
    found = _over(present, kinds, last, held, today)
    return [each for each in found if each.state in wanted]


def something_to_chase(today: date) -> Exists:
    """Return the condition on a member who has not left that ``to_chase`` names them."""
    member = OuterRef(OuterRef("pk"))
    came = ReceivedDocument.objects.filter(member=member, kind=OuterRef("pk")).order_by("-received_on", "-pk")
    held = Contract.objects.on(today).filter(member=member, kind=OuterRef("contract_kind"))
    asked = DocumentKind.objects.active().filter(Q(contract_kind=None) | Exists(held))
    last = asked.alias(last=Subquery(came.values("pk")[:1]), until=Subquery(came.values("valid_until")[:1]))
    return Exists(last.filter(Q(last=None) | Q(until__lte=today + SOON)))


def _last_of(members: QuerySet[Member]) -> dict[tuple[int, int], date | None]:
    received = ReceivedDocument.objects.filter(member__in=members.order_by().values("pk"))
    rows = last_received(received).values_list("member", "kind", "valid_until")
    return {(member, kind): until for member, kind, until in rows}


def _contract_kinds_held(members: QuerySet[Member], today: date) -> set[tuple[int, int]]:
    contracts = Contract.objects.on(today).filter(member__in=members.order_by().values("pk"))
    return set(contracts.values_list("member", "kind"))


def _over(members, kinds: list[DocumentKind], last: dict, held: set, today: date) -> Iterator[Asked]:
    for pk in members.order_by("person__name_key", "pk").values_list("pk", flat=True):
        for kind in kinds:
            if kind.contract_kind_id is not None and (pk, kind.contract_kind_id) not in held:
                continue
            if (pk, kind.pk) in last:
                until = last[pk, kind.pk]
                yield Asked(pk, kind, state_on(today, until), until)
            else:
                yield Asked(pk, kind, DocumentState.MISSING)
