"""The geometry of a picture drawn on the server; templates/charts.html makes SVG of it, with the figures as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log10

WIDTH, HEIGHT, GROUND, LEFT = 720, 230, 200, 44  # of the drawing; the page scales it
HIGHEST = 190  # the tallest bar, so that it does not touch the edge
FILLED = 0.8  # of a slot by its bars
TICKS = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """An upright bar; `tick` is written under it, or nothing."""

    value: int
    x: float
    y: float
    width: float
    height: float
    tick: str


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class Columns:
    """Bars over time, one of each series for a label. `scale` has the lines behind them: a number and its height."""

    labels: Sequence[str]
    series: Sequence[Series]
    scale: Sequence[tuple[int, float]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    ground: int = GROUND


@dataclass(frozen=True, slots=True)
class Row:
    """A lying bar, as long as `percent` of the longest."""

    label: str
    value: int
    percent: float


def columns(labels: Sequence[str], series: Mapping[str, Sequence[int]], *, tick_every: int) -> Columns:
    """All series are as long as `labels`; every so many labels one is written under its bars."""
    top = scale_top(max((max(values, default=0) for values in series.values()), default=0))
    slot = (WIDTH - LEFT) / max(1, len(labels))
    width = slot * FILLED / max(1, len(series))
    drawn = []
    for number, (name, values) in enumerate(series.items()):
        bars = []
        for at, value in enumerate(values):
            x, height = LEFT + slot * (at + (1 - FILLED) / 2) + width * number, HIGHEST * value / top
            tick = labels[at] if number == 0 and at % tick_every == 0 else ""
            bars.append(Bar(value, round(x, 1), round(GROUND - height, 1), round(width, 1), round(height, 1), tick))
        drawn.append(Series(name, bars))
    scale = [(value, round(GROUND - HIGHEST * value / top, 1)) for value in range(0, top + 1, top // TICKS)]
    return Columns(labels, drawn, scale)


def rows(values: Mapping[str, int]) -> list[Row]:
    """In the order given."""
    most = max(values.values(), default=0) or 1
    return [Row(label, value, round(100 * value / most, 1)) for label, value in values.items()]


def scale_top(most: int) -> int:
    """The least number from `most` on that is easy to read on a scale and divides into four: 4, 8, 12, 20, 40, 80."""
    if most <= TICKS:
        return TICKS
    power = 10 ** int(log10(most))
    return next(int(TICKS * ceil(power * step / TICKS)) for step in (1, 2, 4, 8, 10) if power * step >= most)
