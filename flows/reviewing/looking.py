"""Two people at one suggestion: who has its page open at this moment, and what the other one did meanwhile."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows import suggesting
from flows.accounts import Staff
from flows.store.tables.accounts import StaffRow
from flows.store.tables.reviewing import LookingRow
from flows.suggesting import Event, Suggestion

SEEN_EVERY = timedelta(seconds=20)  # how often an open page says so
LOOKS_FOR = 2 * SEEN_EVERY + timedelta(seconds=5)  # one lost call is forgiven


async def looking(tx: AsyncSession, suggestion: Suggestion, staff: Staff, *, at: datetime) -> list[str]:
    """Note that somebody has the page open; who else has, as colleagues call them. An open page repeats it."""
    mine = insert(LookingRow).values(suggestion_id=suggestion.id, staff_id=staff.id, at=at)
    await tx.execute(mine.on_conflict_do_update(index_elements=["suggestion_id", "staff_id"], set_={"at": at}))
    others = (
        select(StaffRow.called)
        .join(LookingRow, LookingRow.staff_id == StaffRow.id)
        .where(LookingRow.suggestion_id == suggestion.id, StaffRow.id != staff.id, LookingRow.at > at - LOOKS_FOR)
    )
    return list(await tx.scalars(others.order_by(StaffRow.called)))


async def what_changed(tx: AsyncSession, suggestion: Suggestion, since: int) -> list[Event]:
    """What happened to a suggestion after somebody saw it in the version `since`: for who comes second to save."""
    return await suggesting.history(tx, suggestion, since=since)
