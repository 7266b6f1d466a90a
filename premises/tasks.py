"""Work handed over by services; every task starts from a row and is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from premises.services import arrivals, count_imports, imports

MINUTES = 60
LONGEST = 9 * MINUTES  # less than what tells a dead worker from a slow one


@shared_task(name="premises.check_units", time_limit=LONGEST)
def check_units(unit_import_id: int) -> None:
    imports.check_units(unit_import_id=unit_import_id, at=timezone.now())


@shared_task(name="premises.apply_units", time_limit=LONGEST)
def apply_units(unit_import_id: int) -> None:
    imports.apply_units(unit_import_id=unit_import_id, at=timezone.now())


@shared_task(name="premises.count_file", time_limit=LONGEST)
def count_file(count_import_id: int) -> None:
    count_imports.count_file(count_import_id=count_import_id, at=timezone.now())


@shared_task(name="premises.occupy_unit")
def occupy_unit(unit_id: int) -> None:
    arrivals.occupy_unit(unit_id=unit_id, at=timezone.now())
