"""Booking, confirming, moving, cancelling and releasing an appointment."""

from datetime import datetime
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction

from coopconnexion import jobs
from coopconnexion.accounts.models import Person, User
from coopconnexion.db import constraint_errors, lock_name
from coopconnexion.notices.services import may_write_to
from permanences.emails import booking as emails
from permanences.enums import CancelledBy, Channel
from permanences.models import Booking, Permanence, Slot, SlotOffer
from permanences.services.reminders import lay_reminders, schedule_reminders, stop_reminders
from permanences.services.waiting import send_waiting_links, serve_waiting_entry
from projects.models import Project

REVISIONS_AT_MOST = 10  # past it a person who moves once more is invited to call
BOOKING_RELATIONS = ("slot", "person", "project", "permanence__venue__commune")


@transaction.atomic
def book_slot(
    *,
    slot: Slot,
    person: Person,
    project: Project,
    form_token: UUID,
    channel: Channel,
    at: datetime,
    booked_by: User | None = None,
    message: str = "",
    held_until: datetime | None = None,
    confirmed_at: datetime | None = None,
) -> Booking:
    """Book ``slot``, or the same time with another advisor, and confirm it to the person by e-mail.

    A ``form_token`` seen before returns its booking unchanged: a double submit books once. Online and from the waiting
    list, the notice of the permanence holds; staff may book up to the start.

    :raises ValidationError: slot_taken, already_booked, slot_past, slot_closed, permanence_cancelled
    """
    lock_name(f"form:{form_token}")
    if known := Booking.objects.select_related(*BOOKING_RELATIONS).filter(form_token=form_token).first():
        return known
    return take_slot(
        slot=slot,
        person=person,
        project=project,
        form_token=form_token,
        channel=channel,
        at=at,
        booked_by=booked_by,
        message=message,
        held_until=held_until,
        confirmed_at=confirmed_at,
    )


def take_slot(*, slot: Slot, person: Person, channel: Channel, at: datetime, **fields) -> Booking:
    """Book for a caller that has looked for a double submit itself and whose transaction ends with a refusal.

    :raises ValidationError: as :func:`book_slot`
    """
    slot = _lock_free_slot(slot, person=person, channel=channel, at=at)
    with constraint_errors(Booking, savepoint=False):  # two people may book at the same instant
        booking = Booking.objects.create(
            slot=slot,
            permanence=slot.permanence,
            person=person,
            channel=channel,
            uid=uuid4(),
            booked_at=at,
            **fields,
        )
    lay_reminders(booking=booking, at=at)
    serve_waiting_entry(booking=booking, at=at)
    emails.write_confirmation(booking, at=at)
    return booking


def _lock_free_slot(slot: Slot, *, person: Person, channel: Channel, at: datetime) -> Slot:
    """Lock the slots of that time and return the one asked for if it is free, else a free one of the same time."""
    same_time = (
        Slot.objects.select_for_update(of=("self",))
        .select_related("permanence__venue__commune", "permanence__territory")
        .filter(permanence=slot.permanence_id, starts_at=slot.starts_at)
        .order_by("pk")
    )
    locked = {each.pk: each for each in same_time}
    chosen = locked.get(slot.pk, slot)
    refuse_unbookable(chosen, channel=channel, at=at)
    standing = Booking.objects.standing().filter(slot__in=locked).values_list("slot", flat=True)
    kept = SlotOffer.objects.open().filter(slot__in=locked, expires_at__gt=at).exclude(entry__person=person)
    taken = set(standing.union(kept.values_list("slot", flat=True)))
    free = [each for each in locked.values() if each.closed_at is None and each.pk not in taken]
    if not free:
        raise ValidationError("Ce créneau vient d’être réservé.", code="slot_taken")
    return chosen if chosen in free else free[0]


