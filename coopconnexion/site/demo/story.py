"""What every part of the story shares: the day it is told, its places, its people."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from django.utils import timezone
from django.utils.text import slugify

from coopconnexion.accounts.models import Organisation, Person, User
from coopconnexion.periods import months_later
from coopconnexion.recurrence import at_wall_time
from coopconnexion.site.demo.names import FIRST_NAMES, LAST_NAMES
from coopconnexion.territories.models import Commune, Territory, Theme
from members.models import Member
from premises.models import Venue
from projects.models import Project

DOMAIN = "demo.coopconnexion.example"


@dataclass
class Story:
    """The demo told at ``at``: the same words and numbers whenever it is told on the same day."""

    at: datetime
    communes: dict[str, Commune] = field(default_factory=dict)
    territories: dict[str, Territory] = field(default_factory=dict)
    themes: dict[str, Theme] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    venues: dict[str, Venue] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    """By the name of their first business."""
    projects: list[Project] = field(default_factory=list)
    chance: Random = field(default_factory=lambda: Random(20191216))  # noqa: S311  # nothing secret: a tale
    people: int = 0

    @property
    def today(self) -> date:
        return timezone.localdate(self.at)

    def months_ago(self, months: int) -> date:
        return months_later(self.today, -months)

    def moment(self, day: date, hour: int, minute: int = 0) -> datetime:
        """Return that wall time of ``day``, never later than the moment the story is told."""
        return min(at_wall_time(day, time(hour, minute)), self.at)

    def uuid(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)

    def person(self, name: str = "", *, email: str | None = None, commune: str = "", since: datetime) -> Person:
        """Create a person; a name is found when none is given, and an address under the demo's domain.

        :param name: first name, space, last name
        :param email: the part before the @, empty for nobody's
        """
        self.people += 1
        first_name, last_name = name.split(" ", 1) if name else self._next_name()
        local = f"{slugify(first_name)}.{slugify(last_name)}" if email is None else email
        return Person.objects.create(
            first_name=first_name,
            last_name=last_name,
            email=local and f"{local}@{DOMAIN}",
            phone=f"+3335301{self.people:04d}",  # kept for fiction by the regulator
            commune=self.communes[commune] if commune else None,
            created_at=since,
        )

    def _next_name(self) -> tuple[str, str]:
        return FIRST_NAMES[self.people % len(FIRST_NAMES)], LAST_NAMES[self.people * 7 % len(LAST_NAMES)]


def days(number: int) -> timedelta:
    return timedelta(days=number)
