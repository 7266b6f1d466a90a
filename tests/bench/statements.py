"""Import of 10,000 statements against a bare COPY of the same rows, and the memory that it takes as the file grows."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.utils import timezone

ROWS = 10_000
MONTHS = 24
ROUNDS = 3
BARE = "CREATE TEMPORARY TABLE bare (member_id bigint, month date, turnover numeric, purchases numeric) ON COMMIT DROP"
BARE_COPY = "COPY bare (member_id, month, turnover, purchases) FROM STDIN"


def months() -> list[date]:
    return [date(2024 + each // 12, each % 12 + 1, 1) for each in range(MONTHS)]


def make_members(count: int) -> list[int]:
    from members.models import Member  # noqa: PLC0415  # needs django.setup()
    from tests.factories import MemberFactory, TerritoryFactory  # noqa: PLC0415

    known = list(Member.objects.filter(territory__slug="banc-releves").order_by("pk").values_list("pk", flat=True))
    if len(known) < count:
        territory = TerritoryFactory(name="Banc des relevés", slug="banc-releves")
        known += [each.pk for each in MemberFactory.create_batch(count - len(known), territory=territory)]
    return known[:count]


def rows_of(members: list[int], count: int) -> Iterator[tuple]:
    made = 0
    for member in members:
        for month in months():
            if made == count:
                return
            made += 1
            yield member, month, Decimal(made) / 7, Decimal(made) / 11


def file_of(members: list[int], count: int) -> SimpleUploadedFile:
    lines = [f"M{member};{month:%m/%Y};{a:.2f};{b:.2f}" for member, month, a, b in rows_of(members, count)]
    return SimpleUploadedFile("releves.csv", "\n".join(["Référence;Mois;CA;Achats", *lines]).encode())


def bare_copy(members: list[int]) -> float:
    """Seconds that PostgreSQL takes for the rows alone."""
    rows = [(member, month, round(a, 2), round(b, 2)) for member, month, a, b in rows_of(members, ROWS)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BARE)
        started = time.perf_counter()
        with cursor.copy(BARE_COPY) as copy:
            for row in rows:
                copy.write_row(row)
        return time.perf_counter() - started


def whole_import(members: list[int], count: int) -> tuple[float, float]:
    """Seconds for the check and for the import of new statements."""
    from members.models import Statement  # noqa: PLC0415
    from members.services import apply_statements, check_statements  # noqa: PLC0415
    from tests.factories import UserFactory  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE members_statement, members_statementhistory")
    user = UserFactory(manager=True, email=f"{uuid4().hex}@example.org")
    at, file = timezone.now(), file_of(members, count)
    started = time.perf_counter()
    kept = check_statements(file=file, filename=file.name, by=user, at=at)
    checked = time.perf_counter()
    apply_statements(statement_import=kept, by=user, at=at)
    done = time.perf_counter()
    if Statement.objects.filter(imported_by=kept).count() != count:
        raise RuntimeError("not every statement was written")
    return checked - started, done - checked


def peak_megabytes(count: int) -> float:
    """The most memory that a process of its own took for a file of ``count`` rows."""
    command = [sys.executable, "-m", "tests.bench.statements", str(count)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])


def measure() -> Iterator[tuple[str, str, str, bool]]:
    """Yield what, what is demanded, what was measured, whether it holds."""
    members = make_members(-(-ROWS // MONTHS))
    rounds = [(bare_copy(members), *whole_import(members, ROWS)) for _ in range(ROUNDS)]
    bare, checked, applied = (sorted(each)[ROUNDS // 2] for each in zip(*rounds, strict=True))
    share = bare / applied
    yield (
        f"import de {ROWS} relevés, vérifiés et tracés",
        "≥ 0,02 × COPY nu, ≥ 4 000 par s",
        f"{share:.3f} × ({ROWS / applied:.0f} / {ROWS / bare:.0f} par s), vérification {checked:.1f} s",
        share >= 0.02 and ROWS / applied >= 4_000,
    )
    small, large = peak_megabytes(1_000), peak_megabytes(ROWS)
    yield (
        "mémoire de l’import, 1 000 puis 10 000 lignes",
        "≤ 1,1 ×",
        f"{large / small:.2f} × ({small:.0f} puis {large:.0f} Mo)",
        large <= small * 1.1,
    )


def own_peak_megabytes() -> float:
    """The peak of this program alone: getrusage() would count what the parent had before it started us."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


def main() -> None:
    import django  # noqa: PLC0415

    django.setup()
    count = int(sys.argv[1])
    whole_import(make_members(-(-ROWS // MONTHS)), count)
    print(own_peak_megabytes())


if __name__ == "__main__":
    main()