def refuse_unbookable(slot: Slot, *, channel: Channel, at: datetime) -> None:
    """Refuse a slot that nobody may take any more, whoever holds it.

    :raises ValidationError: permanence_cancelled, slot_closed, slot_past, slot_too_late, booking_paused
    """
    permanence = slot.permanence
    if permanence.cancelled_at:
        raise ValidationError("Cette permanence est annulée.", code="permanence_cancelled")
    if slot.closed_at:
        raise ValidationError("Ce créneau n’est plus proposé.", code="slot_closed")
    if slot.starts_at <= at:
        raise ValidationError("Ce créneau est passé.", code="slot_past")
    if channel == Channel.STAFF:
        return
    if slot.starts_at <= at + permanence.notice:
        raise ValidationError("Il est trop tard pour réserver ce créneau en ligne.", code="slot_too_late")
    if channel == Channel.WEB and not permanence.is_open_for_booking(at):
        message = permanence.booking_paused_message or "La réservation de cette permanence n’est pas encore ouverte."
        raise ValidationError(message, code="booking_paused")


def lock_booking(booking: Booking) -> Booking:
    """Return the row as it is now, locked until the end of the transaction.

    The lock first, the relations after: a row that moved while the lock was awaited fails the join, and is lost.
    """
    Booking.objects.select_for_update(of=("self",)).only("pk").get(pk=booking.pk)
    return Booking.objects.select_related(*BOOKING_RELATIONS).get(pk=booking.pk)


@transaction.atomic
def confirm_booking(*, booking: Booking, at: datetime) -> Booking:
    """Take note that the person used a link from a message: the address is theirs, and they come.

    A booking held until confirmed now stands, and its confirmation leaves.

    :raises ValidationError: booking_over
    """
    booking = lock_booking(booking)
    _refuse_over(booking, at)
    was_held = booking.held_until is not None
    booking.confirmed_at = booking.confirmed_at or at
    booking.held_until = None
    if booking.moved_at and not booking.move_answered_at:
        booking.move_answered_at = at
    booking.save(update_fields=["confirmed_at", "held_until", "move_answered_at"])
    if was_held:
        serve_waiting_entry(booking=booking, at=at)
        emails.write_confirmation(booking, at=at)
    return booking


def _refuse_over(booking: Booking, at: datetime) -> None:
    if not booking.is_standing:
        raise ValidationError("Ce rendez-vous ne tient plus.", code="booking_over")
    if booking.slot.starts_at <= at or booking.outcome:  # who came early has begun
        raise ValidationError("Ce rendez-vous a déjà commencé.", code="booking_over")


@transaction.atomic
def cancel_booking(
    *,
    booking: Booking,
    by: CancelledBy,
    at: datetime,
    reason: str = "",
    notify: bool = True,
) -> Booking:
    """Cancel, free the slot and tell the person; cancelling twice changes nothing more.

    :raises ValidationError: booking_over, once the appointment has begun or was released
    """
    booking = lock_booking(booking)
    if booking.cancelled_at:
        return booking
    _refuse_over(booking, at)
    booking.cancelled_at, booking.cancelled_by, booking.cancel_reason = at, by, reason
    booking.sequence += 1
    fields = ["cancelled_at", "cancelled_by", "cancel_reason", "sequence"]
    if by == CancelledBy.CANDIDATE:
        booking.confirmed_at = booking.confirmed_at or at
        fields.append("confirmed_at")
    booking.save(update_fields=fields)
    stop_reminders(bookings=[booking], at=at)
    if notify:
        emails.write_cancellation(booking, at=at)
    _slot_freed(booking.permanence)
    return booking


