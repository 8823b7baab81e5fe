"""All suggestions as a table, for the city's own analysis: never who sent them."""

from collections.abc import AsyncIterator, Sequence

from sqlalchemy import select

from flows.city import day
from flows.store import Database
from flows.store.tables.suggesting import SuggestionRow
from flows.suggesting.rows import suggestion_of
from flows.suggesting.values import Suggestion

READ_AT_ONCE = 500
EXPORT_COLUMNS = (
    "receipt",
    "status",
    "lang",
    "text",
    "shown_text",
    "translation",
    "commitment",
    "theme",
    "district",
    "channel",
    "supports",
    "answer_ko",
    "answer_en",
    "received",
    "published",
    "answered",
    "answered_in_time",
    "changed",
)


async def every_suggestion(db: Database) -> AsyncIterator[Suggestion]:
    """All of them, the oldest first, read piece by piece in short transactions."""
    after = 0
    while True:
        rows = select(SuggestionRow).where(SuggestionRow.id > after).order_by(SuggestionRow.id).limit(READ_AT_ONCE)
        async with db.transaction() as tx:
            found = [suggestion_of(row) for row in await tx.scalars(rows)]
        if not found:
            return
        for suggestion in found:
            yield suggestion
        after = found[-1].id


async def export_rows(db: Database) -> AsyncIterator[Sequence[str | int | bool | None]]:
    """A row a suggestion, its cells in the order of EXPORT_COLUMNS. Days are the city's."""
    async for s in every_suggestion(db):
        yield (
            s.receipt,
            s.status,
            s.lang,
            s.text,
            s.shown_text,
            s.translation,
            s.commitment,
            s.theme,
            s.place.district,
            s.channel,
            s.supports,
            s.answer.ko if s.answer else None,
            s.answer.en if s.answer else None,
            day(s.created_at).isoformat(),
            day(s.published_at).isoformat() if s.published_at else None,
            day(s.answered_at).isoformat() if s.answered_at else None,
            s.answered_in_time,
            day(s.changed_at).isoformat(),
        )
