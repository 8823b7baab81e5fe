"""Views of the queue that somebody comes back to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts
from flows.accounts import Staff
from flows.errors import Invalid, NotFound
from flows.store.tables.reviewing import SavedFilterRow
from flows.wording import N_

NAME_MOST_CHARS = 50
MOST_FILTERS = 20


class NameMissing(Invalid):
    field = "name"
    message = N_("Please give the filter a name.")


class LongFilterName(Invalid):
    field = "name"
    message = N_("Please keep the name of the filter to {most} characters.")


class TooManyFilters(Invalid):
    field = "name"
    message = N_("You have {most} filters already. Please delete one first.")


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """`query` is that of the queue's address."""

    id: int
    name: str
    query: str


async def saved_filters(tx: AsyncSession, staff: Staff) -> list[SavedFilter]:
    """Somebody's own, by name."""
    rows = select(SavedFilterRow).where(SavedFilterRow.staff_id == staff.id).order_by(SavedFilterRow.name)
    return [SavedFilter(row.id, row.name, row.query) for row in await tx.scalars(rows)]


async def save_filter(tx: AsyncSession, name: str, query: str, *, by: Staff, at: datetime) -> None:
    """Keep a view under a name; one of the same name gives way. Raises NameMissing, LongFilterName, TooManyFilters."""
    if not name:
        raise NameMissing
    if len(name) > NAME_MOST_CHARS:
        raise LongFilterName(most=NAME_MOST_CHARS)
    own = SavedFilterRow.staff_id == by.id
    await tx.execute(delete(SavedFilterRow).where(own, SavedFilterRow.name == name))
    if (await tx.scalar(select(func.count()).select_from(SavedFilterRow).where(own)) or 0) >= MOST_FILTERS:
        raise TooManyFilters(most=MOST_FILTERS)
    tx.add(SavedFilterRow(staff_id=by.id, name=name, query=query))
    await accounts.audit(tx, by, "filter.saved", by.email, at=at)


async def delete_filter(tx: AsyncSession, id_: int, *, by: Staff, at: datetime) -> None:
    """Delete one of one's own. Raises NotFound."""
    mine = delete(SavedFilterRow).where(SavedFilterRow.id == id_, SavedFilterRow.staff_id == by.id)
    if await tx.scalar(mine.returning(SavedFilterRow.id)) is None:
        raise NotFound
    await accounts.audit(tx, by, "filter.deleted", by.email, at=at)