@transaction.atomic
def release_booking(*, booking: Booking, at: datetime) -> Booking:
    """Free the slot of a booking that nobody confirmed, and say so politely; releasing twice changes nothing more.

    :raises ValidationError: booking_confirmed, when the person has confirmed meanwhile
    """
    booking = lock_booking(booking)
    if not booking.is_standing:
        return booking
    if booking.confirmed_at or booking.outcome:
        raise ValidationError(
            "Cette personne a confirmé ou est arrivée : son rendez-vous tient.", code="booking_confirmed"
        )
    booking.released_at = at
    booking.sequence += 1
    booking.save(update_fields=["released_at", "sequence"])
    stop_reminders(bookings=[booking], at=at)
    emails.write_release(booking, at=at)
    _slot_freed(booking.permanence)
    return booking


@transaction.atomic
def move_booking(*, booking: Booking, slot: Slot, by: CancelledBy, at: datetime) -> Booking:
    """Move to another slot, of this permanence or another: the old one is freed only if the new one is got.

    :raises ValidationError: booking_over, too_many_moves, or any refusal of the new slot
    """
    channel = Channel.STAFF if by == CancelledBy.COOP else Channel.WEB
    slot = _lock_free_slot_to_move(slot, booking=booking, channel=channel, at=at)
    booking = lock_booking(booking)
    _refuse_over(booking, at)
    if booking.slot_id == slot.pk:
        return booking
    if by == CancelledBy.CANDIDATE and booking.sequence >= REVISIONS_AT_MOST:
        raise ValidationError(
            "Ce rendez-vous a déjà changé bien des fois : appelez-nous pour le déplacer encore.", code="too_many_moves"
        )
    previous, left = booking.slot, booking.permanence
    booking.slot, booking.permanence = slot, slot.permanence
    booking.sequence += 1
    booking.held_until = None
    if by == CancelledBy.CANDIDATE:
        booking.confirmed_at = booking.confirmed_at or at
        booking.move_answered_at = at if booking.moved_at else None
    with constraint_errors(Booking):
        booking.save(update_fields=["slot", "permanence", "sequence", "held_until", "confirmed_at", "move_answered_at"])
    schedule_reminders(booking=booking, at=at)
    serve_waiting_entry(booking=booking, at=at)
    emails.renew_links(booking)
    emails.write_move(booking, previous_start=previous.starts_at, at=at)
    _slot_freed(left)
    return booking


def _lock_free_slot_to_move(slot: Slot, *, booking: Booking, channel: Channel, at: datetime) -> Slot:
    if slot.pk == booking.slot_id:
        return slot
    return _lock_free_slot(slot, person=booking.person, channel=channel, at=at)


@transaction.atomic
def release_expired_hold(*, booking: Booking, at: datetime) -> None:
    """Free a booking that was kept for half an hour until confirmed, and was not."""
    current = lock_booking(booking)
    if current.is_standing and current.held_until and current.held_until <= at:
        release_booking(booking=current, at=at)


def enqueue_expired_holds(*, at: datetime, limit: int = 500) -> None:
    """Fan out one task per booking whose half hour has passed."""
    expired = Booking.objects.standing().filter(held_until__lte=at).order_by("held_until", "pk")
    for pk in expired.values_list("pk", flat=True)[:limit]:
        jobs.enqueue("permanences.release_expired_hold", booking_id=pk)


@transaction.atomic
def send_links(*, email: str, at: datetime) -> None:
    """Write to ``email`` the links of its appointments to come and of its waiting lists: at most once an hour each.

    Who was written to too often today without having asked gets nothing more: the links they have still work.
    """
    coming = (
        Booking.objects.standing()
        .select_related(*BOOKING_RELATIONS)
        .filter(person__email__iexact=email.strip(), slot__starts_at__gt=at)
        .order_by("slot__starts_at", "pk")
    )
    if not may_write_to(email=email, kinds=emails.UNSOLICITED_KINDS, at=at):
        return
    for booking in coming[:10]:
        emails.write_link(booking, at=at)
    send_waiting_links(email=email, at=at)


def _slot_freed(permanence: Permanence) -> None:
    jobs.enqueue("permanences.tend_waiting_list", permanence_id=permanence.pk)
