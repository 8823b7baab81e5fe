"""The geometry of a commitment's timeline; templates/timeline.html makes SVG of it, with the same in words under it.

Across in per cent and down in px, so that the picture fills a phone and a wide screen with letters of the same size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

LEFT, RIGHT = 4, 96  # per cent: room for half a mark at the edges
TOP, LANE, BAND = 34, 34, 12  # px: the word "today" above; one row of marks; the bar of the period
APART = 15  # per cent between two marks of a row: 44 px on the narrowest phone, a mark and its number
TICKS_MOST, YEARS_MOST = 5, 8  # as many months, or years, as stand side by side on the narrowest phone
YEAR = 12
MONTHS_APART = (1, 2, 3, 6, YEAR, 2 * YEAR, 5 * YEAR, 10 * YEAR, 50 * YEAR, 10_000 * YEAR)


@dataclass(frozen=True, slots=True)
class Mark:
    """A milestone, `y` down from the top."""

    x: float
    y: int


@dataclass(frozen=True, slots=True)
class Tick:
    label: str
    x: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """`start` and `end` are the ends of the bar of the period, `today` is where the present is; `ground` the axis."""

    marks: list[Mark]
    ticks: list[Tick]
    start: float
    end: float
    today: float
    ground: int

    @property
    def height(self) -> int:
        return self.ground + BAND + 26


def timeline(start: date, end: date, today: date, milestones: Sequence[date]) -> Timeline:
    """A period with the days of its milestones, a mark for each in their order, and the present day."""
    first, last = min(start, today, *milestones), max(end, today, *milestones)
    span = max(1, (last - first).days)

    def at(day: date) -> float:
        return round(LEFT + (RIGHT - LEFT) * (day - first).days / span, 2)

    rows: list[float] = []  # where each row of marks ends
    marks = []
    for day in milestones:
        x = at(day)
        row = next((row for row, taken in enumerate(rows) if x - taken >= APART), len(rows))
        rows[row:] = [x, *rows[row + 1 :]]
        marks.append(Mark(x, TOP + LANE * row + LANE // 2))
    ground = TOP + LANE * max(1, len(rows))
    ticks = [Tick(label, at(day)) for day, label in _ticks(first, last)]
    return Timeline(marks, ticks, at(start), at(end), at(today), ground)


def _ticks(first: date, last: date) -> list[tuple[date, str]]:
    """Beginnings of months or years, at most so many, with what is written under them."""
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    apart = next(step for step in MONTHS_APART if months / step <= (YEARS_MOST if step >= YEAR else TICKS_MOST))
    found = []
    for month in range(first.year * 12, last.year * 12 + 12, apart):
        day = date(month // 12, month % 12 + 1, 1)
        if first <= day <= last:
            found.append((day, f"{day:%Y}" if apart >= YEAR else f"{day:%Y-%m}"))
    return found
