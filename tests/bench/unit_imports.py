"""A list of units, checked then written: rows a second, and memory that does not grow."""

import csv
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

FEW, MANY = 10_000, 100_000
PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
HEADER = [
    "Référence",
    "Adresse",
    "Code postal",
    "Ville",
    "Enseigne",
    "État",
    "Surface (m²)",
    "Loyer mensuel HT",
    "Secteur",
]
STREETS = ("rue Sadi-Carnot", "boulevard Raymond-Poincaré", "rue de Lille", "Grand’Place", "avenue de Londres")
SCRIPT = """
import sys, time, django; django.setup()
from datetime import date
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from premises.models import Unit
from premises.services import imports
from tests.factories import CommuneFactory, TerritoryFactory, UserFactory

path, at = sys.argv[1], timezone.now()
connection.cursor().execute("TRUNCATE premises_unit CASCADE")  # the units of the run before
territory = TerritoryFactory(name=f"Banc {at}", slug=f"banc-{at.timestamp():.0f}")
territory.communes.add(CommuneFactory())
user = UserFactory(manager=True, email=f"banc{at.timestamp()}@example.org")
source = imports.add_unit_source(territory=territory, name="Banc")
with open(path, "rb") as file:
    brought = SimpleUploadedFile("locaux.csv", file.read())
kept = imports.receive_units(source=source, file=brought, filename="locaux.csv", by=user, at=at)
del brought
columns = {int(position): key for position, key in kept.mapping["columns"].items()}
asked = {name: kept.mapping[name] for name in ("commune", "whole_park", "state_of_all", "survey_precision")}
started = time.perf_counter()
imports.check_asked(unit_import=kept, columns=columns, surveyed_on=date(2026, 9, 1), **asked)
imports.check_units(unit_import_id=kept.pk, at=at)
imports.apply_asked(unit_import=kept, by=user)
imports.apply_units(unit_import_id=kept.pk, at=at)
seconds = time.perf_counter() - started
kept.refresh_from_db()
assert kept.state == "applied", (kept.state, kept.refusal, kept.errors[:2])
print(seconds, Unit.objects.filter(territory=territory).count(), open("/proc/self/status").read())
"""


def measured() -> Iterator[tuple[str, str, str, bool]]:
    """Yield (what, must, measured, holds)."""
    with tempfile.TemporaryDirectory() as folder:
        files = {rows: Path(folder) / f"{rows}.csv" for rows in (FEW, MANY)}
        for rows, path in files.items():
            write_list(path, rows)
        (_, few_written, few_peak), (seconds, written, peak) = (imported(path) for path in files.values())
    rate, growth = MANY / seconds, peak / few_peak
    shown = f"{rate:.0f} lignes/s, {peak:.0f} Mo, {growth:.2f} × le pic de {FEW}"
    holds = (few_written, written) == (FEW, MANY) and rate >= 500 and growth <= 1.5
    yield f"import de {MANY} locaux, vérifiés puis écrits", "≥ 500 lignes/s, pic ≤ 1,5 ×", shown, holds


def write_list(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADER)
        for number in range(rows):
            street = STREETS[number % len(STREETS)]
            state, area = ("Vacant", "") if number % 7 == 0 else ("Occupé", 30 + number % 90)
            cells = (f"B{number}", f"{1 + number // 5} {street}", "62400", "Béthune", f"Boutique {number}", state, area)
            writer.writerow([*cells, 400 + number % 900, "Centre"])


def imported(path: Path) -> tuple[float, int, float]:
    """Import a file in a process of its own; return its seconds, the units it wrote and its peak of memory, in MB."""
    command = [sys.executable, "-c", SCRIPT, str(path)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, written, *_ = told.split(maxsplit=2)
    return float(seconds), int(written), int(PEAK.search(told)[1]) / 1000
