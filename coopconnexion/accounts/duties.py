"""Register of what a member of staff still carries: projects, members, next steps… which somebody else must take over.

Each app's ``duties.py`` registers functions ``(user) -> Duty | Iterable[Duty] | None``. Ending a mandate or closing an
account is refused while a duty remains within what is left.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from coopconnexion.accounts.models import User


@dataclass(frozen=True)
class Duty:
    """So many rows in the user's charge; ``label`` in French, plural (« projets suivis »), ``url`` where to hand over.

    ``territory_id`` says where; ``None``: anywhere, which stands in the way only of who leaves the work altogether.
    """

    label: str
    count: int
    url: str
    territory_id: int | None = None


Finder = Callable[[User], Duty | Iterable[Duty] | None]
_finders: list[Finder] = []


def register(finder: Finder) -> Finder:
    """Add what the decorated function finds in a user's charge."""
    _finders.append(finder)
    return finder


def duties_of(user: User) -> list[Duty]:
    """Return all that is in the charge of ``user``, by label then territory."""
    found = []
    for finder in _finders:
        duties = finder(user)
        found += [duties] if isinstance(duties, Duty) else duties or []
    counted = [duty for duty in found if duty.count]
    return sorted(counted, key=lambda duty: (duty.label, duty.territory_id or 0))


def remaining(user: User, *, works_in: set[int] | None) -> list[Duty]:
    """Return the duties that fall outside of the territories where ``user`` will work; ``None`` means all of them."""
    if works_in is None:
        return []
    return [
        duty
        for duty in duties_of(user)
        if (duty.territory_id not in works_in if duty.territory_id is not None else not works_in)
    ]


def summed(found: Iterable[Duty]) -> str:
    """Say duties in words, territories together: « membres suivis : 2, projets suivis : 5 »."""
    counts = Counter()
    for duty in found:
        counts[duty.label] += duty.count
    return ", ".join(f"{label}\u202f: {count}" for label, count in counts.items())
