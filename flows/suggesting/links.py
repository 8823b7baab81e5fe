"""What came of a suggestion: the milestones and progress updates that it shaped. `linking` tells people of them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from flows.store.tables.suggesting import LinkRow
from flows.suggesting.values import Suggestion


@dataclass(frozen=True, slots=True)
class Link:
    """To a milestone or to an update, by its id."""

    id: int
    milestone: int | None
    update: int | None


async def links(tx: AsyncSession, s: Suggestion) -> list[Link]:
    """In the order in which they were made."""
    rows = await tx.scalars(select(LinkRow).where(LinkRow.suggestion_id == s.id).order_by(LinkRow.id))
    return [Link(row.id, row.milestone_id, row.update_id) for row in rows]


async def add_link(
    tx: AsyncSession, s: Suggestion, *, milestone: int | None = None, update: int | None = None, at: datetime
) -> None:
    tx.add(LinkRow(suggestion_id=s.id, milestone_id=milestone, update_id=update, at=at))
    await tx.flush()


async def drop_link(tx: AsyncSession, s: Suggestion, link: int) -> Link | None:
    """The link that is gone; None if there is none of that id."""
    mine = delete(LinkRow).where(LinkRow.suggestion_id == s.id, LinkRow.id == link)
    row = await tx.scalar(mine.returning(LinkRow))
    return Link(row.id, row.milestone_id, row.update_id) if row else None
