"""Messages to those who wait for a slot: each bears the link of their place."""

from datetime import datetime

from django.urls import reverse

from coopconnexion.notices.models import Message
from coopconnexion.notices.rules import link_expiry
from coopconnexion.notices.services import absolute_url, new_link, write_message
from coopconnexion.recurrence import at_wall_time
from permanences.models import SlotOffer, WaitingLink, WaitingListEntry


def write_joined(entry: WaitingListEntry, *, position: int, at: datetime) -> Message | None:
    """The person is on the list; or will be once confirmed, when too many requests came with these details."""
    return _write(entry, "held" if entry.is_held else "joined", at=at, position=position)


def write_link(entry: WaitingListEntry, *, position: int, at: datetime) -> Message | None:
    """The link again, on request: one message an hour at most, whoever asks."""
    return _write(entry, "link", at=at, suffix=f":{at:%Y%m%d%H}", position=position)


def write_offer(offer: SlotOffer, *, at: datetime, is_last: bool) -> Message | None:
    """A slot is kept for the person until a deadline; past it the message no longer leaves."""
    return _write(
        offer.entry,
        "offer",
        at=at,
        suffix=f":{offer.pk}",
        expires_at=offer.expires_at,
        offer=offer,
        slot=offer.slot,
        is_last=is_last,
    )


def write_cancelled(entry: WaitingListEntry, *, at: datetime) -> Message | None:
    return _write(entry, "cancelled", at=at)


def write_moved(entry: WaitingListEntry, *, previous_start: datetime, at: datetime) -> Message | None:
    return _write(
        entry, "moved", at=at, suffix=f":{entry.permanence.sequence}:{at:%Y%m%d%H%M}", previous_start=previous_start
    )


def _opening(entry: WaitingListEntry) -> datetime:
    return at_wall_time(entry.permanence.held_on, entry.permanence.opens_at)


def _write(
    entry: WaitingListEntry,
    kind: str,
    *,
    at: datetime,
    suffix: str = "",
    expires_at: datetime | None = None,
    **context,
) -> Message | None:
    """Write one message about a place on the list; nobody is written to without an address."""
    person = entry.person
    if not person.email:
        return None
    key = f"waiting:{entry.pk}:{kind}{suffix}"
    if known := Message.objects.filter(key=key).first():
        return known
    opening = _opening(entry)
    token = new_link(WaitingLink, at=at, expires_at=link_expiry(opening), entry=entry)
    return write_message(
        key=key,
        kind=f"waiting-{kind}",
        to_email=person.email,
        to_name=str(person),
        person=person,
        template=f"permanences/emails/waiting_{kind}",
        context={
            "entry": entry,
            "person": person,
            "permanence": entry.permanence,
            "venue": entry.permanence.venue,
            "manage_url": absolute_url(reverse("permanences:waiting_manage", kwargs={"token": token})),
            "list_url": absolute_url(reverse("permanences:permanence_list")),
            **context,
        },
        secrets=[token],
        expires_at=expires_at or (opening if kind in ("joined", "held", "link") else None),
        at=at,
    )
