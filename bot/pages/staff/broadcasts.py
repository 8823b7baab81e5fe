"""Broadcasts: how far the telling of each update and digest is, and the hand of staff on whatever is sent."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from bot.pages.lookup import read_id
from bot.pages.rendering import lang_of
from bot.pages.staff.gate import EditorReading, EditorSending, Parts, console, router, see_other
from flows import accounts, commitments, delivering
from flows.delivering import REASONS, STATES, Broadcast
from flows.errors import NotFound
from flows.wording import N_, Lang, text

UPDATES = ("update", "correction")
# What the last press did, said above the page.
DONE = {
    "paused": N_("The broadcast is paused. What was on its way at this moment still arrives."),
    "resumed": N_("The broadcast goes on."),
    "retried": N_("What had failed is sent again."),
    "unchanged": N_("Somebody was faster: nothing had to be done."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One broadcast, in the reader's words. `time_left` is None while nothing moves."""

    broadcast: Broadcast
    name: str
    percent: int
    time_left: str | None


@router.get("/broadcasts")
async def show_broadcasts(
    request: Request, session: EditorReading, damso: Parts, before: Annotated[str, Query()] = ""
) -> Response:
    async with damso.db.transaction() as tx:
        found = await delivering.broadcasts(tx, at=damso.now(), before=read_id(before) or None)
    rows = [_row(one, lang_of(request)) for one in found]
    older = f"/staff/broadcasts?before={found[-1].id}" if len(found) == delivering.BROADCASTS_SHOWN else None
    return console(request, session, "staff/broadcasts.html", rows=rows, older_url=older, states=STATES)


@router.get("/broadcasts/{notice}")
async def show_broadcast(
    request: Request, notice: str, session: EditorReading, damso: Parts, done: Annotated[str, Query()] = ""
) -> Response:
    """The page asks for itself again every few seconds (staff.js) and shows what has moved."""
    async with damso.db.transaction() as tx:
        found = await delivering.broadcast(tx, _id(notice), at=damso.now())
        told = await commitments.update_by_ref(tx, found.subject) if found.kind in UPDATES else None
    row = _row(found, lang_of(request))
    return console(
        request,
        session,
        "staff/broadcast.html",
        row=row,
        states=STATES,
        reasons=REASONS,
        done=DONE.get(done),
        update=told,
    )


@router.post("/broadcasts/{notice}/pause")
async def pause(notice: str, session: EditorSending, damso: Parts) -> Response:
    async with damso.db.transaction() as tx:
        found = await delivering.broadcast(tx, _id(notice), at=damso.now())
        moved = await delivering.pause(tx, found.id, because="staff", at=damso.now())
        if moved:
            await accounts.audit(tx, session.staff, "broadcast.paused", _target(found), at=damso.now())
    return _back(found, "paused" if moved else "unchanged")


@router.post("/broadcasts/{notice}/resume")
async def resume(notice: str, session: EditorSending, damso: Parts) -> Response:
    async with damso.db.transaction() as tx:
        found = await delivering.broadcast(tx, _id(notice), at=damso.now())
        moved = await delivering.resume(tx, found.id)
        if moved:
            await accounts.audit(tx, session.staff, "broadcast.resumed", _target(found), at=damso.now())
    return _back(found, "resumed" if moved else "unchanged")


@router.post("/broadcasts/{notice}/retry")
async def retry(notice: str, session: EditorSending, damso: Parts) -> Response:
    async with damso.db.transaction() as tx:
        found = await delivering.broadcast(tx, _id(notice), at=damso.now())
        again = await delivering.retry_failed(tx, found.id, at=damso.now())
        if again:
            after = {"messages": again}
            await accounts.audit(tx, session.staff, "broadcast.retried", _target(found), after=after, at=damso.now())
    return _back(found, "retried" if again else "unchanged")


@router.get("/broadcasts/{notice}/{form:path}")
async def back_to_broadcast(notice: str, session: EditorReading) -> Response:
    """Where the language switch leads after a form: the forms have addresses of their own, but no pages."""
    return see_other(f"/staff/broadcasts/{_id(notice)}")


def _id(written: str) -> int:
    read = read_id(written)
    if read is None:
        raise NotFound
    return read


def _target(found: Broadcast) -> str:
    """Nobody's number: the log is kept for good."""
    return f"{found.kind}/{found.id if found.kind == 'answer' else found.subject}"


def _back(found: Broadcast, done: str) -> Response:
    return see_other(f"/staff/broadcasts/{found.id}?done={done}")


def _row(found: Broadcast, lang: Lang) -> Row:
    # Rounded down: a hundred is for what is over.
    return Row(found, found.name.of(lang), int(found.share_done * 100), _in_words(found.time_left, lang))


def _in_words(left: timedelta | None, lang: Lang) -> str | None:
    if left is None:
        return None
    minutes = round(left.total_seconds() / 60)
    if minutes < 1:
        return text(lang, N_("less than a minute"))
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return text(lang, N_("about {minutes} min"), minutes=str(minutes))
    return text(lang, N_("about {hours} h {minutes} min"), hours=str(hours), minutes=str(minutes))
