"""Which codes of the statistics each activity of our list stands for: NAF rév. 2, and the types of the BPE."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from coopconnexion.db import constraint_errors, lock_name
from coopconnexion.refusals import refusal_at
from coopconnexion.territories.models import Activity, FacilityType, NafCode

LONGEST_KEY = 40


@transaction.atomic
def add_activity(*, label: str, naf_codes: Iterable[NafCode], facility_types: Iterable[FacilityType]) -> Activity:
    """Add an activity of our own to the list.

    :raises ValidationError: codes_missing, unique
    """
    lock_name("territories.activities")
    return write(Activity(key=free_key(label)), label, naf_codes, facility_types)


@transaction.atomic
def change_activity(
    *, activity: Activity, label: str, naf_codes: Iterable[NafCode], facility_types: Iterable[FacilityType]
) -> Activity:
    """Name an activity otherwise, or let other codes stand for it; the history tells who did, and when.

    :raises ValidationError: codes_missing, unique
    """
    lock_name("territories.activities")
    kept = Activity.objects.select_for_update(of=("self",)).get(pk=activity.pk)
    return write(kept, label, naf_codes, facility_types)


def write(
    activity: Activity, label: str, naf_codes: Iterable[NafCode], facility_types: Iterable[FacilityType]
) -> Activity:
    codes, types = list(naf_codes), list(facility_types)
    if not codes and not types:
        raise refusal_at(
            "naf_codes",
            "Sans code, aucune statistique ne compte cette activité\u202f: donnez un code NAF ou un type de la BPE.",
            "codes_missing",
        )
    activity.label = label.strip()
    with constraint_errors(Activity):
        activity.full_clean()
        activity.save()
    activity.naf_codes.set(codes)
    activity.facility_types.set(types)
    return activity


def free_key(label: str) -> str:
    """Return a key that no activity has."""
    base = slugify(label)[:LONGEST_KEY] or "activite"
    taken = set(Activity.objects.filter(key__startswith=base).values_list("key", flat=True))
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(key for key in (base, *numbered) if key not in taken)


@transaction.atomic
def retire_activity(*, activity: Activity, at: datetime) -> Activity:
    """Offer an activity no more, nor count it; what already names it keeps its name."""
    activity = Activity.objects.select_for_update(of=("self",)).get(pk=activity.pk)
    if activity.retired_at is None:
        activity.retired_at = at
        activity.save(update_fields=["retired_at"])
    return activity


@transaction.atomic
def restore_activity(*, activity: Activity) -> Activity:
    """Offer an activity again."""
    activity = Activity.objects.select_for_update(of=("self",)).get(pk=activity.pk)
    activity.retired_at = None
    activity.save(update_fields=["retired_at"])
    return activity
