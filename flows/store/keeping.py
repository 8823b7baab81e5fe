"""Named values, signs of life and limits: three small tables that every process uses."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows.errors import TooMany
from flows.store.tables.keeping import BeatRow, KeptRow, LimitRow

SIGNING_KEY = "signing_key"
TELEGRAM_LINK = "telegram_link"  # where a chat with our bot begins: https://t.me/<name>
CONSOLE_LINK = "console_link"  # the first page of the staff console
DEMO = "demo"  # there when the data are a demonstration


async def kept(tx: AsyncSession, name: str) -> str | None:
    return await tx.scalar(select(KeptRow.value).where(KeptRow.name == name))


async def keep(tx: AsyncSession, name: str, value: str) -> None:
    """Keep `value` under `name`, in the place of what was there."""
    stmt = insert(KeptRow).values(name=name, value=value)
    await tx.execute(stmt.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


async def signing_key(tx: AsyncSession) -> str:
    """The key that signs web sessions: made once, the same for every process on this database."""
    fresh = insert(KeptRow).values(name=SIGNING_KEY, value=secrets.token_urlsafe(32))
    await tx.execute(fresh.on_conflict_do_nothing())
    return await tx.scalar(select(KeptRow.value).where(KeptRow.name == SIGNING_KEY)) or ""


async def beat(tx: AsyncSession, name: str, *, at: datetime) -> None:
    """Leave a sign of life of the process `name`."""
    stmt = insert(BeatRow).values(name=name, at=at)
    await tx.execute(stmt.on_conflict_do_update(index_elements=["name"], set_={"at": at}))


async def beats_since(tx: AsyncSession, moment: datetime) -> set[str]:
    """The processes that gave a sign of life after `moment`."""
    return set(await tx.scalars(select(BeatRow.name).where(BeatRow.at > moment)))


async def limit(tx: AsyncSession, at: datetime, window: timedelta, **allowed: tuple[str, int]) -> None:
    """Count one more of each `name=(who, most)`; 0 means no limit. Raises TooMany when one is over.

    Windows are fixed (the whole minutes, say), so somebody may have up to twice the limit across a border.
    Who asked is kept as a hash only. Call it in a short transaction of its own: the rows are shared by many.
    """
    start = datetime.fromtimestamp(at.timestamp() // window.total_seconds() * window.total_seconds(), at.tzinfo)
    most = {f"{name}:{_hash(who)}": most for name, (who, most) in allowed.items() if most}
    if not most:
        return
    rows = insert(LimitRow).values([{"key": key, "window": start, "count": 1} for key in sorted(most)])
    counted = rows.on_conflict_do_update(
        index_elements=["key", "window"], set_={"count": LimitRow.count + 1}
    ).returning(LimitRow.key, LimitRow.count)
    if any(count > most[key] for key, count in await tx.execute(counted)):
        raise TooMany(start + window - at)


async def forget_limits(tx: AsyncSession, *, at: datetime) -> None:
    """Drop the windows that are over."""
    await tx.execute(delete(LimitRow).where(LimitRow.window < at - timedelta(days=1)))


def _hash(who: str) -> str:
    return hashlib.sha256(who.encode()).hexdigest()[:16]
