"""What came of a suggestion: the milestones and progress updates that it shaped. `linking` tells people of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from flows.store.tables.suggesting import IS_PUBLIC, LinkRow, SuggestionRow
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


async def shaping(tx: AsyncSession, *, milestones: Collection[int], updates: Collection[int]) -> list[tuple[str, Link]]:
    """What was linked to one of these, with the receipt of the suggestion; of public suggestions only."""
    to = LinkRow.milestone_id.in_(milestones) | LinkRow.update_id.in_(updates)
    rows = select(SuggestionRow.receipt, LinkRow).join(SuggestionRow, SuggestionRow.id == LinkRow.suggestion_id)
    found = await tx.execute(rows.where(to, text(IS_PUBLIC)).order_by(LinkRow.id))
    return [(receipt, Link(row.id, row.milestone_id, row.update_id)) for receipt, row in found]
