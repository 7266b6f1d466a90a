"""Rows for the bench: a day with its slots, and years of past bookings, straight into PostgreSQL."""

from datetime import time, timedelta

from django.db import connection
from django.utils import timezone

from permanences.models import Permanence, Slot
from tests.factories import ContractKindFactory, PermanenceFactory, ScheduleFactory, TerritoryFactory


def make_day(*, slots: int, days_ahead: int = 10, schedule=None) -> Permanence:
    """A coming permanence with that many slots of half an hour, two advisors from the seventeenth on."""
    schedule = schedule or ScheduleFactory()
    permanence = PermanenceFactory(
        schedule=schedule,
        territory=schedule.territory,
        venue=schedule.venue,
        held_on=timezone.localdate() + timedelta(days=days_ahead),
        opens_at=time(8),
        closes_at=time(20),
        slot_minutes=30,
    )
    opening = timezone.make_aware(timezone.datetime.combine(permanence.held_on, permanence.opens_at))
    Slot.objects.bulk_create(
        Slot(
            permanence=permanence,
            desk=1 + n // 16,
            starts_at=opening + timedelta(minutes=30 * (n % 16)),
            ends_at=opening + timedelta(minutes=30 * (n % 16 + 1)),
        )
        for n in range(slots)
    )
    return permanence


def grow(*, slots: int, bookings: int) -> None:
    """Add ``slots`` past slots over past permanences and ``bookings`` bookings on them, cancelled but for the last."""
    schedule = ScheduleFactory()
    permanences = slots // 16
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no history of what never happened
        cursor.execute(PERMANENCES, {"schedule": schedule.pk, "like": make_day(slots=0).pk, "n": permanences})
        cursor.execute(SLOTS)
        cursor.execute(PEOPLE, {"n": bookings})
        cursor.execute(PROJECTS, {"territory": schedule.territory_id})
        cursor.execute(BOOKINGS, {"n": bookings, "slots": slots})
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")


def people(*, count: int) -> None:
    """Add as many people, each with a project, a membership and a contract, in two territories."""
    territories = [TerritoryFactory().pk for _ in range(2)]
    kind = ContractKindFactory(key=f"banc-{count}", label="Contrat")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in (LISTED_PEOPLE, LISTED_PROJECTS, LISTED_MEMBERS, LISTED_CONTRACTS):
            cursor.execute(statement, {"n": count, "one": territories[0], "two": territories[1], "kind": kind.pk})
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")


LISTED_PEOPLE = """
INSERT INTO accounts_person (first_name, last_name, email, phone, created_at)
SELECT CASE n %% 4 WHEN 0 THEN 'Zéphirine' WHEN 1 THEN 'Camille' WHEN 2 THEN 'Nadia' ELSE 'Marc' END,
    CASE n WHEN 1 THEN 'Vandenbroucke' ELSE 'Banc ' || substr(md5(n::text), 1, 8) END,
    'liste' || n || '-' || %(n)s || '@example.org', '+3335301' || lpad((n %% 10000)::text, 4, '0'),
    now() - n * interval '1 minute'
FROM generate_series(1, %(n)s) AS n
"""
LISTED_PROJECTS = """
INSERT INTO projects_project (holder_id, territory_id, title, pitch, intended_activity, stage, source, is_test,
    created_at, stage_since, touched_at, next_step, next_step_on, pool_reason, source_detail)
SELECT id, CASE id %% 2 WHEN 0 THEN %(one)s ELSE %(two)s END, 'Projet de banc ' || id, '', 'commerce',
    (ARRAY['first_contact', 'assessment', 'support'])[id %% 3 + 1], 'web', false, created_at, created_at, created_at,
    'Entretien', current_date + (id %% 40)::int - 10, '', ''
FROM accounts_person WHERE email LIKE 'liste%%-' || %(n)s || '@example.org'
"""
LISTED_MEMBERS = """
INSERT INTO members_member (person_id, territory_id, source)
SELECT id, CASE id %% 2 WHEN 0 THEN %(one)s ELSE %(two)s END, 'unknown'
FROM accounts_person WHERE email LIKE 'liste%%-' || %(n)s || '@example.org'
"""
LISTED_CONTRACTS = """
INSERT INTO members_contract (member_id, kind_id, series, renewal_rank, starts_on, ends_on, programme,
    ended_early_because)
SELECT m.id, %(kind)s, 1, 0, current_date - (m.id %% 700)::int, NULL, '', ''
FROM members_member m JOIN accounts_person p ON p.id = person_id
WHERE p.email LIKE 'liste%%-' || %(n)s || '@example.org'
"""
PERMANENCES = """
INSERT INTO permanences_permanence (schedule_id, territory_id, venue_id, planned_on, held_on, shift_reason,
    cancel_reason, sequence, opens_at, closes_at, slot_minutes, desks, notice_minutes, booking_opens_days,
    reminder_minutes,
    booking_paused_message)
SELECT %(schedule)s, territory_id, venue_id, current_date - day, current_date - day, '', 'growth', 0, opens_at,
    closes_at, slot_minutes, desks, notice_minutes, booking_opens_days, reminder_minutes, ''
FROM permanences_permanence, generate_series(1, %(n)s) AS day WHERE id = %(like)s
"""
SLOTS = """
INSERT INTO permanences_slot (permanence_id, desk, starts_at, ends_at)
SELECT id, 1, held_on + time '08:00' + n * interval '30 minutes', held_on + time '08:30' + n * interval '30 minutes'
FROM permanences_permanence, generate_series(0, 15) AS n WHERE cancel_reason = 'growth'
"""
PEOPLE = """
INSERT INTO accounts_person (first_name, last_name, email, phone, created_at)
SELECT 'Camille', 'Grandi ' || n, 'grandi' || n || '@example.org', '', now() FROM generate_series(1, %(n)s) AS n
"""
PROJECTS = """
INSERT INTO projects_project (holder_id, territory_id, title, pitch, intended_activity, stage, source, is_test,
    created_at, stage_since, touched_at, next_step, next_step_on, pool_reason, source_detail)
SELECT id, %(territory)s, 'Projet', '', '', 'first_contact', 'web', false, now(), now(), now(), 'Entretien',
    current_date, '', ''
FROM accounts_person WHERE last_name LIKE 'Grandi %%'
"""
BOOKINGS = """
WITH slot AS (
    SELECT slot.id, permanence_id, row_number() OVER (ORDER BY slot.id) AS rank
    FROM permanences_slot slot JOIN permanences_permanence p ON p.id = permanence_id WHERE cancel_reason = 'growth'
), project AS (
    SELECT id, holder_id, row_number() OVER (ORDER BY id) AS rank FROM projects_project WHERE title = 'Projet'
)
INSERT INTO permanences_booking (slot_id, permanence_id, person_id, project_id, uid, form_token, channel, booked_at,
    message, staff_note, cancelled_at, cancelled_by, cancel_reason, outcome, sequence)
SELECT slot.id, slot.permanence_id, holder_id, project.id, gen_random_uuid(), gen_random_uuid(), 'web', now(), '', '',
    CASE WHEN project.rank > %(slots)s THEN now() END, CASE WHEN project.rank > %(slots)s THEN 'candidate' ELSE '' END,
    '', '', 0
FROM project JOIN slot ON slot.rank = (project.rank - 1) %% %(slots)s + 1
WHERE project.rank <= %(n)s
"""
