"""The figures for citizens: each series as a plot and a table, with its source, and as CSV and PNG to take away."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse
from markupsafe import Markup

from bot import plots
from bot.app import Damso
from bot.exports import MEDIA_TYPES, Cell, written
from bot.pages.rendering import lang_of, page, parts
from flows import commitments, indicators
from flows.indicators import COLUMNS, Indicator, Observation, row_of
from flows.messages import clean
from flows.topics import Source
from flows.wording import Lang

router = APIRouter(include_in_schema=False)
Parts = Annotated[Damso, Depends(parts)]

FRESH = {"Cache-Control": "public, max-age=300"}


@dataclass(frozen=True, slots=True)
class Number:
    """A row of the table."""

    period: str
    amount: str
    source: Source
    corrected: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A series on a page, in one language: templates/indicator_parts.html shows it."""

    code: str
    title: str
    latest: str
    change: str
    about: str
    commitment: str | None
    plot: Markup
    numbers: Sequence[Number]  # the latest first


def figure_of(indicator: Indicator, lang: Lang) -> Figure:
    """A series that has a number, for a page."""
    return Figure(
        code=indicator.code,
        title=indicator.described.title.of(lang),
        latest=indicators.value_said(indicator, lang),
        change=indicators.change_said(indicator, lang),
        about=indicator.described.about.of(lang),
        commitment=indicator.described.commitment,
        # Made by a template of ours that escapes what it is given.
        plot=Markup(plots.svg(indicator, lang)),  # noqa: S704
        numbers=[_number(indicator, it, lang) for it in reversed(indicator.observations)],
    )


async def figures_of(damso: Damso, commitment: str, lang: Lang) -> list[Figure]:
    """The series of a commitment, for its page."""
    async with damso.db.transaction() as tx:
        return [figure_of(it, lang) for it in await indicators.shown(tx, commitment=commitment)]


@router.get("/figures")
async def all_figures(request: Request, damso: Parts) -> Response:
    async with damso.db.transaction() as tx:
        found = await indicators.shown(tx)
    return page(request, "indicators.html", figures=[figure_of(it, lang_of(request)) for it in found])


@router.get("/figures.csv")
async def all_as_csv(damso: Parts) -> Response:
    """Every number of every series, as staff can read it in again."""
    async with damso.db.transaction() as tx:
        return _csv("figures", await indicators.shown(tx))


@router.get("/figures/{code}.csv")
async def as_csv(code: str, damso: Parts) -> Response:
    async with damso.db.transaction() as tx:
        return _csv(code, [await indicators.get(tx, clean(code))])


@router.get("/figures/{code}.png")
async def as_picture(code: str, request: Request, damso: Parts) -> Response:
    png = await damso.pictures.png(indicators.picture_path(clean(code), lang_of(request)))
    return Response(png, media_type="image/png", headers=FRESH)


@router.get("/figures/{code}")
async def one_figure(code: str, request: Request, damso: Parts) -> Response:
    lang = lang_of(request)
    async with damso.db.transaction() as tx:
        found = await indicators.get(tx, clean(code))
        plan = await commitments.all_of(tx, [found.described.commitment]) if found.described.commitment else []
    return page(request, "indicator.html", figure=figure_of(found, lang), commitment=next(iter(plan), None))


def _number(indicator: Indicator, it: Observation, lang: Lang) -> Number:
    corrected = indicators.correction_said(indicator, it, lang)
    note = it.note.of(lang) if it.note else None
    return Number(it.period, indicator.amount(it.value, lang), it.source, corrected, note)


def _csv(name: str, found: Sequence[Indicator]) -> Response:
    async def rows() -> AsyncIterator[Sequence[Cell]]:
        for indicator in found:
            for observation in indicator.observations:
                yield row_of(indicator, observation)

    return StreamingResponse(
        written("csv", COLUMNS, rows()),
        media_type=MEDIA_TYPES["csv"],
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"', **FRESH},
    )
