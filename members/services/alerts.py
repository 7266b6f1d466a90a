"""Alerts before legal ends, each once; nothing is ended by them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from coopconnexion import jobs
from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Mandate, User
from members.careers import Deadline, deadlines
from members.emails import write_deadline_alert
from members.models import DeadlineAlert, Member
from members.rules import ALERT_MONTHS, alert_due
from members.services.locks import lock_member


def enqueue_due_alerts(*, at: datetime) -> None:
    """Ask for the alerts of every member who has one due: one task each."""
    due = due_alerts(Member.objects.all(), timezone.localdate(at))
    for pk in sorted({deadline.member.pk for deadline, _ in due}):
        jobs.enqueue("members.raise_alerts", member_id=pk)


def due_alerts(members, today: date) -> list[tuple[Deadline, int]]:
    """Return the deadlines of which somebody is to be told today, with how many months before."""
    ahead = deadlines(members, today, within_months=max(ALERT_MONTHS))
    given = defaultdict(set)
    known = DeadlineAlert.objects.filter(contract__in=[each.pk for each in ahead])
    for contract, kind, day, months in known.values_list("contract", "kind", "deadline_on", "months_before"):
        given[contract, kind, day].add(months)
    found = []
    for each in ahead:
        months = alert_due(
            today,
            kind=each.kind,
            deadline_on=each.on,
            starts_on=each.contract.starts_on,
            raised=given[each.pk, each.kind, each.on],
        )
        if months is not None:
            found.append((each, months))
    return found


@transaction.atomic
def raise_alerts(*, member: Member, at: datetime) -> list[DeadlineAlert]:
    """Give the alerts of ``member`` that are due, to their advisor, or to the direction; asked twice, given once."""
    member = lock_member(member)
    today = timezone.localdate(at)
    return [
        _raise(deadline, months, at=at) for deadline, months in due_alerts(Member.objects.filter(pk=member.pk), today)
    ]


def _raise(deadline: Deadline, months: int, *, at: datetime) -> DeadlineAlert:
    alert = DeadlineAlert.objects.create(
        contract=deadline.contract, kind=deadline.kind, deadline_on=deadline.on, months_before=months, raised_at=at
    )
    messages = [
        write_deadline_alert(alert, deadline=deadline, user=user, at=at)
        for user in told_about(deadline.member, timezone.localdate(at))
    ]
    if messages:
        alert.message = messages[0]
        alert.save(update_fields=["message"])
    return alert


def told_about(member: Member, today: date) -> Iterable[User]:
    """Return the advisor of ``member`` while they work there, else the direction."""
    if member.advisor_id:
        advisor = User.objects.advisors_of(member.territory_id, today).filter(pk=member.advisor_id).first()
        if advisor:
            return [advisor]
    managing = Mandate.objects.on(today).filter(role=Role.MANAGER).values("user")
    return list(User.objects.filter(pk__in=managing, is_active=True).order_by("pk"))
