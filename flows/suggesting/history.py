"""All that happened to a suggestion, line by line. Nothing is changed afterwards, save that redacting empties words."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from flows.city import Both
from flows.store.tables.accounts import StaffRow
from flows.store.tables.suggesting import EventRow, SuggestionRow
from flows.suggesting.values import Actor, Event, Kind, Status, Suggestion


async def note(
    tx: AsyncSession,
    suggestion: int,
    kind: Kind,
    actor: Actor,
    *,
    at: datetime,
    staff: int | None = None,
    before: Status | None = None,
    after: Status | None = None,
    public: Both | None = None,
    words: str | None = None,
) -> int:
    """Write a line, in the transaction of what it tells of; its id."""
    row = EventRow(
        suggestion_id=suggestion,
        kind=kind,
        actor=actor,
        staff_id=staff,
        before=before,
        after=after,
        ko=public and public.ko,
        en=public and public.en,
        words=words,
        version=select(SuggestionRow.version).where(SuggestionRow.id == suggestion).scalar_subquery(),
        at=at,
    )
    tx.add(row)
    await tx.flush()
    return row.id


async def before_hiding(tx: AsyncSession, suggestion: Suggestion) -> Status | None:
    """Where a hidden suggestion can go back to; None if it is not hidden."""
    if suggestion.status is not Status.HIDDEN:
        return None
    hidden = EventRow.suggestion_id == suggestion.id, EventRow.after == Status.HIDDEN, EventRow.before != Status.HIDDEN
    before = await tx.scalar(select(EventRow.before).where(*hidden).order_by(EventRow.id.desc()).limit(1))
    return Status(before) if before else None


async def history(tx: AsyncSession, suggestion: Suggestion, *, since: int = 0) -> list[Event]:
    """Oldest first; `since`: only what came after this version. Who of the staff did it is for staff alone."""
    rows = await tx.execute(
        select(EventRow, StaffRow.called)
        .outerjoin(StaffRow, StaffRow.id == EventRow.staff_id)
        .where(EventRow.suggestion_id == suggestion.id, EventRow.version > since)
        .order_by(EventRow.id)
    )
    return [
        Event(
            kind=Kind(row.kind),
            actor=Actor(row.actor),
            staff=email,
            before=Status(row.before) if row.before else None,
            after=Status(row.after) if row.after else None,
            public=Both(ko=row.ko, en=row.en) if row.ko and row.en else None,
            words=row.words,
            at=row.at,
        )
        for row, email in rows
    ]


async def why_hidden(tx: AsyncSession, suggestion: Suggestion) -> Both | None:
    """The public reason of one that staff hid."""
    if suggestion.status is not Status.HIDDEN:
        return None
    reasons = [event.public for event in await history(tx, suggestion) if event.after is Status.HIDDEN]
    return reasons[-1] if reasons else None
