"""What the members' months leave behind: terms, statements, meetings, documents, cards, departures."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from coopconnexion.periods import months_later
from coopconnexion.site.demo.story import Story, days
from members.enums import Attendance, MeetingMode, Outcome
from members.models import (
    AdviceMeeting,
    Business,
    Contract,
    ContractTerms,
    Departure,
    DocumentKind,
    ExitReason,
    MeetingParticipant,
    Member,
    OutcomeInquiry,
    PublicCard,
    ReceivedDocument,
    Statement,
)

RATE = Decimal("12.00")
FIXED_PAY = Decimal("150.00")
MONTHS_OF_STATEMENTS = 26
INQUIRIES = (6, 12, 24, 36)  # months after leaving
OUTCOMES = (Outcome.RUNNING, Outcome.EMPLOYED, Outcome.RUNNING, Outcome.SEEKING, Outcome.TRAINING)
SEASON = (70, 75, 90, 100, 105, 110, 95, 80, 105, 110, 120, 140)  # percent of a usual month, from January
TOPICS = (
    "Prix de vente et marge",
    "Trésorerie des trois prochains mois",
    "Préparer la saison d’été",
    "Passer du test à l’activité régulière",
)


def tell(story: Story) -> None:
    _tell_departures(story)
    _tell_terms()
    _tell_statements(story)
    _tell_meetings(story)
    _tell_documents(story)
    _tell_cards(story)


def _everybody() -> list[Member]:
    return list(Member.objects.select_related("person").prefetch_related("contracts__kind").order_by("pk"))


def _tell_departures(story: Story) -> None:
    reasons = list(ExitReason.objects.exclude(label="Motif non renseigné").order_by("position", "pk"))
    for member in story.members.values():
        if member.left_on is None or member.left_on > story.today:
            continue
        departure = Departure.objects.create(
            member=member,
            left_on=member.left_on,
            reason=reasons[member.pk % len(reasons)],
            recorded_by=member.advisor,
            recorded_at=story.moment(member.left_on, 15),
        )
        OutcomeInquiry.objects.bulk_create(_inquiries(story, departure))


def _inquiries(story: Story, departure: Departure) -> Iterator[OutcomeInquiry]:
    """Each was noted by the advisor ten days after its day; the last one due still waits."""
    for months in INQUIRIES:
        due_on = months_later(departure.left_on, months)
        inquiry = OutcomeInquiry(departure=departure, months=months, due_on=due_on)
        if due_on + days(40) <= story.today:
            inquiry.asked_at = story.moment(due_on, 8)
            inquiry.outcome = OUTCOMES[(departure.member_id + months) % len(OUTCOMES)]
            inquiry.answered_at = story.moment(due_on + days(10), 10)
            inquiry.answered_by = departure.recorded_by
        yield inquiry


def _tell_terms() -> None:
    ContractTerms.objects.bulk_create(
        ContractTerms(
            contract=contract,
            starts_on=contract.starts_on,
            ends_on=contract.ends_on,
            contribution_rate=RATE,
            fixed_pay=None if contract.kind.key == "cape" else FIXED_PAY,
        )
        for contract in Contract.objects.select_related("kind").order_by("pk")
    )


def _tell_statements(story: Story) -> None:
    first = story.months_ago(MONTHS_OF_STATEMENTS).replace(day=1)
    months = [months_later(first, n) for n in range(MONTHS_OF_STATEMENTS)]
    Statement.objects.bulk_create(
        _statement(story, member, month) for member in _everybody() for month in months if _worked(member, month)
    )


def _worked(member: Member, month: date) -> bool:
    """Three months of preparation come before the first sale."""
    contracts = member.contracts.all()
    begun = min((each.starts_on for each in contracts), default=date.max)
    covered = any(each.starts_on <= month and (each.ends_on is None or each.ends_on > month) for each in contracts)
    return covered and begun + timedelta(days=90) <= month


def _statement(story: Story, member: Member, month: date) -> Statement:
    usual = 600 + member.pk * 137 % 2600
    turnover = Decimal(usual * SEASON[month.month - 1] // 100 + story.chance.randrange(-120, 120)).quantize(
        Decimal("0.01")
    )
    purchases = (turnover * (20 + member.pk % 30) / 100).quantize(Decimal("0.01"))
    contribution = (turnover * RATE / 100).quantize(Decimal("0.01"))
    gross_pay = ((turnover - purchases - contribution) * Decimal("0.7")).quantize(Decimal("0.01"))
    return Statement(
        member=member,
        month=month,
        turnover=turnover,
        purchases=purchases,
        contribution=contribution,
        gross_pay=max(gross_pay, Decimal(0)),
        entered_by=story.users["directrice"],
        entered_at=story.moment(month + days(40), 9),
    )


def _tell_meetings(story: Story) -> None:
    for rank, member in enumerate(Member.objects.present().select_related("advisor").order_by("pk")):
        for months in (7, 3) if rank % 3 else (5,):
            day = story.months_ago(months) + days(rank % 20)
            day -= days(max(0, day.weekday() - 4))  # nobody meets on a week-end
            _meet(story, member, day, TOPICS[(rank + months) % len(TOPICS)], shared=rank % 2 == 0)


def _meet(story: Story, member: Member, day: date, topics: str, *, shared: bool) -> None:
    meeting = AdviceMeeting.objects.create(
        held_at=story.moment(day, 10 + member.pk % 6),
        mode=MeetingMode.PHONE if member.pk % 4 == 0 else MeetingMode.ON_SITE,
        minutes=60,
        topics=topics,
        objectives="Refaire le point dans trois mois avec les chiffres.",
        notes="" if member.pk % 2 else "Confiance revenue depuis le dernier rendez-vous.",
        is_shared=shared,
        recorded_by=member.advisor,
        recorded_at=story.moment(day, 18),
    )
    meeting.advisors.add(member.advisor)
    absent = member.pk % 11 == 0
    MeetingParticipant.objects.create(
        meeting=meeting, member=member, attendance=Attendance.ABSENT if absent else Attendance.PRESENT
    )


def _tell_documents(story: Story) -> None:
    """Everybody brought almost everything; the insurance of some is about to end."""
    kinds = list(DocumentKind.objects.filter(contract_kind=None).order_by("position", "pk"))
    ReceivedDocument.objects.bulk_create(
        _received(story, member, kind)
        for member in _everybody()
        for rank, kind in enumerate(kinds)
        if (member.pk + rank) % 7
    )


def _received(story: Story, member: Member, kind: DocumentKind) -> ReceivedDocument:
    begun = min(each.starts_on for each in member.contracts.all())
    received_on = begun
    if kind.validity_months:
        received_on = story.months_ago(member.pk % (kind.validity_months + 2)).replace(day=5)
    return ReceivedDocument(
        member=member,
        kind=kind,
        received_on=max(received_on, begun),
        valid_until=kind.validity_months and months_later(received_on, kind.validity_months),
        recorded_by=member.advisor,
        recorded_at=story.moment(max(received_on, begun), 11),
    )


def _tell_cards(story: Story) -> None:
    """Two thirds of the open businesses agreed to be shown."""
    for rank, business in enumerate(Business.objects.on(story.today).order_by("pk")):
        if rank % 3 == 2:
            continue
        agreed_at = story.moment(max(business.opened_on + days(60), story.months_ago(20)), 14)
        PublicCard.objects.create(
            business=business,
            description=f"{business.activity[:1].upper()}{business.activity[1:]}, au cœur de l’Artois.",
            website="" if rank % 4 == 1 else f"https://{business.pk}.entreprises.example/",
            agreed_at=agreed_at,
            agreed_by=story.users["conseillere"],
            updated_at=agreed_at,
        )
