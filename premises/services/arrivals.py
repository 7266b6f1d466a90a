"""Who was to come on a day comes on that day: the unit, empty until then, is occupied."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from coopconnexion import jobs
from premises.enums import EMPTY_STATES, OccupancyState
from premises.models import Occupancy
from premises.services.locks import locked
from premises.services.units import set_state


def begun_in_empty(at: datetime) -> QuerySet[Occupancy]:
    """Those that have begun in a unit that the register still says empty."""
    rows = Occupancy.objects.on(timezone.localdate(at))
    return rows.filter(unit__closed_on=None, unit__state__in=sorted(EMPTY_STATES))


def enqueue_arrivals(*, at: datetime) -> None:
    """Ask for one task for each unit where somebody has come."""
    for pk in sorted(begun_in_empty(at).values_list("unit", flat=True)):
        jobs.enqueue("premises.occupy_unit", unit_id=pk)


@transaction.atomic
def occupy_unit(*, unit_id: int, at: datetime) -> None:
    """Call the unit occupied since its occupant came; a second call changes nothing."""
    found = begun_in_empty(at).filter(unit=unit_id).select_related("unit").first()
    if found is None:
        return
    unit = locked(found.unit)
    if unit.is_empty and unit.closed_on is None and Occupancy.objects.filter(pk=found.pk).exists():
        set_state(unit=unit, state=OccupancyState.OCCUPIED, on=found.starts_on, by=None, at=at)
