"""Surveys as the office opens and closes them, and what it decides of a sight that the register denies."""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from coopconnexion.accounts.models import User
from coopconnexion.refusals import refusal_at
from coopconnexion.territories.models import Commune, Territory
from premises.enums import CampaignOrigin, OccupancyState, Settlement
from premises.models import Observation, SurveyCampaign
from premises.rules.walks import street_key
from premises.services.locks import locked as locked_unit
from premises.services.locks import refuse_closed
from premises.services.units import set_state


@transaction.atomic
def open_campaign(
    *,
    territory: Territory,
    commune: Commune,
    title: str,
    starts_on: date,
    streets: Iterable[str] = (),
    is_exhaustive: bool = False,
    by: User | None,
    at: datetime,
) -> SurveyCampaign:
    """Open a survey of a town, or of ``streets`` of it in the order in which they are walked.

    :raises ValidationError: commune_elsewhere, title_empty
    """
    if not territory.communes.filter(pk=commune.pk).exists():
        raise refusal_at("commune", f"{commune} n’est pas de ce territoire.", "commune_elsewhere")
    return SurveyCampaign.objects.create(
        territory=territory,
        commune=commune,
        title=_titled(title),
        streets=_once_each(streets),
        is_exhaustive=is_exhaustive,
        starts_on=starts_on,
        opened_by=by,
        opened_at=at,
    )


@transaction.atomic
def change_campaign(
    *,
    campaign: SurveyCampaign,
    title: str,
    starts_on: date,
    streets: Iterable[str],
    is_exhaustive: bool,
    by: User | None,
    at: datetime,
) -> SurveyCampaign:
    """Write anew what a survey is, while it is open; what was seen already stays in its zone.

    :raises ValidationError: campaign_closed, title_empty, street_seen, seen_before
    """
    campaign = _locked(campaign)
    if campaign.closed_at:
        raise ValidationError("Ce tour est terminé\u202f: rouvrez-le pour le corriger.", code="campaign_closed")
    campaign.title, campaign.streets = _titled(title), _once_each(streets)
    campaign.is_exhaustive, campaign.starts_on = is_exhaustive, starts_on
    _refuse_seen_outside(campaign)
    campaign.save(update_fields=["title", "streets", "is_exhaustive", "starts_on"])
    return campaign


@transaction.atomic
def close_campaign(*, campaign: SurveyCampaign, by: User | None, at: datetime) -> SurveyCampaign:
    """End a survey: its phones send nothing more, its rates stand; a second call changes nothing.

    :raises ValidationError: nothing_seen
    """
    campaign = _locked(campaign)
    if campaign.closed_at:
        return campaign
    if not campaign.observations.exists():
        message = "Rien n’a été vu pendant ce tour\u202f: notez au moins une observation avant de le terminer."
        raise ValidationError(message, code="nothing_seen")
    campaign.closed_at = at
    campaign.save(update_fields=["closed_at"])
    return campaign


@transaction.atomic
def reopen_campaign(*, campaign: SurveyCampaign, by: User | None, at: datetime) -> SurveyCampaign:
    """Let phones send again what they kept; a second call changes nothing.

    :raises ValidationError: campaign_of_a_file
    """
    campaign = _locked(campaign)
    if campaign.origin == CampaignOrigin.IMPORT:
        message = "Ce relevé vient d’un fichier\u202f: importez le fichier corrigé plutôt que de le rouvrir."
        raise ValidationError(message, code="campaign_of_a_file")
    if campaign.closed_at:
        campaign.closed_at = None
        campaign.save(update_fields=["closed_at"])
    return campaign


@transaction.atomic
def settle_observation(
    *, observation: Observation, settlement: Settlement, by: User | None, at: datetime
) -> Observation:
    """Decide between the register and what was seen: the register stays, or becomes what was seen that day.

    :raises ValidationError: nothing_to_settle, settled_already, unit_closed, occupied_by
    """
    unit = locked_unit(observation.unit)  # first, as who records what is seen: never the other way round
    observation = Observation.objects.select_for_update(of=("self",)).get(pk=observation.pk)
    if observation.conflict is None:
        raise ValidationError("Cette observation n’est en conflit avec rien.", code="nothing_to_settle")
    if observation.settled_at:
        raise ValidationError("Quelqu’un a déjà tranché\u202f: relisez la page.", code="settled_already")
    if settlement == Settlement.OBSERVATION:
        refuse_closed(unit)
        day, state = timezone.localdate(observation.seen_at), OccupancyState(observation.state)
        set_state(unit=unit, state=state, on=day, sign_name=observation.sign_name or None, by=by, at=at)
    observation.conflict |= {"settlement": settlement}
    observation.settled_at, observation.settled_by = at, by
    observation.save(update_fields=["conflict", "settled_at", "settled_by"])
    return observation


def _locked(campaign: SurveyCampaign) -> SurveyCampaign:
    return SurveyCampaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)


def _titled(title: str) -> str:
    if not title.strip():
        raise refusal_at("title", "Donnez un nom à ce tour.", "title_empty")
    return title.strip()


def _once_each(streets: Iterable[str]) -> list[str]:
    """Return the streets in their order, without those that are one under two spellings."""
    kept = {}
    for street in streets:
        kept.setdefault(street_key(street), " ".join(street.split()))
    kept.pop("", None)
    return list(kept.values())


def _refuse_seen_outside(campaign: SurveyCampaign) -> None:
    seen = campaign.observations
    if any(not campaign.covers(street) for street in seen.values_list("unit__street", flat=True).distinct()):
        message = "Des cellules ont été vues dans une voie que vous retirez\u202f: gardez-la."
        raise refusal_at("streets", message, "street_seen")
    first = seen.order_by("seen_at").first()
    if first and timezone.localdate(first.seen_at) < campaign.starts_on:
        message = "Des cellules ont été vues avant ce jour\u202f: choisissez un jour qui ne les suit pas."
        raise refusal_at("starts_on", message, "seen_before")
