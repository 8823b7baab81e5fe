"""The suggestions in figures, and all of them as a table to take away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, get_args

from fastapi import Path, Request
from fastapi.responses import Response, StreamingResponse

from bot.exports import MEDIA_TYPES, Format, written
from bot.pages import charts
from bot.pages.charts import Columns, Row
from bot.pages.rendering import lang_of
from bot.pages.staff.gate import Parts, Reading, console, router
from bot.pages.staff.labels import commitment_labels, theme_labels
from flows import suggesting
from flows.city import day
from flows.suggesting import Figures, Status
from flows.wording import N_, Lang, text

MONTH_WEEKS = 4
LANG_NAMES = {"ko": N_("Korean"), "en": N_("English")}
CHANNEL_NAMES = {"web": N_("Web chat"), "telegram": "Telegram"}


@dataclass(frozen=True, slots=True)
class Plot:
    """Lying bars with their heading."""

    name: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class FiguresPage:
    figures: Figures
    weeks: Columns
    plots: list[Plot]
    in_time_percent: int | None
    formats: tuple[str, ...] = get_args(Format.__value__)


@router.get("/figures")
async def figures(request: Request, session: Reading, damso: Parts) -> Response:
    lang = lang_of(request)
    async with damso.db.transaction() as tx:
        counted = await suggesting.count(tx, at=damso.now())
        commitments = await commitment_labels(tx, lang)
    share = counted.in_time / counted.answered_with_deadline if counted.answered_with_deadline else None
    view = FiguresPage(
        figures=counted,
        weeks=charts.columns(
            [week.monday.isoformat() for week in counted.weeks],
            {
                text(lang, N_("Received")): [week.received for week in counted.weeks],
                text(lang, N_("First answered")): [week.answered for week in counted.weeks],
            },
            tick_every=MONTH_WEEKS,
        ),
        plots=_plots(counted, commitments, lang),
        in_time_percent=None if share is None else round(100 * share),
    )
    return console(request, session, "staff/figures.html", view=view)


@router.get("/figures/suggestions.{form}")
async def export(form: Annotated[Format, Path()], session: Reading, damso: Parts) -> Response:
    """Streamed: the number of rows does not matter."""
    name = f"suggestions-{day(damso.now()).isoformat()}.{form}"
    return StreamingResponse(
        written(form, suggesting.EXPORT_COLUMNS, suggesting.export_rows(damso.db)),
        media_type=MEDIA_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _plots(counted: Figures, commitments: Mapping[str, str], lang: Lang) -> list[Plot]:
    states = {str(status): text(lang, status.wording) for status in Status}
    langs = {key: text(lang, name) for key, name in LANG_NAMES.items()}
    channels = {key: text(lang, name) for key, name in CHANNEL_NAMES.items()}
    return [
        Plot(text(lang, head), charts.rows(_named(values, names, lang)))
        for head, values, names in (
            (N_("By state"), counted.by_status, states),
            (N_("By theme"), counted.by_theme, theme_labels(lang)),
            (N_("By commitment"), counted.by_commitment, commitments),
            (N_("By language"), counted.by_lang, langs),
            (N_("By channel"), counted.by_channel, channels),
        )
    ]


def _named(values: Mapping[str | None, int], names: Mapping[str, str], lang: Lang) -> dict[str, int]:
    return {names.get(key, key) if key else text(lang, N_("Not given")): count for key, count in values.items()}
