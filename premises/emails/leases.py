"""Messages to the team about titles of occupation that end, and units that become derelict."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from django.urls import reverse

from coopconnexion.accounts.models import User
from coopconnexion.notices.models import Message
from coopconnexion.notices.services import absolute_url, write_message
from premises.models import OccupancyAlert


def write_due(alert: OccupancyAlert, *, due, user: User, at: datetime) -> Message:
    """Tell ``user`` of an end that comes near; the message belongs to no person, whom it is not for."""
    return write_message(
        key=f"occupancy:{alert.pk}:{user.pk}",
        kind="occupancy-due",
        to_email=user.email,
        to_name=str(user),
        person=None,
        template="premises/emails/occupancy_due",
        context={
            "due": due,
            "unit": due.unit,
            "last_day": due.last_day,
            "unit_url": absolute_url(reverse("premises_staff:unit", args=[due.unit.pk])),
        },
        at=at,
    )


def write_provision_due(due, *, months: int, user: User, at: datetime) -> Message:
    """Tell ``user``, once for ``months`` ahead of this very end, of what a city lends no longer."""
    return write_message(
        key=f"provision:{due.provision.pk}:{due.on}:{months}:{user.pk}",
        kind="provision-due",
        to_email=user.email,
        to_name=str(user),
        person=None,
        template="premises/emails/provision_due",
        context={"due": due, "list_url": absolute_url(reverse("premises_staff:provision_list"))},
        at=at,
    )


def write_derelict(dues: Iterable, *, month: date, user: User, at: datetime) -> Message:
    """Tell ``user``, once in ``month``, how many units of each town will soon have been empty for two years."""
    towns = Counter(str(due.unit.commune) for due in dues)
    return write_message(
        key=f"derelict:{month:%Y-%m}:{user.pk}",
        kind="derelict-due",
        to_email=user.email,
        to_name=str(user),
        person=None,
        template="premises/emails/derelict_due",
        context={
            "towns": sorted(towns.items()),
            "total": towns.total(),
            "list_url": absolute_url(reverse("premises_staff:due_list")),
        },
        at=at,
    )
