"""The floor's tables, beside ours in the bench's database."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

SQL = """
DROP TABLE IF EXISTS floor_floorbooking, floor_floorslot, floor_floorrow;
CREATE TABLE floor_floorslot (id bigserial PRIMARY KEY, day integer NOT NULL, starts_at timestamptz NOT NULL,
    taken boolean NOT NULL DEFAULT false);
CREATE INDEX floor_floorslot_day ON floor_floorslot (day);
CREATE TABLE floor_floorbooking (id bigserial PRIMARY KEY, slot_id bigint UNIQUE NOT NULL REFERENCES floor_floorslot,
    name varchar(100) NOT NULL);
CREATE TABLE floor_floorrow (id bigserial PRIMARY KEY, name varchar(100) NOT NULL, title varchar(100) NOT NULL,
    stage varchar(20) NOT NULL, town varchar(50) NOT NULL, advisor varchar(50) NOT NULL, due_on date NOT NULL);
CREATE INDEX floor_floorrow_name ON floor_floorrow (name);
INSERT INTO floor_floorrow (name, title, stage, town, advisor, due_on)
SELECT 'Camille Personne ' || n, 'Un projet ' || n, 'diagnostic', 'Béthune', 'Conseillère', current_date
FROM generate_series(1, 10000) AS n;
"""


def make(*, slots: int) -> None:
    start = timezone.now().replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(SQL)
        cursor.executemany(
            "INSERT INTO floor_floorslot (day, starts_at) VALUES (1, %s)",
            [(start + timedelta(minutes=30 * n),) for n in range(slots)],
        )
