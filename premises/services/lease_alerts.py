"""Alerts before a title of occupation or a provision ends, three months and one month ahead, each once.

Units that become derelict are told together, once a month: a file of units may bring hundreds of them. Nothing is ended
by an alert.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Mandate, User
from coopconnexion.periods import months_later
from premises.documents.due import ALERTS, Due, derelict_soon, ends_of, ends_of_provisions
from premises.emails.leases import write_derelict, write_due, write_provision_due
from premises.models import Occupancy, OccupancyAlert, Provision, Unit
from premises.services.locks import locked


def give_alerts(*, at: datetime) -> None:
    """Tell of every occupancy and provision whose end comes near, and of derelict units; run twice, tells once."""
    today = timezone.localdate(at)
    limit = months_later(today, max(ALERTS))
    for due in ends_of(Occupancy.objects.filter(ends_on__gt=today), today, limit):
        give_alert(due, at=at)
    direction = managing(today)
    for due in ends_of_provisions(Provision.objects.filter(ends_on__gt=today), today, limit):
        for user in direction:
            write_provision_due(due, months=reached(due, today), user=user, at=at)
    if derelict := list(derelict_soon(Unit.objects.all(), today, limit)):
        for user in direction:
            write_derelict(derelict, month=today, user=user, at=at)


def reached(due: Due, today: date) -> int:
    """Return the nearest of ``ALERTS`` that is reached."""
    return min(each for each in ALERTS if due.on <= months_later(today, each))


@transaction.atomic
def give_alert(due: Due, *, at: datetime) -> OccupancyAlert | None:
    """Give the alert of the nearest of ``ALERTS`` that is reached, unless it was given for this very end."""
    locked(due.occupancy.unit)
    today = timezone.localdate(at)
    alert, is_new = OccupancyAlert.objects.get_or_create(
        occupancy=due.occupancy, kind=f"end-{reached(due, today)}", ends_on=due.on, defaults={"given_at": at}
    )
    if not is_new:
        return None
    for user in told_about(due.occupancy, today):
        write_due(alert, due=due, user=user, at=at)
    return alert


def told_about(occupancy: Occupancy, today: date) -> list[User]:
    """Return who follows the member or the project while they work there, else the direction."""
    advisor = occupancy.occupant.advisor_id
    territory = occupancy.unit.territory_id
    if advisor and (found := User.objects.advisors_of(territory, today).filter(pk=advisor).first()):
        return [found]
    return managing(today)


def managing(today: date) -> list[User]:
    mandates = Mandate.objects.on(today).filter(role=Role.MANAGER)
    return list(User.objects.filter(pk__in=mandates.values("user"), is_active=True).order_by("pk"))
