"""Suggestions like a text, in either language; and what makes them known by their meaning."""

from sqlalchemy import bindparam, case, literal, select, text, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from flows.meaning import Meaning, meanings_of
from flows.messages import CitizenId
from flows.store import Database
from flows.store.queue import defer
from flows.store.tables.suggesting import IS_ALIKE, IS_TO_ENCODE, SuggestionRow
from flows.suggesting.likeness import LEAST_BOTH, LEAST_SUBJECT, searched, vector
from flows.suggesting.rows import suggestion_of
from flows.suggesting.values import Suggestion

SIMILAR_MOST = 3
LOOKED_AT = 12  # the nearest ones, of which the floor and the reader's own leave out some
ENCODED_AT_ONCE = 64


async def similar(
    tx: AsyncSession, written: str, meant: Meaning | None, *, but_not: CitizenId | None = None
) -> list[Suggestion]:
    """At most three public suggestions that say much the same, most alike first; none of the citizen `but_not`.

    `meant`: the vector of what was written; without one they are found by the subject alone.
    """
    meaning = SuggestionRow.meaning
    unlike = meaning.op("<#>")(bindparam("wanted", vector(written, meant), type_=meaning.type))
    least = case((SuggestionRow.encoded & literal(meant is not None), LEAST_BOTH), else_=LEAST_SUBJECT)
    nearest = select(SuggestionRow.id).where(text(IS_ALIKE)).order_by(unlike).limit(LOOKED_AT).subquery()
    rows = (
        select(SuggestionRow)
        .join(nearest, nearest.c.id == SuggestionRow.id)
        .where(unlike <= -least)
        .where(SuggestionRow.citizen_id.is_distinct_from(but_not) if but_not else true())
        .order_by(unlike + least)
        .limit(SIMILAR_MOST)
    )
    return [suggestion_of(row) for row in await tx.scalars(rows)]


async def encode(db: Database) -> None:
    """Give every suggestion whose texts are new the encoder's part of its vector. Does nothing while that is away."""
    after = 0
    while True:
        async with db.transaction() as tx:
            rows = select(SuggestionRow).where(text(IS_TO_ENCODE), SuggestionRow.id > after)
            found = [suggestion_of(r) for r in await tx.scalars(rows.order_by(SuggestionRow.id).limit(ENCODED_AT_ONCE))]
        meanings = await meanings_of([s.public_text for s in found])
        if not found or None in meanings:
            return
        async with db.transaction() as tx:
            for s, meant in zip(found, meanings, strict=True):
                known = searched(s.public_text, s.translation)
                known |= {"meaning": vector(s.public_text, meant), "encoded": True}
                unchanged = SuggestionRow.id == s.id, SuggestionRow.version == s.version
                await tx.execute(update(SuggestionRow).where(*unchanged).values(known))
        after = found[-1].id


async def wake_encoder(tx: AsyncSession) -> None:
    """Put the job on the queue if there is anything for it."""
    if await tx.scalar(select(SuggestionRow.id).where(text(IS_TO_ENCODE)).limit(1)):
        await defer(tx, "suggesting:encode", once="encode")
