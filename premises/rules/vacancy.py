"""The rate of vacancy, when it may be given, how it is read, and what became of a unit between two surveys."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from premises.enums import EMPTY_STATES, TRADING, Band, Change, NoRate, OccupancyState

FEWEST = 4
"""Under so many units surveyed, one shop more or less says nothing."""
WHOLE_FROM = Decimal("0.9")
"""The park of a survey is known from this share of its units seen: the streets left out could turn the rate over."""
BANDS = ((Decimal(5), Band.LOW), (Decimal("7.5"), Band.MODERATE))
"""Procos: under 5 % it is that of shops that change hands; from 7.5 % to 10 % it is high, above it is very high."""
VERY_HIGH_ABOVE = Decimal(10)
TENTH = Decimal("0.1")


@dataclass(frozen=True)
class VacancyRate:
    """So many vacant units of so many surveyed; without a value where the whole park is not known, or is too small."""

    vacant: int
    total: int
    is_whole_park: bool

    @property
    def refusal(self) -> NoRate | None:
        if self.total == 0:
            return NoRate.NOTHING_SEEN
        if not self.is_whole_park:
            return NoRate.PARTIAL_PARK
        return NoRate.TOO_FEW if self.total < FEWEST else None

    @property
    def exact(self) -> Decimal | None:
        """In percent, as it is."""
        return None if self.refusal else Decimal(self.vacant) * 100 / self.total

    @property
    def value(self) -> Decimal | None:
        """In percent, to a tenth."""
        return None if self.exact is None else self.exact.quantize(TENTH, ROUND_HALF_UP)

    @property
    def band(self) -> Band | None:
        """How Procos reads it, on the exact value: 10 % is high, more is very high."""
        if self.exact is None:
            return None
        if self.exact > VERY_HIGH_ABOVE:
            return Band.VERY_HIGH
        return next((band for limit, band in BANDS if self.exact < limit), Band.HIGH)


def is_whole(*, is_exhaustive: bool, seen: int, unseen: int) -> bool:
    """Tell whether what was seen of a zone is its whole park: every unit was to be seen, and nearly all were."""
    return is_exhaustive and seen >= WHOLE_FROM * (seen + unseen)


def change_of(before: str | None, now: str | None, *, was_not_vacant: bool = False, is_gone: bool = False) -> Change:
    """Return what became of a unit, by its states at two surveys: ``None`` where it was not seen."""
    if now is None:
        return Change.GONE if is_gone else Change.UNSEEN
    if before is None:
        return Change.NEW
    if now == OccupancyState.TRANSITION:
        return Change.WORKS
    if now in EMPTY_STATES:
        return _emptied(before)
    if now not in TRADING:
        return Change.UNKNOWN
    if before in EMPTY_STATES:
        return Change.WAS_NOT_VACANT if was_not_vacant else Change.LET_AGAIN
    if before == OccupancyState.TRANSITION:
        return Change.OPENED
    return Change.STILL_OPEN if before in TRADING else Change.UNKNOWN


def _emptied(before: str) -> Change:
    if before in EMPTY_STATES:
        return Change.STILL_VACANT
    return Change.UNKNOWN if before == OccupancyState.UNKNOWN else Change.NEWLY_VACANT
