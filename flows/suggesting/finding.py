"""Finding suggestions: one home for the filters of the public list and of the queue of staff."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    SQLColumnExpression,
    TextClause,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession

from flows.city import city
from flows.store.tables.suggesting import IS_ANSWERED, IS_FLAGGED, IS_PUBLIC, PUBLIC_WORDS, URGENCY, SuggestionRow
from flows.suggesting.likeness import asked_for
from flows.suggesting.receipts import read_receipt
from flows.suggesting.rows import suggestion_of
from flows.suggesting.values import Status, Suggestion
from flows.wording import N_, Lang

PAGE = 20
NEVER = datetime(9999, 12, 31, tzinfo=UTC)


class Order(StrEnum):
    """NEWEST: last received first. SUPPORT: most supported first. WAITING: not yet answered first, the oldest first.
    URGENT: what supporters were promised first, then by the day on which it is owed: what is overdue before the rest.
    """

    NEWEST = "new"
    SUPPORT = "support"
    WAITING = "waiting"
    URGENT = "urgent"

    @property
    def wording(self) -> str:
        return ORDER_WORDING[self]


ORDER_WORDING = {
    Order.NEWEST: N_("Newest first"),
    Order.SUPPORT: N_("Most supported first"),
    Order.WAITING: N_("Waiting longest first"),
    Order.URGENT: N_("Most urgent first"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which suggestions, in which order: all that fit every filter given.

    `is_public`: only what anybody may read. `words`: every word must come up in the text or its translation, in
    either language; or a receipt. `is_flagged`: what the word list flagged. `is_raised`: what supporters took over a
    step of the city's, or were promised an answer to. `is_contested`: what its author contested, until somebody has
    looked again. `merged_into`: what goes on in the suggestion of this id.
    `at` is the present moment, for what depends on it: `assignee`, whose item it is; `is_free`, nobody's, or of
    somebody whose claim has run out; `is_overdue`; `due_before`, owed from now until then.
    """

    is_public: bool = False
    statuses: tuple[Status, ...] = ()
    lang: Lang | None = None
    theme: str | None = None
    district: str | None = None
    commitment: str | None = None
    words: str = ""
    assignee: int | None = None
    is_free: bool = False
    is_overdue: bool = False
    due_before: datetime | None = None
    is_flagged: bool = False
    is_raised: bool = False
    is_contested: bool = False
    merged_into: int | None = None
    order: Order = Order.NEWEST
    at: datetime = NEVER

    @property
    def has_words(self) -> bool:
        """Whether `words` are looked for in texts: they are no receipt."""
        return bool(self.words) and read_receipt(self.words) is None


async def find(
    tx: AsyncSession, wanted: Wanted, *, after: int | None = None, limit: int | None = PAGE
) -> list[Suggestion]:
    """The suggestions wanted, in their order, from the one after the id `after`; all of them with `limit=None`.

    Ask for one more than a page holds to know whether another follows.
    """
    rows = _rows(_found(wanted), wanted, after, limit)
    return [suggestion_of(row) for row in await tx.scalars(rows)]


async def find_and_count(
    tx: AsyncSession, wanted: Wanted, *, after: int | None = None, limit: int = PAGE, most: int
) -> tuple[list[Suggestion], int]:
    """The same, and how many there are in all, counted up to `most`: beyond that the exact number would cost more
    than it is worth. 0 where nothing is found after `after`.
    """
    found = _found(wanted)
    some = select(found.c.id).limit(most).subquery()
    count = select(func.count()).select_from(some).scalar_subquery()
    rows = (await tx.execute(_rows(found, wanted, after, limit).add_columns(count))).all()
    return [suggestion_of(row) for row, _ in rows], rows[0][1] if rows else 0


async def first(tx: AsyncSession, wanted: Wanted, *also: ColumnElement[bool]) -> Suggestion | None:
    """The first of those wanted that nobody else is changing right now, locked until the transaction ends."""
    rows = select(SuggestionRow).where(*_fit(wanted), *also).order_by(*_in_order(wanted)).limit(1)
    row = await tx.scalar(rows.with_for_update(skip_locked=True))
    return suggestion_of(row) if row else None


async def tally[K](tx: AsyncSession, wanted: Mapping[K, Wanted], *, most: int | None = None) -> dict[K, int]:
    """How many there are of each, in one statement, counted up to `most`."""
    each = [select(SuggestionRow.id).where(*_fit(one)).limit(most).subquery() for one in wanted.values()]
    counts = [select(func.count()).select_from(one).scalar_subquery() for one in each]
    return dict(zip(wanted, (await tx.execute(select(*counts))).one(), strict=True))


