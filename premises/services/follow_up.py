"""The follow-up of a vacant unit, step by step, and the remarks of the team.

Three ends, and only the first is a success: out of vacancy, was not vacant, gone. Each agrees with what the register
says of the unit, and a unit that empties again is followed anew.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from coopconnexion.accounts.models import User
from coopconnexion.db import constraint_errors
from coopconnexion.refusals import refusal_at
from premises.enums import ClosureReason, FollowUpDetail, FollowUpStatus
from premises.models import FollowUp, Unit, UnitNote
from premises.services.locks import locked, refuse_closed

NO_LONGER_VACANT = frozenset({FollowUpDetail.VACANCY_ENDED, FollowUpDetail.WAS_NOT_VACANT})
GONE_BECAUSE = frozenset({ClosureReason.DEMOLISHED, ClosureReason.SPLIT, ClosureReason.MERGED})
RESENT_WITHIN = timedelta(hours=1)


@transaction.atomic
def follow_unit(
    *, unit: Unit, status: FollowUpStatus, detail: str = "", note: str = "", by: User | None, at: datetime
) -> FollowUp:
    """Write a step of the follow-up of a unit, and where it stands from now on; one sent twice is written once.

    :raises ValidationError: unit_closed, still_vacant, still_there, followup_detail
    """
    unit = locked(unit)
    _refuse_untrue(unit, detail)
    return _sent_before(unit, status, detail, note, by, at) or _write(unit, status, detail, note, by, at)


@transaction.atomic
def follow_units(
    *, units: Iterable[Unit], status: FollowUpStatus, detail: str = "", note: str = "", by: User | None, at: datetime
) -> list[FollowUp]:
    """Write the same step for several units, or for none when one refuses it.

    :raises ValidationError: those of :func:`follow_unit`
    """
    return [
        follow_unit(unit=unit, status=status, detail=detail, note=note, by=by, at=at)
        for unit in sorted(units, key=lambda unit: unit.pk)
    ]


def why_untrue(unit: Unit, detail: str) -> ValidationError | None:
    """Return why the register does not let a follow-up end so, if it does not."""
    if detail == FollowUpDetail.GONE:
        return None if unit.closed_on else refusal_at("step", _STILL_THERE, "still_there")
    if detail in NO_LONGER_VACANT and unit.is_empty:
        return refusal_at("step", _STILL_VACANT, "still_vacant")
    return None


_STILL_THERE = "Cette cellule existe encore\u202f: notez d’abord qu’elle est démolie, divisée ou réunie à une autre."
_STILL_VACANT = "Cette cellule est notée vacante\u202f: notez d’abord ce qu’elle est devenue."


def _refuse_untrue(unit: Unit, detail: str) -> None:
    if detail != FollowUpDetail.GONE:
        refuse_closed(unit)
    if refusal := why_untrue(unit, detail):
        raise refusal


def _sent_before(unit: Unit, status, detail: str, note: str, by: User | None, at: datetime) -> FollowUp | None:
    """Return the last step, when it is this one and was just written."""
    last = unit.followups.order_by("written_at", "pk").last()
    just_written = last and last.written_at > at - RESENT_WITHIN and last.written_by == by
    same = just_written and (last.status, last.detail, last.note) == (status, detail, note.strip())
    return last if same else None


def _write(unit: Unit, status, detail: str, note: str, by: User | None, at: datetime) -> FollowUp:
    unit.followup, unit.followup_detail = status, detail
    with constraint_errors(Unit):
        unit.save(update_fields=["followup", "followup_detail"])
    return FollowUp.objects.create(
        unit=unit, status=status, detail=detail, note=note.strip(), written_by=by, written_at=at
    )


def follow_again(unit: Unit, *, by: User | None, at: datetime) -> None:
    """Begin anew the follow-up of a unit that empties after it was over; ``unit`` is locked."""
    if unit.is_empty and unit.followup == FollowUpStatus.DONE:
        _write(unit, FollowUpStatus.NONE, "", "De nouveau vacante\u202f: le suivi recommence.", by, at)


def end_with_unit(unit: Unit, *, by: User | None, at: datetime) -> None:
    """End the follow-up under way of a unit that is no more; ``unit`` is locked."""
    is_followed = unit.followup not in (FollowUpStatus.NONE, FollowUpStatus.DONE)
    if is_followed and unit.closed_because in GONE_BECAUSE:
        _write(unit, FollowUpStatus.DONE, FollowUpDetail.GONE, "", by, at)


@transaction.atomic
def write_unit_note(*, unit: Unit, text: str, by: User | None, at: datetime) -> UnitNote:
    """Add a remark of the team to a unit; it is not changed afterwards, and one sent twice is written once.

    :raises ValidationError: note_empty
    """
    text = text.strip()
    if not text:
        raise refusal_at("text", "Écrivez quelques mots.", "note_empty")
    unit = locked(unit)
    same = UnitNote.objects.filter(unit=unit, text=text, written_by=by, written_at__gt=at - RESENT_WITHIN)
    return same.first() or UnitNote.objects.create(unit=unit, text=text, written_by=by, written_at=at)
