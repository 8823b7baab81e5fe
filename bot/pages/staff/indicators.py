"""The figures for citizens (지표): what there is, and a spreadsheet that brings more, looked at before."""

import asyncio
import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request, UploadFile
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import EditorReading, EditorSending, Field, Parts, console, router, see_other
from flows import commitments, indicators
from flows.accounts import Session
from flows.answering import read_topics
from flows.errors import FlowError, Invalid
from flows.indicators import ImportMoved, Known, Preview
from flows.sheets import FILE_MOST_BYTES, SheetsUnreadable, read_sheets
from flows.wording import N_, Lang, written_date

HOME = "/staff/indicators"
SHOWN_MOST = 200  # of what a file would do, or of what is wrong in it


class NoFile(Invalid):
    field = "file"
    message = N_("Please choose a file.")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent, or as the preview sent it back; `seen` is the mark of what the preview showed."""

    data: bytes
    is_confirmed: bool
    seen: str

    @property
    def again(self) -> str:
        return base64.b64encode(self.data).decode()


async def upload(file: UploadFile | None = None, again: Field = "", seen: Field = "", step: Field = "") -> Upload:
    if not again:
        return Upload(await file.read() if file else b"", False, "")
    try:
        return Upload(base64.b64decode(again, validate=True), step == "confirm", seen)
    except (binascii.Error, ValueError):
        raise SheetsUnreadable from None


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
    saved: int | None
    most_kb: int = FILE_MOST_BYTES // 1024
    shown_most: int = SHOWN_MOST


@router.get("/indicators")
async def show_indicators(
    request: Request, session: EditorReading, saved: Annotated[int | None, Query(ge=0, le=10**6)] = None
) -> Response:
    return await _page(request, session, saved=saved)


@router.post("/indicators")
async def import_indicators(
    request: Request, session: EditorSending, damso: Parts, sent: Annotated[Upload, Depends(upload)]
) -> Response:
    """First the preview; `step` says that it was confirmed."""
    try:
        if not sent.data:
            raise NoFile
        sheets = await asyncio.to_thread(read_sheets, sent.data)
        async with damso.db.transaction() as tx:
            known = await known_names(tx)
            if not sent.is_confirmed:
                found = await indicators.preview(tx, sheets, known)
            else:
                found = await indicators.take_in(tx, sheets, known, seen=sent.seen, by=session.staff, at=damso.now())
    except (Invalid, ImportMoved) as refused:
        return await _page(request, session, error=refused)
    if sent.is_confirmed and found.is_ready:
        return see_other(f"{HOME}?saved={len(found.series) + len(found.numbers)}")
    return await _page(request, session, preview=found, sent=sent)


async def known_names(tx: AsyncSession) -> Known:
    """What a series may belong to."""
    return Known(read_topics().keys(), {c.code for c in await commitments.all_of(tx)})


async def _page(
    request: Request,
    session: Session,
    *,
    preview: Preview | None = None,
    sent: Upload | None = None,
    error: FlowError | None = None,
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
        saved=saved,
    )
    refused = error or (preview and preview.faults)
    status = 409 if isinstance(error, ImportMoved) else 422 if refused else 200
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
