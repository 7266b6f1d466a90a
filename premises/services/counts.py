"""Sets of establishment counts: one source and one vintage each, never mixed."""

from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.db import transaction

from coopconnexion.accounts.models import User
from coopconnexion.db import constraint_errors, lock_name
from coopconnexion.kept_files import digest
from coopconnexion.territories.models import Activity, Commune, FacilityType, NafCode
from coopconnexion.uploads import clean_name
from premises.enums import CountKind
from premises.models import CountedCommune, CountSet, EstablishmentCount
from premises.services.count_files import Counted, Wanted, read, refuse

BATCH = 5000
LABELS = {CountKind.BPE: "BPE", CountKind.SIRENE: "SIRENE", CountKind.PORTAL: "SIRENE (ancien portail)"}
LICENCE = "Licence Ouverte 2.0"
SHOPS_AND_SERVICES = ("A", "B")
"""Domains of the BPE whose types we know all of; of the others we know a few."""
OTHER_DOMAIN = "type d’équipement hors commerces et services"


def import_counts(
    *,
    file: BinaryIO,
    filename: str,
    kind: CountKind,
    vintage: int,
    label: str = "",
    by: User | None,
    at: datetime,
    most_rows: int | None = None,
    told: Callable[[int], None] | None = None,
) -> CountSet:
    """Count a file, then keep it whole as the set of its source, vintage and label.

    The counts of the set that bore them before are replaced; its address stays. No transaction waits while the file
    is read, and ``told`` hears how many rows were.

    :raises ValidationError: vintage_unknown, vintage_mixed, type_of_other_vintage, type_unknown, no_known_commune,
        nothing_counted, and those of :mod:`premises.services.count_files`
    """
    found = read(file, name=filename, kind=kind, wanted=wanted_in(kind, most_rows=most_rows, told=told))
    refuse_other_vintage(found, kind, vintage)
    if not found.communes:
        raise refuse(
            "Aucune commune de ce fichier n’est connue\u202f: chargez d’abord les communes (load_reference_data).",
            "no_known_commune",
        )
    if not any(found.numbers.values()):
        raise refuse("Rien n’a été compté\u202f: vérifiez la source, le millésime et les activités.", "nothing_counted")
    return keep(
        found,
        *(kind, vintage, label.strip() or LABELS[kind]),
        filename=clean_name(filename),
        sha256=digest(file),
        imported_by=by,
        imported_at=at,
    )


def wanted_in(kind: CountKind, **bounds) -> Wanted:
    """Return what is looked for in a file: two queries."""
    listed = NafCode.objects.filter(activities__in=Activity.objects.active())
    codes = () if kind == CountKind.BPE else listed.values_list("pk", flat=True)
    return Wanted(frozenset(Commune.objects.values_list("pk", flat=True)), frozenset(codes), **bounds)


def refuse_other_vintage(found: Counted, kind: CountKind, vintage: int) -> None:
    """Refuse a file that is not of the vintage it is said to be: its codes, or the years it bears, tell."""
    if kind == CountKind.BPE:
        other = found.years - {str(vintage)}
    else:
        other = {year for year in found.years if year.isdigit() and int(year) > vintage}
    if other:
        raise refuse(
            f"Le fichier porte l’année {', '.join(sorted(other)[-3:])}, pas {vintage}\u202f: deux millésimes ne se "
            "mêlent pas. Indiquez celui du fichier.",
            "vintage_mixed",
        )
    if kind == CountKind.BPE:
        refuse_other_types(found, vintage)


