"""Several updates as one message, for those who want to hear weekly or monthly."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows import commitments
from flows.delivering.publishing import Priority, owe
from flows.store.queue import defer
from flows.store.tables.delivering import NoticeRow
from flows.subscribing import Frequency, followers


async def gather(tx: AsyncSession, frequency: Frequency, *, after: datetime, until: datetime) -> None:
    """Queue the digest of what moved in that time."""
    await defer(
        tx,
        "delivering:compile_digest",
        frequency=frequency,
        after=after.isoformat(),
        until=until.isoformat(),
    )


async def compile_digest(tx: AsyncSession, frequency: Frequency, after: datetime, until: datetime) -> None:
    """Owe one edition to everybody who follows, at this frequency, something that moved. Nothing moved: no edition."""
    moved = {u.commitment for u in await commitments.updates_between(tx, after, until)}
    if not moved:
        return
    subject = f"{frequency}/{until.date()}"
    edition = insert(NoticeRow).values(kind="digest", subject=subject, since=after, created_at=until)
    notice = await tx.scalar(edition.on_conflict_do_nothing().returning(NoticeRow.id))
    if notice is not None:
        await owe(tx, notice, followers(frequency, moved), Priority.DIGEST, at=until)
