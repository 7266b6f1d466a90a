"""Charts as SVG, the same file in a page and in a PDF: presentation attributes only, words for who cannot see it.

Every colour keeps 3:1 against the paper of the light and of the dark theme (WCAG 1.4.11); texts take the page's own.
"""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from coopconnexion.french import NARROW, NBSP

Number = int | float | Decimal
COLOURS = ("#2b8a69", "#c4622d", "#4f7fc4", "#a6589f", "#a8780f", "#778079")

WIDTH, HEIGHT = 640, 280
LEFT, RIGHT, TOP, BOTTOM = 76, 12, 14, 30
INNER_WIDTH, INNER_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
TICKS = 4
LETTER = 7.2  # width of a letter of the axes
BAR_HEIGHT = 64
WIDEST = 72.0  # a bar
ACROSS = 400  # width of bars that lie, which a narrow screen shows whole
LINE, THICK, SPACE = 17, 14, 12  # height of a line of a name, of a bar that lies, of what parts two names
VALUE_AFTER = 6  # what parts a bar that lies from its value
MOST_LINES = 3  # of a name


@dataclass(frozen=True)
class Series:
    """What one colour stands for; a value is ``None`` where it is not known."""

    label: str
    values: Sequence[Number | None]


@dataclass(frozen=True)
class Shape:
    """A rectangle, a line or a dot, its numbers ready for attributes; ``title`` is what it stands for."""

    kind: str
    colour: str
    title: str = ""
    x: str = ""
    y: str = ""
    width: str = ""
    height: str = ""
    points: str = ""


@dataclass(frozen=True)
class Label:
    """A text of an axis, where it stands, and how it is held: start, middle or end."""

    text: str
    x: str
    y: str
    anchor: str = "middle"


@dataclass
class Chart:
    """What ``components/chart.html`` draws, and the same figures as a table."""

    title: str
    description: str
    header: list[str]
    rows: list[list[str]]
    legend: list[tuple[str, str]] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    grid: list[str] = field(default_factory=list)
    height: int = HEIGHT
    zero: str = ""
    width: int = WIDTH
    left: int = LEFT
    right: int = WIDTH - RIGHT

    @property
    def is_empty(self) -> bool:
        return not self.shapes

    @property
    def is_bar(self) -> bool:
        """One low horizontal bar, which needs less width."""
        return self.height == BAR_HEIGHT and not self.is_across

    @property
    def is_across(self) -> bool:
        """Bars that lie under their names."""
        return self.width == ACROSS


def bars(title: str, labels: Sequence[str], series: Sequence[Series], unit: str = "") -> Chart:
    """Return vertical bars, those of one label side by side."""
    chart, scale = framed(title, labels, series, unit)
    slot = INNER_WIDTH / max(1, len(labels))
    width = min(slot * 0.72 / max(1, len(series)), WIDEST)
    margin = (slot - width * len(series)) / 2
    for rank, each in enumerate(series):
        for position, value in enumerate(each.values):
            if value is not None:
                x = LEFT + slot * position + margin + width * rank
                chart.shapes.append(bar(x, width, 0, value, scale, colour(rank), says(labels, position, each, unit)))
    return chart


def across(title: str, labels: Sequence[str], series: Sequence[Series], unit: str = "") -> Chart:
    """Return bars that lie, those of one label under its name told whole; none of the values is negative."""
    chart, _ = framed(title, labels, series, unit, axes=False)
    chart.width, chart.left, chart.right, chart.zero = ACROSS, 0, ACROSS, ""
    said = [spoken(value, unit) for each in series for value in each.values]
    room = ACROSS - VALUE_AFTER - LETTER * max(map(len, said), default=0)
    longest = max([float(value) for each in series for value in each.values if value is not None], default=0) or 1
    below = 0
    for position, label in enumerate(labels):
        below = add_name(chart, label, below)
        for rank, each in enumerate(series):
            value, words = each.values[position], says(labels, position, each, unit)
            width = float(value or 0) / longest * room
            if value is not None:
                shape = Shape("bar", colour(rank), words, "0", f"{below}", f"{max(width, 0.5):.1f}", f"{THICK - 2}")
                chart.shapes.append(shape)
            after = f"{width + VALUE_AFTER:.1f}"
            chart.labels.append(Label(spoken(value, unit), after, f"{below + THICK - 3}", "start"))
            below += THICK
        below += SPACE
    chart.height = max(1, below - SPACE)
    return chart