def refuse_other_types(found: Counted, vintage: int) -> None:
    """Refuse types that the vintage does not have, for their counts would be of other things; set other domains aside.

    :raises ValidationError: vintage_unknown, type_of_other_vintage, type_unknown
    """
    years: dict[str, set[int]] = {}
    for code, year in FacilityType.objects.values_list("code", "vintage"):
        years.setdefault(code, set()).add(year)
    if vintage not in (known := set().union(*years.values())):
        raise refuse(
            f"Le millésime {vintage} de la BPE n’est pas connu. Connus\u202f: {', '.join(map(str, sorted(known)))}.",
            "vintage_unknown",
        )
    if elsewhere := sorted(code for code in found.codes & years.keys() if vintage not in years[code]):
        theirs = sorted({year for code in elsewhere for year in years[code]})
        raise refuse(
            f"{', '.join(elsewhere[:10])}\u202f: ces types sont du millésime {', '.join(map(str, theirs))}, pas "
            f"{vintage}. Les codes changent d’un millésime à l’autre\u202f: indiquez celui du fichier.",
            "type_of_other_vintage",
        )
    strangers = found.codes - years.keys()
    if wrong := sorted(code for code in strangers if code.startswith(SHOPS_AND_SERVICES) or strangers == found.codes):
        raise refuse(
            f"{', '.join(wrong[:10])}\u202f: types inconnus des commerces et services du millésime {vintage}.",
            "type_unknown",
        )
    leave_out(found, strangers)


def leave_out(found: Counted, codes: set[str]) -> None:
    """Count nothing of these codes."""
    if aside := sum(number or 0 for (_, code), number in found.numbers.items() if code in codes):
        found.set_aside[OTHER_DOMAIN] += aside
    found.codes -= codes
    found.numbers = {key: number for key, number in found.numbers.items() if key[1] not in codes}


@transaction.atomic
def keep(found: Counted, kind: CountKind, vintage: int, label: str, **told) -> CountSet:
    """Write the set, with what is ``told`` of its file, and its counts; zeros are not written."""
    lock_name("premises.counts")
    count_set = CountSet.objects.filter(kind=kind, vintage=vintage, label=label).first()
    count_set = count_set or CountSet(kind=kind, vintage=vintage, label=label)
    for name, value in told.items():
        setattr(count_set, name, value)
    count_set.licence, count_set.retired_at = LICENCE, None
    count_set.codes, count_set.set_aside = sorted(found.codes), dict(found.set_aside)
    count_set.rows_read = found.rows
    count_set.rows_counted = sum(number or 0 for number in found.numbers.values())
    with constraint_errors(CountSet):
        count_set.save()
    count_set.communes.all().delete()
    count_set.counts.all().delete()
    CountedCommune.objects.bulk_create(
        (CountedCommune(count_set=count_set, commune_id=code) for code in sorted(found.communes)), batch_size=BATCH
    )
    EstablishmentCount.objects.bulk_create(
        (
            EstablishmentCount(count_set=count_set, commune_id=commune, code=code, number=number)
            for (commune, code), number in sorted(found.numbers.items())
        ),
        batch_size=BATCH,
    )
    return count_set


@transaction.atomic
def retire_counts(*, count_set: CountSet, at: datetime) -> CountSet:
    """Offer a set no more for comparisons; results that were drawn from it keep what they say."""
    count_set = CountSet.objects.select_for_update(of=("self",)).get(pk=count_set.pk)
    if count_set.retired_at is None:
        count_set.retired_at = at
        count_set.save(update_fields=["retired_at"])
    return count_set


@transaction.atomic
def restore_counts(*, count_set: CountSet) -> CountSet:
    """Offer a set again."""
    count_set = CountSet.objects.select_for_update(of=("self",)).get(pk=count_set.pk)
    count_set.retired_at = None
    count_set.save(update_fields=["retired_at"])
    return count_set


def refuse_mixed(sets: list[CountSet]) -> None:
    """Refuse to compare counts of several sources or vintages.

    :raises ValidationError: sources_mixed
    """
    if len({(each.kind, each.vintage) for each in sets}) > 1:
        names = ", ".join(str(each) for each in sets)
        raise ValidationError(
            f"Des sources ou des millésimes différents ne se comparent pas\u202f: {names}.", code="sources_mixed"
        )
