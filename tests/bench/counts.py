"""A national file of establishments, and every town against its like: rows a second, and memory that does not grow."""

import csv
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.core.management import call_command
from django.utils import timezone

from coopconnexion.territories.models import Commune, FacilityType, NafCode
from coopconnexion.territories.services import load_reference_data
from premises.models import CountedCommune, CountSet, EstablishmentCount

FEW, ROUTINE, NATIONAL = 50_000, 500_000, 5_000_000
PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
HEADER = [
    *("siren", "nic", "siret", "statutDiffusionEtablissement", "dateCreationEtablissement"),
    *("trancheEffectifsEtablissement", "anneeEffectifsEtablissement", "activitePrincipaleRegistreMetiersEtablissement"),
    *("dateDernierTraitementEtablissement", "etablissementSiege", "nombrePeriodesEtablissement"),
    *("complementAdresseEtablissement", "numeroVoieEtablissement", "indiceRepetitionEtablissement"),
    *("typeVoieEtablissement", "libelleVoieEtablissement", "codePostalEtablissement", "libelleCommuneEtablissement"),
    *("codeCommuneEtablissement", "etatAdministratifEtablissement", "enseigne1Etablissement"),
    *("activitePrincipaleEtablissement", "nomenclatureActivitePrincipaleEtablissement"),
    *(f"autre{number}Etablissement" for number in range(30)),
    "activitePrincipaleNAF25Etablissement",
]
"""As many columns as the file has today, those that count under their true names."""


def measured(*, is_national: bool = False) -> Iterator[tuple[str, str, str, bool]]:
    """Yield (what, must, measured, holds): the stock of establishments, then every town and type."""
    load_reference_data()
    with tempfile.TemporaryDirectory() as folder:
        few, many = Path(folder) / "few.csv", Path(folder) / "many.csv"
        rows = NATIONAL if is_national else ROUTINE
        write_stock(few, FEW)
        write_stock(many, rows)
        yield of_stock(counted(few), counted(many), rows)
    yield of_towns()


# --- the stock -------------------------------------------------------------------------------------------------------


def write_stock(path: Path, rows: int) -> None:
    """Write a file as INSEE does: mostly closed, four nomenclatures, every town of France, one in ten of ours."""
    chance = random.Random(rows)
    known = list(Commune.objects.order_by("pk").values_list("pk", flat=True))
    elsewhere = [f"{number:05}" for number in range(1001, 95_900, 3)]
    codes = list(NafCode.objects.order_by("pk").values_list("pk", flat=True))
    lines = [line(chance, known if n % 10 == 0 else elsewhere, codes, n) for n in range(20_000)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for start in range(0, rows, len(lines)):
            writer.writerows(lines[: rows - start])


def line(chance: random.Random, towns: list[str], codes: list[str], number: int) -> list[str]:
    state = "A" if chance.random() < 0.4 else "F"
    nomenclature = chance.choices(["NAFRev2", "NAFRev1", "NAF1993", "NAP"], [80, 10, 7, 3])[0]
    cells = dict.fromkeys(HEADER, "")
    cells |= {
        "siren": f"{number:09}",
        "nic": "00011",
        "siret": f"{number:09}00011",
        "statutDiffusionEtablissement": "O" if chance.random() < 0.9 else "P",
        "dateDernierTraitementEtablissement": "2026-09-01T10:00:00",
        "libelleVoieEtablissement": "DE LA RÉPUBLIQUE",
        "codeCommuneEtablissement": chance.choice(towns),
        "etatAdministratifEtablissement": state,
        "activitePrincipaleEtablissement": chance.choice(codes),
        "nomenclatureActivitePrincipaleEtablissement": nomenclature,
        "activitePrincipaleNAF25Etablissement": "52.10H",
    }
    return list(cells.values())


def counted(path: Path) -> tuple[float, float]:
    """Count a file in a process of its own; return the seconds it took and its peak of memory, in MB."""
    script = (
        "import sys, time, django; django.setup()\n"
        "from django.core.management import call_command\n"
        "started = time.perf_counter()\n"
        "call_command('import_counts', sys.argv[1], '--kind', 'sirene', '--vintage', '2026', stdout=sys.stderr)\n"
        "print(time.perf_counter() - started, open('/proc/self/status').read())"
    )
    told = subprocess.run([sys.executable, "-c", script, str(path)], check=True, capture_output=True, text=True).stdout
    return float(told.split()[0]), int(PEAK.search(told)[1]) / 1000


def of_stock(few: tuple[float, float], many: tuple[float, float], rows: int) -> tuple[str, str, str, bool]:
    rate, growth = rows / many[0], many[1] / few[1]
    shown = f"{grouped(rate)} lignes/s, {many[1]:.0f} Mo, {growth:.2f} × le pic de {grouped(FEW)}"
    what = f"SIRENE de {grouped(rows)} lignes"
    return what, "≥ 50\u202f000 lignes/s, pic ≤ 1,15 ×", shown, rate >= 50_000 and growth <= 1.15


def grouped(number: float) -> str:
    return f"{number:,.0f}".replace(",", "\u202f")


# --- every town ------------------------------------------------------------------------------------------------------


def of_towns() -> tuple[str, str, str, bool]:
    count_set = whole_region()
    with tempfile.NamedTemporaryFile(suffix=".csv") as file, tempfile.TemporaryFile("w") as told:
        started = time.perf_counter()
        call_command("compute_gaps", set=count_set.pk, output=Path(file.name), stdout=told)
        seconds = time.perf_counter() - started
        lines = sum(1 for _ in file) - 1
    towns, types = count_set.communes.count(), len(count_set.codes)
    what = f"écarts de {towns} communes × {types} types"
    return what, "≤ 15 s", f"{seconds:.1f} s, {lines} lignes", seconds <= 15 and lines > 0.99 * towns * types


def whole_region() -> CountSet:
    """Return a set of every town we know and every type of the BPE of 2024, two in three of them present."""
    types = FacilityType.objects.filter(vintage=2024).order_by("code").values_list("code", flat=True)
    label = f"Banc {timezone.now()}"
    made = CountSet.objects.create(
        kind="bpe", vintage=2024, label=label, filename="b", sha256="0" * 64, codes=list(types)
    )
    chance = random.Random(2024)
    towns = dict(Commune.objects.values_list("pk", "population"))
    CountedCommune.objects.bulk_create(
        (CountedCommune(count_set=made, commune_id=code) for code in towns), batch_size=5000
    )
    EstablishmentCount.objects.bulk_create(
        (
            EstablishmentCount(count_set=made, commune_id=town, code=code, number=1 + chance.randrange(1 + size // 500))
            for town, size in towns.items()
            for code in made.codes
            if chance.random() < 2 / 3
        ),
        batch_size=5000,
    )
    return made
