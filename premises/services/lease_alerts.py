"""Alerts before a title of occupation ends, three months and one month ahead, each once; nothing is ended by them."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.models import Mandate, User
from coopconnexion.periods import months_later
from premises.documents.due import ALERTS, Due, ends_of
from premises.emails.leases import write_due
from premises.models import Occupancy, OccupancyAlert
from premises.services.locks import locked


def give_alerts(*, at: datetime) -> None:
    """Tell of every occupancy whose end comes near; run twice, tells once."""
    today = timezone.localdate(at)
    limit = months_later(today, max(ALERTS))
    for due in ends_of(Occupancy.objects.filter(ends_on__gt=today), today, limit):
        give_alert(due, at=at)


@transaction.atomic
def give_alert(due: Due, *, at: datetime) -> OccupancyAlert | None:
    """Give the alert of the nearest of ``ALERTS`` that is reached, unless it was given for this very end."""
    locked(due.occupancy.unit)
    today = timezone.localdate(at)
    months = min(each for each in ALERTS if due.on <= months_later(today, each))
    alert, is_new = OccupancyAlert.objects.get_or_create(
        occupancy=due.occupancy, kind=f"end-{months}", ends_on=due.on, defaults={"given_at": at}
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
    managing = Mandate.objects.on(today).filter(role=Role.MANAGER).values("user")
    return list(User.objects.filter(pk__in=managing, is_active=True).order_by("pk"))
