"""How somebody becomes a member, and what they sell a business."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from coopconnexion.accounts.enums import Source
from coopconnexion.accounts.models import Organisation, Person, User
from coopconnexion.db import joined
from coopconnexion.territories.models import Commune, Territory, Theme
from members.models import Business, Member


@joined
def admit_member(
    *,
    person: Person,
    territory: Territory,
    advisor: User | None = None,
    source: Source = Source.UNKNOWN,
    referrer: Organisation | None = None,
) -> Member:
    """Return the member row of ``person``, made if need be; one person is one member, whoever asks at the same time."""
    wanted = {"territory": territory, "advisor": advisor, "source": source, "referrer": referrer}
    return Member.objects.get_or_create(person=person, defaults=wanted)[0]


@transaction.atomic
def open_business(
    *,
    name: str,
    activity: str,
    members: Iterable[Member],
    opened_on: date,
    commune: Commune | None = None,
    themes: Iterable[Theme] = (),
) -> Business:
    """Open a business under the coop's roof.

    :raises ValidationError: business_without_member
    """
    members = list(members)
    if not members:
        raise ValidationError("Une entreprise a au moins un membre.", code="business_without_member")
    business = Business.objects.create(name=name, activity=activity, commune=commune, opened_on=opened_on)
    business.members.add(*members)
    business.themes.add(*themes)
    return business
