"""A broadcast that pauses, and goes on.

A notice that is paused is not claimed from that moment on. What is owed of it is then set aside, as `paused`: claims
look through what is owed in its order, and each would read a paused million again before it finds another message.
"""

from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from flows.store import Database
from flows.store.queue import defer
from flows.store.tables.delivering import DeliveryRow, NoticeRow

WAITING = ("owed", "paused")
AT_A_TIME = 10_000


async def pause(tx: AsyncSession, notice: int, *, because: str, at: datetime) -> bool:
    """Send no more of it for now; whether it was going. `because`: errors, or staff."""
    going = update(NoticeRow).where(NoticeRow.id == notice, NoticeRow.paused_at.is_(None))
    paused = await tx.scalar(going.values(paused_at=at, paused_because=because).returning(NoticeRow.id))
    await _move(tx, notice)
    return paused is not None


async def resume(tx: AsyncSession, notice: int) -> bool:
    """Go on; whether it was paused."""
    still = update(NoticeRow).where(NoticeRow.id == notice, NoticeRow.paused_at.is_not(None))
    resumed = await tx.scalar(still.values(paused_at=None, paused_because=None).returning(NoticeRow.id))
    await _move(tx, notice)
    return resumed is not None


def paused() -> Select[int]:
    """The notices that are not sent for now."""
    return select(NoticeRow.id).where(NoticeRow.paused_at.is_not(None))


async def set_aside(db: Database, notice: int) -> None:
    """Set aside what is owed of a notice that is paused, or owe again what was, where it goes on.

    In pieces, each of which looks how the notice stands, so that whoever pauses it or goes on waits for one at most.
    """
    last: int | None = 0
    while last is not None:
        async with db.transaction() as tx:
            last = await _set_some_aside(tx, notice, after=last)


async def _set_some_aside(tx: AsyncSession, notice: int, *, after: int) -> int | None:
    """One piece, of the citizens from the id after `after`. Returns the last one's; None when none is left."""
    paused_at = await tx.scalar(select(NoticeRow.paused_at).where(NoticeRow.id == notice).with_for_update(read=True))
    was, becomes = ("owed", "paused") if paused_at else ("paused", "owed")
    piece = (
        select(DeliveryRow.id)
        .where(DeliveryRow.notice_id == notice, DeliveryRow.citizen_id > after, DeliveryRow.state == was)
        .order_by(DeliveryRow.citizen_id)
        .limit(AT_A_TIME)
        .with_for_update(skip_locked=True)
    )
    moved = update(DeliveryRow).where(DeliveryRow.id.in_(piece.scalar_subquery())).values(state=becomes)
    citizens = await tx.scalars(
        moved.returning(DeliveryRow.citizen_id), execution_options={"synchronize_session": False}
    )
    if becomes == "owed":
        await defer(tx, "delivering:send_due", once="send_due")
    return max(citizens, default=None)


async def _move(tx: AsyncSession, notice: int) -> None:
    await defer(tx, "delivering:set_aside", once=f"set_aside:{notice}", notice=notice)
