"""Messages about one appointment: what leaves, with the invitation that follows it."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from coopconnexion.accounts.models import Organisation
from coopconnexion.calendars import invitation
from coopconnexion.french import relative_day, time_words
from coopconnexion.notices.models import Message
from coopconnexion.notices.rules import link_expiry, reminder_useful_until
from coopconnexion.notices.services import File, absolute_url, new_link, write_message
from permanences.models import Booking, BookingLink, BookingReminder

UNSOLICITED_KINDS = (
    *("booking-confirmation", "booking-hold", "booking-link", "booking-existing"),
    *("waiting-joined", "waiting-held", "waiting-link"),
)


def write_confirmation(booking: Booking, *, at: datetime) -> Message | None:
    """The booking stands; or is held until the person confirms it, when too many were asked for that address."""
    if booking.held_until:
        return write_about(booking, "hold", at=at, expires_at=booking.held_until, repeats=False)
    return write_about(booking, "confirmation", at=at, method="REQUEST", repeats=False)


def write_move(booking: Booking, *, previous_start: datetime, at: datetime) -> Message | None:
    return write_about(
        booking, "moved", at=at, method="REQUEST", suffix=f":{booking.sequence}", previous_start=previous_start
    )


def write_cancellation(booking: Booking, *, at: datetime) -> Message | None:
    return write_about(booking, "cancellation", at=at, method="CANCEL")


def write_release(booking: Booking, *, at: datetime) -> Message | None:
    return write_about(booking, "release", at=at, method="CANCEL")


def write_link(booking: Booking, *, at: datetime) -> Message | None:
    """The link again, on request: one message an hour at most, whoever asks."""
    return write_about(booking, "link", at=at, suffix=f":{at:%Y%m%d%H}")


def write_existing(booking: Booking, *, at: datetime) -> Message | None:
    """Somebody booked again a permanence where this appointment stands: the link, once an hour at most."""
    return write_about(booking, "existing", at=at, suffix=f":{at:%Y%m%d%H}")


def write_referred(booking: Booking, *, referrer: Organisation, at: datetime) -> Message | None:
    """Tell who sent the person when they are expected: the day and the place, no link to their appointment."""
    if not referrer.email:
        return None
    return write_message(
        key=f"booking:{booking.pk}:referred",
        kind="booking-referred",
        to_email=referrer.email,
        to_name=referrer.name,
        person=booking.person,
        template="permanences/emails/referred",
        context={
            "person": booking.person,
            "venue": booking.permanence.venue,
            "slot": booking.slot,
            "list_url": absolute_url(reverse("permanences:permanence_list")),
        },
        at=at,
    )


def write_reminder(reminder: BookingReminder, *, at: datetime) -> Message | None:
    booking = reminder.booking
    when = relative_day(timezone.localdate(booking.slot.starts_at), today=timezone.localdate(at))
    return write_about(
        booking,
        "reminder",
        at=at,
        suffix=f":{reminder.minutes_before}:{booking.sequence}",
        expires_at=reminder_useful_until(booking.slot.starts_at, reminder.minutes_before),
        when=f"{when} à {time_words(booking.slot.starts_at)}",
    )


def renew_links(booking: Booking) -> None:
    """Let the links already sent live as long as the appointment's new day asks."""
    booking.links.update(expires_at=link_expiry(booking.slot.starts_at))


def write_about(
    booking: Booking,
    kind: str,
    *,
    at: datetime,
    suffix: str = "",
    method: str = "",
    expires_at: datetime | None = None,
    repeats: bool = True,
    **context,
) -> Message | None:
    """Write one message about ``booking``; nobody is written to without an address.

    :param repeats: the same message may be asked for again, and is then returned as it is
    """
    person = booking.person
    if not person.email:
        return None
    key = f"booking:{booking.pk}:{kind}{suffix}"
    if repeats and (known := Message.objects.filter(key=key).first()):
        return known
    token = new_link(BookingLink, at=at, expires_at=link_expiry(booking.slot.starts_at), booking=booking)
    return write_message(
        key=key,
        kind=f"booking-{kind}",
        to_email=person.email,
        to_name=str(person),
        person=person,
        template=f"permanences/emails/{kind}",
        context={
            "booking": booking,
            "person": person,
            "permanence": booking.permanence,
            "venue": booking.permanence.venue,
            "slot": booking.slot,
            "manage_url": absolute_url(reverse("permanences:booking", kwargs={"token": token})),
            "list_url": absolute_url(reverse("permanences:permanence_list")),
            **context,
        },
        secrets=[token],
        attachments=[_invitation(booking, method, at)] if method else [],
        expires_at=expires_at,
        at=at,
    )


def _invitation(booking: Booking, method: str, at: datetime) -> File:
    """The appointment for the person's calendar; no personal data in it, no link that acts."""
    venue = booking.permanence.venue
    content = invitation(
        method=method,
        uid=f"{booking.uid}@{settings.MAIL_DOMAIN}",
        sequence=booking.sequence,
        stamp=at,
        starts_at=booking.slot.starts_at,
        ends_at=booking.slot.ends_at,
        summary="Rendez-vous avec CoopConnexion",
        location=f"{venue.name}, {venue.postal_address}",
        description=f"{venue.access}\n\nUn empêchement\u202f? Le lien est dans notre message, ou appelez le "
        f"{settings.COOP_PHONE}.".strip(),
        organizer=("CoopConnexion", settings.COOP_EMAIL),
        attendee=(str(booking.person), booking.person.email),
    )
    content_type = f"text/calendar; method={method}; charset=utf-8"
    return File(filename="rendez-vous.ics", content_type=content_type, content=content)
