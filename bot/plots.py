"""The picture of an indicator: one SVG, shown on the pages as it is and made into PNG for chats."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from math import ceil
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.drawing import FONT_FAMILY, Drawing, lines
from bot.pages.charts import GROUND, WIDTH, Columns, columns
from flows import indicators
from flows.city import city
from flows.errors import NotFound
from flows.indicators import Indicator, NoSuchIndicator
from flows.store import Database
from flows.wording import N_, Lang, as_lang, text, unit_alone, written_date

PATH = re.compile(r"^/figures/(?P<code>[a-z0-9_]+)\.png\?lang=(?P<lang>ko|en)$")
PNG_WIDTH = 1080
PERIODS_MOST = 60  # of a bar each; older ones are in the table
TICKS_MOST, NUMBERS_MOST = 8, 8
RIGHT = 40  # room for the half of the last period's label
MARGIN, TITLE_PX, UNIT_PX, NUMBER_PX, SOURCE_PX, LEADING = 24, 30, 22, 22, 18, 1.35
DIGIT_EM = 0.56
SOURCE_LINES, TITLE_LINES = 2, 2


class NoPicture(NotFound):
    """A series with one number has nothing to plot."""

    message = N_("There is no picture of these figures, because there is only one number.")


@dataclass(frozen=True, slots=True)
class Line:
    y: float
    size: int
    text: str


@dataclass(frozen=True, slots=True)
class Label:
    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Plot:
    """All that is drawn. `plot_y`: where the chart begins; `heading` and `footing` are lines above and under it."""

    width: int
    height: float
    alt: str
    lang: Lang
    font: str
    heading: Sequence[Line]
    footing: Sequence[Line]
    plot_y: float
    chart: Columns
    scale: Sequence[Label]
    ticks: Sequence[Label]
    numbers: Sequence[Label]


class Pictures:
    """What is behind the path of a Picture."""

    def __init__(self, db: Database, drawing: Drawing) -> None:
        self._db, self._drawing = db, drawing

    async def png(self, path: str) -> bytes:
        """The PNG file. Raises NoSuchIndicator, NoPicture, NotDrawn."""
        asked = PATH.match(path)
        if asked is None:
            raise NoSuchIndicator
        async with self._db.transaction() as tx:
            indicator = await indicators.get(tx, asked["code"])
        return await self._drawing.png(svg(indicator, as_lang(asked["lang"])), width=PNG_WIDTH)


def svg(indicator: Indicator, lang: Lang) -> str:
    """The picture of a series. Raises NoPicture."""
    if indicator.change is None:
        raise NoPicture
    return _templates().get_template("plot.svg").render(plot=_plot(indicator, lang))


def _plot(indicator: Indicator, lang: Lang) -> Plot:
    said, room, latest = indicator.described, WIDTH - 2 * MARGIN, indicator.observations[-1]
    heading = _lines(lines(said.title.of(lang), size=TITLE_PX, width=room, most=TITLE_LINES), MARGIN, TITLE_PX)
    unit = text(lang, N_("Unit: {unit} · {city}"), unit=unit_alone(said.unit.of(lang)), city=city().name.of(lang))
    heading += _lines([unit], heading[-1].y + UNIT_PX / 2, UNIT_PX)
    plot_y = heading[-1].y + MARGIN + NUMBER_PX
    chart = _chart(indicator)
    under = plot_y + GROUND + NUMBER_PX * LEADING + MARGIN / 2
    as_of = written_date(lang, latest.source.as_of)
    source = text(lang, N_("Source: {title}, as of {date}"), title=latest.source.title, date=as_of)
    footing = _lines(lines(source, size=SOURCE_PX, width=room, most=SOURCE_LINES), under, SOURCE_PX)
    bars = chart.series[0].bars
    return Plot(
        width=WIDTH + RIGHT,
        height=footing[-1].y + MARGIN,
        alt=indicators.picture_said(indicator, lang),
        lang=lang,
        font=FONT_FAMILY,
        heading=heading,
        footing=footing,
        plot_y=plot_y,
        chart=chart,
        scale=[Label(chart.left - 10, y + NUMBER_PX / 3, f"{value.normalize():,f}") for value, y in _decimal(chart)],
        ticks=[Label(bar.x + bar.width / 2, GROUND + NUMBER_PX * LEADING, bar.tick) for bar in bars if bar.tick],
        numbers=[
            Label(bar.x + bar.width / 2, bar.y - NUMBER_PX / 3, indicator.number(Decimal(bar.value)))
            for bar in bars
            if bar.value is not None and len(bars) <= NUMBERS_MOST
        ],
    )


def _chart(indicator: Indicator) -> Columns:
    values = {it.period: it.value for it in indicator.observations}
    periods = indicator.periods()[-PERIODS_MOST:]
    numbers = [values.get(period) for period in periods]
    every, title = ceil(len(periods) / TICKS_MOST), indicator.described.title.en
    widest = max(
        len(f"{value.normalize():,f}") for value, _ in _decimal(columns(periods, {title: numbers}, tick_every=1))
    )
    left = int(MARGIN + widest * DIGIT_EM * NUMBER_PX)
    return columns(periods, {title: numbers}, tick_every=every, left=left)


def _decimal(chart: Columns) -> list[tuple[Decimal, float]]:
    return [(Decimal(value), y) for value, y in chart.scale]


def _lines(texts: Sequence[str], top: float, size: int) -> list[Line]:
    """Lines under one another, the first with its top at `top`."""
    return [Line(round(top + size * (1 + LEADING * at), 1), size, line) for at, line in enumerate(texts)]


@cache
def _templates() -> Environment:
    folder = Path(__file__).parent / "pages" / "templates"
    return Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
