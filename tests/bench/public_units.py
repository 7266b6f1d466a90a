"""The public list of units and its map, over a hundred units on offer, then ten thousand."""

import gzip
import random
import re
import statistics
import time
from collections.abc import Iterator

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse
from django.utils import timezone

from coopconnexion.territories.models import Commune, CommuneOutline, Territory
from premises.enums import Availability, OccupancyState
from premises.models import Unit
from tests.bench.load import get, share
from tests.factories import CommuneFactory, TerritoryFactory

PAIRS = 3
FEW, MANY = 100, 10_000
SEARCH = "?surface_min=50&loyer_max=800&plain_pied=on"
SHAPE = {"type": "Polygon", "coordinates": [[[2.6, 50.5], [2.7, 50.5], [2.7, 50.56], [2.6, 50.5]]]}


def measured(floor: str, ours: str) -> Iterator[tuple[str, str, str, bool]]:
    """Yield (what, must, measured, holds) of the pages, few units then many."""
    pages = {"liste des locaux": reverse("premises:offer_list"), "carte des locaux": reverse("premises:offer_map")}
    pages["recherche d’un local"] = pages["liste des locaux"] + SEARCH
    territory, commune = TerritoryFactory(), CommuneFactory()
    CommuneOutline.objects.update_or_create(commune=commune, defaults={"geometry": SHAPE, "source": "banc"})
    offer(FEW, territory, commune)
    before = {what: against(floor, ours, url, rows=25) for what, url in pages.items() if "carte" not in what}
    offer(MANY - FEW, territory, commune)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE premises_unit")
    for what, few in before.items():
        yield of_list(what, few, against(floor, ours, pages[what], rows=25), queries(pages[what]))
    yield of_map(pages["carte des locaux"], floor, ours)
    yield weight(ours, pages["liste des locaux"])


def offer(count: int, territory: Territory, commune: Commune) -> None:
    """Add ``count`` units on offer, some without rent, surface or position."""
    chance, at, known = random.Random(count), timezone.now(), Unit.objects.count()
    Unit.objects.bulk_create(
        (
            Unit(
                territory=territory,
                commune=commune,
                number=known + n,
                street=f"rue {n % 60} du Banc",
                postal_code="62400",
                floor_area_m2=chance.choice([None, 30, 60, 120]),
                monthly_rent=chance.choice([None, 400, 900]),
                rent_is_public=chance.random() < 0.7,
                step_free=chance.choice([True, False, None]),
                latitude=50.5 + chance.random() / 20,
                longitude=2.6 + chance.random() / 10,
                state=OccupancyState.VACANT,
                availability=Availability.YES,
                published_at=at - timezone.timedelta(minutes=n),
            )
            for n in range(1, count + 1)
        ),
        batch_size=1000,
    )


def against(floor: str, ours: str, url: str, *, rows: int) -> float:
    """Return the rate of a page over that of the floor's list of as many rows, the median of interleaved rounds."""
    return share(f"{floor}/liste/{rows}/", ours + url, pairs=PAIRS)


def queries(url: str) -> int:
    """Return the queries of a page that no cache holds yet."""
    cache.clear()
    with override_settings(ALLOWED_HOSTS=["testserver"]), CaptureQueriesContext(connection) as captured:
        Client().get(url)
    return len(captured)


def of_list(what: str, few: float, many: float, counted: int) -> tuple[str, str, str, bool]:
    is_search = what.startswith("recherche")
    times = few / many
    must = "≤ 5 requêtes" if is_search else "≤ 1,3 ×, ≤ 5 requêtes, ≥ 0,3 × limite"
    holds = counted <= 5 and (is_search or (times <= 1.3 and many >= 0.3))
    return f"{what}, de 100 à 10 000", must, f"{times:.2f} ×, {counted} requêtes, {many:.2f} × limite", holds


def of_map(url: str, floor: str, ours: str) -> tuple[str, str, str, bool]:
    times = [(seconds(f"{floor}/liste/{MANY}/"), seconds(ours + url)) for _ in range(2 * PAIRS)]
    share, counted = statistics.median(limit / our for limit, our in times), queries(url)
    size = len(gzip.compress(get(ours + url)[1].encode(), 6)) / 1000
    holds = counted <= 5 and size <= 150 and share >= 0.3
    shown = f"{size:.0f} ko compressés, {counted} requêtes, {share:.2f} × limite"
    return "carte de 10 000 locaux", "≤ 150 ko, ≤ 5 requêtes, ≥ 0,3 × limite", shown, holds


def seconds(url: str) -> float:
    """Return how long one visitor waits: ten thousand rows take too long for a rate."""
    started = time.perf_counter()
    get(url)
    return time.perf_counter() - started


def weight(ours: str, url: str) -> tuple[str, str, str, bool]:
    """HTML, CSS and JavaScript of a first visit, the library of maps included, compressed as a proxy would."""
    html = get(ours + url)[1]
    assets = re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', html)
    size = sum(len(gzip.compress(text.encode(), 6)) for text in (html, *(get(ours + each)[1] for each in assets)))
    elsewhere = re.findall(r'(?:src|href)="https?://(?!127\.0\.0\.1)', html)
    shown = f"{size / 1000:.0f} ko, {len(elsewhere)} tiers"
    return (
        "première visite de la liste, carte comprise",
        "≤ 100 ko, aucun tiers",
        shown,
        size <= 100_000 and not elsewhere,
    )
