"""When a message, a reminder or an offer is worth sending, and for how long: computed on values alone."""

import hashlib
import re
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

CLAIM_LIFETIME = timedelta(minutes=2)
"""How long a worker keeps a message to itself; past it the worker is taken for dead and another may send."""

UNCLAIMED_GRACE = timedelta(minutes=1)
"""How long the sweeper leaves a due message to the worker that was asked for it."""

RETRY_DELAYS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 720, 720)]
MAX_ATTEMPTS = len(RETRY_DELAYS) + 1

MAX_MESSAGES_PER_DAY = 8
"""How many messages anonymous visitors may cause to one address in 24 hours."""

SECRET_KIND_PREFIX = "account_"  # noqa: S105  # a kind of message, no password
SECRET_RETENTION = timedelta(days=7)
"""How long the trace of a sign-in mail is kept: to whom and when, its words being gone."""

INVITATION_LIFETIME = timedelta(days=3)
"""How long the link of an invitation opens an account: ``PASSWORD_RESET_TIMEOUT``."""

BLANK = "•••"

GMAIL = ("gmail.com", "googlemail.com")

DAY = timedelta(days=1)


def retry_delay(attempts: int) -> timedelta:
    """Return how long to wait after the ``attempts``-th attempt failed for a passing reason."""
    return RETRY_DELAYS[min(max(attempts, 1), len(RETRY_DELAYS)) - 1]


def offer_lifetime(lead: timedelta) -> timedelta | None:
    """Return how long a freed place is kept for a waiting person, ``lead`` before it starts; ``None``: too late."""
    steps = ((7 * DAY, 24), (2 * DAY, 12), (DAY, 4), (timedelta(hours=6), 1))
    return next((timedelta(hours=hours) for limit, hours in steps if lead > limit), None)


def after_the_night(deadline: datetime) -> datetime:
    """Return ``deadline``, or eight in the morning when it falls between ten at night and then: people sleep."""
    local = timezone.localtime(deadline)
    if time(8) <= local.time() <= time(22):
        return deadline
    day = local.date() if local.time() < time(8) else local.date() + DAY
    return timezone.make_aware(datetime.combine(day, time(8)))


def unconfirmed_grace(lead: timedelta) -> timedelta:
    """Return how long a booking may stay unconfirmed while others wait, ``lead`` before it starts."""
    steps = ((7 * DAY, 48), (2 * DAY, 24), (DAY, 6))
    return next((timedelta(hours=hours) for limit, hours in steps if lead > limit), timedelta(hours=2))


def reminder_due_at(starts_at: datetime, minutes_before: int) -> datetime:
    """Return when a reminder leaves: whole days before at the same time on the clock, then the minutes."""
    days, minutes = divmod(minutes_before, 24 * 60)
    same_time = timezone.localtime(starts_at) - timedelta(days=days)
    return same_time.astimezone(UTC) - timedelta(minutes=minutes)


def reminder_useful_until(starts_at: datetime, minutes_before: int) -> datetime:
    """Return the instant from which a reminder only bothers.

    The day before: until the midnight that begins the day, so that « demain » is never said of today. Earlier ones:
    until the midnight that begins the second day before. Shorter than a day: until the start.
    """
    days = minutes_before // (24 * 60)
    if days == 0:
        return starts_at
    day = timezone.localtime(starts_at).date() - timedelta(days=min(days - 1, 2))
    return timezone.make_aware(datetime.combine(day, time.min))


def mailbox_variants(email: str) -> str:
    """Return the regular expression of the addresses that end in the same mailbox as ``email``; empty: itself alone.

    « zoe+1@… » is « zoe@… » nearly everywhere, and Gmail reads no dots: without this, one mailbox could be flooded
    through a thousand addresses.
    """
    local, _, domain = email.rpartition("@")
    name = local.partition("+")[0]
    if domain in GMAIL:
        letters = r"\.?".join(map(re.escape, name.replace(".", "")))
        return rf"^{letters}(\+.*)?@({'|'.join(map(re.escape, GMAIL))})$"
    return rf"^{re.escape(name)}(\+.*)?@{re.escape(domain)}$" if "+" in local else ""


def is_secret(kind: str) -> bool:
    """Tell whether messages of this kind hold sign-in codes: never shown to staff, wiped once sent."""
    return kind.startswith(SECRET_KIND_PREFIX)


def link_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def blanked(text: str, secrets: list[str]) -> str:
    """Return ``text`` with every secret blanked, even folded over two lines as calendars fold."""
    for secret in secrets:
        text = re.sub(r"(?:\r?\n[ \t])?".join(map(re.escape, secret)), BLANK, text)
    return text


def blanked_bytes(content: bytes, secrets: list[str]) -> bytes:
    """Return ``content`` with every secret blanked; bytes that are no text pass unharmed."""
    return blanked(content.decode("utf-8", "surrogateescape"), secrets).encode("utf-8", "surrogateescape")


def one_line(text: str) -> str:
    """Return ``text`` fit for a header: no line break or control character, French spaces kept."""
    return re.sub(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+", " ", text).strip(" ")


def link_expiry(starts_at: datetime) -> datetime:
    """Return when the link of an appointment dies: at the end of the day after it."""
    day = timezone.localtime(starts_at).date() + timedelta(days=2)
    return timezone.make_aware(datetime.combine(day, time.min))


def quarter_of(day: date) -> str:
    """Return « 2027T2 »."""
    return f"{day.year}T{(day.month + 2) // 3}"
