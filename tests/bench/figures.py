"""What is measured, and the table of it."""

import gzip
import re
import statistics
import time
from dataclasses import dataclass
from itertools import chain
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse
from django.utils import timezone

from coopconnexion.notices.models import Message
from coopconnexion.notices.services import new_link
from permanences.models import Booking, BookingLink, Permanence, Slot
from tests.bench import counts, data, events, floor_data, public_units, statements, unit_imports
from tests.bench.load import Visitor, at_once, get, measure
from tests.bench.servers import WORKERS, gunicorn, pss_megabytes, workers_of
from tests.factories import BookingFactory, UserFactory

ROUNDS = 5
CROWD = 200
LIST = "/liste/50/"
ON_DEMAND = {"sirene-national"}
"""Too long for every run: measured when it is named."""
CONTROL = re.compile(r"(SELECT set_config.*; )?(BEGIN|COMMIT|SAVEPOINT|RELEASE|ROLLBACK)")


@dataclass(frozen=True)
class Figure:
    """One line of the table; ``holds`` is the « must » column."""

    what: str
    must: str
    measured: str
    holds: bool

    def __str__(self):
        return f"{'ok ' if self.holds else 'NON'}  {self.what:<46} {self.measured:<40} exigé : {self.must}"


def run(arguments: list[str]) -> int:
    """Measure everything, or only what is named; return the exit status."""
    figures = []
    environ = {"DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("flush", interactive=False, verbosity=0)
    cache.clear()
    floor_data.make(slots=16)
    day = data.make_day(slots=16)
    page = reverse("permanences:permanence", args=[day.pk])
    with (
        gunicorn("tests.bench.floor.wsgi", path="/jour/1/", environ={}, config="tests.bench.floor.server") as (
            floor,
            _,
            _,
        ),
        gunicorn("coopconnexion.wsgi", path=page, environ=environ) as (ours, master, cold),
    ):
        measures = {
            "page": lambda: slot_page(floor, ours, page),
            "requetes": lambda: queries(day),
            "parcours": lambda: flow(ours, day),
            "poids": lambda: first_visit(ours, page),
            "foule": lambda: chain(crowd(ours, slots=1), crowd(ours, slots=16)),
            "courses": lambda: races(ours),
            "croissance": lambda: growth(floor, ours, page),
            "memoire": lambda: footprint(cold, master),
            "statements": lambda: (Figure(*each) for each in statements.measure()),
            "listes": lambda: lists(floor, ours),
            "locaux": lambda: (Figure(*each) for each in public_units.measured(floor, ours)),
            "evenements": lambda: (Figure(*each) for each in events.measured(floor, ours)),
            "imports": lambda: (Figure(*each) for each in unit_imports.measured()),
            "statistiques": lambda: (Figure(*each) for each in counts.measured()),
            "sirene-national": lambda: (Figure(*each) for each in counts.measured(is_national=True)),
        }
        for name, measure_it in measures.items():
            if name not in (arguments or measures.keys() - ON_DEMAND):
                continue
            for figure in measure_it():
                figures.append(figure)
                print(figure, flush=True)
    return 0 if all(figure.holds for figure in figures) else 1


def ratio(floor: str, ours: str, page: str) -> tuple[float, float, float]:
    """Requests per second of our page and of the floor, in turn; return medians of the ratio and of both.

    One round before those that count warms the workers of both.
    """
    measure(floor + "/jour/1/")
    measure(ours + page)
    pairs = []
    for _ in range(ROUNDS):
        limit = measure(floor + "/jour/1/").per_second
        pairs.append((measure(ours + page).per_second, limit))
    return (
        statistics.median(our / limit for our, limit in pairs),
        statistics.median(our for our, _ in pairs),
        statistics.median(limit for _, limit in pairs),
    )


def slot_page(floor, ours, page):
    share, our, limit = ratio(floor, ours, page)
    yield Figure(
        "page des créneaux d’un jour",
        "≥ 0,35 × limite",
        f"{share:.2f} × ({our:.0f} / {limit:.0f} par s)",
        share >= 0.35,
    )


def queries(day):
    """On a fully booked day, the same number as on a free one."""
    booked = data.make_day(slots=16, schedule=day.schedule, days_ahead=11)
    for slot in booked.slots.all():
        BookingFactory(slot=slot)
    counts = []
    for permanence in (day, booked):
        with (
            override_settings(ALLOWED_HOSTS=["testserver"]),
            CaptureQueriesContext(
                connection,
            ) as captured,
        ):
            Client().get(reverse("permanences:permanence", args=[permanence.pk]))
        counts.append(len(captured))
    yield Figure(
        "requêtes SQL, jour libre puis complet",
        "≤ 4, constant",
        f"{counts[0]} et {counts[1]}",
        counts[0] == counts[1] <= 4,
    )


def visit(base: str, permanence: Permanence, n, slot_pk: int | None = None) -> tuple[int, str, int, float]:
    """One person's whole flow; return the last status and page, the requests made and the seconds waited."""
    visitor, started = Visitor(base), time.perf_counter()
    visitor.get(base + reverse("permanences:permanence_list"))
    _, page = visitor.get(base + reverse("permanences:permanence", args=[permanence.pk]))
    offered = re.findall(r"\?creneau=(\d+)", page)
    if not offered and slot_pk is None:
        return 0, page, visitor.requests, time.perf_counter() - started
    chosen = slot_pk or offered[n % len(offered)]
    form = base + reverse("permanences:slot_book", args=[permanence.pk])
    visitor.get(f"{form}?creneau={chosen}")
    status, page = visitor.post(form, typed(chosen, n, visitor))
    return status, page, visitor.requests, time.perf_counter() - started


def typed(slot: int, n, visitor: Visitor) -> dict:
    return {
        "slot": slot,
        "form_token": visitor.field("form_token") if 'name="form_token"' in visitor.page else uuid4(),
        "first_name": "Camille",
        "last_name": f"Banc {n}",
        "email": f"banc{n}@example.org",
        "title": f"Projet {n}",
    }


def flow(ours, day):
    answers = [
        visit(ours, day, f"flux{n}", slot_pk=pk) for n, pk in enumerate(day.slots.values_list("pk", flat=True)[:8])
    ]
    requests, seconds = answers[0][2], statistics.median(answer[3] for answer in answers)
    done = all(answer[0] == 200 for answer in answers)
    yield Figure(
        "réserver, de la liste à la confirmation",
        "≤ 4 requêtes, ≤ 0,10 s",
        f"{requests} requêtes, {seconds:.3f} s",
        done and requests <= 4 and seconds <= 0.10,
    )
    slot = data.make_day(slots=2, days_ahead=12).slots.first()
    client = Client()
    with override_settings(ALLOWED_HOSTS=["testserver"]), CaptureQueriesContext(connection) as captured:
        client.get(reverse("permanences:permanence_list"))
        client.get(reverse("permanences:permanence", args=[slot.permanence_id]))
        form = reverse("permanences:slot_book", args=[slot.permanence_id])
        client.get(form, {"creneau": slot.pk})
        response = client.post(form, {**typed(slot.pk, "sql", Visitor(ours)), "form_token": uuid4()})
    statements = sum(not CONTROL.match(query["sql"]) for query in captured)
    yield Figure(
        "requêtes SQL de tout le parcours, hors BEGIN, COMMIT…",
        "≤ 25",
        str(statements),
        response.status_code == 200 and statements <= 25,
    )


def first_visit(ours, page):
    """HTML, CSS and JavaScript, compressed as a proxy would; and no address outside."""
    _, html = get(ours + page)
    assets = re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', html)
    weight = len(gzip.compress(html.encode(), 6)) + sum(
        len(gzip.compress(get(ours + asset)[1].encode(), 6)) for asset in assets
    )
    elsewhere = re.findall(r'(?:src|href)="https?://(?!127\.0\.0\.1)', html)
    yield Figure(
        "première visite, HTML + CSS + JS compressés",
        "≤ 60 ko, aucun tiers",
        f"{weight / 1000:.1f} ko, {len(elsewhere)} tiers",
        weight <= 60_000 and not elsewhere,
    )


def crowd(ours, *, slots: int):
    """Two hundred people at once, the whole flow; counted by SQL, not by status."""
    cache.clear()
    day = data.make_day(slots=slots, days_ahead=20 + slots)
    only = day.slots.get().pk if slots == 1 else None
    pks = list(day.slots.values_list("pk", flat=True))
    answers, seconds = at_once(CROWD, lambda n: visit(ours, day, f"foule{slots}-{n}", slot_pk=only or pks[n % slots]))
    statuses = [answer[0] for answer in answers]
    standing = Booking.objects.standing().filter(permanence=day)
    distinct = standing.values("slot").distinct().count()
    written = Message.objects.filter(kind="booking-confirmation", person__bookings__permanence=day).count()
    errors = sum(status >= 500 for status in statuses)
    refused = sum(status == 409 for status in statuses)
    limit = 5 if slots == 1 else 6
    holds = (
        standing.count() == distinct == written == slots
        and not errors
        and refused == CROWD - slots
        and seconds <= limit
    )
    yield Figure(
        f"{CROWD} personnes, {slots} créneau(x)",
        f"{slots} exactement, 409 pour les autres, ≤ {limit} s",
        f"{standing.count()} réservés, {refused} × 409, {errors} × 5xx, {seconds:.1f} s",
        holds,
    )


def races(ours):
    """Cancels and moves of eight bookings while forty people book the same slots."""
    cache.clear()
    day = data.make_day(slots=16, days_ahead=40)
    pks = list(day.slots.order_by("pk").values_list("pk", flat=True))
    held = [BookingFactory(slot=Slot.objects.get(pk=pk)) for pk in pks[:8]]
    at = timezone.now()
    tokens = [new_link(BookingLink, at=at, expires_at=at + timezone.timedelta(days=60), booking=each) for each in held]

    def act(n):
        if n >= 8:
            return visit(ours, day, f"course{n}", slot_pk=pks[n % 16])[0]
        visitor, name = Visitor(ours), "permanences:booking_cancel" if n % 2 else "permanences:booking_move"
        url = ours + reverse(name, kwargs={"token": tokens[n]})
        visitor.get(url)
        return visitor.post(url, {"slot": pks[15 - n]} if n % 2 == 0 else {"reason": ""})[0]

    statuses, _ = at_once(48, act)
    standing = Booking.objects.standing().filter(permanence=day)
    doubles = standing.count() - standing.values("slot").distinct().count()
    confirmed = sum(status == 200 for status in statuses[8:])
    kept = 4 + confirmed  # the four that moved or stayed, and everybody who was told « réservé »
    errors = sum(status >= 500 for status in statuses)
    yield Figure(
        "annulations et déplacements contre réservations",
        "jamais deux sur un créneau, aucun perdu",
        f"{doubles} double, {standing.count()} tiennent sur {kept}, {errors} × 5xx",
        not doubles and not errors and standing.count() == kept,
    )


def growth(floor, ours, page):
    before, *_ = ratio(floor, ours, page)
    data.grow(slots=12_000, bookings=100_000)
    after, our, limit = ratio(floor, ours, page)
    times = before / after
    yield Figure(
        "de 16 à 12 000 créneaux et 100 000 réservations",
        "≤ 1,3 ×",
        f"{times:.2f} × ({our:.0f} / {limit:.0f} par s)",
        times <= 1.3,
    )


def lists(floor, ours):
    """The staff's lists and their search, over a hundred rows of each, then ten thousand."""
    staff = UserFactory(manager=True)
    client = Client()
    client.force_login(staff)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    pages = {
        "liste des projets": reverse("projects_staff:project_list"),
        "liste des membres": reverse("members_staff:member_list"),
        "liste des contrats": reverse("admin:members_contract_changelist"),
        "liste des personnes": reverse("admin:accounts_person_changelist"),
        "recherche d’un nom rare, mal écrit": reverse("admin:search") + "?q=vandenbrouke",
        "recherche d’un prénom sur quatre": reverse("admin:search") + "?q=camille",
    }
    few = {}
    data.people(count=100)
    for what, url in pages.items():
        few[what] = list_page(floor, ours, client, url, cookie)
    data.people(count=9_900)
    for what, url in pages.items():
        many, queries, share = list_page(floor, ours, client, url, cookie)
        times = many / few[what][0]
        most = 10 if what.startswith("recherche") else 9  # one query for each kind of thing found
        yield Figure(
            f"{what}, de 100 à 10 000",
            f"≤ 1,3 ×, ≤ {most} requêtes, constant ; visé : 0,3 × limite",
            f"{times:.2f} × ({many * 1000:.0f} ms), {queries} requêtes, {share:.2f} × limite",
            times <= 1.3 and queries == few[what][1] <= most,
        )


def list_page(floor, ours, client, url, cookie) -> tuple[float, int, float]:
    """Return the seconds that a page takes on one core, its queries, and its rate over the floor's list of 50 rows."""
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
    measure(ours + url, seconds=1, cookie=cookie)
    pairs = [(measure(ours + url, cookie=cookie).per_second, measure(floor + LIST).per_second) for _ in range(3)]
    rate = statistics.median(our for our, _ in pairs)
    return WORKERS / rate, len(captured), statistics.median(our / limit for our, limit in pairs)


def footprint(cold, master):
    memory = max(pss_megabytes(pid) for pid in workers_of(master))
    yield Figure(
        "démarrage à froid, mémoire par processus (PSS)",
        "≤ 1,5 s, ≤ 100 Mo",
        f"{cold:.2f} s, {memory:.0f} Mo",
        cold <= 1.5 and memory <= 100,
    )