async def receipts_of(tx: AsyncSession, ids: Iterable[int | None]) -> dict[int, str]:
    """The receipts of those of these suggestions that are public, by their ids."""
    asked = [id_ for id_ in ids if id_ is not None]
    if not asked:
        return {}
    rows = select(SuggestionRow.id, SuggestionRow.receipt).where(SuggestionRow.id.in_(asked), text(IS_PUBLIC))
    return {row.id: row.receipt for row in await tx.execute(rows)}


def _fit(wanted: Wanted) -> list[ColumnElement[bool] | TextClause]:
    """What is asked of each row."""
    row = SuggestionRow
    equal = (
        (row.lang, wanted.lang),
        (row.theme, wanted.theme),
        (row.district, wanted.district),
        (row.commitment, wanted.commitment),
        (row.assignee_id, wanted.assignee),
        (row.merged_into, wanted.merged_into),
    )
    conditions: list[ColumnElement[bool] | TextClause] = [column == it for column, it in equal if it is not None]
    if wanted.is_public and not wanted.has_words:  # the words of what is public say that too
        conditions.append(text(IS_PUBLIC))
    if wanted.statuses:
        conditions.append(row.status.in_(wanted.statuses))
    if receipt := read_receipt(wanted.words):
        conditions.append(row.receipt == receipt)
    elif wanted.words:
        words = literal_column(PUBLIC_WORDS) if wanted.is_public else row.words
        conditions.append(words.op("@@")(asked_for(wanted.words)))
    if wanted.assignee is not None:
        conditions.append(row.assigned_until > wanted.at)
    if wanted.is_free:
        conditions.append(row.assignee_id.is_(None) | (row.assigned_until <= wanted.at))
    if wanted.is_overdue:
        conditions.append(row.due_at <= wanted.at)
    if wanted.due_before is not None:
        conditions.append(row.due_at.between(wanted.at, wanted.due_before))
    if wanted.is_flagged:
        conditions.append(text(IS_FLAGGED))
    if wanted.is_raised:
        steps = (row.supports >= step for step in city().suggestions.support_steps)
        conditions.append(or_(row.promised_at.is_not(None), *steps))
    if wanted.is_contested:
        conditions += [row.contested_at.is_not(None), row.due_at.is_not(None)]  # then somebody has still to look
    return conditions


def _found(wanted: Wanted) -> FromClause:
    """Ids and what the order sorts by, of all that fit. What has words is looked up first and whole: PostgreSQL, which
    does not know where in the list it is, would else read all of that for a page that is not full.
    """
    key, _ = _key(wanted)
    fit: Select[int, Any] = select(SuggestionRow.id, key.label("key")).where(*_fit(wanted))
    return fit.cte().prefix_with("MATERIALIZED", dialect="postgresql") if wanted.has_words else fit.subquery()


def _rows(found: FromClause, wanted: Wanted, after: int | None, limit: int | None) -> Select[SuggestionRow]:
    """A page of them. First the ids alone, which an index has with what is filtered by; then the rows of these few."""
    key, is_falling = _key(wanted)
    at = (found.c.key, found.c.id)
    ids = select(found.c.id).order_by(*(column.desc() if is_falling else column for column in at)).limit(limit)
    if after is not None:
        last = select(key).where(SuggestionRow.id == after).correlate(None).scalar_subquery()
        seen = tuple_(last, literal(after))
        ids = ids.where(tuple_(*at) < seen if is_falling else tuple_(*at) > seen)
    return select(SuggestionRow).where(SuggestionRow.id.in_(ids)).order_by(*_in_order(wanted))


def _in_order(wanted: Wanted) -> list[SQLColumnExpression[Any]]:
    of, is_falling = _key(wanted)
    return [column.desc() if is_falling else column for column in (of, SuggestionRow.id)]


def _key(wanted: Wanted) -> tuple[SQLColumnExpression[Any], bool]:
    """What the order sorts by, and whether that falls; the id decides between equals."""
    row = SuggestionRow
    match wanted.order:
        case Order.NEWEST:
            return row.id, True
        case Order.SUPPORT:
            return row.supports, True
        case Order.WAITING:
            return literal_column(IS_ANSWERED), False
        case Order.URGENT:
            return literal_column(URGENCY), False
