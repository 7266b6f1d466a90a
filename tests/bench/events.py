"""The agenda, the page of an event and a registration: ten events, then ten thousand with a hundred thousand places."""

import re
import statistics
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse
from django.utils import timezone

from coopconnexion.notices.models import Message
from events.enums import EventKind
from events.models import Event, EventSession, Registration
from tests.bench.load import Visitor, at_once, share
from tests.factories import EventFactory

FEW, MANY = 10, 10_000
EVERY = timedelta(hours=6)
PAGE = 25
CROWD = 200
VISITS = 8
PEOPLE = 500
CONTROL = re.compile(r"(SELECT set_config.*; )?(BEGIN|COMMIT|SAVEPOINT|RELEASE|ROLLBACK)")
LEAST = {"agenda": 0.3, "page d’un évènement": 0.35}
"""What is demanded of each page, as a share of the floor's page of as many rows; a search and a month have none."""


def measured(floor: str, ours: str) -> Iterator[tuple[str, str, str, bool]]:
    """Yield (what, must, measured, holds): pages and registration, few events then many; then a crowd on one place."""
    event = EventFactory(title="Banc", starts_at=timezone.now() + timedelta(days=400))
    plan(FEW - 1, like=event, first=timezone.now() + timedelta(days=1))
    pages = pages_of(event)
    before = {what: rate(floor, ours, what, url, rows=FEW) for what, url in pages.items()}
    yield flow(ours, event, "10 évènements")
    plan(MANY - FEW, like=event, first=timezone.now() - EVERY * (MANY // 2))
    fill()
    for what, few in before.items():
        yield of_page(what, few, rate(floor, ours, what, pages[what], rows=PAGE), queries(pages[what]))
    yield flow(ours, event, "10 000 évènements")
    yield statements(event)
    yield crowd(ours, EventFactory(capacity=1))


# --- the events ------------------------------------------------------------------------------------------------------


def plan(count: int, *, like: Event, first: datetime) -> None:
    """Add ``count`` events of one session, four a day from ``first`` on."""
    known = Event.objects.count()
    times = [first + EVERY * n for n in range(count)]
    events = Event.objects.bulk_create(
        (
            Event(
                title=f"Évènement de banc {known + n}",
                kind=EventKind.values[n % len(EventKind)],
                territory_id=like.territory_id,
                venue_id=like.venue_id,
                starts_at=at,
                ends_at=at + timedelta(hours=1),
                description="Une rencontre de deux heures. " * 10,
                capacity=20,
                published_at=at - timedelta(days=60),
            )
            for n, at in enumerate(times)
        ),
        batch_size=1000,
    )
    sessions = (EventSession(event=each, starts_at=each.starts_at, ends_at=each.ends_at) for each in events)
    EventSession.objects.bulk_create(sessions, batch_size=1000)


def fill() -> None:
    """Ten people have a place at each event."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no history of what never happened
        cursor.execute(ATTENDEES, {"n": PEOPLE})
        cursor.execute(PLACES, {"n": PEOPLE})
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")


ATTENDEES = """
INSERT INTO accounts_person (first_name, last_name, email, phone, created_at)
SELECT 'Camille', 'Inscrit ' || n, 'inscrit' || n || '@example.org', '', now() FROM generate_series(1, %(n)s) AS n
"""
PLACES = """
WITH attendee AS (
    SELECT id, row_number() OVER (ORDER BY id) AS rank FROM accounts_person WHERE last_name LIKE 'Inscrit %%'
)
INSERT INTO events_registration (event_id, person_id, form_token, code, organisation_name, message, channel,
    withdrawn_by, withdraw_reason, sequence, joined_at, served_at)
SELECT event.id, attendee.id, gen_random_uuid(), gen_random_uuid(), '', '', 'web', '', '', 0, event.published_at,
    event.published_at
FROM events_event event, generate_series(1, 10) AS n JOIN attendee ON true
WHERE event.title LIKE 'Évènement de banc %%' AND attendee.rank = (event.id * 10 + n) %% %(n)s + 1
"""


# --- the pages -------------------------------------------------------------------------------------------------------


def pages_of(event: Event) -> dict[str, str]:
    theme = event.themes.model.objects.active().first()
    return {
        "agenda": reverse("events:agenda"),
        "agenda d’un thème": f"{reverse('events:agenda')}?theme={theme.key if theme else ''}&nature=workshop",
        "agenda du mois": reverse("events:agenda_month", args=[event.starts_at.year, event.starts_at.month]),
        "page d’un évènement": reverse("events:event", args=[event.pk]),
    }


def rate(floor: str, ours: str, what: str, url: str, *, rows: int) -> float:
    limit = "/jour/1/" if what.startswith("page") else f"/liste/{rows}/"
    return share(floor + limit, ours + url)


def queries(url: str) -> int:
    """Return the queries of a page that no cache holds yet."""
    cache.clear()
    with override_settings(ALLOWED_HOSTS=["testserver"]), CaptureQueriesContext(connection) as captured:
        Client().get(url)
    return len(captured)


def of_page(what: str, few: float, many: float, counted: int) -> tuple[str, str, str, bool]:
    times, least = few / many, LEAST.get(what)
    must = f"≤ 1,3 ×, ≤ 5 requêtes, ≥ {least} × limite".replace(".", ",") if least else "≤ 5 requêtes"
    shown = f"{times:.2f} ×, {counted} requêtes, {many:.2f} × limite"
    holds = counted <= 5 and (least is None or (times <= 1.3 and many >= least))
    return f"{what}, de 10 à 10 000", must, shown, holds


# --- the registration ------------------------------------------------------------------------------------------------


def visit(base: str, event: Event, name: str) -> tuple[int, str, int, float]:
    """One person from the agenda to their place; return the last status and page, the requests and the seconds."""
    visitor, started = Visitor(base), time.perf_counter()
    visitor.get(base + reverse("events:agenda"))
    visitor.get(base + reverse("events:event", args=[event.pk]))
    form = base + reverse("events:register", args=[event.pk])
    visitor.get(form)
    status, page = visitor.post(form, typed(name, visitor.field("form_token")))
    return status, page, visitor.requests, time.perf_counter() - started


def typed(name: str, form_token: str) -> dict[str, str]:
    email = f"{name}@example.org"
    return {"first_name": "Camille", "last_name": f"Banc {name}", "email": email, "form_token": form_token}


def flow(ours: str, event: Event, among: str) -> tuple[str, str, str, bool]:
    answers = [visit(ours, event, f"evenement{uuid4().hex}") for _ in range(VISITS)]
    requests, seconds = answers[0][2], statistics.median(answer[3] for answer in answers)
    done = all(answer[0] == 200 for answer in answers)
    holds = done and requests <= 4 and seconds <= 0.10
    return f"s’inscrire, parmi {among}", "≤ 4 requêtes, ≤ 0,10 s", f"{requests} requêtes, {seconds:.3f} s", holds


def statements(event: Event) -> tuple[str, str, str, bool]:
    client, form = Client(), reverse("events:register", args=[event.pk])
    with override_settings(ALLOWED_HOSTS=["testserver"]), CaptureQueriesContext(connection) as captured:
        client.get(reverse("events:agenda"))
        client.get(reverse("events:event", args=[event.pk]))
        client.get(form)
        response = client.post(form, typed("sql", str(uuid4())))
    counted = sum(not CONTROL.match(query["sql"]) for query in captured)
    holds = response.status_code == 200 and counted <= 25
    return "requêtes SQL de toute l’inscription", "≤ 25", str(counted), holds


def crowd(ours: str, event: Event) -> tuple[str, str, str, bool]:
    """Two hundred people at once on the last place; counted by SQL, not by status."""
    cache.clear()
    answers, seconds = at_once(CROWD, lambda n: visit(ours, event, f"place{n}"))
    standing = Registration.objects.standing().filter(event=event)
    seated, waiting = standing.seated().count(), standing.waiting().count()
    kinds = ("registration-confirmation", "registration-waiting")
    told = [Message.objects.filter(kind=kind, person__registrations__event=event).count() for kind in kinds]
    errors = sum(answer[0] >= 500 for answer in answers)
    holds = (seated, waiting) == (1, CROWD - 1) and told == [seated, waiting] and not errors and seconds <= 5
    must = "1 place exactement, 199 en attente, ≤ 5 s"
    shown = f"{seated} place, {waiting} en attente, {errors} × 5xx, {seconds:.1f} s"
    return f"{CROWD} personnes, la dernière place", must, shown, holds
