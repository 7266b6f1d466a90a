"""Monthly statements added up and drawn: of one member, of territories, of themes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum, Value
from django.utils.formats import date_format

from coopconnexion import charts
from coopconnexion.periods import months_later
from coopconnexion.territories.models import Territory, Theme
from members.models import Business, Member, Statement

FIGURES = {
    "turnover": "Chiffre d’affaires",
    "purchases": "Achats",
    "contribution": "Contribution",
    "gross_pay": "Salaire brut",
}
EURO = "€"


@dataclass(frozen=True)
class Total:
    """What the statements of a territory or of a theme add up to; a figure that nobody gave is ``None``."""

    label: str
    members: int
    figures: list[Decimal | None]


def month_words(month: date) -> str:
    """« déc. 2026 »."""
    return date_format(month, "N Y")


def months_until(today: date, count: int) -> list[date]:
    """Return the first days of the ``count`` months up to that of ``today``, the oldest first."""
    this_month = today.replace(day=1)
    return [months_later(this_month, -back) for back in range(count - 1, -1, -1)]


def between(statements: QuerySet[Statement], months: list[date]) -> QuerySet[Statement]:
    return statements.filter(month__gte=months[0], month__lte=months[-1])


# --- one member ------------------------------------------------------------------------------------------------------


def charts_of(member: Member, months: list[date]) -> list[charts.Chart]:
    """Return what a member sold and bought, then contributed and earned, month by month: one query."""
    rows = between(member.statements.all(), months).values("month", *FIGURES)
    return drawn({row["month"]: row for row in rows}, months)


def drawn(by_month: dict[date, dict], months: list[date]) -> list[charts.Chart]:
    labels = [month_words(month) for month in months]

    def series(name: str) -> charts.Series:
        return charts.Series(FIGURES[name], [by_month.get(month, {}).get(name) for month in months])

    return [
        charts.bars("Ventes et achats", labels, [series("turnover"), series("purchases")], EURO),
        charts.lines("Contribution et salaire brut", labels, [series("contribution"), series("gross_pay")], EURO),
    ]


# --- all those that a user sees --------------------------------------------------------------------------------------


def charts_by_month(statements: QuerySet[Statement], months: list[date]) -> list[charts.Chart]:
    """Return the sums of all statements, month by month: one query."""
    rows = between(statements, months).order_by().values("month").annotate(**sums())
    return drawn({row["month"]: {name: row[f"sum_{name}"] for name in FIGURES} for row in rows}, months)


def sums() -> dict[str, Sum]:
    return {f"sum_{name}": Sum(name) for name in FIGURES}


def by_territory(statements: QuerySet[Statement], months: list[date]) -> list[Total]:
    """Return the sums of each territory: one query."""
    rows = between(statements, months).order_by().values("member__territory")
    found = rows.annotate(who=Count("member", distinct=True), **sums())
    names = dict(Territory.objects.values_list("pk", "name"))
    totals = [total_of(names[row["member__territory"]], row["who"], row) for row in found]
    return sorted(totals, key=lambda total: total.label)


def by_theme(statements: QuerySet[Statement], months: list[date]) -> list[Total]:
    """Return the sums of each theme, those without one last: two queries.

    A member whose businesses have two themes counts in both, once in each.
    """
    chosen = between(statements, months).order_by()
    of_theme = chosen.filter(member__in=Member.objects.filter(businesses__themes=OuterRef(OuterRef("pk"))).values("pk"))
    together = of_theme.values(one=Value(1))  # grouped as a whole

    def only(**aggregate) -> Subquery:
        return Subquery(together.annotate(**aggregate).values(*aggregate))

    columns = {f"sum_{name}": only(**{f"total_{name}": Sum(name)}) for name in FIGURES}
    themes = Theme.objects.annotate(who=only(how_many=Count("member", distinct=True)), **columns)
    found = themes.filter(who__gt=0).order_by("label", "pk").values("label", "who", *columns)
    totals = [total_of(row["label"], row["who"], row) for row in found]
    themed = Business.objects.filter(themes__isnull=False).values("members")
    rest = chosen.exclude(member__in=themed.filter(members__isnull=False))
    without = rest.aggregate(who=Count("member", distinct=True), **sums())
    return [*totals, *([total_of("Sans thème", without["who"], without)] if without["who"] else [])]


def total_of(label: str, members: int, row: dict) -> Total:
    return Total(label, members, [row[f"sum_{name}"] for name in FIGURES])


def turnover_chart(title: str, totals: Iterable[Total]) -> charts.Chart:
    totals = list(totals)
    values = [total.figures[0] for total in totals]
    return charts.bars(title, [total.label for total in totals], [charts.Series(FIGURES["turnover"], values)], EURO)
