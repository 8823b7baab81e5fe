"""The geometry of a picture drawn on the server; templates make SVG of it, with the figures as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor, log10

WIDTH, HEIGHT, GROUND, LEFT = 720, 230, 200, 44  # of the drawing; the page scales it
HIGHEST = 190  # the tallest bar, so that it does not touch the edge
FILLED, WIDEST = 0.8, 120  # of a slot by its bars; one bar
TICKS = 4

type Number = int | Decimal


@dataclass(frozen=True, slots=True)
class Bar:
    """An upright bar; `tick` is written under it, or nothing. Without a `value` there is nothing to draw."""

    value: Number | None
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
    scale: Sequence[tuple[Number, float]]
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


def columns(
    labels: Sequence[str], series: Mapping[str, Sequence[Number | None]], *, tick_every: int, left: int = LEFT
) -> Columns:
    """All series are as long as `labels`; every so many labels one is written under its bars.

    Bars stand on nought, and hang from it where a number is negative. `left`: the room for the numbers of the scale.
    """
    scale = _scale([value for values in series.values() for value in values if value is not None])
    bottom, top = scale[0], scale[-1]

    def y(value: Number) -> float:
        return GROUND - HIGHEST * float((value - bottom) / (top - bottom))

    slot = (WIDTH - left) / max(1, len(labels))
    width = min(slot * FILLED / max(1, len(series)), WIDEST)
    beside = (slot - width * len(series)) / 2
    drawn = []
    for number, (name, values) in enumerate(series.items()):
        bars = []
        for at, value in enumerate(values):
            x, ends = left + slot * at + beside + width * number, sorted((y(0), y(value or 0)))
            tick = labels[at] if number == 0 and at % tick_every == 0 else ""
            bars.append(Bar(value, round(x, 1), round(ends[0], 1), round(width, 1), round(ends[1] - ends[0], 1), tick))
        drawn.append(Series(name, bars))
    return Columns(labels, drawn, [(value, round(y(value), 1)) for value in scale], left=left)


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


def _scale(values: Sequence[Number]) -> list[Number]:
    """The numbers of the lines behind the bars, from nought or below to the highest, at even distances."""
    lowest, highest = min(values, default=0), max(values, default=0)
    most = highest if highest > -lowest else -lowest
    step: Number
    if isinstance(most, int):
        step = scale_top(most) // TICKS
    else:
        shift = max(0, 1 - most.adjusted()) if most else 0  # so that a small one, too, has two digits before the point
        step = Decimal(scale_top(ceil(most.scaleb(shift)))).scaleb(-shift) / TICKS
    first = floor(lowest / step) if lowest < 0 else 0
    last = max(ceil(highest / step), 0) if lowest < 0 else TICKS
    return [step * at for at in range(first, last + 1)]
