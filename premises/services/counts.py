"""Sets of establishment counts: one source and one vintage each, never mixed."""

import hashlib
from datetime import datetime
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.db import transaction

from coopconnexion.accounts.models import User
from coopconnexion.db import constraint_errors, lock_name
from coopconnexion.territories.models import Activity, Commune, FacilityType, NafCode
from coopconnexion.uploads import clean_name
from premises.enums import CountKind
from premises.models import CountedCommune, CountSet, EstablishmentCount
from premises.services.count_files import Counted, read, refuse

BATCH = 5000
CHUNK = 1 << 20
UNKNOWN_COMMUNE = "commune inconnue du logiciel"
LABELS = {CountKind.BPE: "BPE", CountKind.SIRENE: "SIRENE", CountKind.PORTAL: "SIRENE (ancien portail)"}
LICENCE = "Licence Ouverte 2.0"


@transaction.atomic
def import_counts(
    *, file: BinaryIO, filename: str, kind: CountKind, vintage: int, label: str = "", by: User | None, at: datetime
) -> CountSet:
    """Count a file and keep it as the set of its source and vintage, all or nothing; the former one is replaced.

    :raises ValidationError: vintage_mixed, type_of_other_vintage, type_unknown, no_known_commune, nothing_counted, and
        those of :mod:`premises.services.count_files`
    """
    lock_name("premises.counts")
    listed = NafCode.objects.filter(activities__in=Activity.objects.active())
    found = read(file, name=filename, kind=kind, mapped=set(listed.values_list("pk", flat=True)))
    if kind == CountKind.BPE:
        refuse_other_vintage(found, vintage)
    known = set(Commune.objects.filter(pk__in=found.communes).values_list("pk", flat=True))
    if not known:
        raise refuse(
            "Aucune commune de ce fichier n’est connue\u202f: chargez d’abord les communes (load_reference_data).",
            "no_known_commune",
        )
    count_set = CountSet(
        kind=kind,
        vintage=vintage,
        label=label.strip() or LABELS[kind],
        licence=LICENCE,
        filename=clean_name(filename),
        sha256=digest(file),
        codes=sorted(found.codes),
        imported_by=by,
        imported_at=at,
    )
    return keep(count_set, found, known)


def refuse_other_vintage(found: Counted, vintage: int) -> None:
    """Refuse types that the vintage does not have: their counts would be of other things."""
    if wrong := found.vintages - {str(vintage)}:
        raise refuse(
            f"Le fichier est du millésime {', '.join(sorted(wrong))}, pas {vintage}\u202f: ils ne se mêlent pas.",
            "vintage_mixed",
        )
    types = dict.fromkeys(found.codes, ())
    for code, year in FacilityType.objects.filter(code__in=found.codes).values_list("code", "vintage"):
        types[code] = (*types[code], year)
    if elsewhere := sorted(code for code, years in types.items() if years and vintage not in years):
        years = sorted({year for code in elsewhere for year in types[code]})
        raise refuse(
            f"{', '.join(elsewhere)}\u202f: ces types sont du millésime {', '.join(map(str, years))}, pas {vintage}. "
            "Les codes changent d’un millésime à l’autre\u202f: indiquez celui du fichier.",
            "type_of_other_vintage",
        )
    if unknown := sorted(code for code, years in types.items() if not years):
        raise refuse(
            f"{', '.join(unknown[:10])}\u202f: types inconnus des commerces et services du millésime {vintage}.",
            "type_unknown",
        )


def keep(count_set: CountSet, found: Counted, known: set[str]) -> CountSet:
    """Write the set and its counts in the known communes; zeros are not written."""
    CountSet.objects.filter(kind=count_set.kind, vintage=count_set.vintage, label=count_set.label).delete()
    rows = [
        EstablishmentCount(count_set=count_set, commune_id=commune, code=code, number=number)
        for (commune, code), number in found.numbers.items()
        if commune in known
    ]
    if not any(row.number for row in rows):
        raise refuse("Rien n’a été compté\u202f: vérifiez la source, le millésime et les activités.", "nothing_counted")
    elsewhere = sum(number or 0 for (commune, _), number in found.numbers.items() if commune not in known)
    count_set.set_aside = dict(found.set_aside) | ({UNKNOWN_COMMUNE: elsewhere} if elsewhere else {})
    count_set.rows_read, count_set.rows_counted = found.rows, sum(row.number or 0 for row in rows)
    with constraint_errors(CountSet):
        count_set.save()
    CountedCommune.objects.bulk_create(
        (CountedCommune(count_set=count_set, commune_id=code) for code in sorted(known)), batch_size=BATCH
    )
    EstablishmentCount.objects.bulk_create(rows, batch_size=BATCH)
    return count_set


def digest(file: BinaryIO) -> str:
    file.seek(0)
    found = hashlib.sha256()
    while chunk := file.read(CHUNK):
        found.update(chunk)
    return found.hexdigest()


@transaction.atomic
def retire_counts(*, count_set: CountSet, at: datetime) -> CountSet:
    """Offer a set no more for comparisons; results that were drawn from it keep what they say."""
    count_set = CountSet.objects.select_for_update(of=("self",)).get(pk=count_set.pk)
    if count_set.retired_at is None:
        count_set.retired_at = at
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
