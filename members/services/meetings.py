"""Advice meetings: planned, held, written down; who came."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from coopconnexion.accounts.models import User
from coopconnexion.refusals import refusal_at
from members.enums import Attendance
from members.models import AdviceMeeting, MeetingParticipant, Member
from members.services.locks import lock_members

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
FARTHEST = timedelta(days=2 * 366)
RESENT_WITHIN = timedelta(minutes=10)
BEFOREHAND = (Attendance.EXPECTED, Attendance.EXCUSED)
TOLD = (
    "held_at",
    "mode",
    "minutes",
    "financed_action",
    "topics",
    "objectives",
    "notes",
    "is_open_to_team",
    "is_shared",
)


@transaction.atomic
def record_meeting(
    *,
    members: Iterable[Member],
    advisors: Iterable[User],
    held_at: datetime,
    by: User | None,
    at: datetime,
    attendance: Attendance = Attendance.EXPECTED,
    next_at: datetime | None = None,
    **told,
) -> AdviceMeeting:
    """Record a meeting, held or planned, with what ``told`` says by the names of its fields; sent twice it is one.

    ``next_at`` plans the next one with the same people, without any content.

    :raises ValidationError: meeting_implausible, attendance_to_come, participant_missing, advisor_missing, next_before
    """
    members, advisors = list(members), list(advisors)
    _check(held_at, next_at, members, advisors, at)
    if held_at > at and attendance not in BEFOREHAND:
        raise _to_come("attendance")
    lock_members(members)
    meeting = _once(members, advisors, attendance, at, held_at=held_at, recorded_by=by, **_fields(told))
    if next_at:
        _plan_next(meeting, next_at, members, by, at)
    return meeting


@transaction.atomic
def correct_meeting(
    *,
    meeting: AdviceMeeting,
    advisors: Iterable[User],
    held_at: datetime,
    by: User | None,
    at: datetime,
    attendances: dict[int, Attendance | None],
    added: Iterable[Member] = (),
    next_at: datetime | None = None,
    **told,
) -> AdviceMeeting:
    """Write a meeting anew; ``attendances``, by the keys of members, takes away those of whom it says ``None``.

    :raises ValidationError: meeting_implausible, attendance_to_come, participant_missing, advisor_missing, next_before
    """
    meeting = AdviceMeeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    seats = list(meeting.participations.select_related("member").order_by("pk"))
    kept = [seat for seat in seats if attendances.get(seat.member_id, seat.attendance) is not None]
    here = {seat.member_id for seat in kept}
    added, advisors = [each for each in added if each.pk not in here], list(advisors)
    members = [seat.member for seat in kept] + added
    _check(held_at, next_at, members, advisors, at)
    lock_members(members)
    for name, value in {"held_at": held_at, **_fields(told)}.items():
        setattr(meeting, name, value)
    meeting.save(update_fields=["held_at", *_fields(told)])
    meeting.advisors.set(advisors)
    meeting.participations.exclude(member__in=here).delete()
    for seat in kept:
        wanted = attendances.get(seat.member_id, seat.attendance)
        if held_at > at and wanted not in BEFOREHAND:
            raise _to_come(f"presence_{seat.member_id}")
        _note(seat, wanted)
    _seat(meeting, added, Attendance.EXPECTED)
    if next_at:
        _plan_next(meeting, next_at, members, by, at)
    return meeting


@transaction.atomic
def note_attendance(*, participant: MeetingParticipant, attendance: Attendance, at: datetime) -> MeetingParticipant:
    """Note whether a member came; before the meeting, only that they will or excused themselves.

    :raises ValidationError: attendance_to_come
    """
    seats = MeetingParticipant.objects.select_for_update(of=("self",)).select_related("meeting")
    participant = seats.get(pk=participant.pk)
    if participant.meeting.held_at > at and attendance not in BEFOREHAND:
        raise ValidationError(
            "Ce rendez-vous n’a pas encore eu lieu : la présence se note après.", code="attendance_to_come"
        )
    _note(participant, attendance)
    return participant


@transaction.atomic
def remove_meeting(*, meeting: AdviceMeeting) -> None:
    """Delete a meeting noted wrongly or that will not take place; the history keeps what it said."""
    meeting.delete()


def _fields(told: dict) -> dict:
    return {name: told[name] for name in TOLD if name in told}


def _check(held_at: datetime, next_at: datetime | None, members: list, advisors: list, at: datetime) -> None:
    if not EARLIEST <= held_at <= at + FARTHEST:
        message = "Un rendez-vous se note de l’an 2000 à dans deux ans : vérifiez la date."
        raise refusal_at("held_at", message, "meeting_implausible")
    if next_at and not held_at < next_at <= at + FARTHEST:
        message = "Le prochain rendez-vous vient après celui-ci, dans les deux ans : vérifiez la date."
        raise refusal_at("next_at", message, "next_before")
    if not members:
        raise ValidationError("Un rendez-vous garde au moins un membre : supprimez-le plutôt.", "participant_missing")
    if not advisors:
        raise refusal_at("advisors", "Dites qui a animé ce rendez-vous.", "advisor_missing")


def _seat(meeting: AdviceMeeting, members: Iterable[Member], attendance: Attendance) -> None:
    for pk in dict.fromkeys(each.pk for each in members):
        MeetingParticipant.objects.create(meeting=meeting, member_id=pk, attendance=attendance)


def _note(seat: MeetingParticipant, attendance: Attendance) -> None:
    if seat.attendance != attendance:
        seat.attendance = attendance
        seat.save(update_fields=["attendance"])


def _plan_next(meeting: AdviceMeeting, next_at: datetime, members: list[Member], by: User | None, at: datetime) -> None:
    """The same people on another day; what it will say is private until somebody decides."""
    told = {"mode": meeting.mode, "financed_action": meeting.financed_action}
    advisors = list(meeting.advisors.all())
    _once(members, advisors, Attendance.EXPECTED, at, held_at=next_at, recorded_by=by, **told)


def _once(members: list[Member], advisors: list[User], attendance: Attendance, at: datetime, **told) -> AdviceMeeting:
    """Return the very meeting that the same person told a moment ago, or a new one."""
    wanted = {each.pk for each in members}
    for same in AdviceMeeting.objects.filter(recorded_at__gt=at - RESENT_WITHIN, **told).order_by("pk"):
        if set(same.participations.values_list("member", flat=True)) == wanted:
            return same
    meeting = AdviceMeeting.objects.create(recorded_at=at, **told)
    meeting.advisors.set(advisors)
    _seat(meeting, members, attendance)
    return meeting


def _to_come(field: str) -> ValidationError:
    return refusal_at(field, "Ce rendez-vous n’a pas encore eu lieu : la présence se note après.", "attendance_to_come")
