"""What is to be decided about units, and by when: ends of titles, chains of three years, shops gone derelict."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import cached_property

from coopconnexion.accounts.models import User
from coopconnexion.french import date_words
from coopconnexion.periods import last_day, months_later
from premises.models import Occupancy, Provision, Unit
from premises.rules.derelict import DERELICT_MONTHS, derelict_on
from premises.rules.leases import LIMITED, Chain, Stay, chain_of

AHEAD = 6
"""Months that the list looks ahead."""
ALERTS = (3, 1)
"""Months before an end at which somebody is told, once each."""


@dataclass(frozen=True)
class Due:
    """A day by which something is to be decided; ``on`` is exclusive, as in the database."""

    kind: str
    on: date
    unit: Unit | None
    what: str
    to_do: str
    occupancy: Occupancy | None = None
    provision: Provision | None = None

    @cached_property
    def last_day(self) -> date:
        return last_day(self.on)


def dues(user: User, today: date, territory_id: int | None = None) -> list[Due]:
    """Return what ``user`` may see of the months to come, and what is late: four queries.

    ``territory_id``: of that territory only.
    """
    limit = months_later(today, AHEAD)
    occupancies, provisions = Occupancy.objects.visible_to(user), Provision.objects.visible_to(user)
    units = Unit.objects.visible_to(user)
    if territory_id:
        occupancies = occupancies.filter(unit__territory=territory_id)
        provisions = provisions.filter(partnership__territory=territory_id)
        units = units.filter(territory=territory_id)
    found = [
        *ends_of(occupancies, today, limit, user),
        *ends_of_provisions(provisions, today, limit),
        *derelict_soon(units, today, limit),
    ]
    return sorted(found, key=lambda due: (due.on, due.what))


def ends_of(occupancies: QuerySet[Occupancy], today: date, limit: date, user: User | None = None) -> Iterable[Due]:
    """The ends of titles that come, those over for less than a month, and the last day of their chains: two queries.

    One that the same person goes on from at once ends nothing. ``user`` reads the names that they may see.
    """
    rows = occupancies.filter(ends_on__gt=months_later(today, -1), ends_on__lte=limit).exclude(goes_on())
    ending = list(rows.select_related("unit__commune", "member__person", "project"))
    chains = chains_of(ending)
    for occupancy in ending:
        chain = chains.get(occupancy.pk)
        late = occupancy.ends_on <= today
        to_do = after(occupancy, chain)
        if late:
            to_do = f"Terminée\u202f: si l’occupant est resté, un mois après, c’est un bail commercial. {to_do}"
        name = occupancy.shown_name(user) if user else occupancy.occupant
        what = f"{occupancy.get_tenure_display()}, {name}"
        yield Due("occupancy", occupancy.ends_on, occupancy.unit, what, to_do, occupancy)


def goes_on() -> Exists:
    """Tell those that another stay of the same person follows at once in the unit."""
    same = Q(member__person=OuterRef("member__person")) | Q(project__holder=OuterRef("project__holder"))
    same |= Q(member__person=OuterRef("project__holder")) | Q(project__holder=OuterRef("member__person"))
    return Exists(Occupancy.objects.filter(same, unit=OuterRef("unit"), starts_on=OuterRef("ends_on")))


def after(occupancy: Occupancy, chain: Chain | None) -> str:
    """Say what may follow an occupancy."""
    if chain is None:
        return "Reconduire, ou préparer le départ."
    if chain.is_last:
        return "Dernier terme possible\u202f: signer un bail commercial, ou préparer le départ."
    return f"Peut durer jusqu’au {date_words(last_day(chain.latest_end))}\u202f: renouveler, ou préparer le départ."


def chains_of(occupancies: Iterable[Occupancy]) -> dict[int, Chain]:
    """Return the chain that each bounded occupancy closes: one query."""
    bounded = [each for each in occupancies if each.tenure in LIMITED]
    stays = defaultdict(list)
    rows = Occupancy.objects.filter(unit__in=[each.unit_id for each in bounded])
    for row in rows.select_related("member", "project").order_by("starts_on"):
        stays[row.unit_id, row.person_id].append(row)
    found = {}
    for each in bounded:
        mine = stays[each.unit_id, each.person_id]
        until = [Stay(row.tenure, row.starts_on, row.ends_on) for row in mine if row.starts_on <= each.starts_on]
        if chain := chain_of(until):
            found[each.pk] = chain
    return found


def ends_of_provisions(provisions: QuerySet[Provision], today: date, limit: date) -> Iterable[Due]:
    rows = provisions.filter(ends_on__gt=months_later(today, -1), ends_on__lte=limit)
    for each in rows.select_related("unit__commune", "venue", "partnership"):
        what = f"Mise à disposition par la ville, {each.unit or each.venue}"
        to_do = "La prolonger avec la ville, ou rendre les clés."
        yield Due("provision", each.ends_on, each.unit, what, to_do, provision=each)


def derelict_soon(units: QuerySet[Unit], today: date, limit: date) -> Iterable[Due]:
    """Units that will have been empty for two years, for sure, within the months to come."""
    longest = DERELICT_MONTHS + 12  # « 2024 » may be the last of December
    since = Q(vacant_since__gt=months_later(today, -longest), vacant_since__lte=months_later(limit, -DERELICT_MONTHS))
    for unit in units.empty().filter(since).select_related("commune"):
        on = derelict_on(unit.vacant_since, unit.vacant_since_precision)
        if today < on <= limit:
            yield Due("derelict", on, unit, "Deux ans de vacance", "La taxe sur les friches devient possible.")