def add_name(chart: Chart, name: str, top: int) -> int:
    """Write a name over as many lines as it takes, and return where its bars begin."""
    for line in textwrap.wrap(name, int(ACROSS / LETTER), max_lines=MOST_LINES, placeholder="…"):
        chart.labels.append(Label(line, "0", f"{top + THICK - 1}", "start"))
        top += LINE
    return top


def stacked(title: str, labels: Sequence[str], series: Sequence[Series], unit: str = "") -> Chart:
    """Return vertical bars, those of one label on top of each other; what is negative hangs below zero."""
    chart, scale = framed(title, labels, series, unit, totals=True)
    slot = INNER_WIDTH / max(1, len(labels))
    width = min(slot * 0.72, WIDEST)
    for position in range(len(labels)):
        above = below = 0.0
        for rank, each in enumerate(series):
            value = each.values[position]
            if not value:
                continue
            start = above if value > 0 else below
            above, below = (above + float(value), below) if value > 0 else (above, below + float(value))
            x, words = LEFT + slot * (position + 0.5) - width / 2, says(labels, position, each, unit)
            chart.shapes.append(bar(x, width, start, start + float(value), scale, colour(rank), words))
    return chart


def lines(title: str, labels: Sequence[str], series: Sequence[Series], unit: str = "") -> Chart:
    """Return a line per series, broken where a value is not known."""
    chart, scale = framed(title, labels, series, unit)
    slot = INNER_WIDTH / max(1, len(labels))
    for rank, each in enumerate(series):
        run: list[str] = []
        for position, value in enumerate([*each.values, None]):
            if value is None:
                if len(run) > 1:
                    chart.shapes.append(Shape("line", colour(rank), points=" ".join(run)))
                run = []
                continue
            x, y = LEFT + slot * (position + 0.5), scale.y(value)
            run.append(f"{x:.1f},{y:.1f}")
            words = says(labels, position, each, unit)
            chart.shapes.append(Shape("dot", colour(rank), words, x=f"{x:.1f}", y=f"{y:.1f}"))
    return chart


def progress(title: str, parts: Sequence[tuple[str, Number]], *, total: Number, unit: str = "", mark=None) -> Chart:
    """Return one horizontal bar of ``total``, filled by ``parts``; ``mark``, a label and a value, is a line across.

    Parts that go past the total make the bar longer, and a line shows where the total was.
    """
    reached = sum(float(value) for _, value in parts)
    whole = max(float(total), reached, float(mark[1]) if mark else 0.0) or 1.0
    chart = Chart(
        title=title,
        description=sentence(
            f"{label}{NARROW}: {spoken(value, unit)}" for label, value in [*parts, ("en tout", total)]
        ),
        header=["", unit],
        rows=[[label, spoken(value)] for label, value in [*parts, *([mark] if mark else []), ("En tout", total)]],
        legend=[(label, colour(rank)) for rank, (label, _) in enumerate(parts)],
        height=BAR_HEIGHT,
        left=0,
        right=WIDTH,
    )
    chart.shapes.append(Shape("track", "#778079", x="1", y="14", width=f"{WIDTH - 2:.1f}", height="22"))
    start = 0.0
    for rank, (label, value) in enumerate(parts):
        x, width = 1 + start / whole * (WIDTH - 2), float(value) / whole * (WIDTH - 2)
        words = f"{label}{NARROW}: {spoken(value, unit)}"
        chart.shapes.append(Shape("bar", colour(rank), words, f"{x:.1f}", "14", f"{width:.1f}", "22"))
        start += float(value)
    for label, value in [("", total)] * (reached > total) + ([mark] if mark else []):
        x = 1 + float(value) / whole * (WIDTH - 2)
        chart.shapes.append(Shape("mark", "currentColor", label, points=f"{x:.1f},8 {x:.1f},42"))
        anchor = "start" if x < 80 else "end" if x > WIDTH - 80 else "middle"
        chart.labels.append(Label(label, f"{x:.1f}", "58", anchor))
    return chart


# --- numbers in words ------------------------------------------------------------------------------------------------


