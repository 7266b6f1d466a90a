"""Walking a street: its sides, the order of its doors, and what a tap on a phone says of a unit."""

import re
import unicodedata
from contextlib import suppress
from datetime import datetime, timedelta

from premises.enums import EMPTY_STATES, TRADING, Finding, OccupancyState

REPETITIONS = ("", "bis", "ter", "quater", "quinquies", "sexies")
ODD, EVEN, UNNUMBERED = "impair", "pair", "sans numéro"
SIDES = (ODD, EVEN, UNNUMBERED)
CLOCKS_AGREE = timedelta(minutes=2)
"""A phone whose clock is not further from ours is believed."""
CLOCKS_MAD = timedelta(days=366)
"""A phone whose clock is further from ours says nothing that can be set right."""
AHEAD = timedelta(minutes=10)
"""A sight that is not further ahead is of now."""


def street_key(name: str) -> str:
    """Fold the name of a street to what makes two the same: case, accents, spaces and signs aside."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKD", name).casefold())


def side_of(number: int | None) -> str:
    if number is None:
        return UNNUMBERED
    return ODD if number % 2 else EVEN


def door_key(number: int | None, repetition: str, place: str = "") -> tuple:
    """Order doors as one walks by: 2, 12, 12 bis, 12 ter, 12 A, 12 B."""
    told = repetition.strip().lower()
    rank = REPETITIONS.index(told) if told in REPETITIONS else len(REPETITIONS)
    return (number or 0, rank, told, place)


def state_found(finding: Finding, known: OccupancyState) -> OccupancyState:
    """Return what a unit is, by what was seen of it and what was known: a finer state that agrees with it is kept."""
    if finding == Finding.UNCHANGED:
        return known
    if finding == Finding.VACANT:
        return known if known in EMPTY_STATES else OccupancyState.VACANT
    if finding == Finding.OPEN:
        return known if known in TRADING else OccupancyState.OCCUPIED
    return OccupancyState.TRANSITION


def true_instant(seen_at: datetime, sent_at: datetime | None, at: datetime) -> datetime:
    """Return when a phone saw something, by our clock: ``sent_at`` is what its own said when it sent it, ``at``."""
    if sent_at is not None and CLOCKS_AGREE < abs(at - sent_at) < CLOCKS_MAD:
        with suppress(OverflowError):
            seen_at += at - sent_at
    return at if at < seen_at <= at + AHEAD else seen_at
