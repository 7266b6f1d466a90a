"""Units on offer as the public sees them: nothing but what is open ever leaves the database."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Count, Model, Prefetch, Q, QuerySet, Sum
from django.db.models.expressions import RawSQL
from redis.exceptions import RedisError

from coopconnexion.db import lock_name
from coopconnexion.french import NARROW, NBSP
from premises.models import Unit, UnitPhoto

SHOWN = (
    "number",
    "repetition",
    "street",
    "building",
    "floor",
    "postal_code",
    "commune__name",
    "latitude",
    "longitude",
    "floor_area_m2",
    "sales_area_m2",
    "frontage_m",
    "step_free",
    "shop_window",
    "extraction",
    "water",
    "erp_type",
    "public_note",
    "published_at",
)
"""The columns of a unit that its public page reads, the rent set aside: it has a rule of its own."""

NEEDS = {
    "step_free": "Accès de plain-pied",
    "shop_window": "Vitrine sur rue",
    "extraction": "Extraction pour cuisiner",
    "water": "Point d’eau",
}
BUTTONS = 200  # places of the map that are buttons with a name; beyond, those off the page are plain dots
SUMMED_UP_FOR = 300  # seconds
PAGE_KEPT_FOR = 60  # seconds, unless the register changes


@dataclass(frozen=True)
class Feature:
    """What a unit has, lacks, or nobody has noted yet."""

    label: str
    is_there: bool | None

    @property
    def words(self) -> str:
        return {True: "oui", False: "non", None: "à vérifier"}[self.is_there]


@dataclass(frozen=True)
class Offer:
    """One unit on offer, ready to show; it holds nothing that the public may not read."""

    pk: int
    address: str
    place: str
    complement: str
    area: Decimal | None
    sales_area: Decimal | None
    frontage: Decimal | None
    rent: Decimal | None
    charges: Decimal | None
    features: list[Feature]
    note: str
    published_at: datetime
    position: tuple[float, float] | None
    erp: str = ""
    rank: int = 0
    photos: list[UnitPhoto] = field(default_factory=list)

    @property
    def area_words(self) -> str:
        return metres(self.area, "m²") or "surface à vérifier"

    @property
    def rent_words(self) -> str:
        return f"{euros(self.rent)} par mois" if self.rent is not None else "loyer non affiché : demandez-le nous"

    @property
    def known(self) -> list[str]:
        """What it has for sure, in a few words."""
        return [each.label for each in self.features if each.is_there]

    @property
    def to_check(self) -> list[str]:
        return [each.label for each in self.features if each.is_there is None]


def shown(units: QuerySet[Unit]) -> QuerySet[Unit]:
    """``units`` without the columns that stay in the back office, their public pictures beside them: two queries."""
    pictures = UnitPhoto.objects.filter(is_public=True).only("unit_id", "description").order_by("position", "pk")
    rent = ("monthly_rent", "monthly_charges", "rent_is_public")
    return (
        units.select_related("commune").only(*SHOWN, *rent).prefetch_related(Prefetch("photos", pictures, "pictures"))
    )


def offers(units: Iterable[Unit], *, first_rank: int = 1) -> list[Offer]:
    return [offer(unit, rank=rank) for rank, unit in enumerate(units, first_rank)]


def offer(unit: Unit, *, rank: int = 0) -> Offer:
    """Show a unit that came from ``shown``; its rent only when the team shows it."""
    return Offer(
        pk=unit.pk,
        address=unit.address,
        place=f"{unit.postal_code} {unit.commune.name}".strip(),
        complement=", ".join(filter(None, (unit.building, unit.floor))),
        area=unit.floor_area_m2,
        sales_area=unit.sales_area_m2,
        frontage=unit.frontage_m,
        rent=unit.monthly_rent if unit.rent_is_public else None,
        charges=unit.monthly_charges if unit.rent_is_public else None,
        features=[Feature(label, getattr(unit, name)) for name, label in NEEDS.items()],
        note=unit.public_note,
        published_at=unit.published_at,
        position=None if unit.latitude is None else (unit.latitude, unit.longitude),
        erp=unit.get_erp_type_display(),
        rank=rank,
        photos=unit.pictures,
    )


def facts(shown: Offer) -> list[tuple[str, str]]:
    """The lines of the page of a unit; what is unknown and asked by nobody is left out."""
    lines = [
        ("Adresse", f"{shown.address}, {shown.place}"),
        ("Complément", shown.complement),
        ("Surface", shown.area_words),
        ("Surface de vente", metres(shown.sales_area, "m²")),
        ("Largeur de vitrine", metres(shown.frontage, "m")),
        ("Loyer", f"{shown.rent_words}, hors taxes et charges" if shown.rent is not None else shown.rent_words),
        ("Charges", f"{euros(shown.charges)} par mois" if shown.charges is not None else ""),
        *((each.label, each.words) for each in shown.features),
        ("Type d’établissement", shown.erp),
    ]
    return [(label, words) for label, words in lines if words]


def metres(value: Decimal | None, unit: str) -> str:
    """« 1 250,5 m² »; nothing when it is not known."""
    return "" if value is None else f"{french_number(value)}{NBSP}{unit}"


def euros(value: Decimal) -> str:
    """« 1 250 € », « 612,50 € »."""
    return f"{french_number(value, cents=value % 1 != 0)}{NBSP}€"


def french_number(value: Decimal, *, cents: bool = False) -> str:
    text = f"{value:,.2f}" if cents else f"{value:,.2f}".rstrip("0").rstrip(".")
    return text.replace(",", NARROW).replace(".", ",")


# --- what the map receives -------------------------------------------------------------------------------------------


def places(units: QuerySet[Unit]) -> list[list]:
    """Each placed unit as its id and its position to about a metre; with its name while they are few enough.

    The same units as the list, in its order. Positions are whole hundred-thousandths of a degree.
    """
    rows = list(
        units.filter(latitude__isnull=False).values_list(
            "pk", "latitude", "longitude", "number", "repetition", "street", "floor_area_m2"
        )
    )
    is_named = len(rows) <= BUTTONS
    return [
        [pk, round(latitude * 1e5), round(longitude * 1e5), *([named(*rest)] if is_named else [])]
        for pk, latitude, longitude, *rest in rows
    ]


def named(number: int | None, repetition: str, street: str, area: Decimal | None) -> str:
    address = Unit(number=number, repetition=repetition, street=street).address
    return ", ".join(filter(None, (address, metres(area, "m²"))))


def outlines(units: QuerySet[Unit]) -> list[dict]:
    """The shapes of the communes where a unit is offered, to draw behind it; a commune without shape has none."""
    rows = units.order_by().filter(commune__outline__isnull=False).values_list("commune__outline__geometry", flat=True)
    return list(rows.distinct("commune"))


def fingerprint(units: QuerySet[Model]) -> str:
    """Tell two states of these rows apart: any row changed, added or gone changes it. One query."""
    table = units.model._meta.db_table
    place = f'"{table}"."xmin"::text || "{table}"."ctid"::text'  # PostgreSQL writes a changed row anew, elsewhere
    version = RawSQL(f"hashtext({place})::bigint", ())  # noqa: S611  # the name of a table of ours
    seen = units.order_by().aggregate(rows=Count("pk"), versions=Sum(version))
    return f"{seen['rows']}-{seen['versions'] or 0}"


def changed_at() -> datetime | None:
    """When a unit last changed, whichever it was."""
    newest = Unit.history.rel.related_model.objects.order_by("-pgh_id")
    return newest.values_list("pgh_created_at", flat=True).first()


def version() -> str:
    """What names the state of the register: any change of a unit or of a picture changes it. One query."""
    tables = (each.history.rel.related_model._meta.db_table for each in (Unit, UnitPhoto))
    newest = ", ".join(f'(SELECT max(pgh_id) FROM "{table}")' for table in tables)  # noqa: S608  # tables of ours
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {newest}")
        return "-".join(str(each or 0) for each in cursor.fetchone())


# --- sums ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Summary:
    """How many units answer, and what to say of them."""

    total: int
    unplaced: int
    without_rent: int


def summary(units: QuerySet[Unit], *, key: str) -> Summary:
    """Sum ``units`` up; kept a moment under ``key``, which names the filters and the state of the register."""
    return kept(f"offers:sum:{key}", lambda: summed_up(units))


def towns(*, key: str) -> list[tuple[str, str]]:
    """The communes where a unit is offered, by name."""
    rows = Unit.objects.on_offer().order_by("commune__name").values_list("commune", "commune__name").distinct()
    return kept(f"offers:towns:{key}", lambda: list(rows))


def kept(key: str, compute: Callable, *, seconds: int = SUMMED_UP_FOR):
    """Return what the cache holds under ``key``, else what ``compute`` says; a cache that is away only costs time."""
    try:
        known = cache.get(key)
        if known is None:
            known = compute()
            cache.set(key, known, seconds)
    except RedisError:
        return compute()
    return known


def kept_once(key: str, compute: Callable, *, seconds: int = SUMMED_UP_FOR):
    """Return the same as :func:`kept` for what is dear to compute: one computes it, who asks meanwhile waits for it."""
    try:
        known = cache.get(key)
    except RedisError:
        known = None
    if known is not None:
        return known
    with transaction.atomic():
        lock_name(key)
        return kept(key, compute, seconds=seconds)


def summed_up(units: QuerySet[Unit]) -> Summary:
    hidden = Q(rent_is_public=False) | Q(monthly_rent=None)
    sums = units.order_by().aggregate(
        total=Count("pk"), unplaced=Count("pk", Q(latitude=None)), without_rent=Count("pk", hidden)
    )
    return Summary(**sums)
