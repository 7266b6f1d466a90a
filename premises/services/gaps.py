"""The inventory of missing activities: noted, confirmed, followed, filled or dismissed, each step explained."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.utils import timezone

from coopconnexion.accounts.models import User
from coopconnexion.db import NameKey, constraint_errors, lock_name
from coopconnexion.periods import months_later
from coopconnexion.refusals import refusal_at
from coopconnexion.territories.models import Activity, Commune, NafCode, Territory
from premises.enums import GapSource, GapStatus
from premises.models import MissingActivity, Unit
from projects.models import Project

REVIEW_MONTHS = 12
"""After that long, nobody knows any more whether it is still true."""

STEPS = {
    GapStatus.SUSPECTED: (GapStatus.CONFIRMED, GapStatus.DISMISSED),
    GapStatus.CONFIRMED: (GapStatus.IN_PROGRESS, GapStatus.FILLED, GapStatus.DISMISSED, GapStatus.SUSPECTED),
    GapStatus.IN_PROGRESS: (GapStatus.FILLED, GapStatus.CONFIRMED, GapStatus.DISMISSED),
    GapStatus.FILLED: (GapStatus.CONFIRMED,),
    GapStatus.DISMISSED: (GapStatus.SUSPECTED,),
}
"""What may follow what; a shop that closes again brings the gap back."""


@transaction.atomic
def note_gap(
    *,
    territory: Territory,
    commune: Commune,
    label: str,
    source: GapSource,
    observed_on: date,
    by: User,
    at: datetime,
    review_on: date | None = None,
    activity: Activity | None = None,
    naf: NafCode | None = None,
    type_code: str = "",
    sector: str = "",
    reason: str = "",
    source_detail: str = "",
    evidence: str = "",
    figures: dict | None = None,
) -> MissingActivity:
    """Add a suspected gap to the inventory; by default it is looked at again after twelve months.

    ``figures`` is the computed result as it stands, with its group, vintage and sources.

    :raises ValidationError: commune_elsewhere, label_missing, day_to_come, gap_exists, and those of the constraints
    """
    if not territory.communes.filter(pk=commune.pk).exists():
        raise refusal_at("commune", f"{commune} n’est pas une commune de {territory}.", "commune_elsewhere")
    if not label.strip():
        raise refusal_at("label", "Nommez l’activité.", "label_missing")
    refuse_to_come("observed_on", observed_on, at)
    lock_name(f"gaps:{commune.pk}")
    if live_like(commune, label, sector).exists():
        exists = "Cette activité est déjà à l’inventaire de cette commune\u202f: complétez-la sur sa page."
        raise refusal_at("label", exists, "gap_exists")
    gap = MissingActivity(
        territory=territory,
        commune=commune,
        label=label.strip(),
        source=source,
        observed_on=observed_on,
        review_on=review_on or months_later(observed_on, REVIEW_MONTHS),
        activity=activity,
        naf=naf,
        type_code=type_code,
        sector=sector.strip(),
        reason=reason.strip(),
        source_detail=source_detail.strip(),
        evidence=evidence.strip(),
        figures=figures,
        created_by=by,
        created_at=at,
    )
    with constraint_errors(MissingActivity):
        gap.save()
    return gap


def live_like(commune: Commune, label: str, sector: str) -> QuerySet[MissingActivity]:
    """Return the live gaps of a town and sector that are called the same."""
    keys = {"name": NameKey(F("label")), "place": NameKey(F("sector"))}
    wanted = {"name": NameKey(Value(label)), "place": NameKey(Value(sector))}
    return MissingActivity.objects.live().filter(commune=commune).alias(**keys).filter(**wanted)


def refuse_to_come(field: str, day: date, at: datetime) -> None:
    if day > timezone.localdate(at):
        raise refusal_at(field, "Ce jour est à venir\u202f: vérifiez la date.", "day_to_come")


@transaction.atomic
def change_gap(*, gap: MissingActivity, by: User, at: datetime, **told) -> MissingActivity:
    """Write what is ``told`` of a gap, by the names of its fields; its status has a service of its own.

    :raises ValidationError: day_to_come, and those of the constraints
    """
    gap = locked(gap)
    allowed = {"label", "activity", "naf", "sector", "reason", "source", "source_detail", "observed_on", "evidence"}
    if unknown := told.keys() - (allowed | {"review_on", "idea"}):
        raise TypeError(f"unknown: {', '.join(sorted(unknown))}")
    for name, value in told.items():
        setattr(gap, name, value.strip() if isinstance(value, str) else value)
    refuse_to_come("observed_on", gap.observed_on, at)
    with constraint_errors(MissingActivity):
        gap.save(update_fields=list(told))
    return gap


def locked(gap: MissingActivity) -> MissingActivity:
    return MissingActivity.objects.select_for_update(of=("self",)).get(pk=gap.pk)


@transaction.atomic
def move_gap(
    *,
    gap: MissingActivity,
    to: GapStatus,
    by: User,
    at: datetime,
    note: str = "",
    project: Project | None = None,
    unit: Unit | None = None,
    filled_on: date | None = None,
) -> MissingActivity:
    """Bring a gap to another status, with what explains it: a project, an opening, or some words.

    :raises ValidationError: step_illegal, day_to_come, evidence_missing, status_unexplained, filled_incomplete
    """
    gap = locked(gap)
    if to not in STEPS[gap.status]:
        raise refusal_at(
            "to", f"Une activité {gap.get_status_display()} ne devient pas {GapStatus(to).label}.", "step_illegal"
        )
    if filled_on:
        refuse_to_come("filled_on", filled_on, at)
    gap.status, gap.status_note = to, note.strip()
    gap.filled_on = filled_on if to == GapStatus.FILLED else None
    gap.project, gap.unit = project or gap.project, unit or gap.unit
    if to in (GapStatus.SUSPECTED, GapStatus.CONFIRMED):
        gap.project = gap.unit = None
    with constraint_errors(MissingActivity):
        gap.save(update_fields=["status", "status_note", "filled_on", "project", "unit"])
    return gap


@transaction.atomic
def review_gap(*, gap: MissingActivity, by: User, at: datetime, review_on: date | None = None) -> MissingActivity:
    """Say that a gap was looked at today and still stands, until ``review_on`` or for twelve months.

    :raises ValidationError: gap_over, review_past
    """
    gap, today = locked(gap), timezone.localdate(at)
    if gap.status in (GapStatus.FILLED, GapStatus.DISMISSED):
        raise refusal_at("review_on", "Elle est comblée ou écartée\u202f: il n’y a rien à revoir.", "gap_over")
    gap.review_on = review_on or months_later(today, REVIEW_MONTHS)
    if gap.review_on <= today:
        raise refusal_at("review_on", "La prochaine révision vient après aujourd’hui.", "review_past")
    gap.save(update_fields=["review_on"])
    return gap
