"""The life of a business: what it is called, who carries it, when it opens and closes."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Value

from coopconnexion.db import NameKey
from coopconnexion.refusals import refusal_at
from coopconnexion.territories.models import Commune, Theme
from members.models import Business, Member
from members.services.admission import open_business
from members.services.contracts import EARLIEST
from members.services.locks import lock_business, lock_member, lock_members
from members.services.refusals import refused_at_its_field

OPENS_WITHIN = timedelta(days=366)


def _refuse_implausible(opened_on: date | None, today: date) -> None:
    if opened_on and not EARLIEST <= opened_on <= today + OPENS_WITHIN:
        message = "Cette date d’ouverture n’est pas plausible\u202f: entre l’an 2000 et l’an prochain."
        raise refusal_at("opened_on", message, "date_implausible")


@transaction.atomic
def start_business(
    *,
    member: Member,
    name: str,
    activity: str,
    opened_on: date,
    today: date,
    commune: Commune | None = None,
    themes: Iterable[Theme] = (),
) -> Business:
    """Open a business of ``member``; the same form sent twice finds the one it opened.

    :raises ValidationError: member_left; by field: date_implausible, business_known
    """
    member = lock_member(member)
    _refuse_implausible(opened_on, today)
    _refuse_departed([member])
    running = member.businesses.filter(closed_on=None).alias(key=NameKey("name"))
    known = running.filter(key=NameKey(Value(name))).order_by("pk").first()
    if known and (known.activity, known.opened_on) == (activity, opened_on):
        return known
    if known:
        message = f"{member} a déjà une entreprise ouverte de ce nom\u202f: modifiez-la plutôt."
        raise refusal_at("name", message, "business_known")
    return open_business(
        name=name, activity=activity, members=[member], opened_on=opened_on, commune=commune, themes=themes
    )


@transaction.atomic
def edit_business(
    *,
    business: Business,
    name: str,
    activity: str,
    opened_on: date | None,
    today: date,
    commune: Commune | None = None,
    themes: Iterable[Theme] = (),
) -> Business:
    """Rename a business, say what it does, where, and since when.

    :raises ValidationError: by field: date_implausible, period_empty
    """
    business = lock_business(business)
    _refuse_implausible(opened_on, today)
    business.name, business.activity, business.commune, business.opened_on = name, activity, commune, opened_on
    with refused_at_its_field(Business, ends_on="opened_on"):
        business.save(update_fields=["name", "activity", "commune", "opened_on"])
    business.themes.set(themes)
    return business


@transaction.atomic
def close_business(*, business: Business, closed_on: date, today: date) -> Business:
    """Close a business, or correct when it closed; ``closed_on`` is the first day without it, tomorrow at the latest.

    :raises ValidationError: at ``closed_on``: business_closed_in_future, period_empty
    """
    business = lock_business(business)
    if closed_on > today + timedelta(days=1):
        message = "Une entreprise se ferme le jour venu\u202f: indiquez un jour passé, ou aujourd’hui."
        raise refusal_at("closed_on", message, "business_closed_in_future")
    _refuse_implausible_end(closed_on)
    business.closed_on = closed_on
    with refused_at_its_field(Business, ends_on="closed_on"):
        business.save(update_fields=["closed_on"])
    return business


def _refuse_implausible_end(closed_on: date) -> None:
    if closed_on < EARLIEST:
        raise refusal_at("closed_on", "Cette date de fermeture n’est pas plausible.", "date_implausible")


@transaction.atomic
def reopen_business(*, business: Business) -> Business:
    """Take a closing back.

    :raises ValidationError: business_without_member, when all who carried it have left
    """
    business = lock_business(business)
    if not business.members.present().exists():
        raise ValidationError(
            "Plus personne de cette entreprise n’est dans la coopérative\u202f: faites-y entrer quelqu’un d’abord.",
            code="business_without_member",
        )
    business.closed_on = None
    business.save(update_fields=["closed_on"])
    return business


@transaction.atomic
def join_business(*, business: Business, members: Iterable[Member]) -> Business:
    """Let others carry a business too; who does already still does.

    :raises ValidationError: member_left, member_gone
    """
    joining = list(members)
    lock_members([*business.members.all(), *joining])
    business = lock_business(business)
    _refuse_departed(joining)
    business.members.add(*joining)
    return business


def _refuse_departed(members: list[Member]) -> None:
    for member in Member.objects.departed().filter(pk__in=[each.pk for each in members]).order_by("pk")[:1]:
        raise ValidationError(
            f"{member} est sorti·e de la coopérative\u202f: notez d’abord son retour.", code="member_left"
        )


@transaction.atomic
def leave_business(*, business: Business, member: Member) -> Business:
    """Let ``member`` out of a business, which keeps somebody: while it is open, somebody who has not left the coop.

    :raises ValidationError: business_without_member
    """
    business = lock_business(business)
    others = business.members.exclude(pk=member.pk)
    if not (others if business.closed_on else others.present()).exists():
        raise ValidationError(
            f"{member} porte seul·e cette entreprise\u202f: fermez-la, ou faites-y entrer quelqu’un d’abord.",
            code="business_without_member",
        )
    business.members.remove(member)
    return business
