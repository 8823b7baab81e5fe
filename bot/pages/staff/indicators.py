"""The figures for citizens (지표): what there is, and a spreadsheet that brings more, looked at before."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import EditorReading, EditorSending, Parts, console, router, see_other
from bot.pages.staff.uploads import Sent, Upload
from flows import commitments, indicators
from flows.accounts import Session
from flows.answering import read_topics
from flows.errors import Invalid
from flows.indicators import ImportMoved, Known, Preview
from flows.sheets import FILE_MOST_BYTES, read_sheets
from flows.wording import Lang, written_date

HOME = "/staff/indicators"
SHOWN_MOST = 200  # of what a file would do, or of what is wrong in it


@dataclass(frozen=True, slots=True)
class Move:
    """A line of the preview: what, of when, before and after."""

    kind: str
    title: str
    period: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ImportPage:
    series: Sequence[indicators.Indicator]
    preview: Preview | None
    moves: Sequence[Move]
    sent: Upload | None
    error: str | None
    moved: str | None
    saved: int | None
    most_kb: int = FILE_MOST_BYTES // 1024
    shown_most: int = SHOWN_MOST


@router.get("/indicators")
async def show_indicators(
    request: Request, session: EditorReading, saved: Annotated[int | None, Query(ge=0, le=10**6)] = None
) -> Response:
    return await _page(request, session, saved=saved)


@router.post("/indicators")
async def import_indicators(request: Request, session: EditorSending, damso: Parts, sent: Sent) -> Response:
    """First the preview; confirmed, what it showed is taken in. If that is something else by now, the preview anew."""
    moved = None
    try:
        sheets = await asyncio.to_thread(read_sheets, sent.read())
        if sent.is_confirmed:
            try:
                async with damso.db.transaction() as tx:
                    known = await known_names(tx)
                    made = await indicators.take_in(tx, sheets, known, seen=sent.seen, by=session.staff, at=damso.now())
                if made.is_ready:
                    return see_other(f"{HOME}?saved={len(made.series) + len(made.numbers)}")
            except ImportMoved as refused:
                moved = refused
        async with damso.db.transaction() as tx:
            found = await indicators.preview(tx, sheets, await known_names(tx))
    except Invalid as refused:
        return await _page(request, session, error=refused)
    return await _page(request, session, preview=found, sent=sent, moved=moved)


async def known_names(tx: AsyncSession) -> Known:
    """What a series may belong to."""
    return Known(read_topics().keys(), {c.code for c in await commitments.all_of(tx)})


async def _page(
    request: Request,
    session: Session,
    *,
    preview: Preview | None = None,
    sent: Upload | None = None,
    error: Invalid | None = None,
    moved: ImportMoved | None = None,
    saved: int | None = None,
) -> Response:
    lang = lang_of(request)
    async with parts(request).db.transaction() as tx:
        series = await indicators.shown(tx)
    view = ImportPage(
        series=series,
        preview=preview,
        moves=_moves(preview, lang)[:SHOWN_MOST] if preview else (),
        sent=sent,
        error=error.said(lang) if error else None,
        moved=moved.said(lang) if moved else None,
        saved=saved,
    )
    refused = error or (preview and preview.faults)
    status = 409 if moved else 422 if refused else 200
    return console(request, session, "staff/indicators.html", status=status, view=view)


def _moves(preview: Preview, lang: Lang) -> list[Move]:
    series = [
        Move(
            "described" if move.before else "new_series",
            f"{move.after.title.of(lang)} ({move.code})",
            "",
            _described(move.before, lang) if move.before else "",
            _described(move.after, lang),
        )
        for move in preview.series
    ]
    numbers = [
        Move(
            "new" if move.before is None else "corrected" if move.is_correction else "confirmed",
            f"{move.described.title.of(lang)} ({move.code})",
            move.after.period,
            f"{move.before.value:,f} · {written_date(lang, move.before.source.as_of)}" if move.before else "",
            f"{move.after.value:,f} · {written_date(lang, move.after.as_of)}",
        )
        for move in preview.numbers
    ]
    return [*series, *numbers]


def _described(said: indicators.Described, lang: Lang) -> str:
    return f"{said.title.of(lang)} · {said.unit.of(lang)} · {said.about.of(lang)} · {said.source.title}"
