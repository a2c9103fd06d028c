"""Figures laid out as charts. Only numbers are computed here; templates draw them as SVG, each beside its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil


@dataclass(frozen=True)
class Bar:
    """A column of a chart; x, y, width and height in the units of the drawing, y from its top."""

    label: str
    value: int
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True)
class ColumnChart:
    bars: list[Bar]
    width: int
    height: int
    base: int  # y of the ground line
    lines: list[tuple[float, int]]  # (y, value) of the guide lines


def nice_ceiling(value: int) -> int:
    """The smallest of 4, 8, 12, 20, 40, 80, 100, 200 … not under the value: it divides into four whole steps."""
    if value <= 4:
        return 4
    scale = 1
    while True:
        for step in (4, 8, 12, 20):
            if value <= step * scale:
                return step * scale
        scale *= 10 if scale > 1 else 5


def column_chart(
    points: Sequence[tuple[str, int]],
    *,
    width: int = 720,
    height: int = 220,
    left: int = 40,
    bottom: int = 28,
) -> ColumnChart:
    """Columns of equal width over a ground line, with four guide lines."""
    top, base = 24, height - bottom  # room above the highest for its figure
    ceiling = nice_ceiling(max((value for _label, value in points), default=0))
    step = (width - left) / max(1, len(points))
    bars = []
    for index, (label, value) in enumerate(points):
        tall = (base - top) * value / ceiling
        bars.append(Bar(label, value, left + index * step + step * 0.18, base - tall, step * 0.64, tall))
    lines = [(base - (base - top) * part / 4, ceil(ceiling * part / 4)) for part in range(5)]
    return ColumnChart(bars=bars, width=width, height=height, base=base, lines=lines)


def week_label(monday: date) -> str:
    return f"{monday:%d/%m}"
