"""Places at events: taken under the event's lock, confirmed, given back; who waits is promoted in order of joining."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from coopconnexion import jobs
from coopconnexion.accounts.models import Person, User
from coopconnexion.db import constraint_errors, lock_name
from events.emails import registrations as emails
from events.enums import Channel, WithdrawnBy
from events.models import Event, Registration
from events.rules import promotion_deadline
from events.services.reminders import lay_reminders, stop_reminders

REGISTRATION_RELATIONS = ("person", "event__venue__commune", "event__territory")
TOLD = (Channel.WEB, Channel.STAFF, Channel.INVITATION)
"""Who came by without having registered is there: nothing is written to them."""


@transaction.atomic
def register_person(
    *,
    event: Event,
    person: Person,
    form_token: UUID,
    channel: Channel,
    at: datetime,
    registered_by: User | None = None,
    organisation_name: str = "",
    message: str = "",
    held: bool = False,
    confirmed_at: datetime | None = None,
) -> Registration:
    """Give ``person`` a place, or one on the waiting list when none is left, and write it to them.

    A ``form_token`` seen before returns its registration unchanged: a double submit registers once. Who is ``held``
    gets no place before they have confirmed their address. Who comes by on the day itself takes none of the places.

    :raises ValidationError: already_registered, event_not_published, event_cancelled, event_past,
        registration_not_open, registration_closed
    """
    lock_name(f"form:{form_token}")
    if known := Registration.objects.select_related(*REGISTRATION_RELATIONS).filter(form_token=form_token).first():
        return known
    event = lock_event(event)
    refuse_unregistrable(event, channel=channel, at=at)
    has_place = channel == Channel.ON_SITE or (not held and _has_place_for_newcomer(event))
    with constraint_errors(Registration):
        registration = Registration.objects.create(
            event=event,
            person=person,
            form_token=form_token,
            channel=channel,
            registered_by=registered_by,
            organisation_name=organisation_name,
            message=message,
            joined_at=at,
            served_at=at if has_place else None,
            held_at=at if held else None,
            confirmed_at=confirmed_at,
        )
    if channel in TOLD:
        _begin(registration, at)
        emails.write_confirmation(registration, position=waiting_position(registration), at=at)
    return registration


def lock_event(event: Event) -> Event:
    """Return the row as it is now; who registers, withdraws or is promoted waits for its turn."""
    Event.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=event.pk)
    return Event.objects.select_related("venue__commune", "territory").get(pk=event.pk)


def refuse_unregistrable(event: Event, *, channel: Channel, at: datetime) -> None:
    """Refuse an event that nobody may register for any more.

    Staff and guests may register until the end of the event, whatever the dates of registration online.

    :raises ValidationError: event_not_published, event_cancelled, event_past, registration_not_open,
        registration_closed
    """
    if event.cancelled_at:
        raise ValidationError("Cet évènement est annulé.", code="event_cancelled")
    if channel != Channel.ON_SITE and event.ends_at <= at:  # who came is often noted afterwards
        raise ValidationError("Cet évènement est passé.", code="event_past")
    if event.published_at is None and channel != Channel.STAFF:
        raise ValidationError("Cet évènement n’est pas publié.", code="event_not_published")
    if channel != Channel.WEB:
        return
    if event.registration_opens_at and at < event.registration_opens_at:
        raise ValidationError("Les inscriptions ne sont pas encore ouvertes.", code="registration_not_open")
    if at >= event.closes_at:
        raise ValidationError("Les inscriptions sont closes.", code="registration_closed")


def free_places(event: Event) -> int | None:
    """Return how many places are left, never below zero; ``None``: as many as one likes."""
    if event.capacity is None:
        return None
    return max(0, event.capacity - event.registrations.counted().count())


def _has_place_for_newcomer(event: Event) -> bool:
    """Tell whether a place is left that nobody waits for."""
    places = free_places(event)
    return places is None or (places > 0 and not event.registrations.in_line().exists())


def _begin(registration: Registration, at: datetime) -> None:
    if registration.is_seated:
        lay_reminders(registration=registration, at=at)


def lock_registration(registration: Registration) -> Registration:
    """Return the row as it is now, its event locked first: in the order in which places are given."""
    lock_event(registration.event)
    Registration.objects.select_for_update(of=("self",)).only("pk").get(pk=registration.pk)
    return Registration.objects.select_related(*REGISTRATION_RELATIONS).get(pk=registration.pk)


@transaction.atomic
def confirm_registration(*, registration: Registration, at: datetime) -> Registration:
    """Take note that the person used a link from a message: the address is theirs.

    Who was held until confirmed now gets a place, or one on the waiting list from this moment on.

    :raises ValidationError: registration_over
    """
    registration = lock_registration(registration)
    _refuse_over(registration, at)
    if registration.confirmed_at:
        return registration
    was_held = registration.is_held
    registration.confirmed_at = at
    if was_held:
        has_place = at < registration.event.closes_at and _has_place_for_newcomer(registration.event)
        registration.joined_at, registration.served_at = at, at if has_place else None
    registration.save(update_fields=["confirmed_at", "joined_at", "served_at"])
    if was_held:
        _begin(registration, at)
        emails.write_confirmation(registration, position=waiting_position(registration), at=at)
    return registration


def _refuse_over(registration: Registration, at: datetime) -> None:
    if registration.left_at:
        raise ValidationError("Cette inscription ne tient plus.", code="registration_over")
    if registration.event.cancelled_at:
        raise ValidationError("Cet évènement est annulé.", code="registration_over")
    if registration.event.ends_at <= at:
        raise ValidationError("Cet évènement est passé.", code="registration_over")


@transaction.atomic
def withdraw_registration(
    *, registration: Registration, by: WithdrawnBy, at: datetime, reason: str = "", notify: bool = True
) -> Registration:
    """Give the place back, or leave the list; tell the person, then whoever waits. Twice changes nothing more.

    :raises ValidationError: registration_over, once the event is over or a presence is noted
    """
    registration = lock_registration(registration)
    if registration.left_at:
        return registration
    _refuse_over(registration, at)
    if registration.attendances.exists():
        raise ValidationError(
            "Une présence est notée\u202f: effacez-la d’abord, ou notez l’absence aux séances suivantes.",
            code="registration_over",
        )
    leave(registration, by=by, reason=reason, at=at)
    if notify:
        emails.write_withdrawal(registration, at=at)
    jobs.enqueue("events.promote_waiting", event_id=registration.event_id)
    return registration


def leave(registration: Registration, *, by: WithdrawnBy, reason: str, at: datetime) -> None:
    """Note that the person does not come, and stop their reminders."""
    registration.left_at, registration.withdrawn_by, registration.withdraw_reason = at, by, reason
    registration.sequence += 1
    fields = ["left_at", "withdrawn_by", "withdraw_reason", "sequence"]
    if by == WithdrawnBy.PARTICIPANT and registration.confirmed_at is None:
        registration.confirmed_at = at
        fields.append("confirmed_at")
    registration.save(update_fields=fields)
    stop_reminders(registrations=[registration], at=at)


@transaction.atomic
def promote_waiting(*, event: Event, at: datetime) -> list[Registration]:
    """Give the free places to those who wait, first come first served, and tell them; return them.

    Nobody is promoted once registration is closed, nor so late that they would hear of it on their way.
    """
    event = lock_event(event)
    if event.cancelled_at or event.published_at is None:
        return []
    if at >= promotion_deadline(event.starts_at, event.closes_at):
        return []
    waiting = event.registrations.in_line().in_order().select_related(*REGISTRATION_RELATIONS)
    places = free_places(event)
    promoted = list(waiting.select_for_update(of=("self",)) if places is None else waiting[:places])
    for registration in promoted:
        registration.served_at = at
        registration.save(update_fields=["served_at"])
        _begin(registration, at)
        emails.write_promotion(registration, at=at)
    return promoted


def enqueue_promotions(*, at: datetime) -> None:
    """Fan out one task per coming event with people waiting: what a lost task left undone is done."""
    waiting = Registration.objects.in_line().values("event")
    for pk in Event.objects.held().filter(starts_at__gt=at, pk__in=waiting).in_order().values_list("pk", flat=True):
        jobs.enqueue("events.promote_waiting", event_id=pk)


def waiting_position(registration: Registration) -> int:
    """Return the place on the list, from 1; who is held until confirmed has none yet: 0."""
    if not registration.is_waiting or registration.is_held:
        return 0
    line = Registration.objects.in_line().filter(event=registration.event_id)
    earlier = line.filter(joined_at__lt=registration.joined_at) | line.filter(
        joined_at=registration.joined_at, pk__lt=registration.pk
    )
    return earlier.count() + 1
