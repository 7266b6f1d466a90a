"""What is seen in the street, sent by phones that were offline: written once, and against nobody's later word."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from coopconnexion.accounts.models import User
from coopconnexion.db import lock_name
from premises.enums import ClosureReason, Finding, OccupancyState
from premises.models import Observation, Occupancy, SurveyCampaign, Unit
from premises.rules.walks import state_found, true_instant
from premises.services.locks import locked, refuse_closed
from premises.services.passes import ENDED
from premises.services.units import close_unit, register_unit, set_state

RESENT_WITHIN = timedelta(minutes=5)
"""How far apart our clock may put the same sight, sent twice by a phone whose own is wrong."""
REGISTERED = {"registered": True}
KEPT = ("state", "vacant_since", "vacant_since_precision", "sign_name", "surveyed_on")


@transaction.atomic
def record_observation(
    *,
    campaign: SurveyCampaign,
    unit: Unit,
    client_id: UUID,
    finding: Finding,
    state_before: OccupancyState | None = None,
    sign_name: str | None = None,
    note: str = "",
    photo: File | None = None,
    seen_at: datetime,
    sent_at: datetime | None = None,
    by: User | None,
    at: datetime,
) -> Observation:
    """Write what was seen of a unit, and in the register too unless somebody wrote there meanwhile.

    ``state_before``: what the phone said of the unit; ``sent_at``: what its clock said when it sent this;
    ``sign_name``: ``None`` when nothing was said of it. Sent twice with the same ``client_id``, it is written once.

    :raises ValidationError: campaign_closed, outside_zone, unit_closed, client_id_taken, seen_to_come, seen_too_early,
        nothing_known
    """
    lock_name(f"observation {client_id}")
    seen_at = true_instant(seen_at, sent_at, at)
    told = {"campaign_id": campaign.pk, "unit_id": unit.pk, "finding": finding, "note": note.strip()}
    if known := _sent_before(client_id, told, seen_at):
        return known
    campaign = _open(campaign)
    _refuse_instant(campaign, seen_at, at)
    unit = locked(unit)
    _refuse_outside(campaign, unit)
    refuse_closed(unit)
    before = state_before or OccupancyState(unit.state)
    if finding == Finding.UNCHANGED and before == OccupancyState.UNKNOWN:
        message = "On ne savait rien de cette cellule\u202f: dites ce que vous voyez."
        raise ValidationError(message, code="nothing_known")
    observation = Observation(
        **told,
        client_id=client_id,
        state_before=before,
        state=state_found(finding, before),
        sign_name=(sign_name or "").strip(),
        photo=photo or "",
        seen_at=seen_at,
        seen_by=by,
        received_at=at,
        before=_kept(unit),
    )
    observation.conflict = _conflict(observation, unit)
    if observation.conflict is None:
        _apply(observation, unit, sign_name, at)
    observation.save(force_insert=True)
    return observation


@transaction.atomic
def record_found_unit(
    *,
    campaign: SurveyCampaign,
    client_id: UUID,
    street: str,
    number: int | None,
    repetition: str = "",
    door: str = "",
    finding: Finding,
    sign_name: str = "",
    note: str = "",
    photo: File | None = None,
    seen_at: datetime,
    sent_at: datetime | None = None,
    by: User | None,
    at: datetime,
) -> Observation:
    """Register a unit that was found in the street, with what was seen of it; one that stands there is not doubled.

    :raises ValidationError: street_outside_zone, door_known, and those of :func:`record_observation` and of
        :func:`premises.services.register_unit`
    """
    lock_name(f"observation {client_id}")
    campaign = _open(campaign)
    lock_name(f"found in {campaign.pk}")  # two phones that find the same door
    seen = {"client_id": client_id, "finding": finding, "note": note, "photo": photo, "by": by, "at": at}
    seen |= {"seen_at": seen_at, "sent_at": sent_at, "sign_name": sign_name or None, "campaign": campaign}
    if known := Observation.objects.filter(client_id=client_id).first():
        return record_observation(unit=known.unit, **seen)
    address = {"number": number, "repetition": repetition.strip(), "door": door.strip()}
    if unit := Unit.objects.standing_at(campaign, street=street, **address).first():
        return record_observation(unit=unit, **seen)
    if not campaign.covers(street):
        message = "Cette voie n’est pas de ce tour\u202f: ajoutez la cellule au registre, au bureau."
        raise ValidationError(message, code="street_outside_zone")
    place = {"territory": campaign.territory, "commune": campaign.commune, "street": street}
    unit = register_unit(by=by, at=at, **place, **address)
    observation = record_observation(unit=unit, **seen)
    observation.before = REGISTERED
    observation.save(update_fields=["before"])
    return observation


@transaction.atomic
def take_back(*, campaign: SurveyCampaign, client_id: UUID, by: User | None, at: datetime) -> Unit | None:
    """Undo a tap: the observation goes, and the register says again what it said; one that is gone stays so.

    :raises ValidationError: campaign_closed, not_yours, changed_since
    """
    lock_name(f"observation {client_id}")
    campaign = _open(campaign)
    observation = campaign.observations.filter(client_id=client_id).select_related("seen_by").first()
    if observation is None:
        return None
    if observation.seen_by != by:
        raise ValidationError(f"C’est une observation de {observation.seen_by}.", code="not_yours")
    unit = locked(observation.unit)
    _refuse_changed(observation, unit)
    if observation.conflict is None:
        _put_back(observation, unit, by, at)
    storage, name = observation.photo.storage, observation.photo.name
    observation.delete()
    if name:
        transaction.on_commit(lambda: storage.delete(name))
    return unit


# --- what is refused -------------------------------------------------------------------------------------------------


def _open(campaign: SurveyCampaign) -> SurveyCampaign:
    campaign = SurveyCampaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    if campaign.closed_at:
        raise ValidationError(ENDED, code="campaign_closed")
    return campaign


def _sent_before(client_id: UUID, told: dict[str, Any], seen_at: datetime) -> Observation | None:
    known = Observation.objects.filter(client_id=client_id).first()
    if known is None:
        return None
    same = all(getattr(known, name) == value for name, value in told.items())
    if same and abs(known.seen_at - seen_at) <= RESENT_WITHIN:
        return known
    message = "Cet envoi est déjà arrivé avec un autre contenu\u202f: notez à nouveau ce que vous voyez."
    raise ValidationError(message, code="client_id_taken")


def _refuse_instant(campaign: SurveyCampaign, seen_at: datetime, at: datetime) -> None:
    if seen_at > at:
        message = "L’horloge de ce téléphone avance\u202f: réglez-la, puis renvoyez."
        raise ValidationError(message, code="seen_to_come")
    first_day = min(campaign.starts_on, timezone.localdate(campaign.opened_at))
    if seen_at < timezone.make_aware(datetime.combine(first_day, time.min)):  # as instants: year 1 has no local day
        message = "Cette observation date d’avant le tour\u202f: vérifiez l’horloge de ce téléphone."
        raise ValidationError(message, code="seen_too_early")


def _refuse_outside(campaign: SurveyCampaign, unit: Unit) -> None:
    here = (campaign.territory_id, campaign.commune_id)
    if (unit.territory_id, unit.commune_id) != here or not campaign.covers(unit.street):
        raise ValidationError(f"{unit} n’est pas dans la zone de ce tour.", code="outside_zone")


def _refuse_changed(observation: Observation, unit: Unit) -> None:
    since = unit.observations.filter(pk__gt=observation.pk).exists()
    rewritten = observation.conflict is None and unit.state != observation.state
    if since or rewritten or observation.settled_at or unit.closed_on:
        message = f"{unit} a changé depuis\u202f: notez plutôt ce que vous voyez."
        raise ValidationError(message, code="changed_since")


# --- what becomes of the register ------------------------------------------------------------------------------------


def _conflict(observation: Observation, unit: Unit) -> dict[str, Any] | None:
    """Return what the register says against an observation, with why, or nothing when it may be written there."""
    if unit.state == observation.state:
        return None
    reason = _why_not(observation, unit)
    if reason is None:
        return None
    return {
        "reason": reason,
        "state": unit.state,
        "sign_name": unit.sign_name,
        "surveyed_on": unit.surveyed_on and unit.surveyed_on.isoformat(),
    }


def _why_not(observation: Observation, unit: Unit) -> str | None:
    day = timezone.localdate(observation.seen_at)
    last = unit.observations.order_by("seen_at", "pk").last()
    if (last and last.seen_at > observation.seen_at) or (unit.surveyed_on and unit.surveyed_on > day):
        return "seen_later"
    mine = last and last.campaign_id == observation.campaign_id and last.seen_by_id == observation.seen_by_id
    if unit.state != observation.state_before and not (mine and last.state == unit.state):
        return "changed_meanwhile"
    if observation.finding == Finding.VACANT and Occupancy.objects.on(day).filter(unit=unit).exists():
        return "occupied"
    return None


def _apply(observation: Observation, unit: Unit, sign_name: str | None, at: datetime) -> None:
    """Write in the register what was seen; what was known already is only as of that day."""
    day, by = timezone.localdate(observation.seen_at), observation.seen_by
    if unit.state != observation.state:
        state = OccupancyState(observation.state)
        set_state(unit=unit, state=state, on=day, sign_name=sign_name, by=by, at=at)
        return
    unit.surveyed_on = max(filter(None, (unit.surveyed_on, day)))
    if sign_name is not None:
        unit.sign_name = sign_name.strip()
    unit.save(update_fields=["surveyed_on", "sign_name"])


def _kept(unit: Unit) -> dict[str, Any]:
    values = {name: getattr(unit, name) for name in KEPT}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


def _put_back(observation: Observation, unit: Unit, by: User | None, at: datetime) -> None:
    if observation.before == REGISTERED:
        close_unit(unit=unit, on=timezone.localdate(at), because=ClosureReason.MISTAKE, by=by, at=at)
        return
    for name, value in (observation.before or {}).items():
        setattr(unit, name, Unit._meta.get_field(name).to_python(value))
    unit.save(update_fields=KEPT)
