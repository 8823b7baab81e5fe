"""The views of the queue, how many suggestions are in each, and how long the oldest has waited."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from flows import suggesting
from flows.accounts import Staff
from flows.store.tables.suggesting import SuggestionRow
from flows.suggesting import OPEN, WAITING, Order, Status, Wanted
from flows.wording import N_


class View(StrEnum):
    """A part of the queue. WAITING is what the staff have still to answer: not what waits for its author."""

    WAITING = "waiting"
    NEW = "new"
    MINE = "mine"
    DUE_SOON = "due"
    OVERDUE = "overdue"
    RAISED = "raised"
    CONTESTED = "contested"
    FLAGGED = "flagged"
    ALL = "all"

    @property
    def wording(self) -> str:
        return VIEW_WORDING[self]


VIEW_WORDING = {
    View.WAITING: N_("Waiting for an answer"),
    View.NEW: N_("New"),
    View.MINE: N_("Mine"),
    View.DUE_SOON: N_("Due soon"),
    View.OVERDUE: N_("Overdue"),
    View.RAISED: N_("Raised by supporters"),
    View.CONTESTED: N_("Contested"),
    View.FLAGGED: N_("Flagged"),
    View.ALL: N_("All"),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the staff have still to answer. `oldest`: when the one that waits longest came in."""

    count: int
    oldest: datetime | None
    overdue: int


def views(staff: Staff, at: datetime) -> dict[View, Wanted]:
    """What belongs to each view for this member of staff, the most urgent first; of all, the newest."""
    queue = Wanted(order=Order.URGENT, at=at)
    waiting, is_open = replace(queue, statuses=WAITING), replace(queue, statuses=OPEN)
    return {
        View.WAITING: waiting,
        View.NEW: replace(queue, statuses=(Status.RECEIVED,)),
        View.MINE: replace(is_open, assignee=staff.id),
        View.DUE_SOON: replace(waiting, due_before=suggesting.warned_until(at)),
        View.OVERDUE: replace(waiting, is_overdue=True),
        View.RAISED: replace(waiting, is_raised=True),
        View.CONTESTED: replace(queue, is_contested=True),
        View.FLAGGED: replace(is_open, is_flagged=True),
        View.ALL: Wanted(at=at),
    }


async def come_since(tx: AsyncSession, newest: int) -> int:
    """How many suggestions have come in after the one with the id `newest`."""
    return await tx.scalar(select(func.count()).where(SuggestionRow.id > newest)) or 0


async def newest(tx: AsyncSession) -> int:
    """The id of the suggestion that came in last; 0 before the first."""
    return await tx.scalar(select(func.max(SuggestionRow.id))) or 0


async def waiting(tx: AsyncSession, *, at: datetime) -> Waiting:
    """What the staff owe. Cheap enough for every page of the console: the index on states counts."""
    of = SuggestionRow
    waits = of.status.in_(WAITING)
    counted = select(func.count().label("count"), func.min(of.id).label("first")).where(waits).cte()
    oldest = select(of.created_at).where(of.id == counted.c.first).scalar_subquery()
    overdue = select(func.count(of.id)).where(waits, of.due_at <= at).scalar_subquery()
    return Waiting(*(await tx.execute(select(counted.c.count, oldest, overdue))).one())
