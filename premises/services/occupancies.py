"""Who trades in a unit, under what title, for how long: the unit is held first, then its occupancies."""

from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from coopconnexion.accounts.models import Organisation, User
from coopconnexion.db import constraint_errors
from coopconnexion.french import date_words
from coopconnexion.periods import last_day
from coopconnexion.refusals import refusal_at
from members.models import Member
from members.services.locks import lock_member
from premises.enums import OccupancyState, TenureKind
from premises.models import Occupancy, Unit
from premises.rules.leases import Stay, why_not
from premises.services.locks import locked, refuse_closed
from premises.services.units import change_unit, set_state
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
    _refuse_taken(occupancy, by)
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
    _refuse_taken(occupancy, by)
    _refuse_forbidden(occupancy)
    with constraint_errors(Occupancy):
        occupancy.save(update_fields=list(told))
    _tell_unit(occupancy, by=by, at=at)
    return occupancy


@transaction.atomic
def end_occupancy(*, occupancy: Occupancy, ends_on: date, is_empty: bool = True, by: User, at: datetime) -> Occupancy:
    """End an occupancy before ``ends_on``; once that day has come, the unit is vacant unless told otherwise.

    Where somebody came after, it stays as it is.

    :raises ValidationError: end_before_start, occupancy_over
    """
    occupancy = _held(occupancy)
    if ends_on <= occupancy.starts_on:
        raise refusal_at("ends_on", "La fin vient après le début\u202f: vérifiez la date.", "end_before_start")
    if occupancy.ends_on and ends_on > occupancy.ends_on:
        raise refusal_at("ends_on", "Elle finit déjà plus tôt\u202f: corrigez plutôt son terme.", "occupancy_over")
    occupancy.ends_on = ends_on
    occupancy.save(update_fields=["ends_on"])
    today = timezone.localdate(at)
    if is_empty and ends_on <= today and not occupancy.unit.closed_on and not _came_after(occupancy, today):
        set_state(unit=occupancy.unit, state=OccupancyState.VACANT, on=ends_on, by=by, at=at)
    return occupancy


@transaction.atomic
def remove_occupancy(
    *, occupancy: Occupancy, state: OccupancyState = OccupancyState.UNKNOWN, by: User, at: datetime
) -> None:
    """Delete an occupancy noted by mistake, and its alerts; the history keeps that it was there.

    Where it made its unit occupied and nobody else is there, the unit is in ``state``, since no day that is known.
    """
    occupancy = _held(occupancy)
    unit, today = occupancy.unit, timezone.localdate(at)
    goes_on = _goes_on(occupancy, today)
    occupancy.delete()
    if goes_on and unit.closed_on is None and unit.state == OccupancyState.OCCUPIED:
        change_unit(unit=unit, state=state, by=by, at=at)


def _held(occupancy: Occupancy) -> Occupancy:
    locked(occupancy.unit)
    rows = Occupancy.objects.select_for_update(of=("self",)).select_related("unit", "member__person", "project")
    return rows.get(pk=occupancy.pk)


def _refuse_forbidden(occupancy: Occupancy) -> None:
    """Refuse what the law of short leases forbids this occupant in this unit, and what it makes of later stays."""
    others = Occupancy.objects.none()
    if occupancy.occupant:
        others = Occupancy.objects.of_person(occupancy.person_id).filter(unit=occupancy.unit).exclude(pk=occupancy.pk)
    stays = [Stay(each.tenure, each.starts_on, each.ends_on) for each in others]
    new = Stay(occupancy.tenure, occupancy.starts_on, occupancy.ends_on)
    for stay in [new, *(each for each in stays if each.starts_on > new.starts_on)]:
        before = [each for each in [new, *stays] if each.starts_on < stay.starts_on]
        if refusal := why_not(stay, before):
            code, words = refusal
            raise refusal_at("ends_on", words, code)


def _refuse_taken(occupancy: Occupancy, by: User) -> None:
    """:raises ValidationError: occupancy_overlap, with what ``by`` may read of the other; the constraint says less"""
    others = Occupancy.objects.visible_to(by).filter(unit=occupancy.unit).exclude(pk=occupancy.pk)
    others = others.ending_after(occupancy.starts_on)
    if occupancy.ends_on:
        others = others.filter(starts_on__lt=occupancy.ends_on)
    other = others.select_related("member__person", "project").order_by("starts_on").first()
    if other is None:
        return
    until = f"au {date_words(last_day(other.ends_on))}" if other.ends_on else "sans terme"
    raise ValidationError(
        f"Cette cellule est déjà occupée\u202f: {other.shown_name(by)}, du {date_words(other.starts_on)} {until}. "
        "Terminez cette occupation, ou changez les dates.",
        code="occupancy_overlap",
    )


def _came_after(occupancy: Occupancy, today: date) -> bool:
    later = Occupancy.objects.ending_after(occupancy.ends_on).filter(unit=occupancy.unit, starts_on__lte=today)
    return later.exclude(pk=occupancy.pk).exists()


def _tell_unit(occupancy: Occupancy, *, by: User, at: datetime) -> None:
    """An occupancy that goes on makes its unit occupied since it began."""
    if _goes_on(occupancy, timezone.localdate(at)) and occupancy.unit.state != OccupancyState.OCCUPIED:
        set_state(unit=occupancy.unit, state=OccupancyState.OCCUPIED, on=occupancy.starts_on, by=by, at=at)


def _goes_on(occupancy: Occupancy, today: date) -> bool:
    return occupancy.starts_on <= today and (occupancy.ends_on is None or occupancy.ends_on > today)
