"""How long somebody may stay in a unit under what title: pure, from the dates of their occupancies.

Short leases (« baux dérogatoires ») of one tenant in one place last three years in all, counted day by day from the
entry (C. com. L145-5); to leave for a while begins nothing anew. Left in place afterwards, the tenant has a commercial
lease. A « boutique à l’essai » is six months, renewable once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from coopconnexion.french import NARROW, date_words
from coopconnexion.periods import months_later

SHORT_LEASE, TRIAL_SHOP, PROVISION = "short_lease", "trial_shop", "provision"
LIMITED = frozenset({SHORT_LEASE, TRIAL_SHOP})
"""Titles whose total in one place is bounded, and that always have an end."""
SHORT_MONTHS, TRIAL_MONTHS, TRIAL_TERMS = 36, 6, 2


@dataclass(frozen=True)
class Stay:
    """An occupancy over ``[starts_on, ends_on)``; without an end, it goes on."""

    tenure: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class Chain:
    """Successive stays of one occupant in one unit under titles that are bounded together."""

    stays: tuple[Stay, ...]

    @property
    def entered_on(self) -> date:
        return self.stays[0].starts_on

    @property
    def ends_on(self) -> date | None:
        return self.stays[-1].ends_on

    @property
    def latest_end(self) -> date:
        """The first day on which nobody may stay any more under such a title."""
        limits = [months_later(self.entered_on, SHORT_MONTHS) + self.away]
        trials = [stay for stay in self.stays if stay.tenure == TRIAL_SHOP]
        if trials and self.stays[-1].tenure == TRIAL_SHOP:
            limits.append(months_later(trials[0].starts_on, TRIAL_MONTHS * TRIAL_TERMS))
        return min(limits)

    @property
    def away(self) -> timedelta:
        """How long the occupant was elsewhere between two stays: it is not counted."""
        gaps = (after.starts_on - before.ends_on for before, after in pairwise(self.stays) if before.ends_on)
        return sum((gap for gap in gaps if gap > timedelta(0)), timedelta(0))

    @property
    def is_last(self) -> bool:
        """Nothing can follow but a commercial lease, or leaving."""
        return self.ends_on is None or self.ends_on >= self.latest_end

    def days_left(self, today: date) -> int:
        return (self.latest_end - today).days


def chain_of(stays: Iterable[Stay]) -> Chain | None:
    """Return the last chain of bounded stays of one occupant in one unit, if their last stay is bounded."""
    ordered = sorted(stays, key=lambda stay: stay.starts_on)
    if not ordered or ordered[-1].tenure not in LIMITED:
        return None
    found = [ordered[-1]]
    for stay in reversed(ordered[:-1]):
        if stay.tenure not in LIMITED:
            break
        found.insert(0, stay)
    return Chain(tuple(found))


def why_not(stay: Stay, before: Iterable[Stay]) -> tuple[str, str] | None:
    """Return the code and the words of what forbids ``stay`` after those of the same occupant there, if anything."""
    if stay.tenure not in LIMITED:
        return None
    if stay.ends_on is None:
        return "end_missing", f"Ce titre a toujours un terme{NARROW}: indiquez son dernier jour."
    if stay.tenure == TRIAL_SHOP and stay.ends_on > months_later(stay.starts_on, TRIAL_MONTHS):
        last = months_later(stay.starts_on, TRIAL_MONTHS) - timedelta(days=1)
        return "trial_too_long", f"Une boutique à l’essai dure six mois{NARROW}: jusqu’au {date_words(last)} au plus."
    chain = chain_of([*before, stay])
    trials = [each for each in chain.stays if each.tenure == TRIAL_SHOP]
    if stay.tenure == TRIAL_SHOP and len(trials) > TRIAL_TERMS:
        return "trial_renewed", f"Une boutique à l’essai se renouvelle une fois{NARROW}: signez un autre bail."
    if stay.ends_on > chain.latest_end:
        last = chain.latest_end - timedelta(days=1)
        return "chain_too_long", (
            f"Les baux dérogatoires d’un même occupant au même endroit durent trois ans au plus en tout (entrée le "
            f"{date_words(chain.entered_on)}){NARROW}: jusqu’au {date_words(last)}. Ensuite, c’est un bail commercial."
        )
    return None
