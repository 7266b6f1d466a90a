"""Who trades in a unit, under what title, for how long: the unit is held first, then its occupancies."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from coopconnexion.accounts.models import Organisation, User
from coopconnexion.db import constraint_errors
from coopconnexion.refusals import refusal_at
from members.models import Member
from members.services.locks import lock_member
from premises.enums import OccupancyState, TenureKind
from premises.models import Occupancy, Unit
from premises.rules.leases import Stay, why_not
from premises.services.locks import locked, refuse_closed
from premises.services.units import set_state
from projects.models import Project

TOLD = ("tenure", "starts_on", "ends_on", "lease_holder", "monthly_rent", "note")


@transaction.atomic
def move_in(
    *,
    unit: Unit,
    member: Member | None = None,
    project: Project | None = None,
    tenure: TenureKind,
    starts_on: date,
    ends_on: date | None = None,
    lease_holder: Organisation | None = None,
    monthly_rent: Decimal | None = None,
    note: str = "",
    by: User,
    at: datetime,
) -> Occupancy:
    """Note that a member or a project trades in a unit over ``[starts_on, ends_on)``; begun, the unit is occupied.

    :raises ValidationError: unit_closed, one_occupant, occupancy_overlap, and those of ``rules.leases.why_not``
    """
    if member:
        member = lock_member(member)
    unit = locked(unit)
    refuse_closed(unit)
    occupancy = Occupancy(
        unit=unit,
        member=member,
        project=project,
        tenure=tenure,
        starts_on=starts_on,
        ends_on=ends_on,
        lease_holder=lease_holder,
        monthly_rent=monthly_rent,
        note=note.strip(),
    )
    _refuse_forbidden(occupancy)
    with constraint_errors(Occupancy):
        occupancy.save()
    _tell_unit(occupancy, by=by, at=at)
    return occupancy


@transaction.atomic
def correct_occupancy(*, occupancy: Occupancy, by: User, at: datetime, **told) -> Occupancy:
    """Write what is ``told`` of an occupancy, by the names of ``TOLD``: a longer term, another title, a mistake.

    :raises ValidationError: those of ``move_in``
    """
    if unknown := told.keys() - set(TOLD):
        raise TypeError(f"unknown: {', '.join(sorted(unknown))}")
    occupancy = _held(occupancy)
    for name, value in told.items():
        setattr(occupancy, name, value.strip() if isinstance(value, str) else value)
    _refuse_forbidden(occupancy)
    with constraint_errors(Occupancy):
        occupancy.save(update_fields=list(told))
    _tell_unit(occupancy, by=by, at=at)
    return occupancy


@transaction.atomic
def end_occupancy(*, occupancy: Occupancy, ends_on: date, is_empty: bool = True, by: User, at: datetime) -> Occupancy:
    """End an occupancy before ``ends_on``; once that day has come, the unit is vacant unless told otherwise.

    :raises ValidationError: end_before_start, occupancy_over
    """
    occupancy = _held(occupancy)
    if ends_on <= occupancy.starts_on:
        raise refusal_at("ends_on", "La fin vient après le début\u202f: vérifiez la date.", "end_before_start")
    if occupancy.ends_on and ends_on > occupancy.ends_on:
        raise refusal_at("ends_on", "Elle finit déjà plus tôt\u202f: corrigez plutôt son terme.", "occupancy_over")
    occupancy.ends_on = ends_on
    occupancy.save(update_fields=["ends_on"])
    if is_empty and ends_on <= timezone.localdate(at) and not occupancy.unit.closed_on:
        set_state(unit=occupancy.unit, state=OccupancyState.VACANT, on=ends_on, by=by, at=at)
    return occupancy


def _held(occupancy: Occupancy) -> Occupancy:
    locked(occupancy.unit)
    rows = Occupancy.objects.select_for_update(of=("self",)).select_related("unit", "member__person", "project")
    return rows.get(pk=occupancy.pk)


def _refuse_forbidden(occupancy: Occupancy) -> None:
    """Refuse what the law of short leases forbids this occupant in this unit."""
    mine = {"member": occupancy.member, "project": occupancy.project}
    others = Occupancy.objects.filter(unit=occupancy.unit, starts_on__lt=occupancy.starts_on, **mine)
    before = [Stay(each.tenure, each.starts_on, each.ends_on) for each in others.exclude(pk=occupancy.pk)]
    refusal = why_not(Stay(occupancy.tenure, occupancy.starts_on, occupancy.ends_on), before)
    if refusal:
        code, words = refusal
        raise refusal_at("ends_on", words, code)


def _tell_unit(occupancy: Occupancy, *, by: User, at: datetime) -> None:
    """An occupancy that goes on makes its unit occupied since it began."""
    today = timezone.localdate(at)
    goes_on = occupancy.starts_on <= today and (occupancy.ends_on is None or occupancy.ends_on > today)
    if goes_on and occupancy.unit.state != OccupancyState.OCCUPIED:
        set_state(unit=occupancy.unit, state=OccupancyState.OCCUPIED, on=occupancy.starts_on, by=by, at=at)