def spoken(value: Number | None, unit: str = "") -> str:
    """« 1 234,50 € », « 12 »; a dash where nothing is known."""
    if value is None:
        return "–"
    exact = Decimal(str(value)).quantize(Decimal("0.01"))
    digits = f"{exact:,.0f}" if exact == exact.to_integral_value() else f"{exact:,.2f}"
    words = digits.replace(",", NARROW).replace(".", ",").replace("-", "−")
    return f"{words}{NBSP}{unit}" if unit else words


def says(labels: Sequence[str], position: int, series: Series, unit: str) -> str:
    return f"{labels[position]}, {series.label}{NARROW}: {spoken(series.values[position], unit)}"


def sentence(parts) -> str:
    return f"{NARROW}; ".join(parts) + "."


def describe(labels: Sequence[str], series: Sequence[Series], unit: str) -> str:
    """Say of each series where it begins, ends, and what its extremes are."""
    found = []
    for each in series:
        known = [value for value in each.values if value is not None]
        if known:
            found.append(f"{each.label}, de {spoken(min(known), unit)} à {spoken(max(known), unit)}")
    return f"De {labels[0]} à {labels[-1]}. {sentence(found)}" if found else "Aucune valeur connue."


# --- the frame: scale, axes ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scale:
    """Where values stand between the lowest and the highest tick."""

    low: float
    step: float
    count: int

    @property
    def ticks(self) -> list[float]:
        return [self.low + self.step * each for each in range(self.count + 1)]

    def y(self, value: Number) -> float:
        return TOP + INNER_HEIGHT * (1 - (float(value) - self.low) / (self.step * self.count))


def scale_of(values: Sequence[Number]) -> Scale:
    """Return a scale of round steps that holds zero and every value."""
    low, high = min([0.0, *map(float, values)]), max([0.0, *map(float, values)])
    if low == high:
        high = 1.0
    rough = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * each for each in (1, 2, 2.5, 5, 10) if power * each >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Scale(low=first * step, step=step, count=max(1, last - first))


def framed(
    title: str, labels, series: Sequence[Series], unit: str, *, totals: bool = False, axes: bool = True
) -> tuple[Chart, Scale]:
    """Return a chart with its axes, its legend and its table, nothing drawn yet, and where values stand in it."""
    if any(len(each.values) != len(labels) for each in series):
        raise ValueError("A series has one value per label.")
    known = [value for each in series for value in each.values if value is not None]
    scale = scale_of(stack_ends(series) if totals else known)
    header = [f"{each.label} ({unit})" if unit else each.label for each in series]
    chart = Chart(
        title=title,
        description=describe(labels, series, unit),
        header=["", *header],
        rows=[[label, *(spoken(each.values[at]) for each in series)] for at, label in enumerate(labels)],
        legend=[(each.label, colour(rank)) for rank, each in enumerate(series)] if len(series) > 1 else [],
        zero=f"{scale.y(0):.1f}",
    )
    if known and axes:
        add_axes(chart, scale, labels, unit)
    return chart, scale


def stack_ends(series: Sequence[Series]) -> list[float]:
    columns = list(zip(*(each.values for each in series), strict=True))
    above = [sum(float(value) for value in column if value and value > 0) for column in columns]
    return above + [sum(float(value) for value in column if value and value < 0) for column in columns]


def add_axes(chart: Chart, scale: Scale, labels: Sequence[str], unit: str) -> None:
    for tick in scale.ticks:
        y = scale.y(tick)
        chart.grid.append(f"{y:.1f}")
        chart.labels.append(Label(spoken(round(tick, 6), unit), f"{LEFT - 8}", f"{y + 4:.1f}", "end"))
    slot = INNER_WIDTH / len(labels)
    longest = max(len(label) for label in labels)
    every = max(1, math.ceil(min(longest, 14) * LETTER / slot))
    room = max(3, int(slot * every / LETTER))
    for position in range(0, len(labels), every):
        label = labels[position]
        short = label if len(label) <= room else label[: room - 1].rstrip() + "…"
        chart.labels.append(Label(short, f"{LEFT + slot * (position + 0.5):.1f}", f"{HEIGHT - 10}"))


def colour(rank: int) -> str:
    return COLOURS[rank % len(COLOURS)]


def bar(x: float, width: float, start: Number, end: Number, scale: Scale, fill: str, title: str) -> Shape:
    top, bottom = sorted((scale.y(start), scale.y(end)))
    return Shape("bar", fill, title, f"{x:.1f}", f"{top:.1f}", f"{width:.1f}", f"{max(bottom - top, 0.5):.1f}")
