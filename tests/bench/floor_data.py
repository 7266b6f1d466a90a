"""The floor's tables, beside ours in the bench's database."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

SQL = """
DROP TABLE IF EXISTS floor_floorbooking, floor_floorslot;
CREATE TABLE floor_floorslot (id bigserial PRIMARY KEY, day integer NOT NULL, starts_at timestamptz NOT NULL,
    taken boolean NOT NULL DEFAULT false);
CREATE INDEX floor_floorslot_day ON floor_floorslot (day);
CREATE TABLE floor_floorbooking (id bigserial PRIMARY KEY, slot_id bigint UNIQUE NOT NULL REFERENCES floor_floorslot,
    name varchar(100) NOT NULL);
"""


def make(*, slots: int) -> None:
    start = timezone.now().replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(SQL)
        cursor.executemany(
            "INSERT INTO floor_floorslot (day, starts_at) VALUES (1, %s)",
            [(start + timedelta(minutes=30 * n),) for n in range(slots)],
        )
